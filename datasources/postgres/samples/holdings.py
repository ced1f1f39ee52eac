"""What a sample customer holds: a subscription through its changes, as `commerce.provisioning` makes them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from commerce.orders import OrderKind
from commerce.pricing import LinePrice, Purchase
from commerce.proration import Period
from datasources.postgres.samples.catalog import Offer
from datasources.postgres.samples.identifiers import uuid7

_LEAST_TERM_LEFT = timedelta(days=30)
_LEAST_TRIAL_LEFT = timedelta(days=1)


@dataclass(slots=True)
class Fulfilled:
    """A line that was fulfilled: how much of it is not given back, and what was refunded so far."""

    line_id: str
    order_id: str
    kind: OrderKind
    offer: Offer
    quantity: int
    price: LinePrice
    at: datetime
    remaining: int = field(init=False)
    refunded: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        self.remaining = self.quantity

    @property
    def period(self) -> Period:
        """The days that were bought; every line but that of a RETURN buys some."""
        if self.price.period is None:
            raise ValueError(f"no days were bought by line {self.line_id}")
        return self.price.period

    @property
    def purchase(self) -> Purchase:
        return Purchase(self.price.charge_amount - self.refunded, self.period.starts_on, self.period.ends_on)


@dataclass(slots=True)
class Issue:
    """One licence of a chain: what it covers, and the order it came with."""

    id: str
    order_id: str
    offer: Offer
    issued_at: datetime
    starts_on: date
    expires_on: date
    seats: int


@dataclass(slots=True)
class Holding:
    """A subscription as it grows, shrinks, is renewed and switched.

    `terms` are the first days of its terms, `lines` what was bought since its SKU last changed, `issues` its
    licences; each supersedes the one before. `pending_order_id` is the order that is changing it.
    """

    id: str
    order_id: str
    order_line_id: str
    offer: Offer
    created_at: datetime
    changed_at: datetime
    starts_on: date
    ends_on: date
    seats: int
    auto_renew: bool
    terms: list[date]
    lines: list[Fulfilled]
    issues: list[Issue] = field(default_factory=list)
    pending_order_id: str | None = None
    canceled_at: datetime | None = None

    @classmethod
    def begun(cls, line: Fulfilled, random: Random, *, auto_renew: bool) -> "Holding":
        """A new subscription with its first licence."""
        holding = cls(
            id=uuid7(line.at, random),
            order_id=line.order_id,
            order_line_id=line.line_id,
            offer=line.offer,
            created_at=line.at,
            changed_at=line.at,
            starts_on=line.period.starts_on,
            ends_on=line.period.ends_on,
            seats=line.quantity,
            auto_renew=auto_renew,
            terms=[line.period.starts_on],
            lines=[line],
        )
        holding._issue(line, random)
        return holding

    def amend(self, line: Fulfilled, random: Random) -> None:
        """More seats, another term or another SKU, by the kind of the line, and the licence for it."""
        if line.kind is OrderKind.ADD_SEATS:
            self.seats += line.quantity
        elif line.kind is OrderKind.RENEWAL:
            self.seats, self.ends_on = line.quantity, line.period.ends_on
            self.terms.append(line.period.starts_on)
        else:
            self._switch(line)
        self.lines.append(line)
        self._issue(line, random)

    def give_back(self, line: Fulfilled, returned: Fulfilled, random: Random) -> None:
        """Fewer seats; or a term less, where a whole renewal is given back; or nothing is left."""
        returned.refunded += line.price.credit_amount
        if returned.kind is OrderKind.RENEWAL and not returned.remaining:
            self.ends_on = returned.period.starts_on
            self.terms.pop()
            self.lines.remove(returned)
        else:
            self.seats -= line.quantity
        if self.seats:
            self._issue(line, random)
        else:
            self.canceled_at = self.changed_at = line.at

    def term_on(self, day: date) -> date:
        """The first day of the term that a day lies in; of the first one before it has begun."""
        return max((term for term in self.terms if term <= day), default=self.terms[0])

    def is_free(self, moment: datetime) -> bool:
        """Whether no other order is changing it, or has yet to, or has ended it."""
        return not (self.pending_order_id or self.canceled_at) and self.changed_at < moment

    def can_change(self, moment: datetime) -> bool:
        """Whether it has begun and has so much left that changing it is worth the while."""
        left = _LEAST_TERM_LEFT if self.offer.yearly else _LEAST_TRIAL_LEFT
        return self.is_free(moment) and self.starts_on <= moment.date() < self.ends_on - left

    def _switch(self, line: Fulfilled) -> None:
        """To the same end, or for a term of its own where that is another one."""
        if line.period.ends_on != self.ends_on:
            self.terms = [line.period.starts_on]
        self.offer, self.seats, self.ends_on = line.offer, line.quantity, line.period.ends_on
        self.lines = []

    def _issue(self, line: Fulfilled, random: Random) -> None:
        self.changed_at = line.at
        self.issues.append(
            Issue(
                id=uuid7(line.at, random),
                order_id=line.order_id,
                offer=self.offer,
                issued_at=line.at,
                starts_on=self.term_on(line.at.date()),
                expires_on=self.ends_on,
                seats=self.seats,
            )
        )
