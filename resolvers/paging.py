"""Connections: pages at the root and below parents, and totals that are counted when asked for."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from commerce.paging import COUNTED_AT_MOST, Count, Page, PageArguments, PageRequest, page_of, page_request
from resolvers.context import Context

Row = TypeVar("Row")

Counter = Callable[[Sequence[str]], Awaitable[Mapping[str, int]]]
"""Counts the rows below each parent; the root is the parent named by the empty text."""


def newest_first(record: Any) -> tuple[str, ...]:
    """The keyset position of a list that is ordered by id."""
    return (record.id,)


async def pages_below(
    read: Callable[[Sequence[str], PageRequest], Awaitable[Mapping[str, list[Row]]]],
    counter: Counter,
    parents: Sequence[str],
    arguments: PageArguments,
) -> list[Page[Row]]:
    """The same page of each parent's rows, newest first. Raises InvalidPage."""
    request = page_request(arguments, "newest first, below one parent")
    found = await read(list(dict.fromkeys(parents)), request)
    return [page_of(found.get(parent, []), request, newest_first, counter, parent) for parent in parents]


async def total_counts(pages: Sequence[Page[Any]], context: Context) -> list[int]:
    """How many rows there are in all, counted up to a limit."""
    return [count.total for count in await _counts(pages, context)]


async def total_counts_are_exact(pages: Sequence[Page[Any]], context: Context) -> list[bool]:
    """Whether the count stopped before its limit."""
    return [count.is_exact for count in await _counts(pages, context)]


async def _counts(pages: Sequence[Page[Any]], context: Context) -> list[Count]:
    """The counts of the pages: one read for all pages of a question, whichever field asked first."""
    by_counter: dict[Counter, list[str]] = {}
    for page in pages:
        by_counter.setdefault(page.counter, []).append(page.parent or "")
    totals = {
        counter: await _counted_once(counter, parents, context) for counter, parents in by_counter.items()
    }
    return [_capped(totals[page.counter][page.parent or ""]) for page in pages]


async def _counted_once(counter: Counter, parents: Sequence[str], context: Context) -> Mapping[str, int]:
    key = ("count", counter)
    if key not in context.loaders:
        context.loaders[key] = asyncio.ensure_future(counter(list(dict.fromkeys(parents))))
    counted: Mapping[str, int] = await context.loaders[key]
    return counted


def _capped(total: int) -> Count:
    return Count(min(total, COUNTED_AT_MOST), total <= COUNTED_AT_MOST)
