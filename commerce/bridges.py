"""Bridge licences: the seats already held, for a short time, while a renewal is on hold or late.

Never for a new order, never after a renewal was denied; once a term. A bridge ends by itself, and the renewed
licence supersedes it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from commerce.ids import Prefix
from commerce.licenses import License, LicenseKind, LicenseState
from commerce.order_windows import last_day_to_renew
from commerce.ordering import NewId
from commerce.orders import OrderStatus
from commerce.subscriptions import Subscription, SubscriptionState

BRIDGED_FOR = timedelta(days=21)
REVIEWED = frozenset({OrderStatus.ON_HOLD, OrderStatus.AWAITING_PARTNER})
"""Where a renewal stands while it is under compliance review."""


@dataclass(frozen=True, slots=True)
class Bridging:
    """What decides on a bridge: the subscription, its licences, and the status of its newest renewal."""

    subscription: Subscription
    licenses: tuple[License, ...]
    renewal: OrderStatus | None

    @property
    def base(self) -> License | None:
        """The newest whole licence: what is bridged proves the same."""
        whole = [one for one in self.licenses if one.kind is LicenseKind.FULL]
        return max(whole, key=lambda one: one.id) if whole else None


def refusal(found: Bridging, today: date) -> str | None:
    """Why there can be no bridge, as a sentence; None where there can."""
    subscription = found.subscription
    if subscription.state is SubscriptionState.CANCELED:
        return "The subscription was given back."
    if found.renewal is OrderStatus.DENIED:
        return "The renewal was denied."
    if found.base is None or found.base.state in {LicenseState.REVOKED, LicenseState.SUSPENDED}:
        return "The licence that it would bridge was revoked or suspended."
    if any(_bridges(one, subscription) for one in found.licenses):
        return "This term has had its bridge."
    is_late = subscription.ends_on <= today <= last_day_to_renew(subscription.ends_on)
    if found.renewal not in REVIEWED and not is_late:
        return "No renewal is on hold, and none is late."
    return None


def bridge_of(found: Bridging, *, new_id: NewId, now: datetime) -> License:
    """The bridge from the end of the term, or from today where that has passed; not yet signed."""
    base, subscription = found.base, found.subscription
    assert base is not None  # noqa: S101  `refusal` was asked first
    starts_on = max(subscription.ends_on, now.date())
    return replace(
        base,
        id=new_id(Prefix.LICENSE),
        kind=LicenseKind.BRIDGE,
        state=LicenseState.ACTIVE if starts_on <= now.date() else LicenseState.SCHEDULED,
        seats=subscription.seats,
        issued_at=now,
        starts_on=starts_on,
        expires_on=starts_on + BRIDGED_FOR,
        grace_days=0,
        superseded_by=None,
        first_retrieved_at=None,
        first_retrieved_by=None,
        withdrawn_at=None,
        withdrawal=None,
    )


def _bridges(license_: License, subscription: Subscription) -> bool:
    """Whether a licence is a bridge from the present end of the term, whatever became of it."""
    return license_.kind is LicenseKind.BRIDGE and license_.starts_on >= subscription.ends_on
