"""A worker that is killed again and again while it sends loses no webhook, and keeps each subject's order."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.processes import Child, worker
from commerce.access import Environment
from commerce.events import EventType
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.postgres import events
from tests.api.fleet import snapshot
from tests.api.listener import Listener, listener
from tests.api.own_world import own_world
from tests.api.world import World
from tests.conftest import Database, cloned
from tests.receivers import Receiver, listening

KILLS = int(os.environ.get("PORTICO_WEBHOOK_KILLS") or 4)
"""The whole proof is of fifty."""
ENDPOINTS = 6
PAUSE = 0.02
SECONDS = 120.0
"""For everything to have arrived after the last kill, on a machine with other things to do."""


@pytest.fixture
def own_database(sockets: str) -> Iterator[Database]:
    yield from cloned()


@pytest.fixture
async def world(own_database: Database, tmp_path: Path) -> AsyncIterator[World]:
    quick = {"webhook_allow_loopback": True, "webhook_timeout": 0.5, "worker_poll_interval": 0.1}
    async with own_world(own_database, tmp_path, **quick) as world:
        yield world


async def traffic(world: World, heard: list[Listener], stop: asyncio.Event) -> int:
    """Events for every endpoint's partner until told to stop; how many each got."""
    written, subjects = 0, [new_id(Prefix.ORDER) for _ in range(10)]
    while not stop.is_set():
        for one in heard:
            async with world.sources.database.system() as transaction:
                await events.record(
                    transaction,
                    partner_id=one.portal.id,
                    environment=Environment.PRODUCTION,
                    at=datetime.now(UTC),
                    happened={EventType.ORDER_FULFILLED: snapshot(random.choice(subjects))},
                )
        written += 1
        await asyncio.sleep(PAUSE)
    return written


async def kill(world: World, heard: list[Listener]) -> Child:
    """Kill a worker KILLS times, each time while it sends; the one that is left."""
    child = worker(world.settings)
    await asyncio.to_thread(child.wait)
    for _ in range(KILLS):
        before = sum(len(one.receiver.received) for one in heard)
        deadline = time.monotonic() + SECONDS
        while sum(len(one.receiver.received) for one in heard) < before + ENDPOINTS:
            assert time.monotonic() < deadline, "nothing is sent"
            await asyncio.sleep(0.005)
        await asyncio.sleep(random.random() * 0.2)
        child.kill()
        child = worker(world.settings)
        await asyncio.to_thread(child.wait)
    return child


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_no_webhook_is_lost_when_the_worker_is_killed(world: World) -> None:
    async with AsyncExitStack() as stack:
        heard = []
        for _ in range(ENDPOINTS):
            receiver = await stack.enter_async_context(listening(Receiver()))
            heard.append(await listener(await world.partner(), world, receiver))
        stop = asyncio.Event()
        writing = asyncio.create_task(traffic(world, heard, stop))

        child = await kill(world, heard)
        stop.set()
        written = await writing
        try:
            async with asyncio.timeout(SECONDS):
                for one in heard:
                    while (look := await one.look())["behind"] or look["waiting"]:
                        await asyncio.sleep(0.1)
        finally:
            child.stop()

        sent = sum(len(one.receiver.received) for one in heard)
        print(f"{KILLS} kills, {written * ENDPOINTS} events, {sent - written * ENDPOINTS} sent twice")  # noqa: T201
        for one in heard:
            assert {got.message["sequence"] for got in one.receiver.received} == set(range(1, written + 1))
            assert {node["state"] for node in await one.log()} == {"DELIVERED"}
            one.check_ids()
            one.check_order()
