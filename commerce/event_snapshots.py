"""Snapshots read back from the event log: what a subject was when its event was written.

The log keeps what it was given. Events that are older than a field of today do not have it, so every field
that came later is None there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from commerce.ids import Prefix, prefix_of
from commerce.licenses import LicenseState
from commerce.money import Money
from commerce.orders import OrderKind, OrderStatus
from commerce.screening import Decision
from commerce.subscriptions import SubscriptionState
from commerce.webhooks import DisabledReason

Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """An order when its event was written."""

    id: str
    kind: OrderKind
    status: OrderStatus
    status_reason: str | None
    customer_id: str
    external_order_reference: str | None
    purchase_order_number: str | None
    end_customer_purchase_order_number: str | None
    total: Money
    placed_at: datetime
    fulfilled_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubscriptionSnapshot:
    """A subscription when its event was written."""

    id: str
    order_id: str
    customer_id: str
    sku_id: str | None
    seats: int
    starts_on: date
    ends_on: date
    auto_renew: bool | None
    state: SubscriptionState


@dataclass(frozen=True, slots=True)
class LicenseSnapshot:
    """A licence, without its file, when its event was written."""

    id: str
    order_id: str
    subscription_id: str
    customer_id: str
    sku_code: str | None
    seats: int
    starts_on: date
    expires_on: date
    state: LicenseState
    superseded_by: str | None


@dataclass(frozen=True, slots=True)
class ScreeningSnapshot:
    """A screening decision on an order, in the words that its partner may read."""

    id: str
    order_id: str
    decision: Decision
    messages: tuple[str, ...]
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookEndpointSnapshot:
    """A webhook endpoint when it was switched off. `last_sequence` is the last that was taken for it."""

    id: str
    url: str
    reason: DisabledReason
    failing_since: datetime | None
    last_sequence: int | None


Snapshot: TypeAlias = (
    OrderSnapshot | SubscriptionSnapshot | LicenseSnapshot | ScreeningSnapshot | WebhookEndpointSnapshot
)


def snapshot_of(stored: Stored) -> Snapshot:
    """A stored snapshot as a record of its kind, which its id tells. Raises KeyError for any other."""
    return _READ[prefix_of(stored["id"])](stored)


def _order(stored: Stored) -> OrderSnapshot:
    return OrderSnapshot(
        id=stored["id"],
        kind=OrderKind(stored["kind"]),
        status=OrderStatus(stored["status"]),
        status_reason=stored.get("statusReason"),
        customer_id=stored["customerId"],
        external_order_reference=stored["externalOrderReference"],
        purchase_order_number=stored["purchaseOrderNumber"],
        end_customer_purchase_order_number=stored.get("endCustomerPurchaseOrderNumber"),
        total=Money(Decimal(stored["total"]["amount"]), stored["total"]["currency"]),
        placed_at=datetime.fromisoformat(stored["placedAt"]),
        fulfilled_at=_moment(stored.get("fulfilledAt")),
    )


def _subscription(stored: Stored) -> SubscriptionSnapshot:
    return SubscriptionSnapshot(
        id=stored["id"],
        order_id=stored["orderId"],
        customer_id=stored["customerId"],
        sku_id=stored.get("skuId"),
        seats=stored["seats"],
        starts_on=date.fromisoformat(stored["startsOn"]),
        ends_on=date.fromisoformat(stored["endsOn"]),
        auto_renew=stored.get("autoRenew"),
        state=SubscriptionState(stored["state"]),
    )


def _license(stored: Stored) -> LicenseSnapshot:
    return LicenseSnapshot(
        id=stored["id"],
        order_id=stored["orderId"],
        subscription_id=stored["subscriptionId"],
        customer_id=stored["customerId"],
        sku_code=stored.get("skuCode"),
        seats=stored["seats"],
        starts_on=date.fromisoformat(stored["startsOn"]),
        expires_on=date.fromisoformat(stored["expiresOn"]),
        state=LicenseState(stored["state"]),
        superseded_by=stored.get("supersededBy"),
    )


def _screening(stored: Stored) -> ScreeningSnapshot:
    return ScreeningSnapshot(
        id=stored["id"],
        order_id=stored["orderId"],
        decision=Decision(stored["decision"]),
        messages=tuple(stored["messages"]),
        decided_at=datetime.fromisoformat(stored["decidedAt"]),
    )


def _webhook_endpoint(stored: Stored) -> WebhookEndpointSnapshot:
    return WebhookEndpointSnapshot(
        id=stored["id"],
        url=stored["url"],
        reason=DisabledReason(stored["reason"]),
        failing_since=_moment(stored["failingSince"]),
        last_sequence=stored["lastSequence"],
    )


_READ: Mapping[Prefix | None, Callable[[Stored], Snapshot]] = {
    Prefix.ORDER: _order,
    Prefix.SUBSCRIPTION: _subscription,
    Prefix.LICENSE: _license,
    Prefix.SCREENING: _screening,
    Prefix.WEBHOOK_ENDPOINT: _webhook_endpoint,
}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
