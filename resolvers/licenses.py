"""Licences: listed, looked up, and handed out."""

from collections.abc import Mapping, Sequence

from commerce.access import Scope
from commerce.activations import Activation, SeatCounts, seat_counts
from commerce.deliveries import Delivery
from commerce.licenses import CURRENT, License, LicenseState, state_of
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
        await context.sources.licenses.mark_retrieved(viewer.scope, fresh, by=viewer.subject, at=context.now)
    return files


def states_of(licenses: Sequence[License], context: Context) -> list[LicenseState]:
    """The state of each on the day of the request: the calendar moves what nobody ended."""
    today = context.now.date()
    return [state_of(license_, today) for license_ in licenses]


async def activation_codes_of(licenses: Sequence[License], context: Context) -> list[str | None]:
    """The masked codes of current licences; what was ended has none."""
    read = context.sources.activation_codes.masked_of
    keys = [one.subscription_id if one.state in CURRENT else None for one in licenses]
    return await one_each(read, context.scope, keys)


async def activations_of(licenses: Sequence[License], context: Context) -> list[list[Activation]]:
    """The installations of current licences; what was ended has none."""
    read = context.sources.activations.of_subscriptions
    keys = [one.subscription_id if one.state in CURRENT else "" for one in licenses]
    found = await read(context.scope, list({key for key in keys if key}))
    return [found.get(key, []) for key in keys]


async def seat_counts_of(licenses: Sequence[License], context: Context) -> list[SeatCounts]:
    """Seats bought and in use, of current licences; what was ended proves none."""
    installed = await activations_of(licenses, context)
    return [
        seat_counts(one.seats if one.state in CURRENT else 0, some)
        for one, some in zip(licenses, installed, strict=True)
    ]


async def deliveries_of(licenses: Sequence[License], context: Context) -> list[list[Delivery]]:
    """What was sent, the newest first."""
    read = context.sources.deliveries.of_licenses
    return await many_each(read, context.scope, [license_.id for license_ in licenses])


async def subscriptions_of(licenses: Sequence[License], context: Context) -> list[Subscription | None]:
    read = context.sources.subscriptions.by_id
    return await one_each(read, context.scope, [license_.subscription_id for license_ in licenses])


async def of_subscriptions(subscriptions: Sequence[Subscription], context: Context) -> list[list[License]]:
    async def read(scope: Scope, ids: Sequence[str]) -> Mapping[str, list[License]]:
        return await context.sources.licenses.below(scope, "subscription_id", ids)

    return await many_each(read, context.scope, [subscription.id for subscription in subscriptions])
