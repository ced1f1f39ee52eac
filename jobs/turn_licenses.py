"""The calendar and the officers turn licences: bridges begin, terms end, a denial ends its bridge."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from commerce.events import EventType
from commerce.license_changes import begun as begun_now
from commerce.license_changes import expired, in_place_of, revoked, superseded
from commerce.licenses import License, LicenseState
from datasources.postgres import bridges
from datasources.postgres.bridges import Due
from datasources.postgres.database import Transaction
from datasources.sources import Sources
from resolvers.issuing_licenses import Told, tell

EVERY = 60.0
BATCH = 200

Turn = Callable[[Sources, Transaction, License, list[License], datetime], Awaitable[Told]]
"""What happens to a held licence that is due, beside the others of its subscription; what is told of it."""

_last: dict[int, float] = {}
_log = structlog.get_logger(__name__)


async def turn_licenses(sources: Sources) -> int:
    """End the bridges of denied renewals at once; once a minute, look at the calendar."""
    now = datetime.now(UTC)
    turned = await end_denied_bridges(sources, now)
    at = time.monotonic()
    if at - _last.get(id(sources), -EVERY) >= EVERY:
        _last[id(sources)] = at
        await turn_by_date(sources, now)
    return turned


async def end_denied_bridges(sources: Sources, now: datetime) -> int:
    """Revoke what bridges to a renewal that was denied."""
    async with sources.database.system() as transaction:
        due = await bridges.after_denial(transaction, BATCH)
    return await _turned(sources, due, _revoke, now)


async def turn_by_date(sources: Sources, now: datetime) -> None:
    """Let begin what has come to its day, then end what is over."""
    async with sources.database.system() as transaction:
        beginning = await bridges.beginning(transaction, now.date(), BATCH)
    await _turned(sources, beginning, _begin, now)
    async with sources.database.system() as transaction:
        ended = await bridges.ended(transaction, now.date(), BATCH)
    await _turned(sources, ended, _expire, now)


async def _turned(sources: Sources, due: Due, turn: Turn, now: datetime) -> int:
    """Turn licences, one transaction each; how many."""
    turned = 0
    for license_id, subscription_id in due:
        async with sources.database.system() as transaction:
            await sources.subscriptions.locked(transaction, subscription_id)
            current = await sources.licenses.current_of(transaction, subscription_id)
            found = next((one for one in current if one.id == license_id), None)
            if found is None:
                continue  # somebody else was first
            others = [one for one in current if one is not found]
            await tell(transaction, now, await turn(sources, transaction, found, others, now))
            turned += 1
    return turned


async def _begin(
    sources: Sources, transaction: Transaction, due: License, others: list[License], _now: datetime
) -> Told:
    """A licence takes the place of the one before it on its day."""
    begun = due
    for one in others:
        begun = in_place_of(begun, one)
        await sources.licenses.change(transaction, superseded(one, due))
    if begun.state is LicenseState.SCHEDULED:
        begun = begun_now(begun)
    await sources.licenses.change(transaction, begun)
    return [(EventType.LICENSE_SUPERSEDED, superseded(one, due)) for one in others]


async def _expire(
    sources: Sources, transaction: Transaction, due: License, _others: list[License], _now: datetime
) -> Told:
    over = expired(due)
    await sources.licenses.change(transaction, over)
    return [(EventType.LICENSE_EXPIRED, over)]


async def _revoke(
    sources: Sources, transaction: Transaction, due: License, _others: list[License], now: datetime
) -> Told:
    ended = revoked(due, now)
    await sources.licenses.change(transaction, ended)
    _log.info("bridge ended by a denial", license=due.id)
    return [(EventType.LICENSE_REVOKED, ended)]
