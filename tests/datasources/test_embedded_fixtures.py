"""The fixtures themselves: what a test may rely on."""

from typing import Any

import asyncpg


async def test_the_application_role_owns_nothing_and_bypasses_nothing(
    connection: "asyncpg.Connection[Any]",
) -> None:
    role = await connection.fetchrow(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
    )

    owned = await connection.fetchval("select count(*) from pg_class where relowner = current_user::regrole")

    assert role
    assert tuple(role) == (False, False, False, False)
    assert owned == 0


async def test_a_fresh_database_has_the_tables_of_the_shared_one(
    database_url: str, fresh_database_url: str
) -> None:
    tables = "select count(*) from information_schema.tables where table_schema = 'public'"
    counts = []

    for url in (database_url, fresh_database_url):
        connection = await asyncpg.connect(url)
        counts.append(await connection.fetchval(tables))
        await connection.close()

    assert counts[0] == counts[1]
