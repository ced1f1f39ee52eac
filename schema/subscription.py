"""The root of every subscription, named Stream: what a customer holds is called Subscription here."""

from collections.abc import AsyncIterator
from typing import Any

import strawberry

from commerce.access import Permission, reads
from execution.batches import Scope
from execution.fields import batched, stream
from execution.views import view
from resolvers import follow_events as feeds
from resolvers.context import Context
from schema.events import Event
from schema.orders import Order
from schema.scalars import Sequence

_AFTER = "First tell what happened behind this sequence; without it, only what happens from now on."


@view(of=feeds.OrderChange, description="A change of an order.")
class OrderChange:
    event: Event = strawberry.field(description="What happened. Keep its sequence, to go on behind it.")
    order: Order | None = batched(
        feeds.orders_of,
        scope=Scope.VIEWER,
        access=reads(Permission.ORDERS_READ),
        description="The order as it is now; more may have happened since.",
    )


def _events(
    context: Context,
    *,
    after: Sequence | None = None,
    types: list[str] | None = None,
    partner_id: str | None = None,
) -> AsyncIterator[Any]:
    return feeds.events(context, after=after, types=types, partner_id=partner_id)


def _order_changed(
    context: Context, *, id: str | None = None, after: Sequence | None = None
) -> AsyncIterator[Any]:
    return feeds.order_changed(context, id=id, after=after)


@strawberry.type(description="Every stream, over graphql-transport-ws or server-sent events.")
class Stream:
    events: Event = stream(
        _events,
        scope=Scope.VIEWER,
        access=reads(Permission.EVENTS_READ),
        description="The feed as it happens, in order and without a gap. A stream that breaks, or completes "
        "after an hour, is taken up by `after` with the sequence of the last event that you handled.",
        arguments={
            "after": _AFTER,
            "types": 'Only these types, such as "order.fulfilled", or "order.*" for all of a family.',
            "partner_id": strawberry.argument(
                description="Whose feed; partners follow their own without it, staff must say.",
                graphql_type=strawberry.ID | None,
            ),
        },
    )
    order_changed: OrderChange = stream(
        _order_changed,
        scope=Scope.VIEWER,
        access=reads(Permission.EVENTS_READ),
        description="Changes of orders as they happen: of one, or of all of yours.",
        arguments={
            "id": strawberry.argument(
                description="Which order; without it, every order.", graphql_type=strawberry.ID | None
            ),
            "after": _AFTER,
        },
    )
