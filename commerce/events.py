"""What events say: the catalogue of their types, and the snapshot that each carries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from commerce.access import Environment
from commerce.event_snapshots import Snapshot, snapshot_of
from commerce.licenses import License
from commerce.money import Money
from commerce.orders import Order, OrderStatus
from commerce.screening import Decision
from commerce.subscriptions import Subscription
from commerce.webhooks import WebhookEndpoint


class EventType(StrEnum):
    """What can happen. It grows: whoever reads events must bear types that it does not know."""

    ORDER_RECEIVED = "order.received"
    ORDER_ON_HOLD = "order.on_hold"
    ORDER_AWAITING_PARTNER = "order.awaiting_partner"
    ORDER_DENIED = "order.denied"
    ORDER_SCHEDULED = "order.scheduled"
    ORDER_PROVISIONING = "order.provisioning"
    ORDER_FULFILLED = "order.fulfilled"
    ORDER_PARTIALLY_FULFILLED = "order.partially_fulfilled"
    ORDER_FAILED = "order.failed"
    ORDER_CANCELED = "order.canceled"
    ORDER_REFERENCES_UPDATED = "order.references_updated"
    SUBSCRIPTION_CREATED = "subscription.created"
    SUBSCRIPTION_CHANGED = "subscription.changed"
    SUBSCRIPTION_AUTO_RENEW_CHANGED = "subscription.auto_renew_changed"
    SUBSCRIPTION_CANCELED = "subscription.canceled"
    SUBSCRIPTION_EXPIRED = "subscription.expired"
    LICENSE_ISSUED = "license.issued"
    LICENSE_SUPERSEDED = "license.superseded"
    LICENSE_REVOKED = "license.revoked"
    LICENSE_SUSPENDED = "license.suspended"
    LICENSE_REINSTATED = "license.reinstated"
    LICENSE_EXPIRED = "license.expired"
    LICENSE_CONTACT_CHANGED = "license.contact_changed"
    LICENSE_CODE_RETRIEVED = "license.code_retrieved"
    LICENSE_RESENT = "license.resent"
    LICENSE_BOUNCED = "license.bounced"
    LICENSE_ACTIVATED = "license.activated"
    LICENSE_DEACTIVATED = "license.deactivated"
    SCREENING_CLEARED = "screening.cleared"
    SCREENING_HELD = "screening.held"
    SCREENING_DENIED = "screening.denied"
    WEBHOOK_DISABLED = "webhook.disabled"


CATALOG: Mapping[EventType, str] = {
    EventType.ORDER_RECEIVED: "An order was accepted and has its id.",
    EventType.ORDER_ON_HOLD: "A compliance officer must review the order before it goes on.",
    EventType.ORDER_AWAITING_PARTNER: "A question to you is open: the order waits for your answer.",
    EventType.ORDER_DENIED: "The order was refused by compliance.",
    EventType.ORDER_SCHEDULED: "The order is cleared and waits for the day on which it starts.",
    EventType.ORDER_PROVISIONING: "The order is cleared; its licences are being issued.",
    EventType.ORDER_FULFILLED: "The order is done.",
    EventType.ORDER_PARTIALLY_FULFILLED: "Some lines of the order are done, others are not yet.",
    EventType.ORDER_FAILED: "The order could not be fulfilled; its `blockers` say why.",
    EventType.ORDER_CANCELED: "The order was called off before it was fulfilled.",
    EventType.ORDER_REFERENCES_UPDATED: "A purchase order number of the order was given or corrected.",
    EventType.SUBSCRIPTION_CREATED: "A customer holds a new subscription.",
    EventType.SUBSCRIPTION_CHANGED: "Seats, SKU or term of a subscription have changed.",
    EventType.SUBSCRIPTION_AUTO_RENEW_CHANGED: "Automatic renewal was switched on or off.",
    EventType.SUBSCRIPTION_CANCELED: "All seats of a subscription were given back.",
    EventType.SUBSCRIPTION_EXPIRED: "The term of a subscription ended, and it was not renewed.",
    EventType.LICENSE_ISSUED: "A licence was signed and can be fetched.",
    EventType.LICENSE_SUPERSEDED: "A newer licence stands in the place of this one.",
    EventType.LICENSE_REVOKED: "A licence was withdrawn for good.",
    EventType.LICENSE_SUSPENDED: "A licence does not count until it is reinstated.",
    EventType.LICENSE_REINSTATED: "A suspended licence counts again.",
    EventType.LICENSE_EXPIRED: "The term and the grace days of a licence are over.",
    EventType.LICENSE_CONTACT_CHANGED: "A licence was issued in the name of another contact.",
    EventType.LICENSE_CODE_RETRIEVED: "The activation code of a licence was handed out.",
    EventType.LICENSE_RESENT: "A licence is being sent again.",
    EventType.LICENSE_BOUNCED: "The e-mail with a licence came back; see its `deliveries`.",
    EventType.LICENSE_ACTIVATED: "An installation took its file in exchange for the activation code.",
    EventType.LICENSE_DEACTIVATED: "An installation gave its seats back.",
    EventType.SCREENING_CLEARED: "Nobody listed was found behind an order.",
    EventType.SCREENING_HELD: "Screening wants somebody to look before an order goes on.",
    EventType.SCREENING_DENIED: "Screening found that an order must not be fulfilled.",
    EventType.WEBHOOK_DISABLED: "Nothing more is sent to a webhook endpoint, because nothing arrived.",
}
"""Every type in a sentence, as the contract and the documentation give it."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """A type of events, and what it says in a sentence."""

    type: str
    meaning: str


_ANY = ".*"
"""`order.*` is every type that begins with `order.`."""


class UnknownEventType(Exception):
    """A type, or a family of types, that no event has."""


class UnknownSequence(Exception):
    """A place in the feed beyond its newest event: it was read somewhere else."""


class EventsExpired(Exception):
    """The events that were asked for are kept no longer. `oldest` is the first that still is."""

    def __init__(self, oldest: int) -> None:
        super().__init__(
            f"Events up to {oldest - 1} are kept no longer. Reconcile, then go on after {oldest - 1}."
        )
        self.oldest = oldest


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `data` is its subject as the partner saw it at that moment, as JSON.

    `sequence` counts from 1 without a gap within one partner and environment.
    """

    id: str
    partner_id: str
    environment: Environment
    sequence: int
    type: str
    subject_id: str
    occurred_at: datetime
    data: Mapping[str, Any]

    @property
    def snapshot(self) -> Snapshot:
        """The same as a record of its kind."""
        return snapshot_of(self.data)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted: of some types, about one subject; None is any."""

    types: tuple[EventType, ...] | None = None
    subject_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether every event is wanted."""
        return self.types is None and self.subject_id is None


EVERY_EVENT = EventFilter()


@dataclass(frozen=True, slots=True)
class Ends:
    """The oldest sequence still kept in a feed, and the newest; 1 and 0 in one that is empty."""

    oldest: int
    newest: int


@dataclass(frozen=True, slots=True)
class EventFeed:
    """A part of a feed. `next_after` continues behind everything that was looked at, told or not."""

    nodes: list[Event]
    next_after: int
    oldest_sequence: int
    newest_sequence: int

    @property
    def has_more(self) -> bool:
        return self.next_after < self.newest_sequence


MOST_SEQUENCE = 2**53 - 1
"""What every client reads exactly out of a JSON number."""


def sequence_from(value: object) -> int:
    """A sequence as a caller gives it, as a number or as its digits. Raises ValueError."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[: len(str(MOST_SEQUENCE)) + 1])
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_SEQUENCE:
        raise ValueError(f"A sequence is a whole number from 0 to {MOST_SEQUENCE}.")
    return value


def start_of(after: int | None, ends: Ends) -> int:
    """The sequence behind which to read; without one, from the oldest event kept.

    Raises EventsExpired and UnknownSequence.
    """
    if after is None:
        return ends.oldest - 1
    if after < ends.oldest - 1:
        raise EventsExpired(ends.oldest)
    if after > ends.newest:
        raise UnknownSequence(f"after is {after}, and the newest event is {ends.newest}.")
    return after


def types_of(wanted: Sequence[str] | None) -> tuple[EventType, ...] | None:
    """The types that a filter means: names of types, and families such as `order.*`; None is every type.

    Raises UnknownEventType.
    """
    if wanted is None:
        return None
    found: dict[EventType, None] = {}
    for word in wanted:
        family = word.removesuffix(_ANY) + "."
        is_family = word.endswith(_ANY)
        meant = [type_ for type_ in EventType if type_ == word or (is_family and type_.startswith(family))]
        if not meant:
            raise UnknownEventType(f"There are no events of type {word[:60]}.")
        found |= dict.fromkeys(meant)
    return tuple(found)


def order_event(status: OrderStatus) -> EventType:
    """The type of the event that an order has come to a status: `order.fulfilled`."""
    return EventType(f"order.{status.value.lower()}")


class Decided(Protocol):
    """A decision, by the engine or by officers, and what the partner may be told of it."""

    @property
    def decision(self) -> Decision: ...

    @property
    def partner_words(self) -> Sequence[str]: ...


def screening_event(decision: Decision) -> EventType:
    """The type of the event that a screening was decided."""
    return _OF_DECISION[decision]


_OF_DECISION = {
    Decision.CLEAR: EventType.SCREENING_CLEARED,
    Decision.HOLD: EventType.SCREENING_HELD,
    Decision.DENY: EventType.SCREENING_DENIED,
}


def order_snapshot(order: Order, status: OrderStatus | None = None) -> dict[str, Any]:
    """An order as its partner sees it at that moment."""
    return {
        "id": order.id,
        "kind": order.kind,
        "status": status or order.status,
        "statusReason": order.status_reason if status in {None, order.status} else None,
        "customerId": order.customer_id,
        "externalOrderReference": order.external_order_reference,
        "purchaseOrderNumber": order.purchase_order_number,
        "endCustomerPurchaseOrderNumber": order.end_customer_purchase_order_number,
        "total": _money(order.total),
        "placedAt": order.placed_at,
        "fulfilledAt": order.fulfilled_at,
    }


def subscription_snapshot(subscription: Subscription) -> dict[str, Any]:
    """A subscription as its partner sees it at that moment."""
    return {
        "id": subscription.id,
        "orderId": subscription.order_id,
        "customerId": subscription.customer_id,
        "skuId": subscription.sku_id,
        "seats": subscription.seats,
        "startsOn": subscription.starts_on,
        "endsOn": subscription.ends_on,
        "autoRenew": subscription.auto_renew,
        "state": subscription.state,
    }


def license_snapshot(license_: License) -> dict[str, Any]:
    """A licence without its file: the file is fetched by who may have it."""
    return {
        "id": license_.id,
        "orderId": license_.order_id,
        "subscriptionId": license_.subscription_id,
        "customerId": license_.customer_id,
        "skuCode": license_.sku_code,
        "seats": license_.seats,
        "startsOn": license_.starts_on,
        "expiresOn": license_.expires_on,
        "state": license_.state,
        "supersededBy": license_.superseded_by,
    }


def screening_snapshot(
    screening_id: str, order_id: str, outcome: Decided, decided_at: datetime
) -> dict[str, Any]:
    """A decision in the words that a partner may read; never whom it is about."""
    return {
        "id": screening_id,
        "orderId": order_id,
        "decision": outcome.decision,
        "messages": outcome.partner_words,
        "decidedAt": decided_at,
    }


def webhook_disabled_snapshot(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """A webhook endpoint that was switched off: nothing more is sent until the partner switches it on."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "reason": endpoint.disabled_reason,
        "failingSince": endpoint.failing_since,
        "lastSequence": endpoint.sent,
    }


def _money(money: Money) -> dict[str, str]:
    return {"amount": str(money.amount), "currency": money.currency}
