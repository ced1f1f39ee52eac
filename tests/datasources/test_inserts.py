"""Rows of one transaction travel together, and fail, wait and are numbered as if each went alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from commerce.access import Environment
from commerce.events import EventType
from commerce.ids import Prefix
from datasources.errors import Conflict
from datasources.identifiers import new_id
from datasources.postgres import events
from datasources.postgres.database import Database, Transaction, open_database
from datasources.postgres.inserts import MOST_PARAMETERS, Insert
from datasources.postgres.tables import products
from tests.conftest import Database as Clone

NOW = datetime(2026, 11, 22, tzinfo=UTC)
RECEIVED, FULFILLED = EventType.ORDER_RECEIVED, EventType.ORDER_FULFILLED
PRODUCTS = Insert(products)


@pytest.fixture
async def database(fresh_database: Clone) -> AsyncIterator[Database]:
    async with open_database(fresh_database.owner_url) as opened:
        yield opened


@pytest.fixture
async def connection(fresh_database: Clone) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    opened = await asyncpg.connect(fresh_database.owner_url)
    yield opened
    await opened.close()


def product(code: str) -> dict[str, str]:
    return {"id": new_id(Prefix.PRODUCT), "code": code, "name": code, "description": code}


async def codes(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    return [row["code"] for row in await connection.fetch("SELECT code FROM products ORDER BY code")]


async def test_rows_are_there_when_the_transaction_has_ended(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with database.system() as transaction:
        await transaction.insert(PRODUCTS, [product("a"), product("b")])
        await transaction.insert(PRODUCTS, [product("c")])
        before = await transaction.connection.fetchval("SELECT count(*) FROM products")

    assert before == 0
    assert await codes(connection) == ["a", "b", "c"]


async def test_a_value_that_is_taken_is_a_conflict_and_nothing_is_written(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    with pytest.raises(Conflict, match="products_code_key"):
        async with database.system() as transaction:
            await transaction.insert(PRODUCTS, [product("a"), product("b"), product("a")])

    assert await codes(connection) == []


async def test_a_savepoint_that_fails_takes_its_own_rows_and_no_others(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with database.system() as transaction:
        await transaction.insert(PRODUCTS, [product("before")])
        with pytest.raises(asyncpg.UniqueViolationError):
            async with transaction.savepoint():
                await transaction.insert(PRODUCTS, [product("within"), product("before")])
        with pytest.raises(LookupError):
            await never_sent(transaction)
        await transaction.insert(PRODUCTS, [product("after")])

    assert await codes(connection) == ["after", "before"]


async def never_sent(transaction: Transaction) -> None:
    async with transaction.savepoint():
        await transaction.insert(PRODUCTS, [product("never sent")])
        raise LookupError


async def test_more_rows_than_fit_into_a_statement_are_written_in_several(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    rows = MOST_PARAMETERS // len(PRODUCTS.columns) + 1

    async with database.system() as transaction:
        for number in range(rows):
            await transaction.insert(PRODUCTS, [product(f"{number}")])

    assert await connection.fetchval("SELECT count(*) FROM products") == rows


async def test_events_are_numbered_in_order_for_each_partner(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    partners = [await partner(connection) for _ in range(2)]

    for _ in range(2):
        async with database.system() as transaction:
            for owner in (*partners, partners[0]):
                await happened(transaction, owner, RECEIVED, FULFILLED)

    told = "SELECT sequence, type FROM events WHERE partner_id = $1 ORDER BY sequence"
    first, second = [await connection.fetch(told, owner[-32:]) for owner in partners]
    assert [(row["sequence"], row["type"]) for row in first] == list(
        enumerate([RECEIVED, FULFILLED] * 4, start=1)
    )
    assert [(row["sequence"], row["type"]) for row in second] == list(
        enumerate([RECEIVED, FULFILLED] * 2, start=1)
    )


async def partner(connection: "asyncpg.Connection[asyncpg.Record]") -> str:
    partner_id = new_id(Prefix.PARTNER)
    await connection.execute(
        "INSERT INTO partners (id, kind, name, country, state)"
        " VALUES ($1, 'RESELLER', 'Brightwater', 'NL', 'ACTIVE')",
        partner_id[-32:],
    )
    return partner_id


async def happened(transaction: Transaction, partner_id: str, *kinds: EventType) -> None:
    await events.record(
        transaction,
        partner_id=partner_id,
        environment=Environment.PRODUCTION,
        at=NOW,
        happened={kind: {"id": "sub", "kind": kind} for kind in kinds},
    )
