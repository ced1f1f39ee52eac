"""Fresh lists: every process that screens asks the publishers by itself and swaps without a pause."""

import asyncio
from contextlib import suppress

import structlog

from datasources.settings import Settings
from datasources.watchlists import Watchlists

_log = structlog.get_logger(__name__)


async def keep_lists_fresh(watchlists: Watchlists, settings: Settings, stop: asyncio.Event) -> None:
    """Refresh at once and then every so many hours; nothing where the lists are pinned or it is off."""
    seconds = settings.watchlist_refresh_hours * 3600
    if not seconds or settings.watchlist_dir:
        return
    while not stop.is_set():
        try:
            for each in await asyncio.to_thread(watchlists.refresh):
                _log.info("list refreshed", list=each.source, result=each.result, reasons=each.reasons)
        except Exception:  # noqa: BLE001  the lists in force serve on, and their age raises the alarm
            _log.exception("lists could not be refreshed")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=seconds)
