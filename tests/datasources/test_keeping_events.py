"""Events are kept as long as the operator says, a month at a time; a feed knows where it begins."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from commerce.access import Environment, Scope
from commerce.events import Ends, EventType
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.postgres import events
from datasources.postgres.database import Database, open_database
from datasources.postgres.events import EventLog
from datasources.postgres.examination import examine
from tests.conftest import Database as Clone

NOW = datetime.now(UTC)


@pytest.fixture
async def database(fresh_database: Clone) -> AsyncIterator[Database]:
    """As the application role: it may keep events, and nothing else of what that takes."""
    async with open_database(fresh_database.url) as opened:
        yield opened


@pytest.fixture
async def owner(fresh_database: Clone) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(fresh_database.owner_url)
    yield connection
    await connection.close()


async def partner(owner: "asyncpg.Connection[Any]") -> Scope:
    partner_id = new_id(Prefix.PARTNER)
    await owner.execute(
        "INSERT INTO partners (id, kind, name, country, state)"
        " VALUES ($1, 'RESELLER', 'Brightwater', 'NL', 'ACTIVE')",
        partner_id[-32:],
    )
    return Scope(partner_id, Environment.PRODUCTION)


async def happened(database: Database, scope: Scope, *days_ago: int) -> None:
    for days in days_ago:
        async with database.system() as transaction:
            await events.record(
                transaction,
                partner_id=scope.partner_id or "",
                environment=scope.environment,
                at=NOW - timedelta(days=days),
                happened={EventType.LICENSE_ISSUED: {"id": new_id(Prefix.LICENSE)}},
            )


async def kept(database: Database, days: int) -> int:
    async with database.system() as transaction:
        return await EventLog(database, kept_days=days).keep(transaction)


async def months(owner: "asyncpg.Connection[Any]") -> set[str]:
    rows = await owner.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'events'::regclass"
    )
    return {row["name"].rpartition(".")[2] for row in rows}


async def test_what_is_older_is_dropped_and_the_rest_stays_without_a_gap(
    database: Database, owner: "asyncpg.Connection[Any]", fresh_database: Clone
) -> None:
    scope, other = await partner(owner), await partner(owner)
    await happened(database, scope, 1500, 300, 250, 100, 1, 0)
    await happened(database, other, 0)

    dropped = await kept(database, 200)

    log = EventLog(database)
    assert dropped == 3
    assert await log.ends(scope) == Ends(4, 6)
    assert await log.ends(other) == Ends(1, 1)
    left = await log.after(scope, 0, through=100, most=100)
    assert [event.sequence for event in left] == [4, 5, 6]
    broken = {one.invariant.name for one in await examine(fresh_database.owner_url) if not one.holds}
    assert "event_sequence" not in broken


async def test_nothing_is_dropped_where_events_are_kept_for_ever(
    database: Database, owner: "asyncpg.Connection[Any]"
) -> None:
    scope = await partner(owner)
    await happened(database, scope, 1500, 0)

    assert await kept(database, 0) == 0
    assert await EventLog(database).ends(scope) == Ends(1, 2)


async def test_an_event_that_went_before_its_turn_takes_the_earlier_ones_with_it(
    database: Database, owner: "asyncpg.Connection[Any]"
) -> None:
    scope = await partner(owner)
    await happened(database, scope, 10, 300, 5)

    await kept(database, 200)

    assert await EventLog(database).ends(scope) == Ends(3, 3)


async def test_months_to_come_are_made_and_what_had_come_without_one_moves_in(
    database: Database, owner: "asyncpg.Connection[Any]"
) -> None:
    scope = await partner(owner)
    month = f"y{NOW:%Ym%m}"
    await owner.execute(f"DROP TABLE event_months.{month}")
    await happened(database, scope, 0)

    await kept(database, 0)
    await kept(database, 0)

    assert month in await months(owner)
    assert await owner.fetchval(f"SELECT count(*) FROM event_months.{month}") == 1  # noqa: S608  a month
    assert await owner.fetchval("SELECT count(*) FROM event_months.others") == 0


async def test_no_other_role_reaches_a_month_but_through_the_log(database: Database) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.system() as transaction:
            await transaction.connection.fetch("SELECT * FROM event_months.others")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.system() as transaction:
            await transaction.connection.execute("UPDATE event_retention SET kept_since = now()")
