"""Reconciling: a partner sends what it believes, and hears what is otherwise, why, and what to do."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime

from commerce.ids import Prefix, prefix_of
from commerce.reconciliation import (
    MOST_DIFFERENCES,
    MOST_ENTRIES,
    Entry,
    Kept,
    Reconciliation,
    differences,
)
from resolvers.context import Context, InvalidArgument

LONGEST_REFERENCE = 255


async def reconcile(
    context: Context, entries: Sequence[Entry], *, since: datetime | None = None
) -> Reconciliation:
    """Compare beliefs with what is. Raises Refused and InvalidArgument.

    The feed's end is read first: whatever changes while this compares is told behind it once more.
    """
    scope = context.scope
    if len(entries) > MOST_ENTRIES:
        raise InvalidArgument(f"entries takes at most {MOST_ENTRIES:,}; reconcile in parts, by `since`.")
    if any(not 1 <= len(entry.reference) <= LONGEST_REFERENCE for entry in entries):
        raise InvalidArgument(f"A reference has 1 to {LONGEST_REFERENCE} characters.")
    ends = await context.sources.events.ends(scope)
    named, others = [], []
    for some_named, some_others in await asyncio.gather(
        _orders(context, entries, since), _subscriptions(context, entries, since)
    ):
        named += some_named
        others += some_others
    found = differences(entries, named, others)
    shown = tuple(found[:MOST_DIFFERENCES])
    return Reconciliation(shown, len(found) - len(shown), len(entries), ends.newest)


async def _orders(
    context: Context, entries: Sequence[Entry], since: datetime | None
) -> tuple[list[Kept], list[Kept]]:
    references = [entry.reference for entry in entries if prefix_of(entry.reference) is None]
    ids = _ids(entries, Prefix.ORDER)
    if entries and not references and not ids:
        return [], []
    holdings = context.sources.holdings
    named = await holdings.orders_named(context.scope, references, ids)
    found = [one.id for one in named]
    return named, await holdings.other_orders(context.scope, found, since=since, most=MOST_DIFFERENCES + 1)


async def _subscriptions(
    context: Context, entries: Sequence[Entry], since: datetime | None
) -> tuple[list[Kept], list[Kept]]:
    ids = _ids(entries, Prefix.SUBSCRIPTION)
    if not ids:
        return [], []
    holdings = context.sources.holdings
    named = await holdings.subscriptions_named(context.scope, ids)
    found = [one.id for one in named]
    others: Awaitable[list[Kept]] = holdings.other_subscriptions(
        context.scope, found, since=since, most=MOST_DIFFERENCES + 1
    )
    return named, await others


def _ids(entries: Sequence[Entry], prefix: Prefix) -> list[str]:
    return [entry.reference for entry in entries if prefix_of(entry.reference) is prefix]
