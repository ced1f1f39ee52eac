"""`bench orders`: placing an order over HTTP with everything on, beside the same rows by raw asyncpg.

The floor is what PostgreSQL and its driver take by themselves: one transaction of five prepared statements,
from as many connections as there are clients. Portico's order walks
the whole way: HTTP, token, limits, validation, the facts, the price, screening, the same rows, the answer.
Both write to the same tables of one server with fsync on; nobody provisions meanwhile.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import asyncpg
from pydantic import SecretStr

from bench.harness import Contender, Meter, Plan, Report, Sample, Samples, alternate, ratio, report
from bench.order_rows import OrderRows
from cli.keep_alive import KeepAlive
from cli.migrate import upgrade
from cli.processes import api, open_listener
from cli.shops import PLACE, Shop, open_shops
from datasources.postgres.embedded import OWNER, EmbeddedPostgres
from datasources.postgres.embedded_cluster import locate
from datasources.postgres.embedded_process import read_postmaster
from datasources.settings import Settings

CLIENTS = 16
ORDERS = {
    "portico, 16 clients": 320,
    "floor, 16 clients": 1_600,
    "portico, 1 client": 100,
    "floor, 1 client": 400,
}
"""Orders in one round: some two seconds each."""


def bench(plan: Plan) -> Report:
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as directory:
        home = Path(directory)
        home.chmod(0o755)  # root runs PostgreSQL as another user
        with EmbeddedPostgres(home) as server, _application(home, server) as stage:
            samples = asyncio.run(_measured(plan, stage))
    found = report("orders", "order", samples, {})
    ratios = {
        "throughput_over_floor_16": _throughput(samples, "16 clients"),
        "throughput_over_floor_1": _throughput(samples, "1 client"),
        "cpu_over_floor_16": ratio(samples["portico, 16 clients"], samples["floor, 16 clients"]),
        "cpu_over_floor_1": ratio(samples["portico, 1 client"], samples["floor, 1 client"]),
    }
    return replace(found, ratios=ratios)


def _throughput(samples: Samples, clients: str) -> float:
    """The median, round by round, of Portico's orders a second over the floor's."""
    rounds = zip(samples[f"portico, {clients}"], samples[f"floor, {clients}"], strict=True)
    return round(median(_rate(ours) / _rate(floor) for ours, floor in rounds), 3)


def _rate(sample: Sample) -> float:
    return sample.operations / sample.wall


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the contenders meet: a running API, its database, and partners who order."""

    port: int
    api_pid: int
    postgres_pid: int
    url: str
    shops: list[Shop]


@contextmanager
def _application(home: Path, server: EmbeddedPostgres) -> Iterator[Stage]:
    settings = Settings(
        home=home, database_url=SecretStr(server.url()), owner_url=SecretStr(server.url(role=OWNER))
    )
    upgrade(settings)
    shops = asyncio.run(open_shops(settings, CLIENTS))
    with open_listener() as listener:
        child = api(settings, listener)
        try:
            child.wait()
            running = read_postmaster(locate(home))
            assert running is not None  # noqa: S101  the server runs
            port = listener.getsockname()[1]
            yield Stage(port, child.pid, running.pid, server.url(role=OWNER), shops)
        finally:
            child.stop()


async def _measured(plan: Plan, stage: Stage) -> Samples:
    async with _portico(stage) as orders, _floor(stage) as transactions:
        ours, floor = (stage.api_pid, stage.postgres_pid), (os.getpid(), stage.postgres_pid)
        contenders = [
            _contender("portico, 16 clients", orders, ours),
            _contender("floor, 16 clients", transactions, floor),
            _contender("portico, 1 client", orders[:1], ours),
            _contender("floor, 1 client", transactions[:1], floor),
        ]
        return await alternate(contenders, plan)


Client = Callable[[], Awaitable[None]]
"""Places one order and returns when it is committed."""


def _contender(label: str, clients: list[Client], pids: tuple[int, int]) -> Contender:
    async def one_round(meter: Meter) -> int:
        orders = iter(range(ORDERS[label]))

        async def go_on(client: Client) -> None:
            for _ in orders:  # shared: whoever is free takes the next
                await client()

        with meter:
            await asyncio.gather(*map(go_on, clients))
        return ORDERS[label]

    return Contender(label, one_round, pids)


@asynccontextmanager
async def _portico(stage: Stage) -> AsyncIterator[list[Client]]:
    """A client for each partner, each with a customer who has ordered before."""
    async with AsyncExitStack() as stack:
        clients = []
        for number, shop in enumerate(stage.shops):
            connection = await stack.enter_async_context(KeepAlive(stage.port, shop.token))
            clients.append(_placing(connection, shop, f"bench-{number}"))
        for client in clients:
            await client()
        yield clients


def _placing(connection: KeepAlive, shop: Shop, customer: str) -> Client:
    async def place() -> None:
        _, answer = await connection.ask(PLACE, input=shop.order(customer))
        if answer.get("errors") or answer["data"]["placeOrder"]["order"]["status"] != "PROVISIONING":
            raise RuntimeError(f"an order was not accepted: {answer}")

    return place


@asynccontextmanager
async def _floor(stage: Stage) -> AsyncIterator[list[Client]]:
    """A connection for each partner, writing again what Portico wrote for the partner's first order."""
    async with AsyncExitStack() as stack:
        clients = []
        for shop in stage.shops:
            connection = await asyncpg.connect(stage.url)
            stack.push_async_callback(connection.close)
            rows = await OrderRows.of_partner(connection, shop.partner_id)
            clients.append(_writing(connection, rows))
        yield clients


def _writing(connection: "asyncpg.Connection[asyncpg.Record]", rows: OrderRows) -> Client:
    async def write() -> None:
        async with connection.transaction():
            for statement, arguments in rows.again():
                await connection.execute(statement, *arguments)

    return write
