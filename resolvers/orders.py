"""Orders and what hangs on them."""

from collections.abc import Mapping, Sequence

from commerce.access import Scope
from commerce.catalog import Sku
from commerce.customers import Customer
from commerce.ids import Prefix, names
from commerce.licenses import License
from commerce.order_progress import AllowedAction, Blocker, may_be_returned
from commerce.order_progress import allowed_actions_of as allowed_actions
from commerce.order_progress import blockers_of as blockers
from commerce.orders import Order, OrderFilter, OrderLine, OrderSort, OrderTransition
from commerce.paging import Page, PageArguments, page_of, page_request
from commerce.partners import Partner
from commerce.screenings import Screening
from commerce.subscriptions import Subscription
from datasources.postgres.order_pages import position_of
from resolvers.batching import many_each, one_each
from resolvers.context import Context, InvalidArgument
from resolvers.selections import nodes_of, own


async def orders(
    context: Context,
    wanted: OrderFilter,
    sort: OrderSort,
    arguments: PageArguments,
    selection: frozenset[str] | None = None,
) -> Page[Order]:
    """A page of the orders in the viewer's scope. Raises Refused, InvalidArgument, InvalidPage."""
    scope = context.scope
    if wanted.customer_id is not None and not names(Prefix.CUSTOMER, wanted.customer_id):
        raise InvalidArgument("filter.customerId is not the id of a customer.")
    request = page_request(arguments, f"orders {sort} {wanted}")
    pages = context.sources.order_pages

    async def count(_root: Sequence[str]) -> Mapping[str, int]:
        return {"": await pages.count(scope, wanted)}

    rows = await pages.page(scope, wanted, sort, request, nodes_of(selection))
    return page_of(rows, request, position_of(sort), count)


async def order(
    context: Context, *, id: str | None = None, external_order_reference: str | None = None
) -> Order | None:
    """One order, by our id or the partner's reference; None where there is none in scope."""
    scope = context.scope
    if id is not None:
        found = await context.sources.orders.by_id(scope, [id]) if names(Prefix.ORDER, id) else {}
        return found.get(id)
    return await context.sources.orders.by_reference(scope, external_order_reference or "")


async def lines_of(
    orders: Sequence[Order], context: Context, *, selection: frozenset[str] | None = None
) -> list[list[OrderLine]]:
    async def read(scope: Scope, ids: Sequence[str]) -> Mapping[str, list[OrderLine]]:
        return await context.sources.orders.lines_of(scope, ids, own(selection))

    return await many_each(read, context.scope, [order.id for order in orders])


async def skus_of(lines: Sequence[OrderLine | Subscription], context: Context) -> list[Sku | None]:
    async def read(_scope: Scope, ids: Sequence[str]) -> Mapping[str, Sku]:
        return await context.sources.catalog.skus_by_id(ids)

    return await one_each(read, context.scope, [line.sku_id for line in lines])


async def customers_of(
    records: Sequence[Order | License | Subscription],
    context: Context,
    *,
    selection: frozenset[str] | None = None,
) -> list[Customer | None]:
    async def read(scope: Scope, ids: Sequence[str]) -> Mapping[str, Customer]:
        return await context.sources.customers.by_id(scope, ids, own(selection))

    return await one_each(read, context.scope, [record.customer_id for record in records])


async def partners_of(records: Sequence[Order | Customer], context: Context) -> list[Partner | None]:
    read = context.sources.partners.by_id
    return await one_each(read, context.scope, [record.partner_id for record in records])


async def trading_partners_of(orders: Sequence[Order], context: Context) -> list[Partner | None]:
    read = context.sources.partners.by_id
    return await one_each(read, context.scope, [order.trading_partner_id for order in orders])


async def orders_of(records: Sequence[License | Subscription], context: Context) -> list[Order | None]:
    read = context.sources.orders.by_id
    return await one_each(read, context.scope, [record.order_id for record in records])


async def timeline_of(orders: Sequence[Order], context: Context) -> list[list[OrderTransition]]:
    return await many_each(context.sources.orders.timeline_of, context.scope, [order.id for order in orders])


async def screenings_of(orders: Sequence[Order], context: Context) -> list[Screening | None]:
    read = context.sources.screenings.newest_of_orders
    return await one_each(read, context.scope, [order.id for order in orders])


async def subscriptions_of(orders: Sequence[Order], context: Context) -> list[list[Subscription]]:
    async def read(scope: Scope, ids: Sequence[str]) -> Mapping[str, list[Subscription]]:
        return await context.sources.subscriptions.below(scope, "order_id", ids)

    return await many_each(read, context.scope, [order.id for order in orders])


async def licenses_of(
    orders: Sequence[Order], context: Context, *, selection: frozenset[str] | None = None
) -> list[list[License]]:
    async def read(scope: Scope, ids: Sequence[str]) -> Mapping[str, list[License]]:
        return await context.sources.licenses.below(scope, "order_id", ids, own(selection))

    return await many_each(read, context.scope, [order.id for order in orders])


async def blockers_of(orders: Sequence[Order], context: Context) -> list[list[Blocker]]:
    """What each order waits for, with how long such a wait usually takes."""
    usual = await context.sources.usual_durations.of(context.scope.environment)
    return [blockers(order, usual) for order in orders]


async def allowed_actions_of(orders: Sequence[Order], context: Context) -> list[list[AllowedAction]]:
    """What may be done with each order; only one whose return window is open is looked into."""
    open_until = [order.id for order in orders if may_be_returned(order, context.now)]
    sold = await context.sources.sold_lines.of_orders(context.scope, open_until) if open_until else {}
    return [allowed_actions(order, sold.get(order.id, ()), context.now) for order in orders]
