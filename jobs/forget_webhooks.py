"""The delivery log keeps what was settled for a month, and no longer."""

import time
from datetime import UTC, datetime

from commerce.webhooks import KEPT
from datasources.sources import Sources

EVERY = 3_600.0

_last: dict[int, float] = {}


async def forget_webhooks(sources: Sources) -> int:
    """Look once an hour; never asks to be called again at once."""
    now = time.monotonic()
    if now - _last.get(id(sources), -EVERY) >= EVERY:
        _last[id(sources)] = now
        await forget_settled(sources, datetime.now(UTC))
    return 0


async def forget_settled(sources: Sources, now: datetime) -> int:
    """Remove deliveries that were settled a month ago, with their tries; how many."""
    async with sources.database.system() as transaction:
        return await sources.webhooks.deliveries.forget(transaction, now - KEPT)
