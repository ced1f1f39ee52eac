"""Word of commits: who waits is woken, in this process at once, in others soon; nothing is missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import asyncpg
import pytest

from commerce.access import Environment, Scope
from commerce.events import EventType
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.postgres import events
from datasources.postgres.database import Database, open_database
from datasources.postgres.signals import EVERYTHING, Signals, feed_of
from tests.conftest import Database as Clone

OURS, THEIRS = ("a" * 32, "PRODUCTION"), ("b" * 32, "PRODUCTION")


async def test_only_those_are_woken_whom_it_concerns() -> None:
    signals = Signals()

    with signals.listening(OURS) as ours, signals.listening(THEIRS) as theirs, signals.listening() as worker:
        signals.tell([OURS])
        heard = [await listener.wait(0) for listener in (ours, theirs, worker)]
        signals.wake([EVERYTHING])
        all_heard = [await listener.wait(0) for listener in (ours, theirs, worker)]

    assert heard == [True, False, True]
    assert all_heard == [True, True, True]
    assert signals.followed == []


async def test_what_is_told_between_two_waits_ends_the_next_one() -> None:
    signals = Signals()

    with signals.listening(OURS) as listener:
        signals.tell([OURS])
        signals.tell([OURS])

        assert await listener.wait(0) is True
        assert await listener.wait(0) is False


@pytest.fixture
async def database(fresh_database: Clone) -> AsyncIterator[Database]:
    async with open_database(fresh_database.url) as opened:
        yield opened


async def partner(fresh_database: Clone) -> Scope:
    owner = await asyncpg.connect(fresh_database.owner_url)
    partner_id = new_id(Prefix.PARTNER)
    await owner.execute(
        "INSERT INTO partners (id, kind, name, country, state)"
        " VALUES ($1, 'RESELLER', 'Brightwater', 'NL', 'ACTIVE')",
        partner_id[-32:],
    )
    await owner.close()
    return Scope(partner_id, Environment.PRODUCTION)


async def happened(database: Database, scope: Scope) -> None:
    async with database.system() as transaction:
        await events.record(
            transaction,
            partner_id=scope.partner_id or "",
            environment=scope.environment,
            at=datetime.now(UTC),
            happened={EventType.LICENSE_ISSUED: {"id": new_id(Prefix.LICENSE)}},
        )


async def test_a_commit_wakes_and_a_rollback_does_not(database: Database, fresh_database: Clone) -> None:
    scope = await partner(fresh_database)

    with database.signals.listening(feed_of(scope)) as listener:
        with suppress(ZeroDivisionError):
            async with database.system() as transaction:
                transaction.stirred.add(feed_of(scope))
                raise ZeroDivisionError
        rolled_back = await listener.wait(0)
        await happened(database, scope)

        assert (rolled_back, await listener.wait(0)) == (False, True)


async def test_other_processes_hear_of_it_without_a_word_of_their_own(
    database: Database, fresh_database: Clone
) -> None:
    scope = await partner(fresh_database)
    elsewhere = Signals()
    relays = [asyncio.create_task(one.relay(fresh_database.url)) for one in (database.signals, elsewhere)]
    try:
        with elsewhere.listening(feed_of(scope)) as listener:
            assert await listener.wait(10), "a relay that begins wakes everybody"
            while not await listener.wait(0.5):
                await happened(database, scope)
    finally:
        for relay in relays:
            relay.cancel()
            with suppress(asyncio.CancelledError):
                await relay
