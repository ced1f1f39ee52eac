"""Row-level security: PostgreSQL keeps partners apart where the code forgets to."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select, update

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.postgres.database import Database, Role, open_database
from datasources.postgres.embedded import REPORTER, SUPERUSER
from datasources.postgres.statements import ScopedStatement, Statement
from datasources.postgres.tables import customers
from tests.conftest import Database as Server

INTERLEAVED = int(os.environ.get("PORTICO_INTERLEAVED", "1000"))
PARTNERS = 20
CONNECTIONS = 5

FORGETFUL = ScopedStatement(lambda _tenant: select(customers.c.partner_id, customers.c.legal_name))
FORGETFUL_CHANGE = ScopedStatement(
    lambda _tenant: update(customers).values(city="Elsewhere").returning(customers.c.id)
)
UNSCOPED = Statement(select(customers.c.legal_name))
WRITE = "INSERT INTO customers (id, partner_id, environment, external_reference, legal_name, country) VALUES "


def scope_of(partner_id: str, environment: Environment = Environment.PRODUCTION) -> Scope:
    return Scope(partner_id, environment)


@pytest.fixture
async def sellers(fresh_database: Server) -> list[str]:
    """Twenty partners, each with one customer, named after it, in either environment."""
    ids = [new_id(Prefix.PARTNER) for _ in range(PARTNERS)]
    connection = await asyncpg.connect(fresh_database.owner_url)
    for one in ids:
        await connection.execute(
            "INSERT INTO partners (id, kind, name, country, state)"
            " VALUES ($1, 'RESELLER', $2, 'NL', 'ACTIVE')",
            one[-32:],
            one,
        )
        for environment in Environment:
            await connection.execute(
                f"{WRITE} (gen_random_uuid(), $1, $2, 'the same', $3, 'NL')",
                one[-32:],
                environment.value,
                f"{environment} of {one}",
            )
    await connection.close()
    return ids


@pytest.fixture
async def database(fresh_database: Server, sellers: list[str]) -> AsyncIterator[Database]:
    async with open_database(fresh_database.url, smallest=1, largest=CONNECTIONS) as opened:
        yield opened


async def test_a_read_that_forgot_its_predicate_finds_its_own_rows_alone(
    database: Database, sellers: list[str]
) -> None:
    for environment in Environment:
        rows = await database.fetch(FORGETFUL, scope_of(sellers[0], environment))

        assert [row["legal_name"] for row in rows] == [f"{environment} of {sellers[0]}"]


async def test_a_read_without_a_scope_finds_nothing_whoever_asked_before(
    database: Database, sellers: list[str]
) -> None:
    await database.fetch(FORGETFUL, scope_of(sellers[0]))
    async with database.tenant(scope_of(sellers[1])) as transaction:
        assert len(await transaction.fetch(UNSCOPED)) == 1

    assert await database.fetch_public(UNSCOPED) == []


async def test_a_change_that_forgot_its_predicate_changes_its_own_rows_alone(
    database: Database, sellers: list[str]
) -> None:
    outside = await database.fetch(FORGETFUL_CHANGE, scope_of(sellers[0]))
    async with database.tenant(scope_of(sellers[1])) as transaction:
        inside = await transaction.fetch_scoped(FORGETFUL_CHANGE)

    assert (len(outside), len(inside)) == (1, 1)


async def test_nothing_is_written_in_the_name_of_another(database: Database, sellers: list[str]) -> None:
    insert = f"{WRITE} (gen_random_uuid(), '{sellers[1][-32:]}', 'PRODUCTION', 'new', 'Planted', 'NL')"

    async with database.tenant(scope_of(sellers[0])) as transaction:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await transaction.connection.execute(insert)


async def test_two_partners_may_use_the_same_reference(database: Database, sellers: list[str]) -> None:
    rows = await database.fetch_everywhere(Statement(select(customers.c.external_reference)))

    assert {row["external_reference"] for row in rows} == {"the same"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE partners SET state = 'ACTIVE'",
        "UPDATE partner_price_books SET discount_percent = 99",
        "DELETE FROM price_book_entries",
    ],
)
async def test_the_application_changes_no_partner_and_no_price(
    database: Database, sellers: list[str], change: str
) -> None:
    async with database.tenant(scope_of(sellers[0])) as transaction:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await transaction.connection.execute(change)


async def test_staff_read_everybodys_rows_and_write_none(database: Database, sellers: list[str]) -> None:
    everybody = Scope(None, Environment.PRODUCTION)

    assert len(await database.fetch(FORGETFUL, everybody)) == 2 * PARTNERS
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.fetch_as(Role.STAFF, Statement(update(customers).values(city="Elsewhere")), {})


async def test_the_worker_and_what_staff_change_reach_everybody(
    database: Database, sellers: list[str]
) -> None:
    async with database.system() as transaction:
        assert len(await transaction.fetch(UNSCOPED)) == 2 * PARTNERS
    async with database.tenant(Scope(None, Environment.PRODUCTION)) as transaction:
        assert len(await transaction.fetch(UNSCOPED)) == 2 * PARTNERS


async def test_a_role_is_put_off_with_its_connection(database: Database, sellers: list[str]) -> None:
    async with database.system() as transaction:
        await transaction.fetch(UNSCOPED)

    assert await database.fetch_public(UNSCOPED) == []


async def test_the_owner_without_bypassrls_is_held_too(fresh_database: Server, sellers: list[str]) -> None:
    """FORCE: what a deployment with one role for everything rests on."""
    connection = await asyncpg.connect(fresh_database.url_as(SUPERUSER))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("CREATE ROLE lone; ALTER TABLE customers OWNER TO lone; SET ROLE lone")

    seen = await connection.fetchval("SELECT count(*) FROM customers")
    await transaction.rollback()
    await connection.close()

    assert seen == 0


async def test_the_reporter_counts_orders_and_reads_no_names(
    fresh_database: Server, sellers: list[str]
) -> None:
    connection = await asyncpg.connect(fresh_database.url_as(REPORTER))
    try:
        assert await connection.fetchval("SELECT count(*) FROM reporting.partners") == PARTNERS
        assert await connection.fetchval("SELECT count(*) FROM reporting.orders") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT legal_name FROM customers")
    finally:
        await connection.close()


async def test_interleaved_partners_on_few_connections_never_see_one_another(
    database: Database, sellers: list[str]
) -> None:
    """Reads and transactions in turn, some of which fail; the policies alone keep partners apart."""
    chance = random.Random(8)
    leaks: list[str] = []

    async def ask(partner_id: str, way: int) -> None:
        scope = scope_of(partner_id)
        if way == 0:
            rows = await database.fetch(FORGETFUL, scope)
        elif way == 1:
            async with database.tenant(scope) as transaction:
                rows = await transaction.fetch(FORGETFUL.one_partner, **vars_of(scope))
        else:
            rows = []
            with pytest.raises(ZeroDivisionError):
                async with database.tenant(scope):
                    raise ZeroDivisionError
        leaks.extend(row["legal_name"] for row in rows if row["partner_id"] != partner_id[-32:])
        assert len(rows) == (way < 2)

    for _ in range(0, INTERLEAVED, 200):
        await asyncio.gather(*(ask(chance.choice(sellers), chance.randrange(3)) for _ in range(200)))

    assert leaks == []
    assert await database.fetch_public(UNSCOPED) == []


def vars_of(scope: Scope) -> dict[str, Any]:
    return {"partner_id": scope.partner_id, "environment": scope.environment}
