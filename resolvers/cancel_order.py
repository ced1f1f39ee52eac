"""Cancelling an order before it is fulfilled. It is immediate; what it had claimed is let go."""

from commerce.orders import TRANSITIONS, OrderStatus
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import LONGEST_REFERENCE, text_problems
from datasources.postgres.order_moves import move
from resolvers.context import Context
from resolvers.order_changes import NO_ORDER, OrderChange, answering_races, audited, held


@answering_races
async def cancel_order(context: Context, *, order_id: str, reason: str | None) -> OrderChange:
    """Cancel an order; one that is canceled already is answered as it is. Raises Refused."""
    path = ("input", "reason")
    problems = () if reason is None else tuple(text_problems(reason, path, LONGEST_REFERENCE))
    async with held(context, order_id) as found:
        if found is None:
            return OrderChange(None, (NO_ORDER, *problems))
        order = found.order
        if problems:
            return OrderChange(order, problems)
        if order.status is OrderStatus.CANCELED:
            return OrderChange(order)
        if OrderStatus.CANCELED not in TRANSITIONS[order.status]:
            return OrderChange(order, (_too_late(order.status),))
        for line in found.lines:
            if line.returns_line_id:
                await context.sources.sold_lines.give_back(found.transaction, line)
        await context.sources.subscriptions.release(found.transaction, order.id)
        canceled = await move(
            context.sources.orders,
            found.transaction,
            order,
            OrderStatus.CANCELED,
            actor=found.actor,
            at=context.now,
            reason=reason or "CANCELED_BY_PARTNER",
        )
        await audited(context, found, "order.canceled", wasIn=order.status)
    return OrderChange(canceled)


def _too_late(status: OrderStatus) -> Problem:
    message = f"The order is {status} and can no longer be canceled."
    return Problem(ProblemCode.NOT_CANCELABLE, message, ("input", "orderId"))
