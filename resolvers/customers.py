"""Customers and what they hold."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from commerce.access import Scope
from commerce.customers import Contact, Customer
from commerce.ids import Prefix, names
from commerce.paging import InvalidPage, Page, PageArguments, PageRequest, page_of, page_request
from datasources.sources import Sources
from resolvers.batching import many_each
from resolvers.context import Context, InvalidArgument
from resolvers.paging import newest_first, pages_below

Row = TypeVar("Row")
ReadPage = Callable[[Scope, Sequence[str], PageRequest], Awaitable[Mapping[str, list[Row]]]]
ReadCount = Callable[[Scope, Sequence[str]], Awaitable[Mapping[str, int]]]

SHORTEST_SEARCH = 2
LONGEST_SEARCH = 100


async def customers(context: Context, search: str | None, arguments: PageArguments) -> Page[Customer]:
    """A page of the customers in scope, newest first, or the nearest to a search.

    Raises Refused, InvalidArgument and InvalidPage.
    """
    scope = context.scope
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
    scope = context.scope
    if id is not None:
        found = await context.sources.customers.by_id(scope, [id]) if names(Prefix.CUSTOMER, id) else {}
        return found.get(id)
    return await context.sources.customers.by_reference(scope, external_reference or "")


async def contacts_of(customers: Sequence[Customer], context: Context) -> list[list[Contact]]:
    read = context.sources.customers.contacts_of
    return await many_each(read, context.scope, [customer.id for customer in customers])


def _lists_of(
    reads: Callable[[Sources], tuple[ReadPage[Row], ReadCount]],
) -> Callable[..., Awaitable[list[Page[Row]]]]:
    """The batch function of a connection below customers: its pages, and its counts when asked for."""

    async def lists_of(
        customers: Sequence[Customer],
        context: Context,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> list[Page[Row]]:
        scope = context.scope
        read_page, read_count = reads(context.sources)

        async def page(parents: Sequence[str], wanted: PageRequest) -> Mapping[str, list[Row]]:
            return await read_page(scope, parents, wanted)

        async def count(parents: Sequence[str]) -> Mapping[str, int]:
            return await read_count(scope, parents)

        ids = [customer.id for customer in customers]
        return await pages_below(page, count, ids, PageArguments(first, after, last, before))

    return lists_of


orders_of = _lists_of(
    lambda sources: (sources.order_pages.page_of_customers, sources.order_pages.count_of_customers),
)
subscriptions_of = _lists_of(
    lambda sources: (sources.subscriptions.page_of_customers, sources.subscriptions.count_of_customers),
)
licenses_of = _lists_of(
    lambda sources: (sources.licenses.page_of_customers, sources.licenses.count_of_customers),
)
