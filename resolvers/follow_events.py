"""Following a feed: events as they happen, read from the log, so that a broken stream is taken up again."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from commerce.access import Scope
from commerce.events import Event, EventFilter
from commerce.ids import Prefix, names
from commerce.orders import Order
from datasources.postgres.signals import feed_of
from resolvers import orders
from resolvers.batching import one_each
from resolvers.context import Context, InvalidArgument
from resolvers.events import feed_scope, read_feed, wanted_types

BATCH = 100
LONGEST_STREAM = 3600.0
"""Seconds after which a stream is complete: its client signs in anew and goes on behind the last event."""
LOOK_AGAIN = 60.0
"""Seconds between looks when nothing is heard: what no word and no look at the feeds' heads has told."""


@dataclass(frozen=True, slots=True)
class OrderChange:
    """An order's event, with the order behind it."""

    event: Event


async def events(
    context: Context,
    *,
    after: int | None = None,
    types: list[str] | None = None,
    partner_id: str | None = None,
) -> AsyncIterator[Event]:
    """Events behind a sequence and then as they happen; without one, from now on.

    Raises InvalidArgument and EventsExpired.
    """
    scope = feed_scope(context, partner_id)
    async for event in _followed(context, scope, after, EventFilter(wanted_types(types))):
        yield event


async def order_changed(
    context: Context, *, id: str | None = None, after: int | None = None
) -> AsyncIterator[OrderChange]:
    """Changes of one order, or of every order of the viewer's. Raises InvalidArgument and EventsExpired."""
    if id is not None and (not names(Prefix.ORDER, id) or await orders.order(context, id=id) is None):
        raise InvalidArgument("id must name an order of yours.")
    wanted = EventFilter(wanted_types(["order.*"]), id)
    async for event in _followed(context, feed_scope(context, None), after, wanted):
        yield OrderChange(event)


async def orders_of(changes: list[OrderChange], context: Context) -> list[Order | None]:
    """The orders as they are now, which may be later than their events."""
    read = context.sources.orders.by_id
    return await one_each(read, context.scope, [change.event.subject_id for change in changes])


async def _followed(
    context: Context, scope: Scope, after: int | None, wanted: EventFilter
) -> AsyncIterator[Event]:
    began = time.monotonic()
    position = after if after is not None else (await context.sources.events.ends(scope)).newest
    with context.sources.work.listening(feed_of(scope)) as listener:
        while time.monotonic() - began < LONGEST_STREAM:
            feed = await read_feed(context, scope, position, wanted, BATCH)
            for event in feed.nodes:
                context.loaders.clear()
                context.now = datetime.now(UTC)
                yield event
            position = feed.next_after
            if not feed.has_more:
                await listener.wait(LOOK_AGAIN)
