"""Events are kept as long as the operator says: months ahead are made in time, those behind are dropped."""

import time

import structlog

from datasources.sources import Sources

EVERY = 3600.0

_last: dict[int, float] = {}
_log = structlog.get_logger(__name__)


async def keep_events(sources: Sources) -> int:
    """Look once an hour; never asks to be called again at once."""
    now = time.monotonic()
    if now - _last.get(id(sources), -EVERY) >= EVERY:
        _last[id(sources)] = now
        async with sources.database.system() as transaction:
            dropped = await sources.events.keep(transaction)
        if dropped:
            _log.info("events were kept long enough", dropped=dropped)
    return 0
