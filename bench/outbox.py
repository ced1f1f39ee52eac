"""`bench outbox`: taking messages from the outbox and writing them, beside pgqueuer in the same database.

Both drain the same number of messages that do nothing, in batches of 200, by one worker in this process; then
16 writers each put a row of their own and a message into one transaction after the other.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from os import getpid
from pathlib import Path
from statistics import median
from typing import TypeAlias

import asyncpg
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode
from pydantic import SecretStr

from bench.harness import Contender, Meter, Plan, Report, Sample, alternate, ratio, report
from cli.migrate import upgrade
from commerce.access import Environment
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.postgres import outbox
from datasources.postgres.database import Database, Transaction, open_database
from datasources.postgres.embedded import OWNER, EmbeddedPostgres
from datasources.postgres.embedded_cluster import locate
from datasources.postgres.embedded_process import read_postmaster
from datasources.postgres.outbox import Destination
from datasources.settings import Settings

MESSAGES, MESSAGES_QUICK = 20_000, 5_000
WRITTEN, WRITTEN_QUICK = 4_000, 1_600
WRITERS = 16
BATCH = 200
LEASE = timedelta(minutes=1)
ENTRY = "told"
ROW = "INSERT INTO bench_rows (at) VALUES (now())"

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

TAKE_PORTICO, TAKE_PGQUEUER = "take: portico", "take: pgqueuer"
WRITE_PORTICO, WRITE_PGQUEUER = "write: portico", "write: pgqueuer"


def bench(plan: Plan) -> Report:
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as directory:
        home = Path(directory)
        home.chmod(0o755)  # root runs PostgreSQL as another user
        with EmbeddedPostgres(home) as server:
            owner_url = SecretStr(server.url(role=OWNER))
            settings = Settings(home=home, database_url=SecretStr(server.url()), owner_url=owner_url)
            upgrade(settings)
            postmaster = read_postmaster(locate(home))
            if postmaster is None:
                raise RuntimeError("the server that was just started is gone")
            pids = (getpid(), postmaster.pid)
            samples = asyncio.run(_measured(settings, plan, pids))
    made = report("outbox", "message", samples, {"take_pgqueuer_over_portico": (TAKE_PGQUEUER, TAKE_PORTICO)})
    speeds = {
        "take_throughput_portico_over_pgqueuer": _faster(samples[TAKE_PORTICO], samples[TAKE_PGQUEUER]),
        "write_throughput_portico_over_pgqueuer": _faster(samples[WRITE_PORTICO], samples[WRITE_PGQUEUER]),
        "write_pgqueuer_over_portico": ratio(samples[WRITE_PGQUEUER], samples[WRITE_PORTICO]),
    }
    return Report(made.name, made.rows, {**made.ratios, **speeds})


def _faster(one: Sequence[Sample], other: Sequence[Sample]) -> float:
    """The median, round by round, of operations a second of one contender over those of another."""
    pairs = zip(one, other, strict=True)
    return round(median((a.operations / a.wall) / (b.operations / b.wall) for a, b in pairs), 3)


async def _measured(settings: Settings, plan: Plan, pids: tuple[int, int]) -> dict[str, Sequence[Sample]]:
    quick = plan.seconds is not None
    async with _opened(
        settings, MESSAGES_QUICK if quick else MESSAGES, WRITTEN_QUICK if quick else WRITTEN
    ) as queues:
        rounds: dict[str, Callable[[Meter], Awaitable[int]]] = {
            TAKE_PORTICO: queues.take_by_outbox,
            TAKE_PGQUEUER: queues.take_by_pgqueuer,
            WRITE_PORTICO: queues.write_to_outbox,
            WRITE_PGQUEUER: queues.write_to_pgqueuer,
        }
        contenders = [Contender(label, round_, pids) for label, round_ in rounds.items()]
        return dict(await alternate(contenders, plan))


@asynccontextmanager
async def _opened(settings: Settings, messages: int, written: int) -> AsyncIterator["Queues"]:
    dsn, partner_id = settings.owner_dsn, new_id(Prefix.PARTNER)
    connection = await asyncpg.connect(dsn)
    await Queries(AsyncpgDriver(connection)).install()
    await connection.execute(
        "CREATE TABLE bench_rows (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz)"
    )
    await connection.execute(
        "INSERT INTO partners (id, kind, name, country, state)"
        " VALUES ($1::text::uuid, 'RESELLER', 'Brightwater', 'NL', 'ACTIVE')",
        partner_id[-32:],
    )
    writers = [await asyncpg.connect(dsn) for _ in range(WRITERS)]
    async with open_database(dsn, smallest=WRITERS, largest=WRITERS) as database:
        yield Queues(database, dsn, connection, writers, partner_id, messages, written)
    for one in (connection, *writers):
        await one.close()


@dataclass(frozen=True, slots=True)
class Queues:
    """Two queues in one database; a round fills them outside the meter and empties them within, or writes."""

    database: Database
    dsn: str
    connection: Connection
    writers: Sequence[Connection]
    partner_id: str
    messages: int
    written: int

    async def take_by_outbox(self, meter: Meter) -> int:
        await self.connection.execute("TRUNCATE outbox")
        for _ in range(self.messages // BATCH):
            async with self.database.system() as transaction:
                for _ in range(BATCH):
                    await self._tell(transaction)
        await self.connection.execute("ANALYZE outbox")
        taken = 0
        with meter:
            while batch := await self._taken():
                taken += batch
        return self._all(taken)

    async def _taken(self) -> int:
        """Claim a batch under a lease, do nothing with it, and remove it: what a remote destination takes."""
        async with self.database.system() as transaction:
            batch = await outbox.claim(transaction, Destination.SALESFORCE, BATCH)
            await outbox.lease(transaction, batch, LEASE)
        if batch:
            async with self.database.system() as transaction:
                await outbox.done(transaction, batch)
        return len(batch)

    async def take_by_pgqueuer(self, meter: Meter) -> int:
        await self.connection.execute("TRUNCATE pgqueuer, pgqueuer_log")
        connection = await asyncpg.connect(self.dsn)
        queries = Queries(AsyncpgDriver(connection))
        await queries.enqueue([ENTRY] * self.messages, [None] * self.messages, [0] * self.messages)
        await self.connection.execute("ANALYZE pgqueuer")
        manager, taken = QueueManager(queries), 0

        @manager.entrypoint(ENTRY)
        async def told(_job: Job) -> None:
            nonlocal taken
            taken += 1

        with meter:
            await manager.run(batch_size=BATCH, mode=QueueExecutionMode.drain)
        await connection.close()
        return self._all(taken)

    def _all(self, taken: int) -> int:
        if taken != self.messages:
            raise RuntimeError(f"{taken:,} of {self.messages:,} messages were taken")
        return taken

    async def write_to_outbox(self, meter: Meter) -> int:
        async def write(_own: Connection) -> None:
            async with self.database.system() as transaction:
                await transaction.connection.execute(ROW)
                await self._tell(transaction)

        await self.connection.execute("TRUNCATE outbox")
        return await self._by_writers(meter, write)

    async def write_to_pgqueuer(self, meter: Meter) -> int:
        async def write(own: Connection) -> None:
            async with own.transaction():
                await own.execute(ROW)
                await Queries(AsyncpgDriver(own)).enqueue(ENTRY, None)

        await self.connection.execute("TRUNCATE pgqueuer, pgqueuer_log")
        return await self._by_writers(meter, write)

    async def _by_writers(self, meter: Meter, write: Callable[[Connection], Awaitable[None]]) -> int:
        each = self.written // WRITERS

        async def writer(own: Connection) -> None:
            for _ in range(each):
                await write(own)

        with meter:
            await asyncio.gather(*map(writer, self.writers))
        return each * WRITERS

    async def _tell(self, transaction: Transaction) -> None:
        await outbox.tell(
            transaction,
            [Destination.SALESFORCE],
            partner_id=self.partner_id,
            environment=Environment.PRODUCTION,
            key=new_id(Prefix.ORDER),
            payload={},
        )
