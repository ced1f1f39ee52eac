"""`bench webhooks`: how soon an event is at its endpoint, and how little those that hang delay the others.

Everything is in one process, as `serve` runs it: events are written and committed, the worker is woken,
receivers on the loopback note when each message comes. Rounds alternate: alone, and beside five endpoints
that never answer.
"""

import asyncio
import os
import tempfile
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from pydantic import SecretStr

from bench.harness import Plan, Report, cpu_seconds
from cli.migrate import upgrade
from cli.shops import open_shops
from commerce.access import Environment
from commerce.events import EventType
from commerce.ids import Prefix
from commerce.webhooks import EndpointState, WebhookEndpoint
from datasources.identifiers import new_id
from datasources.postgres import events
from datasources.postgres.embedded import OWNER, EmbeddedPostgres
from datasources.settings import Settings
from datasources.sources import Sources, open_sources
from worker import work

WELL, HANGING = 10, 5
EVERY = 0.02
"""Seconds between two events of a round, each of another partner."""

SECONDS_QUICK, SECONDS = 3.0, 10.0
BURST = 200
"""Events for each endpoint that answers, all at once: how many arrive in a second."""

Times = dict[str, float]


def bench(plan: Plan) -> Report:
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as directory:
        home = Path(directory)
        home.chmod(0o755)  # root runs PostgreSQL as another user
        with EmbeddedPostgres(home) as server, _migrated(home, server) as settings:
            return asyncio.run(_measured(plan, settings))


@contextmanager
def _migrated(home: Path, server: EmbeddedPostgres) -> Iterator[Settings]:
    settings = Settings(
        home=home,
        database_url=SecretStr(server.url()),
        owner_url=SecretStr(server.url(role=OWNER)),
        webhook_allow_loopback=True,
        webhook_timeout=2.0,
        log_level="error",
    )
    upgrade(settings)
    yield settings


@dataclass(slots=True)
class Receivers:
    """Two servers: one that answers at once, one that never does. `heard` is when each message came first."""

    heard: Times = field(default_factory=dict)

    async def answering(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        at = time.perf_counter()
        name = next(line[12:] for line in head.split("\r\n") if line.startswith("webhook-id: "))
        self.heard.setdefault(name, at)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    async def hanging(self, reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read()
        writer.close()


@asynccontextmanager
async def _listening(receivers: Receivers) -> AsyncIterator[tuple[str, str]]:
    """The URLs of both."""
    servers = [
        await asyncio.start_server(serve, "127.0.0.1", 0)
        for serve in (receivers.answering, receivers.hanging)
    ]
    try:
        well, hanging = (f"http://127.0.0.1:{one.sockets[0].getsockname()[1]}/" for one in servers)
        yield well, hanging
    finally:
        for server in servers:
            server.close()


async def _measured(plan: Plan, settings: Settings) -> Report:
    shops = await open_shops(settings, WELL + HANGING)
    receivers, stop = Receivers(), asyncio.Event()
    seconds = SECONDS_QUICK if plan.seconds else SECONDS
    async with open_sources(settings) as sources, _listening(receivers) as (well_url, hanging_url):
        well = [await _endpoint(sources, shop.partner_id, well_url) for shop in shops[:WELL]]
        hanging = [await _endpoint(sources, shop.partner_id, hanging_url) for shop in shops[WELL:]]
        working = asyncio.create_task(work(sources, settings, stop))
        rounds: dict[str, list[list[float]]] = {"alone": [], "beside those that hang": []}
        await _round(sources, well, [], receivers, 1.0)  # connections are opened, plans are made
        for _ in range(plan.rounds):
            rounds["alone"].append(await _round(sources, well, [], receivers, seconds))
            rounds["beside those that hang"].append(await _round(sources, well, hanging, receivers, seconds))
            await asyncio.sleep(settings.webhook_timeout)  # those that hang are given up before the next
        burst = await _burst(sources, well, receivers)
        stop.set()
        await working
    return _report(rounds, burst)


async def _round(
    sources: Sources,
    well: Sequence[WebhookEndpoint],
    hanging: Sequence[WebhookEndpoint],
    receivers: Receivers,
    seconds: float,
) -> list[float]:
    """How many seconds each message took from the commit of its event to the endpoint."""
    committed: Times = {}
    for one in hanging:
        await _start_over(sources, one)
        await _happen(sources, one, {})
    await asyncio.sleep(0.2 if hanging else 0)
    until, turn = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        await _happen(sources, well[turn % len(well)], committed)
        turn += 1
        await asyncio.sleep(EVERY)
    return await _arrivals(committed, receivers)


async def _burst(
    sources: Sources, well: Sequence[WebhookEndpoint], receivers: Receivers
) -> Mapping[str, float]:
    """Many events for every endpoint at once: messages a second, and what each costs."""
    committed: Times = {}
    wall, cpu = time.perf_counter(), cpu_seconds([os.getpid()])
    for one in well:
        for _ in range(BURST // 50):
            await _happen(sources, one, committed, 50)
    await _arrivals(committed, receivers)
    sent = len(committed)
    return {
        "messages/s": round(sent / (time.perf_counter() - wall)),
        "cpu µs/message": round((cpu_seconds([os.getpid()]) - cpu) / sent * 1e6),
    }


async def _arrivals(committed: Times, receivers: Receivers) -> list[float]:
    while not committed.keys() <= receivers.heard.keys():  # noqa: ASYNC110  it costs nothing here
        await asyncio.sleep(0.01)
    return [receivers.heard[name] - at for name, at in committed.items()]


async def _happen(sources: Sources, endpoint: WebhookEndpoint, committed: Times, count: int = 1) -> None:
    """Events of an endpoint's partner; when each was committed."""
    async with sources.database.system() as transaction:
        for _ in range(count):
            await events.record(
                transaction,
                partner_id=endpoint.partner_id,
                environment=endpoint.environment,
                at=datetime.now(UTC),
                happened={EventType.ORDER_FULFILLED: {"id": new_id(Prefix.ORDER), "status": "FULFILLED"}},
            )
    at = time.perf_counter()
    ends = await sources.events.ends(endpoint.log)
    found = await sources.events.after(endpoint.log, ends.newest - count, through=ends.newest, most=count)
    committed |= dict.fromkeys((event.id for event in found), at)


async def _endpoint(sources: Sources, partner_id: str, url: str) -> WebhookEndpoint:
    now = datetime.now(UTC)
    endpoint = WebhookEndpoint(
        id=new_id(Prefix.WEBHOOK_ENDPOINT),
        partner_id=partner_id,
        environment=Environment.PRODUCTION,
        url=url,
        description="",
        event_types=(),
        state=EndpointState.ENABLED,
        position=0,
        created_at=now,
        updated_at=now,
    )
    async with sources.database.tenant(endpoint.log) as transaction:
        await sources.webhooks.endpoints.add(transaction, endpoint)
        secret_id = new_id(Prefix.WEBHOOK_SECRET)
        await sources.webhooks.secrets.add(transaction, endpoint, secret_id, os.urandom(32), now)
    return endpoint


async def _start_over(sources: Sources, endpoint: WebhookEndpoint) -> None:
    """Let an endpoint that hangs be tried at once again."""
    async with sources.database.tenant(endpoint.log) as transaction:
        await sources.webhooks.endpoints.change(transaction, endpoint)


def _report(rounds: Mapping[str, Sequence[Sequence[float]]], burst: Mapping[str, float]) -> Report:
    rows: list[dict[str, Any]] = [
        {
            "contender": label,
            "p50 ms": round(median(times for some in of for times in some) * 1000, 1),
            "p95 ms": round(_p95([times for some in of for times in some]) * 1000, 1),
            "messages": sum(map(len, of)),
            "rounds": len(of),
        }
        for label, of in rounds.items()
    ]
    rows.append({"contender": f"{BURST} at once for each of {WELL}", **burst})
    alone, beside = rounds["alone"], rounds["beside those that hang"]
    found = [_p95(b) / _p95(a) for a, b in zip(alone, beside, strict=True)]
    return Report("webhooks", rows, {"p95_beside_hanging_over_alone": round(median(found), 3)})


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1]
