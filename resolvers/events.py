"""The feed of events: everything that happened to a partner's orders, subscriptions, licences, screenings."""

from collections.abc import Sequence
from typing import Any

from commerce.access import Scope
from commerce.events import (
    CATALOG,
    Event,
    EventFeed,
    EventFilter,
    EventKind,
    EventType,
    UnknownEventType,
    UnknownSequence,
    start_of,
    types_of,
)
from commerce.ids import Prefix, names
from commerce.paging import DEFAULT_PER_PAGE, MOST_PER_PAGE, InvalidPage
from resolvers import nodes
from resolvers.context import Context, InvalidArgument

WINDOW = 10_000
"""Sequence numbers looked at for one answer, however few of them a filter lets through."""


async def events(
    context: Context,
    *,
    after: int | None = None,
    types: list[str] | None = None,
    first: int | None = None,
    partner_id: str | None = None,
) -> EventFeed:
    """What happened after a sequence, oldest first.

    Raises InvalidArgument, InvalidPage and EventsExpired.
    """
    scope = feed_scope(context, partner_id)
    size = DEFAULT_PER_PAGE if first is None else first
    if not 1 <= size <= MOST_PER_PAGE:
        raise InvalidPage("first", f"first must be between 1 and {MOST_PER_PAGE}.")
    return await read_feed(context, scope, after, EventFilter(wanted_types(types)), size)


def feed_scope(context: Context, partner_id: str | None) -> Scope:
    """Whose feed is read: the viewer's own; staff say whose. Raises InvalidArgument."""
    own = context.scope
    wanted = partner_id or own.partner_id
    if wanted is None or not names(Prefix.PARTNER, wanted) or own.partner_id not in {None, wanted}:
        raise InvalidArgument("partnerId must name a partner whose events you may read.")
    return Scope(wanted, own.environment)


def wanted_types(types: Sequence[str] | None) -> tuple[EventType, ...] | None:
    """The types of a filter. Raises InvalidArgument."""
    try:
        return types_of(types)
    except UnknownEventType as unknown:
        raise InvalidArgument(str(unknown)) from None


async def read_feed(
    context: Context, scope: Scope, after: int | None, wanted: EventFilter, size: int
) -> EventFeed:
    """One part of a feed. Raises InvalidArgument and EventsExpired."""
    log = context.sources.events
    ends = await log.ends(scope)
    try:
        start = start_of(after, ends)
    except UnknownSequence as unknown:
        raise InvalidArgument(str(unknown)) from None
    through = ends.newest if wanted.is_open else min(ends.newest, start + WINDOW)
    found = (
        await log.after(scope, start, through=through, most=size, wanted=wanted) if through > start else []
    )
    seen = found[-1].sequence if len(found) == size else through
    return EventFeed(found, max(seen, start), ends.oldest, ends.newest)


async def subjects_of(events: Sequence[Event], context: Context) -> list[Any]:
    """The records that events are about, as they are now; None where the viewer may not read them."""
    ids = list(dict.fromkeys(event.subject_id for event in events))
    found = dict(zip(ids, await nodes.nodes(context, ids=ids), strict=True))
    return [found[event.subject_id] for event in events]


async def event_types(_context: Context) -> list[EventKind]:
    """Every type of event, with what it means."""
    return [EventKind(type_, meaning) for type_, meaning in CATALOG.items()]
