"""Orders: what was asked, in lines, with their history, and the one table of how a status may change."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from commerce.access import Environment
from commerce.money import Money, money


class OrderKind(StrEnum):
    """What an order asks for."""

    NEW = "NEW"
    ADD_SEATS = "ADD_SEATS"
    RENEWAL = "RENEWAL"
    SWITCH = "SWITCH"
    RETURN = "RETURN"


class OrderStatus(StrEnum):
    """Where an order, or one of its lines, stands."""

    RECEIVED = "RECEIVED"
    SCREENING = "SCREENING"
    ON_HOLD = "ON_HOLD"
    DENIED = "DENIED"
    AWAITING_PARTNER = "AWAITING_PARTNER"
    SCHEDULED = "SCHEDULED"
    PROVISIONING = "PROVISIONING"
    FULFILLED = "FULFILLED"
    PARTIALLY_FULFILLED = "PARTIALLY_FULFILLED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


class Actor(StrEnum):
    """Who moved an order."""

    PARTNER = "PARTNER"
    STAFF = "STAFF"
    SYSTEM = "SYSTEM"


_S = OrderStatus

TRANSITIONS: dict[OrderStatus | None, frozenset[OrderStatus]] = {
    None: frozenset({_S.RECEIVED}),
    _S.RECEIVED: frozenset({_S.SCREENING, _S.CANCELED}),
    _S.SCREENING: frozenset({_S.ON_HOLD, _S.DENIED, _S.SCHEDULED, _S.PROVISIONING}),
    _S.ON_HOLD: frozenset({_S.AWAITING_PARTNER, _S.DENIED, _S.SCHEDULED, _S.PROVISIONING, _S.CANCELED}),
    _S.AWAITING_PARTNER: frozenset({_S.ON_HOLD, _S.SCREENING, _S.DENIED, _S.CANCELED}),
    _S.DENIED: frozenset({_S.SCHEDULED, _S.PROVISIONING}),
    _S.SCHEDULED: frozenset({_S.PROVISIONING, _S.ON_HOLD, _S.CANCELED}),
    _S.PROVISIONING: frozenset({_S.FULFILLED, _S.PARTIALLY_FULFILLED, _S.FAILED, _S.CANCELED}),
    _S.FAILED: frozenset({_S.PROVISIONING, _S.CANCELED}),
    _S.PARTIALLY_FULFILLED: frozenset({_S.PROVISIONING, _S.FULFILLED}),
    _S.FULFILLED: frozenset(),
    _S.CANCELED: frozenset(),
}
"""Every move an order may make. DENIED moves on only when two compliance officers overturn it."""


class IllegalTransition(Exception):
    """A move that the table does not know."""


@dataclass(frozen=True)
class Order:
    """What a partner asked for, on behalf of a customer. Totals are sums of rounded lines, in `currency`."""

    id: str
    partner_id: str
    environment: Environment
    kind: OrderKind
    status: OrderStatus
    status_since: datetime
    status_reason: str | None
    customer_id: str
    trading_partner_id: str | None
    external_order_reference: str | None
    purchase_order_number: str | None
    end_customer_purchase_order_number: str | None
    currency: str
    list_amount: Decimal
    discount_amount: Decimal
    credit_amount: Decimal
    total_amount: Decimal
    starts_on: date | None
    placed_at: datetime
    updated_at: datetime
    fulfilled_at: datetime | None

    @property
    def list_total(self) -> Money:
        return money(self.list_amount, self.currency)

    @property
    def discount_total(self) -> Money:
        return money(self.discount_amount, self.currency)

    @property
    def credit_total(self) -> Money:
        return money(self.credit_amount, self.currency)

    @property
    def total(self) -> Money:
        return money(self.total_amount, self.currency)


@dataclass(frozen=True)
class OrderLine:
    """One SKU of an order. Amounts are in the order's currency, rounded per line.

    The price pays for the days from `starts_on` to `ends_on`, out of the `term_days` of the SKU's whole
    term; they are None where no days are bought. `returns_line_id` is the earlier line that is given back.
    """

    id: str
    partner_id: str
    environment: Environment
    order_id: str
    line_number: int
    sku_id: str
    quantity: int
    remaining_quantity: int
    status: OrderStatus
    reason: str | None
    currency: str
    unit_amount: Decimal
    list_amount: Decimal
    discount_amount: Decimal
    credit_amount: Decimal
    net_amount: Decimal
    starts_on: date | None
    ends_on: date | None
    term_days: int | None
    subscription_id: str | None
    returns_line_id: str | None
    auto_renew: bool
    external_line_reference: str | None

    @property
    def unit_price(self) -> Money:
        return money(self.unit_amount, self.currency)

    @property
    def list_price(self) -> Money:
        return money(self.list_amount, self.currency)

    @property
    def discount(self) -> Money:
        return money(self.discount_amount, self.currency)

    @property
    def credit(self) -> Money:
        return money(self.credit_amount, self.currency)

    @property
    def covered_days(self) -> int | None:
        """The days the price pays for; None where no days are bought."""
        return (self.ends_on - self.starts_on).days if self.starts_on and self.ends_on else None

    @property
    def net(self) -> Money:
        return money(self.net_amount, self.currency)


@dataclass(frozen=True)
class OrderTransition:
    """One move of an order: when, who, why."""

    id: str
    partner_id: str
    environment: Environment
    order_id: str
    position: int
    from_status: OrderStatus | None
    to_status: OrderStatus
    actor: Actor
    reason: str | None
    at: datetime


class OrderSort(StrEnum):
    """The order of a list of orders; ties are broken by id."""

    PLACED_AT_DESC = "PLACED_AT_DESC"
    PLACED_AT_ASC = "PLACED_AT_ASC"
    UPDATED_AT_DESC = "UPDATED_AT_DESC"
    UPDATED_AT_ASC = "UPDATED_AT_ASC"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders to list; every given part must hold. `reference` is the partner's own, or a PO number."""

    statuses: tuple[OrderStatus, ...] | None = None
    kinds: tuple[OrderKind, ...] | None = None
    customer_id: str | None = None
    reference: str | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None


def check_transition(before: OrderStatus | None, after: OrderStatus) -> None:
    """Raise IllegalTransition unless the table allows the move."""
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(f"An order cannot go from {before or 'nothing'} to {after}.")
