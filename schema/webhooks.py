"""Webhook endpoints, and the log of what was sent to them."""

from datetime import datetime
from typing import Annotated

import strawberry

from commerce import webhooks
from commerce.access import Environment
from commerce.webhooks import DeliveryState, DisabledReason, EndpointState, Outcome
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import orders as order_resolvers
from resolvers import webhooks as resolvers
from schema.nodes import Node
from schema.partners import Partner
from schema.scalars import Sequence


@view(of=webhooks.WebhookSecret, description="A secret that signs. It is shown when it is made, never here.")
class WebhookSecret:
    id: strawberry.ID = strawberry.field(description="Opaque and stable.")
    created_at: datetime = strawberry.field(description="When it was made, UTC.")
    expires_at: datetime | None = strawberry.field(
        description="When it stops signing, UTC; null while no newer one replaces it."
    )


@view(of=webhooks.WebhookEndpoint, description="Where you listen: events are posted there, in their order.")
class WebhookEndpoint(Node):
    environment: Environment = strawberry.field(description="It hears the events of this environment alone.")
    url: str = strawberry.field(description="Where messages are posted.")
    description: str = strawberry.field(description="Your own words.")
    event_types: list[str] = strawberry.field(
        description='Types it hears, such as "order.fulfilled" or "order.*"; empty for all.'
    )
    state: EndpointState = strawberry.field(description="Whether anything is sent.")
    disabled_reason: DisabledReason | None = strawberry.field(
        description="Why nothing is sent; null while it is enabled."
    )
    disabled_at: datetime | None = strawberry.field(description="Since when nothing is sent, UTC.")
    failing_since: datetime | None = strawberry.field(
        description="Since when nothing has arrived, UTC; null when the last message arrived."
    )
    position: Sequence = strawberry.field(
        description="The last event of the feed that was looked at for this endpoint."
    )
    held_by: strawberry.ID | None = strawberry.field(
        description="The delivery that everything behind it waits for, while there is one."
    )
    created_at: datetime = strawberry.field(description="When it was made, UTC.")
    updated_at: datetime = strawberry.field(description="When it was last changed by you, UTC.")
    behind: int = batched(
        resolvers.behind_of,
        scope=Scope.VIEWER,
        description="How many events of the feed it has still to look at.",
    )
    waiting: int = batched(
        resolvers.waiting_of,
        scope=Scope.VIEWER,
        description="How many deliveries wait for another try, or for an earlier one of their subject.",
    )
    secrets: list[WebhookSecret] = batched(
        resolvers.secrets_of,
        scope=Scope.VIEWER,
        description="The secrets that sign now, the newest first: two while one is being replaced.",
    )
    partner: Partner | None = batched(
        order_resolvers.partners_of, scope=Scope.VIEWER, description="Whose it is."
    )


@view(of=webhooks.WebhookAttempt, description="One try of a delivery.")
class WebhookAttempt:
    id: strawberry.ID = strawberry.field(description="Opaque and stable.")
    number: int = strawberry.field(description="Counted from 1, over every try there ever was.")
    at: datetime = strawberry.field(description="When it began, UTC.")
    duration_ms: int = strawberry.field(description="How long it took, in milliseconds.")
    outcome: Outcome = strawberry.field(description="How it ended.")
    status: int | None = strawberry.field(description="The HTTP status; null where none came.")
    response: str | None = strawberry.field(description="The first 2 KB of the response's body.")


@view(of=webhooks.WebhookDelivery, description="One event at one endpoint, with every try.")
class WebhookDelivery(Node):
    environment: Environment = strawberry.field(description="Production or sandbox.")
    event_id: strawberry.ID = strawberry.field(
        description="The event's id, which every try sends as `webhook-id`."
    )
    type: str = strawberry.field(description='The event\'s type; "webhook.test" for a test.')
    subject_id: strawberry.ID = strawberry.field(description="The id of what the event is about.")
    sequence: Sequence | None = strawberry.field(description="Its place in the feed; null for a test.")
    state: DeliveryState = strawberry.field(description="Whether it arrived.")
    tries: int = strawberry.field(description="How many of the ten tries are used.")
    next_try_at: datetime | None = strawberry.field(
        description="When it is tried next, UTC; null when it is settled, or waits for an earlier one."
    )
    created_at: datetime = strawberry.field(description="When it was first taken from the feed, UTC.")
    settled_at: datetime | None = strawberry.field(description="When it arrived or was given up, UTC.")
    attempts: list[WebhookAttempt] = batched(
        resolvers.attempts_of,
        scope=Scope.VIEWER,
        description="Its tries, the first one first.",
    )
    endpoint: Annotated["WebhookEndpoint", strawberry.lazy("schema.webhooks")] | None = batched(
        resolvers.endpoints_of, scope=Scope.VIEWER, description="Where it goes."
    )
