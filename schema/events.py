"""The feed of events, with typed snapshots."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from commerce import event_snapshots, events
from commerce.access import Environment
from commerce.licenses import LicenseState
from commerce.orders import OrderKind, OrderStatus
from commerce.screening import Decision
from commerce.subscriptions import SubscriptionState
from commerce.webhooks import DisabledReason
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import events as resolvers
from schema.nodes import Node
from schema.scalars import Money, Sequence


@view(of=event_snapshots.OrderSnapshot, description="An order when its event was written.")
class OrderSnapshot:
    id: strawberry.ID = strawberry.field(description="The order.")
    kind: OrderKind = strawberry.field(description="What it asks for.")
    status: OrderStatus = strawberry.field(description="Where it stood.")
    status_reason: str | None = strawberry.field(description="Code of the reason, where there is one.")
    customer_id: strawberry.ID = strawberry.field(description="The customer it is for.")
    external_order_reference: str | None = strawberry.field(description="The partner's own reference.")
    purchase_order_number: str | None = strawberry.field(description="The partner's purchase order.")
    end_customer_purchase_order_number: str | None = strawberry.field(
        description="The end customer's purchase order."
    )
    total: Money = strawberry.field(description="What it costs the partner.")
    placed_at: datetime = strawberry.field(description="When it was placed, UTC.")
    fulfilled_at: datetime | None = strawberry.field(description="When it was fulfilled, UTC.")


@view(of=event_snapshots.SubscriptionSnapshot, description="A subscription when its event was written.")
class SubscriptionSnapshot:
    id: strawberry.ID = strawberry.field(description="The subscription.")
    order_id: strawberry.ID = strawberry.field(description="The order it came from.")
    customer_id: strawberry.ID = strawberry.field(description="Who holds it.")
    sku_id: strawberry.ID | None = strawberry.field(
        description="The SKU held; null in events older than this field."
    )
    seats: int = strawberry.field(description="How many seats were held.")
    starts_on: date = strawberry.field(description="First UTC day of the term.")
    ends_on: date = strawberry.field(description="First UTC day after the term.")
    auto_renew: bool | None = strawberry.field(
        description="Whether it renewed by itself; null in events older than this field."
    )
    state: SubscriptionState = strawberry.field(description="Whether it could be used.")


@view(of=event_snapshots.LicenseSnapshot, description="A licence, without its file, in its event.")
class LicenseSnapshot:
    id: strawberry.ID = strawberry.field(description="The licence.")
    order_id: strawberry.ID = strawberry.field(description="The order it was issued for.")
    subscription_id: strawberry.ID = strawberry.field(description="What it proves.")
    customer_id: strawberry.ID = strawberry.field(description="Who holds it.")
    sku_code: str | None = strawberry.field(
        description="The SKU it was issued for; null in events older than this field."
    )
    seats: int = strawberry.field(description="How many seats it proves.")
    starts_on: date = strawberry.field(description="First UTC day on which it counts.")
    expires_on: date = strawberry.field(
        description="First UTC day on which it no longer counts, but for grace."
    )
    state: LicenseState = strawberry.field(description="Whether it counted.")
    superseded_by: strawberry.ID | None = strawberry.field(description="The licence in its place.")


@view(of=event_snapshots.ScreeningSnapshot, description="A screening decision on an order, in its event.")
class ScreeningSnapshot:
    id: strawberry.ID = strawberry.field(description="The screening.")
    order_id: strawberry.ID = strawberry.field(description="The order that was screened.")
    decision: Decision = strawberry.field(description="CLEAR, HOLD or DENY.")
    messages: list[str] = strawberry.field(
        description="What can be said of the reasons, gravest first; empty when clear."
    )
    decided_at: datetime = strawberry.field(description="When it was decided, UTC.")


@view(of=event_snapshots.WebhookEndpointSnapshot, description="A webhook endpoint that was switched off.")
class WebhookEndpointSnapshot:
    id: strawberry.ID = strawberry.field(description="The endpoint.")
    url: str = strawberry.field(description="Where it listened.")
    reason: DisabledReason = strawberry.field(description="Why it was switched off.")
    failing_since: datetime | None = strawberry.field(description="Since when nothing arrived, UTC.")
    last_sequence: Sequence | None = strawberry.field(description="The last event that was taken for it.")


EventSnapshot = Annotated[
    OrderSnapshot | SubscriptionSnapshot | LicenseSnapshot | ScreeningSnapshot | WebhookEndpointSnapshot,
    strawberry.union("EventSnapshot", description="What an event is about, as it was. May grow."),
]


@view(of=events.Event, description="Something that happened, as it is also sent to webhooks.")
class Event:
    id: strawberry.ID = strawberry.field(
        description="Opaque, prefixed and the same wherever the event is told: by it, duplicates are known."
    )
    sequence: Sequence = strawberry.field(
        description="Its place in the feed: counted from 1, one by one, without a gap."
    )
    type: str = strawberry.field(
        description='What happened, such as "order.fulfilled"; `eventTypes` lists them. May grow.'
    )
    environment: Environment = strawberry.field(description="Production and sandbox have a feed each.")
    subject_id: strawberry.ID = strawberry.field(description="The id of what it is about.")
    occurred_at: datetime = strawberry.field(description="When it happened, UTC.")
    snapshot: EventSnapshot = strawberry.field(description="What it is about, as it was when this happened.")
    subject: Node | None = batched(
        resolvers.subjects_of,
        scope=Scope.VIEWER,
        description="What it is about, as it is now; null where that is not in scope.",
    )


@view(of=events.EventFeed, description="A part of the feed, oldest first.")
class EventFeed:
    nodes: list[Event] = strawberry.field(description="The events.")
    next_after: Sequence = strawberry.field(
        description="Give this as `after` to continue. It passes over what `types` left out."
    )
    has_more: bool = strawberry.field(
        description="Whether there is more to read at once. False means: ask again later, or subscribe."
    )
    oldest_sequence: Sequence = strawberry.field(description="The oldest event that is still kept.")
    newest_sequence: Sequence = strawberry.field(description="The newest event; 0 where there is none.")


@view(of=events.EventKind, description="A type of event.")
class EventType:
    type: str = strawberry.field(description='As events name it, such as "order.fulfilled".')
    meaning: str = strawberry.field(description="What it says, in a sentence.")
