"""Licences: listed, looked up, and handed out."""

from collections.abc import Mapping, Sequence

from commerce.access import Scope
from commerce.licenses import License
from commerce.paging import Page, PageArguments, page_of, page_request
from commerce.subscriptions import Subscription
from resolvers.batching import many_each, one_each
from resolvers.context import Context
from resolvers.paging import newest_first


async def licenses(context: Context, arguments: PageArguments) -> Page[License]:
    """A page of the licences in scope, newest first. Raises Refused and InvalidPage."""
    scope = context.scope
    source = context.sources.licenses
    request = page_request(arguments, "licences, newest first")

    async def count(_root: Sequence[str]) -> Mapping[str, int]:
        return {"": await source.count(scope)}

    return page_of(await source.page(scope, request), request, newest_first, count)


async def files_of(licenses: Sequence[License], context: Context) -> list[str | None]:
    """The signed files. Handing one to a partner for the first time is remembered."""
    viewer = context.signed_in()
    read = context.sources.licenses.files_of
    files = await one_each(read, viewer.scope, [license_.id for license_ in licenses])
    fresh = [license_.id for license_ in licenses if license_.first_retrieved_at is None]
    if fresh and not viewer.is_staff:
        await context.sources.licenses.mark_retrieved(viewer.scope, fresh, context.now)
    return files


async def subscriptions_of(licenses: Sequence[License], context: Context) -> list[Subscription | None]:
    read = context.sources.subscriptions.by_id
    return await one_each(read, context.scope, [license_.subscription_id for license_ in licenses])


async def of_subscriptions(subscriptions: Sequence[Subscription], context: Context) -> list[list[License]]:
    async def read(scope: Scope, ids: Sequence[str]) -> Mapping[str, list[License]]:
        return await context.sources.licenses.below(scope, "subscription_id", ids)

    return await many_each(read, context.scope, [subscription.id for subscription in subscriptions])
