"""What sample customers hold: subscriptions through their changes, and the chain of licences of each."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from commerce.access import Environment
from commerce.license_files import payload
from commerce.licenses import DEFAULT_GRACE_DAYS, License, LicenseState, state_on
from commerce.proration import Period
from commerce.subscriptions import SubscriptionState
from datasources.license_keys import LicenseKeys
from datasources.postgres.samples.catalog import Offer
from datasources.postgres.samples.customers import Buyer
from datasources.postgres.samples.identifiers import happens, uuid7
from datasources.postgres.samples.rows import LicenseRow, Rows, SubscriptionRow

_LEAST_TERM_LEFT = timedelta(days=30)


@dataclass(slots=True)
class Issue:
    """One licence of a chain: what it covers, and the order it came with."""

    id: str
    order_id: str
    issued_at: datetime
    starts_on: date
    expires_on: date
    seats: int
    term_starts_on: date


@dataclass(slots=True)
class Holding:
    """A subscription as it grows, and is renewed."""

    id: str
    order_id: str
    order_line_id: str
    offer: Offer
    created_at: datetime
    changed_at: datetime
    starts_on: date
    term_began_on: date
    ends_on: date
    seats: int
    auto_renew: bool
    pending_order_id: str | None = None
    issues: list[Issue] = field(default_factory=list)

    @classmethod
    def begun(
        cls,
        offer: Offer,
        seats: int,
        *,
        order_id: str,
        line_id: str,
        period: Period,
        auto_renew: bool,
        at: datetime,
        random: Random,
    ) -> "Holding":
        """A new subscription with its first licence."""
        holding = cls(
            id=uuid7(at, random),
            order_id=order_id,
            order_line_id=line_id,
            offer=offer,
            created_at=at,
            changed_at=at,
            starts_on=period.starts_on,
            term_began_on=period.starts_on,
            ends_on=period.ends_on,
            seats=seats,
            auto_renew=auto_renew,
        )
        holding._issue(order_id, at, period.starts_on, random)
        return holding

    def add_seats(self, seats: int, order_id: str, period: Period, at: datetime, random: Random) -> None:
        """More seats to the end of the term."""
        self.seats += seats
        self._issue(order_id, at, period.starts_on, random)

    def renew(self, order_id: str, period: Period, at: datetime, random: Random) -> None:
        """Another term that begins when this one ends."""
        self.term_began_on, self.ends_on = period.starts_on, period.ends_on
        self._issue(order_id, at, period.starts_on, random)

    def can_grow(self, moment: datetime) -> bool:
        """Whether seats can be added: the newest licence has begun and has a month or more to go."""
        is_free = self.pending_order_id is None and self.changed_at <= moment
        return is_free and self.issues[-1].starts_on <= moment.date() < self.ends_on - _LEAST_TERM_LEFT

    def _issue(self, order_id: str, at: datetime, starts_on: date, random: Random) -> None:
        self.changed_at = at
        self.issues.append(
            Issue(uuid7(at, random), order_id, at, starts_on, self.ends_on, self.seats, self.term_began_on)
        )


class Registry:
    """Writes what a customer holds as it stands on the day of the seed, every licence signed."""

    def __init__(self, rows: Rows, keys: LicenseKeys, now: datetime) -> None:
        self._rows = rows
        self._keys = keys
        self._key_id = keys.active.kid
        self._today = now.date()

    def add(self, buyer: Buyer, holding: Holding, random: Random) -> None:
        self._rows.add(
            SubscriptionRow(
                holding.id,
                buyer.partner.id,
                buyer.environment,
                customer_id=buyer.id,
                order_id=holding.order_id,
                order_line_id=holding.order_line_id,
                sku_id=holding.offer.id,
                seats=holding.seats,
                starts_on=holding.starts_on,
                ends_on=holding.ends_on,
                auto_renew=holding.auto_renew,
                state=self._subscription_state(holding),
                currency=buyer.currency,
                term_starts_on=self._present_term(holding),
                pending_order_id=holding.pending_order_id,
                created_at=holding.created_at,
            )
        )
        successors = [*holding.issues[1:], None]
        for issue, successor in zip(holding.issues, successors, strict=True):
            replaced = successor is not None and successor.starts_on <= self._today
            self._add_license(buyer, holding, issue, successor.id if successor and replaced else None, random)

    def _present_term(self, holding: Holding) -> date:
        begun = [issue.term_starts_on for issue in holding.issues if issue.term_starts_on <= self._today]
        return begun[-1] if begun else holding.starts_on

    def _subscription_state(self, holding: Holding) -> SubscriptionState:
        if self._today < holding.starts_on:
            return SubscriptionState.SCHEDULED
        return SubscriptionState.ACTIVE if self._today < holding.ends_on else SubscriptionState.EXPIRED

    def _add_license(
        self, buyer: Buyer, holding: Holding, issue: Issue, superseded_by: str | None, random: Random
    ) -> None:
        license_ = self._license(buyer, holding, issue, superseded=superseded_by is not None)
        retrieved = issue.issued_at + timedelta(hours=1 + 40 * random.random())
        is_retrieved = retrieved.date() < self._today and happens(0.9, random)
        self._rows.add(
            LicenseRow(
                issue.id,
                buyer.partner.id,
                buyer.environment,
                buyer.id,
                issue.order_id,
                holding.id,
                license_.state,
                license_.sku_code,
                license_.product,
                license_.plan,
                license_.seats,
                license_.features,
                license_.issued_at,
                license_.starts_on,
                license_.expires_on,
                license_.grace_days,
                license_.licensee_name,
                license_.licensee_company,
                license_.licensee_email,
                key_id=self._key_id,
                file=self._keys.sign(payload(license_, self._key_id)),
                superseded_by=superseded_by,
                first_retrieved_at=retrieved if is_retrieved else None,
                revoked_at=None,
            )
        )

    def _license(self, buyer: Buyer, holding: Holding, issue: Issue, *, superseded: bool) -> License:
        _, licensee = buyer.contacts[0]
        return License(
            id=f"lic_{issue.id}",
            partner_id=f"par_{buyer.partner.id}",
            environment=Environment(buyer.environment),
            customer_id=f"cus_{buyer.id}",
            order_id=f"ord_{issue.order_id}",
            subscription_id=f"sub_{holding.id}",
            state=state_on(
                LicenseState.SUPERSEDED if superseded else LicenseState.ACTIVE,
                starts_on=issue.starts_on,
                expires_on=issue.expires_on,
                grace_days=DEFAULT_GRACE_DAYS,
                today=self._today,
            ),
            sku_code=holding.offer.code,
            product=holding.offer.product,
            plan=holding.offer.plan,
            seats=issue.seats,
            features=holding.offer.features,
            issued_at=issue.issued_at,
            starts_on=issue.starts_on,
            expires_on=issue.expires_on,
            grace_days=DEFAULT_GRACE_DAYS,
            licensee_name=licensee.name,
            licensee_company=buyer.legal_name,
            licensee_email=licensee.email,
        )
