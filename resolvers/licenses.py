"""Licences: listed, looked up, and handed out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commerce.access import Scope
from commerce.activation_codes import digest, last_five, normalised
from commerce.activations import Activation, SeatCounts, seat_counts
from commerce.deliveries import Delivery
from commerce.ids import Prefix, names
from commerce.licenses import CURRENT, License, LicenseFilter, LicenseState, state_of
from commerce.paging import Page, PageArguments, page_of, page_request
from commerce.subscriptions import Subscription
from resolvers.batching import many_each, one_each
from resolvers.context import Context, InvalidArgument
from resolvers.paging import newest_first

LONGEST_DOMAIN = 253


@dataclass(frozen=True, slots=True)
class LicenseSearch:
    """What licences are looked for, as it was asked."""

    customer_id: str | None = None
    order_id: str | None = None
    subscription_id: str | None = None
    activation_code: str | None = None
    email_domain: str | None = None

    def to_filter(self) -> LicenseFilter:
        """Raises InvalidArgument."""
        for name, prefix in _IDS.items():
            given = getattr(self, name)
            if given is not None and not names(prefix, given):
                raise InvalidArgument(f"filter.{name.partition('_')[0]}Id is not the id of one.")
        code, ending = _code(self.activation_code)
        domain = self.email_domain and self.email_domain.strip().removeprefix("@").lower()
        if domain is not None and not (0 < len(domain) <= LONGEST_DOMAIN and "@" not in domain):
            raise InvalidArgument("filter.emailDomain is a domain, such as example.com.")
        return LicenseFilter(self.customer_id, self.order_id, self.subscription_id, code, ending, domain)


_IDS = {
    "customer_id": Prefix.CUSTOMER,
    "order_id": Prefix.ORDER,
    "subscription_id": Prefix.SUBSCRIPTION,
}


def _code(typed: str | None) -> tuple[bytes | None, str | None]:
    """The digest of a whole code, or the five symbols that one ends with. Raises InvalidArgument."""
    if typed is None:
        return None, None
    whole = normalised(typed)
    if whole:
        return digest(whole), None
    ending = last_five(typed)
    if ending is None:
        raise InvalidArgument("filter.activationCode is a whole code, or its last five symbols.")
    return None, ending


async def licenses(context: Context, search: LicenseSearch, arguments: PageArguments) -> Page[License]:
    """A page of the licences in scope that are looked for, newest first.

    Raises Refused, InvalidArgument and InvalidPage.
    """
    scope, wanted = context.scope, search.to_filter()
    source = context.sources.licenses
    request = page_request(arguments, f"licences, newest first {wanted}")

    async def count(_root: Sequence[str]) -> Mapping[str, int]:
        return {"": await source.count(scope, wanted)}

    return page_of(await source.page(scope, wanted, request), request, newest_first, count)


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
