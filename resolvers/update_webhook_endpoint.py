"""Another URL, filter or description for an endpoint; or switching it off and on."""

from dataclasses import dataclass, replace

from commerce.webhooks import DisabledReason, EndpointState, WebhookEndpoint, disabled, enabled
from datasources.postgres import audit
from datasources.postgres.database import Transaction
from resolvers.context import Context
from resolvers.webhook_changes import NO_ENDPOINT, EndpointChange, held, settings_problems


@dataclass(frozen=True, slots=True)
class Settings:
    """The new settings; None leaves one as it is."""

    url: str | None = None
    event_types: tuple[str, ...] | None = None
    description: str | None = None
    enabled: bool | None = None


async def update_webhook_endpoint(context: Context, *, endpoint_id: str, given: Settings) -> EndpointChange:
    """Change an endpoint. What waits is tried at once where it was switched on, or leads elsewhere now."""
    rules = context.sources.webhooks.sender.rules
    problems = tuple(settings_problems(rules, given.url, given.event_types, given.description))
    async with held(context, endpoint_id) as found:
        if found is None:
            return EndpointChange(None, (NO_ENDPOINT, *problems))
        transaction, endpoint = found
        if problems:
            return EndpointChange(endpoint, problems)
        changed = _changed(context, endpoint, given)
        await context.sources.webhooks.endpoints.change(transaction, changed)
        await _resume(context, transaction, endpoint, changed)
        details = {"state": changed.state}
        await audit.record(
            transaction,
            context.acting,
            "webhook_endpoint.updated",
            subject_id=endpoint.id,
            details=details,
        )
    context.sources.work.set()
    return EndpointChange(changed)


def _changed(context: Context, endpoint: WebhookEndpoint, given: Settings) -> WebhookEndpoint:
    types = endpoint.event_types if given.event_types is None else tuple(dict.fromkeys(given.event_types))
    changed = replace(
        endpoint,
        url=endpoint.url if given.url is None else given.url,
        event_types=types,
        description=endpoint.description if given.description is None else given.description,
        updated_at=context.now,
    )
    if given.enabled is None or given.enabled is (endpoint.state is EndpointState.ENABLED):
        return changed
    return enabled(changed) if given.enabled else disabled(changed, DisabledReason.PARTNER, context.now)


async def _resume(
    context: Context, transaction: Transaction, before: WebhookEndpoint, after: WebhookEndpoint
) -> None:
    """Try at once what waits, and what died of the fault that is mended now."""
    deliveries, switched_on = (
        context.sources.webhooks.deliveries,
        before.disabled_at and not after.disabled_at,
    )
    if switched_on and before.failing_since:
        await deliveries.revive(transaction, after, before.failing_since, context.now)
    if switched_on or before.url != after.url:
        await deliveries.hurry(transaction, after, context.now)
