"""One delivery again, under the id it always had."""

from dataclasses import replace

from commerce.ids import Prefix, names
from commerce.problems import Problem, ProblemCode
from commerce.webhooks import DeliveryState, EndpointState
from datasources.postgres import audit
from resolvers.context import Context
from resolvers.send_test_webhook import DeliveryChange
from resolvers.webhook_changes import SWITCHED_OFF, held

_NOT_FOUND = Problem(
    ProblemCode.WEBHOOK_DELIVERY_NOT_FOUND, "There is no such delivery.", ("input", "deliveryId")
)


async def redeliver_webhook(context: Context, *, delivery_id: str) -> DeliveryChange:
    """Send a delivery again now, with ten tries; one that waits for its next try need wait no longer."""
    deliveries = context.sources.webhooks.deliveries
    known = names(Prefix.WEBHOOK_DELIVERY, delivery_id)
    found = (await deliveries.by_id(context.scope, [delivery_id])).get(delivery_id) if known else None
    if found is None:
        return DeliveryChange(None, (_NOT_FOUND,))
    async with held(context, found.endpoint_id) as held_endpoint:
        if held_endpoint is None:
            return DeliveryChange(None, (_NOT_FOUND,))
        transaction, endpoint = held_endpoint
        if endpoint.state is EndpointState.DISABLED:
            return DeliveryChange(found, (replace(SWITCHED_OFF, path=("input", "deliveryId")),))
        delivery = await deliveries.locked(transaction, delivery_id)
        if delivery is None:
            return DeliveryChange(None, (_NOT_FOUND,))
        if delivery.state is not DeliveryState.WAITING:
            delivery = replace(
                delivery, state=DeliveryState.WAITING, tries=0, in_order=False, settled_at=None
            )
        delivery = replace(delivery, next_try_at=context.now)
        await deliveries.save(transaction, delivery)
        await audit.record(
            transaction, context.acting, "webhook_delivery.requested_again", subject_id=delivery.id
        )
    context.sources.work.set()
    return DeliveryChange(delivery)
