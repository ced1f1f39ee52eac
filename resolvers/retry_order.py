"""Trying a failed order again, once what it failed for has been put right."""

from commerce.order_progress import is_retryable
from commerce.orders import OrderStatus
from commerce.problems import Problem, ProblemCode
from datasources.postgres.order_moves import move
from datasources.postgres.outbox import Destination
from resolvers.context import Context
from resolvers.order_changes import NO_ORDER, OrderChange, answering_races, audited, held


@answering_races
async def retry_order(context: Context, *, order_id: str) -> OrderChange:
    """Send a failed order to provisioning again. Raises Refused."""
    async with held(context, order_id) as found:
        if found is None:
            return OrderChange(None, (NO_ORDER,))
        if not is_retryable(found.order):
            message = f"The order is {found.order.status}: there is nothing to try again."
            problem = Problem(ProblemCode.NOT_RETRYABLE, message, ("input", "orderId"))
            return OrderChange(found.order, (problem,))
        moved = await move(
            context.sources.orders,
            found.transaction,
            found.order,
            OrderStatus.PROVISIONING,
            actor=found.actor,
            at=context.now,
            reason="RETRIED",
            tell=(Destination.PROVISIONING, Destination.SALESFORCE),
        )
        await audited(context, found, "order.retried")
    return OrderChange(moved)
