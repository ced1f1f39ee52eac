"""Every table with rows of partners is isolated in PostgreSQL itself; a new one that is not fails here."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.conftest import Database
from tests.datasources.row_security import faults


@pytest.fixture
async def as_owner(database: Database) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(database.owner_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_every_tenant_table_is_isolated(as_owner: "asyncpg.Connection[Any]") -> None:
    assert await faults(as_owner) == []


@pytest.mark.parametrize(
    ("planted", "says"),
    [
        ("CREATE TABLE planted (partner_id uuid)", "planted: needs"),
        ("ALTER TABLE orders NO FORCE ROW LEVEL SECURITY", "orders: needs"),
        ("DROP POLICY own ON orders; CREATE POLICY own ON orders USING (true)", "orders: needs"),
        ("CREATE POLICY more ON orders USING (true)", "orders: needs"),
        ("CREATE UNIQUE INDEX planted ON orders (id)", "planted: a unique index"),
        ("CREATE VIEW planted AS SELECT id FROM orders", "planted: a view"),
    ],
)
async def test_a_planted_hole_is_found(as_owner: "asyncpg.Connection[Any]", planted: str, says: str) -> None:
    await as_owner.execute(planted)

    (found,) = await faults(as_owner)

    assert found.startswith(says)


async def test_isolating_a_new_table_is_one_call(as_owner: "asyncpg.Connection[Any]") -> None:
    await as_owner.execute("CREATE TABLE planted (partner_id uuid, environment text)")

    await as_owner.execute("SELECT isolate('planted')")

    assert await faults(as_owner) == []
