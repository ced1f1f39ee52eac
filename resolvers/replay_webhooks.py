"""An endpoint reads the event log again from a sequence on; or goes on behind what it cannot take."""

from dataclasses import replace

from commerce.problems import Problem, ProblemCode
from commerce.webhooks import DeliveryState, EndpointState, WebhookEndpoint
from datasources.postgres import audit
from datasources.postgres.database import Transaction
from resolvers.context import Context
from resolvers.webhook_changes import NO_ENDPOINT, SWITCHED_OFF, EndpointChange, held


async def replay_webhooks(context: Context, *, endpoint_id: str, from_sequence: int) -> EndpointChange:
    """Send every event from a sequence on that the filter lets through, in order, under the ids it had."""
    sources = context.sources
    async with held(context, endpoint_id) as found:
        if found is None:
            return EndpointChange(None, (NO_ENDPOINT,))
        transaction, endpoint = found
        ends = await sources.events.ends(context.scope)
        if endpoint.state is EndpointState.DISABLED:
            return EndpointChange(endpoint, (SWITCHED_OFF,))
        if not ends.oldest <= from_sequence <= ends.newest + 1:
            message = f"Sequences from {ends.oldest} to {ends.newest} are kept."
            path = ("input", "fromSequence")
            return EndpointChange(endpoint, (Problem(ProblemCode.SEQUENCE_NOT_KEPT, message, path),))
        changed = replace(
            endpoint, position=from_sequence - 1, sent=None, held_by=None, updated_at=context.now
        )
        await _let_go(context, transaction, endpoint, from_sequence)
        await sources.webhooks.endpoints.change(transaction, changed)
        details = {"fromSequence": from_sequence}
        await audit.record(
            transaction,
            context.acting,
            "webhook_endpoint.replayed",
            subject_id=endpoint.id,
            details=details,
        )
    sources.work.set()
    return EndpointChange(changed)


async def _let_go(
    context: Context, transaction: Transaction, endpoint: WebhookEndpoint, from_sequence: int
) -> None:
    """Stop trying what will come again, and what everything waited for."""
    deliveries = context.sources.webhooks.deliveries
    await deliveries.give_up_from(transaction, endpoint, from_sequence, context.now)
    held_up_by = await deliveries.locked(transaction, endpoint.held_by) if endpoint.held_by else None
    if held_up_by and held_up_by.state is DeliveryState.WAITING:
        given_up = replace(held_up_by, state=DeliveryState.DEAD, next_try_at=None, settled_at=context.now)
        await deliveries.save(transaction, given_up)
