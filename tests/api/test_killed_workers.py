"""Killing the worker between acceptance and provisioning loses and doubles nothing."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.api.world import World, bare

ROOT = Path(__file__).parents[2]
ORDERS = 24
KILLS = 4

INVARIANTS = {
    "accepted orders that are not fulfilled": """
        SELECT count(*) FROM orders WHERE partner_id = $1 AND status <> 'FULFILLED'""",
    "orders without exactly one subscription and one licence": """
        SELECT count(*) FROM orders o WHERE partner_id = $1 AND (
            (SELECT count(*) FROM subscriptions s WHERE s.order_id = o.id) <> 1
            OR (SELECT count(*) FROM licenses l WHERE l.order_id = o.id) <> 1)""",
    "orders without exactly one fulfilled event": """
        SELECT count(*) FROM orders o WHERE partner_id = $1 AND (
            SELECT count(*) FROM events e WHERE e.partner_id = o.partner_id
            AND e.subject_id = 'ord_' || replace(o.id::text, '-', '') AND e.type = 'order.fulfilled') <> 1""",
    "numbers missing from the event sequence": """
        SELECT max(sequence) - count(*) FROM events WHERE partner_id = $1""",
    "orders still in the provisioning outbox": """
        SELECT count(*) FROM outbox WHERE partner_id = $1 AND destination = 'provisioning'""",
}


def start_worker(world: World) -> "subprocess.Popen[bytes]":
    """A worker in a process of its own, on the test's database."""
    url = world.settings.database_url
    assert url is not None
    code = "import asyncio; from worker import run; from datasources.settings import Settings; \
asyncio.run(run(Settings(), asyncio.Event()))"
    environment = {
        "DATABASE_URL": url.get_secret_value(),
        "PORTICO_HOME": str(world.settings.home),
        "PORTICO_WORKER_POLL_INTERVAL": "0.05",
    }
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def fulfilled(world: World, partner_id: str) -> int:
    query = "SELECT count(*) FROM orders WHERE partner_id = $1 AND status = 'FULFILLED'"
    return await world.connection.fetchval(query, bare(partner_id))


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_killing_the_worker_loses_and_doubles_nothing(world: World) -> None:
    seller = await world.partner()
    chance = random.Random(7)
    worker = start_worker(world)
    kills = 0
    for number in range(ORDERS):
        placed = await seller.place()
        assert placed["problems"] == []
        if kills < KILLS and number % (ORDERS // KILLS) == 0 and await until_working(world, seller.id):
            await asyncio.sleep(chance.random() * 0.05)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            kills += 1
            worker = start_worker(world)

    deadline = time.monotonic() + 90
    while await fulfilled(world, seller.id) < ORDERS and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    worker.kill()
    worker.wait()

    assert kills == KILLS
    broken = {name: await world.connection.fetchval(sql, bare(seller.id)) for name, sql in INVARIANTS.items()}
    assert broken == dict.fromkeys(INVARIANTS, 0)


async def until_working(world: World, partner_id: str) -> bool:
    """Wait until the worker has fulfilled something more, so that each kill hits a live one."""
    before = await fulfilled(world, partner_id)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if await fulfilled(world, partner_id) > before:
            return True
        await asyncio.sleep(0.02)
    return False
