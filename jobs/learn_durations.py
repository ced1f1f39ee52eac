"""Learning how long orders usually take, every few minutes."""

import time
from datetime import UTC, datetime, timedelta

from datasources.sources import Sources

EVERY = 300.0
HISTORY = timedelta(days=90)

_last: dict[int, float] = {}


async def learn_durations(sources: Sources) -> int:
    """Measure when the last measure is old; never asks to be called again at once."""
    now = time.monotonic()
    if now - _last.get(id(sources), -EVERY) >= EVERY:
        _last[id(sources)] = now
        await sources.usual_durations.learn(datetime.now(UTC) - HISTORY)
    return 0
