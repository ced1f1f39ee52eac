"""A test message to an endpoint, to see that it arrives and that its signature is understood."""

from dataclasses import dataclass
from functools import partial

from commerce.ids import Prefix
from commerce.problems import Problem
from commerce.request_problems import key_problems
from commerce.webhooks import TEST_TYPE, DeliveryState, EndpointState, WebhookDelivery, WebhookEndpoint
from datasources.identifiers import new_id
from datasources.postgres import audit
from resolvers.context import Context
from resolvers.webhook_changes import NO_ENDPOINT, SWITCHED_OFF, Keyed, fingerprint, held, once

MUTATION = "sendTestWebhook"


@dataclass(frozen=True, slots=True)
class DeliveryChange:
    """The delivery as it now stands, or what kept it from being sent."""

    delivery: WebhookDelivery | None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False


async def send_test_webhook(context: Context, *, key: str, endpoint_id: str) -> DeliveryChange:
    """Send a test once; what an earlier call with this key sent, as it now stands."""
    if problems := tuple(key_problems(key)):
        return DeliveryChange(None, problems)
    keyed = Keyed(MUTATION, key, fingerprint({"endpoint": endpoint_id}))
    answer = await once(context, keyed, partial(_send, context, keyed, endpoint_id), partial(_sent, context))
    return DeliveryChange(None, (answer,)) if isinstance(answer, Problem) else answer


async def _sent(context: Context, made: str) -> DeliveryChange:
    """What was sent before, as it now stands."""
    delivery_id = f"{Prefix.WEBHOOK_DELIVERY}_{made}"
    found = await context.sources.webhooks.deliveries.by_id(context.scope, [delivery_id])
    return DeliveryChange(found.get(delivery_id), replayed=True)


async def _send(context: Context, keyed: Keyed, endpoint_id: str) -> DeliveryChange:
    """Leave it for the worker. Raises Conflict where a rival with the same key was first."""
    sources = context.sources
    async with held(context, endpoint_id) as found:
        if found is None:
            return DeliveryChange(None, (NO_ENDPOINT,))
        transaction, endpoint = found
        if endpoint.state is EndpointState.DISABLED:
            return DeliveryChange(None, (SWITCHED_OFF,))
        delivery = _test(context, endpoint)
        await keyed.claim(context, transaction, delivery.id)
        await sources.webhooks.deliveries.save(transaction, delivery)
        await audit.record(transaction, context.acting, "webhook_endpoint.tested", subject_id=endpoint.id)
    sources.work.set()
    return DeliveryChange(delivery)


def _test(context: Context, endpoint: WebhookEndpoint) -> WebhookDelivery:
    return WebhookDelivery(
        id=new_id(Prefix.WEBHOOK_DELIVERY),
        partner_id=endpoint.partner_id,
        environment=endpoint.environment,
        endpoint_id=endpoint.id,
        event_id=new_id(Prefix.EVENT),
        type=TEST_TYPE,
        subject_id=endpoint.id,
        sequence=None,
        previous_sequence=None,
        in_order=False,
        state=DeliveryState.WAITING,
        tries=0,
        attempts=0,
        next_try_at=context.now,
        created_at=context.now,
    )
