"""`bench seed`: loading the sample rows by COPY, as `./portico seed` does, beside INSERT of the same rows."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice
from os import getpid
from pathlib import Path
from typing import Any

import asyncpg

from bench.harness import Contender, Meter, Plan, Report, alternate, report
from commerce.screening_policies import PARTNER_SELF_SERVICE
from datasources.license_keys import LicenseKeys
from datasources.postgres.embedded import OWNER, SUPERUSER, EmbeddedPostgres
from datasources.postgres.embedded_cluster import locate
from datasources.postgres.embedded_process import read_postmaster
from datasources.postgres.samples.bulk import set_aside
from datasources.postgres.samples.loading import Batch, batches, copy
from datasources.postgres.samples.rows import TABLES
from datasources.sealing import Seal
from datasources.watchlists import Watchlists

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BATCHES_QUICK, BATCHES = 2, 5  # the catalogue, then 250 customers with 1,000 orders each


def bench(plan: Plan) -> Report:
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as directory:
        home = Path(directory)
        home.chmod(0o755)  # root runs PostgreSQL as another user
        made = _batches(home, BATCHES_QUICK if plan.seconds else BATCHES)
        with _server(home) as (server, pid):
            loading = Loading(server, made)
            contenders = [
                Contender("COPY (portico)", loading.by_copy, (getpid(), pid)),
                Contender("executemany", loading.by_executemany, (getpid(), pid)),
                Contender("INSERT", loading.by_insert, (getpid(), pid)),
            ]
            samples = asyncio.run(alternate(contenders, plan))
    wanted = {
        "seed_insert_over_copy": ("INSERT", "COPY (portico)"),
        "seed_executemany_over_copy": ("executemany", "COPY (portico)"),
    }
    return report("seed", "row", samples, wanted)


class Loading:
    """Three ways to load the same rows, each into a fresh clone of an empty database, in one transaction.

    All set references and secondary indexes aside: lines and subscriptions refer to one another, so no order
    of the tables would do. What differs is how the rows travel.
    """

    def __init__(self, server: EmbeddedPostgres, made: list[Batch]) -> None:
        self._server = server
        self._made = made
        self._names = (f"round_{number}" for number in count())

    async def by_copy(self, meter: Meter) -> int:
        async with self._empty() as connection:
            with meter:
                async with _at_once(connection):
                    await copy(connection, iter(self._made))
            return self._rows()

    async def by_executemany(self, meter: Meter) -> int:
        async with self._empty() as connection:
            with meter:
                async with _at_once(connection):
                    for table, columns, rows in self._tables():
                        await connection.executemany(_insert(table, columns), rows)
            return self._rows()

    async def by_insert(self, meter: Meter) -> int:
        async with self._empty() as connection:
            with meter:
                async with _at_once(connection):
                    for table, columns, rows in self._tables():
                        statement = _insert(table, columns)
                        for row in rows:
                            await connection.execute(statement, *row)
            return self._rows()

    def _tables(self) -> Iterator[tuple[str, tuple[str, ...], list[Any]]]:
        return (part for batch in self._made for part in batch)

    def _rows(self) -> int:
        return sum(len(rows) for _, _, rows in self._tables())

    @asynccontextmanager
    async def _empty(self) -> "AsyncIterator[asyncpg.Connection[Any]]":
        name = next(self._names)
        administrator = await asyncpg.connect(self._server.url("postgres", role=SUPERUSER))
        await administrator.execute(f"CREATE DATABASE {name} TEMPLATE portico OWNER {OWNER}")
        connection = await asyncpg.connect(self._server.url(name, role=OWNER))
        try:
            yield connection
        finally:
            await connection.close()
            await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
            await administrator.close()


@asynccontextmanager
async def _at_once(connection: "asyncpg.Connection[Any]") -> AsyncIterator[None]:
    async with connection.transaction(), set_aside(connection, list(TABLES.values())):
        yield


def _insert(table: str, columns: tuple[str, ...]) -> str:
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  our own tables


def _batches(home: Path, wanted: int) -> list[Batch]:
    screen = partial(Watchlists.load(None).screen, policy=PARTNER_SELF_SERVICE)
    return list(islice(batches(1, NOW, LicenseKeys.open(home / "keys", Seal(bytes(32))), screen), wanted))


@contextmanager
def _server(home: Path) -> Iterator[tuple[EmbeddedPostgres, int]]:
    """A server of its own with an empty, migrated database, and the process id of its postmaster."""
    from alembic import command
    from alembic.config import Config

    with EmbeddedPostgres(home) as server:
        alembic = Config("alembic.ini")
        alembic.attributes["url"] = server.url(role=OWNER)
        command.upgrade(alembic, "head")
        postmaster = read_postmaster(locate(home))
        if postmaster is None:
            raise RuntimeError("the server that was just started is gone")
        yield server, postmaster.pid
