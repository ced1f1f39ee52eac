"""Purchase order numbers, given or corrected after the order was placed."""

from dataclasses import dataclass, replace

from commerce.events import EventType, order_snapshot
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import LONGEST_REFERENCE, text_problems
from datasources.postgres import events, outbox
from datasources.postgres.outbox import Destination
from resolvers.context import Context
from resolvers.order_changes import NO_ORDER, Held, OrderChange, answering_races, audited, held


@dataclass(frozen=True, slots=True)
class References:
    """The new numbers; None leaves one as it is."""

    purchase_order_number: str | None = None
    end_customer_purchase_order_number: str | None = None
    allow_duplicate_purchase_order: bool = False


@answering_races
async def update_order_references(context: Context, *, order_id: str, given: References) -> OrderChange:
    """Change the purchase order numbers of an order, in any status. Raises Refused."""
    problems = [
        problem
        for name, value in {
            "purchaseOrderNumber": given.purchase_order_number,
            "endCustomerPurchaseOrderNumber": given.end_customer_purchase_order_number,
        }.items()
        if value is not None
        for problem in text_problems(value, ("input", name), LONGEST_REFERENCE)
    ]
    async with held(context, order_id) as found:
        if found is None:
            return OrderChange(None, (NO_ORDER, *problems))
        if used := await _used_before(context, found, given):
            problems.append(used)
        if problems:
            return OrderChange(found.order, tuple(problems))
        order = replace(
            found.order,
            purchase_order_number=given.purchase_order_number or found.order.purchase_order_number,
            end_customer_purchase_order_number=given.end_customer_purchase_order_number
            or found.order.end_customer_purchase_order_number,
        )
        if order == found.order:
            return OrderChange(order)
        order = replace(order, updated_at=context.now)
        if given.purchase_order_number and order.purchase_order_number != found.order.purchase_order_number:
            again = given.allow_duplicate_purchase_order
            await context.sources.orders.use_number(found.transaction, order, again=again)
        await context.sources.orders.rename(found.transaction, order)
        await events.record(
            found.transaction,
            partner_id=order.partner_id,
            environment=order.environment,
            at=context.now,
            happened={EventType.ORDER_REFERENCES_UPDATED: order_snapshot(order)},
        )
        await outbox.tell_of(found.transaction, [Destination.SALESFORCE], order)
        await audited(context, found, "order.references_updated")
    return OrderChange(order)


async def _used_before(context: Context, found: Held, given: References) -> Problem | None:
    number = given.purchase_order_number
    if number is None or given.allow_duplicate_purchase_order or number == found.order.purchase_order_number:
        return None
    other = await context.sources.orders.with_purchase_order(context.scope, number)
    if other is None or other == found.order.id:
        return None
    message = "An order of yours has this number; set allowDuplicatePurchaseOrder to use it again."
    path = ("input", "purchaseOrderNumber")
    return Problem(ProblemCode.DUPLICATE_PURCHASE_ORDER, message, path, resource_id=other)
