"""Hearing of commits elsewhere: by word from other processes, and by looking where no word came."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog

from datasources.postgres.signals import Feed
from datasources.settings import Settings
from datasources.sources import Sources

LOOK_EVERY = 1.0
"""Seconds between looks at the feeds that are followed: how late an event is when its word was lost."""

_log = structlog.get_logger(__name__)


async def follow_commits(sources: Sources, settings: Settings, stop: asyncio.Event) -> None:
    """Keep those who wait in this process informed, until told to stop."""
    relaying = asyncio.create_task(sources.work.relay(settings.application_dsn))
    heads: Mapping[Feed, int] = {}
    try:
        while not stop.is_set():
            heads = await _look(sources, heads)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=LOOK_EVERY)
    finally:
        relaying.cancel()
        with suppress(asyncio.CancelledError):
            await relaying


async def _look(sources: Sources, known: Mapping[Feed, int]) -> Mapping[Feed, int]:
    """Wake who follows a feed that has grown: one statement for all feeds, none where nobody follows."""
    followed = sources.work.followed
    if not followed:
        return {}
    try:
        heads = await sources.events.heads(followed)
    except Exception:  # noqa: BLE001  the next look may reach the database again
        _log.exception("feeds could not be looked at")
        return known
    sources.work.wake(feed for feed, head in heads.items() if known.get(feed) != head)
    return heads
