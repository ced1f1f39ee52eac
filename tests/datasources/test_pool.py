"""The pool: connections are used again, waited for in turn, and not used again after they were cut short."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from datasources.postgres.pool import MOST_PREPARED, Connection, Pool

SLOW = "SELECT pg_sleep($1)"
WHO = "SELECT pg_backend_pid() AS pid"


@pytest.fixture
async def pool(owner_url: str) -> AsyncIterator[Pool]:
    async def connect() -> Connection:
        return await asyncpg.connect(owner_url)

    pool = Pool(connect, largest=2)
    yield pool
    await pool.close()


async def who(pool: Pool) -> int:
    [row] = await pool.fetch(WHO)
    return int(row["pid"])


async def test_the_connection_used_last_is_used_first(pool: Pool) -> None:
    await pool.warm(2)

    assert len({await who(pool) for _ in range(5)}) == 1


async def test_no_more_are_opened_than_may_be_and_the_others_wait_in_turn(pool: Pool) -> None:
    ended: list[int] = []

    async def ask(number: int) -> int:
        pid = await who(pool) if number else (await pool.fetch(SLOW, 0.05), await who(pool))[1]
        ended.append(number)
        return pid

    asked = [asyncio.create_task(ask(number)) for number in range(9)]
    pids = set(await asyncio.gather(*asked))

    assert len(pids) <= 2
    assert sorted(ended) == list(range(9))


async def test_a_read_that_was_cancelled_takes_its_connection_with_it_and_frees_its_place(pool: Pool) -> None:
    before = await who(pool)
    reading = asyncio.create_task(pool.fetch(SLOW, 30.0))
    await asyncio.sleep(0.05)

    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    after = await asyncio.wait_for(asyncio.gather(who(pool), who(pool), who(pool)), 10)
    assert before not in after


async def test_who_is_cancelled_while_waiting_loses_nobody_a_connection(pool: Pool) -> None:
    busy = [asyncio.create_task(pool.fetch(SLOW, 0.1)) for _ in range(2)]
    await asyncio.sleep(0.02)
    waiting = [asyncio.create_task(who(pool)) for _ in range(4)]
    await asyncio.sleep(0)

    for task in waiting[::2]:
        task.cancel()
    await asyncio.gather(*busy, *waiting, return_exceptions=True)

    assert len({await who(pool), await who(pool)}) == 1
    assert [task.cancelled() for task in waiting] == [True, False, True, False]


async def test_a_statement_that_is_wrong_leaves_its_connection_in_use(pool: Pool) -> None:
    before = await who(pool)

    with pytest.raises(asyncpg.UndefinedTableError):
        await pool.fetch("SELECT * FROM nothing_of_that_name")

    assert await who(pool) == before


async def test_a_connection_that_broke_is_replaced(pool: Pool) -> None:
    await pool.warm(2)
    first = await who(pool)
    async with pool.connection() as one, pool.connection() as other:
        pids = [await each.fetchval("SELECT pg_backend_pid()") for each in (one, other)]
        assert first in pids
        await other.execute("SELECT pg_terminate_backend($1)", pids[0])
        await asyncio.sleep(0.05)

    assert await who(pool) != pids[0]
    assert len(await asyncio.gather(who(pool), who(pool), who(pool))) == 3


async def test_after_a_migration_a_statement_is_prepared_anew(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("CREATE TEMP TABLE changing (a int)")
        await connection.execute("INSERT INTO changing VALUES (1)")
    assert [tuple(row) for row in await pool.fetch("SELECT * FROM changing")] == [(1,)]

    async with pool.connection() as connection:
        await connection.execute("ALTER TABLE changing ADD COLUMN b text")

    assert [tuple(row) for row in await pool.fetch("SELECT * FROM changing")] == [(1, None)]
    assert [tuple(row) for row in await pool.fetch("SELECT * FROM changing")] == [(1, None)]


async def test_a_connection_keeps_only_so_many_statements(pool: Pool) -> None:
    for number in range(MOST_PREPARED + 5):
        await pool.fetch(f"SELECT {number}")

    async with pool.connection() as connection:
        kept = await connection.fetchval("SELECT count(*) FROM pg_prepared_statements")

    assert kept <= MOST_PREPARED
