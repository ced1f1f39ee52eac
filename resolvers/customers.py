"""Customers and what they hold."""

from collections.abc import Mapping, Sequence
from typing import Any

from commerce.access import Permission
from commerce.customers import Contact, Customer
from commerce.ids import Prefix, names
from commerce.licenses import License
from commerce.orders import Order
from commerce.paging import InvalidPage, Page, PageArguments, page_of, page_request
from commerce.subscriptions import Subscription
from resolvers.batching import many_each
from resolvers.context import Context, InvalidArgument
from resolvers.paging import newest_first, pages_below

SHORTEST_SEARCH = 2
LONGEST_SEARCH = 100


async def customers(context: Context, search: str | None, arguments: PageArguments) -> Page[Customer]:
    """A page of the customers in scope, newest first, or the nearest to a search.

    Raises Refused, InvalidArgument and InvalidPage.
    """
    scope = context.allowed(Permission.CUSTOMERS_READ).scope
    if search is not None:
        return await _found(context, search.strip(), arguments)
    source = context.sources.customers
    request = page_request(arguments, "customers, newest first")

    async def count(_root: Sequence[str]) -> Mapping[str, int]:
        return {"": await source.count(scope)}

    return page_of(await source.page(scope, request), request, newest_first, count)


async def _found(context: Context, words: str, arguments: PageArguments) -> Page[Customer]:
    if not SHORTEST_SEARCH <= len(words) <= LONGEST_SEARCH:
        raise InvalidArgument(f"search has {SHORTEST_SEARCH} to {LONGEST_SEARCH} characters.")
    if arguments.last is not None:
        raise InvalidPage("last", "A search is read forwards: use first and after.")
    request = page_request(arguments, f"customers near {words}")
    rows = await context.sources.customers.search(context.scope, words, request)

    async def count(_root: Sequence[str]) -> Mapping[str, int]:
        return {"": await context.sources.customers.count_found(context.scope, words)}

    nearness = {found.customer.id: repr(found.nearness) for found in rows}

    def position(customer: Customer) -> tuple[str, ...]:
        return nearness[customer.id], customer.id

    return page_of([found.customer for found in rows], request, position, count)


async def customer(
    context: Context, *, id: str | None = None, external_reference: str | None = None
) -> Customer | None:
    """One customer, by our id or the partner's reference; None where there is none in scope."""
    scope = context.allowed(Permission.CUSTOMERS_READ).scope
    if id is not None:
        found = await context.sources.customers.by_id(scope, [id]) if names(Prefix.CUSTOMER, id) else {}
        return found.get(id)
    return await context.sources.customers.by_reference(scope, external_reference or "")


async def contacts_of(customers: Sequence[Customer], context: Context) -> list[list[Contact]]:
    context.allowed(Permission.CUSTOMERS_READ)
    read = context.sources.customers.contacts_of
    return await many_each(read, context.scope, [customer.id for customer in customers])


async def orders_of(
    customers: Sequence[Customer],
    context: Context,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> list[Page[Order]]:
    scope = context.allowed(Permission.ORDERS_READ).scope
    source = context.sources.order_pages

    async def read(parents: Sequence[str], request: Any) -> Mapping[str, list[Order]]:
        return await source.page_of_customers(scope, parents, request)

    async def count(parents: Sequence[str]) -> Mapping[str, int]:
        return await source.count_of_customers(scope, parents)

    return await pages_below(read, count, _ids(customers), PageArguments(first, after, last, before))


async def subscriptions_of(
    customers: Sequence[Customer],
    context: Context,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> list[Page[Subscription]]:
    scope = context.allowed(Permission.ORDERS_READ).scope
    source = context.sources.subscriptions

    async def read(parents: Sequence[str], request: Any) -> Mapping[str, list[Subscription]]:
        return await source.page_below(scope, "customer_id", parents, request)

    async def count(parents: Sequence[str]) -> Mapping[str, int]:
        return await source.count_below(scope, "customer_id", parents)

    return await pages_below(read, count, _ids(customers), PageArguments(first, after, last, before))


async def licenses_of(
    customers: Sequence[Customer],
    context: Context,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> list[Page[License]]:
    scope = context.allowed(Permission.LICENSES_READ).scope
    source = context.sources.licenses

    async def read(parents: Sequence[str], request: Any) -> Mapping[str, list[License]]:
        return await source.page_below(scope, "customer_id", parents, request)

    async def count(parents: Sequence[str]) -> Mapping[str, int]:
        return await source.count_below(scope, "customer_id", parents)

    return await pages_below(read, count, _ids(customers), PageArguments(first, after, last, before))


def _ids(customers: Sequence[Customer]) -> list[str]:
    return [customer.id for customer in customers]
