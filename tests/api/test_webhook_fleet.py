"""Many events to endpoints that misbehave in every way, through the five days it takes to give them up."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commerce.webhooks import DISABLED_AFTER
from tests.api.fleet import Fleet, fleet
from tests.api.listener import UPDATE, Listener, MovingClock, listener
from tests.api.own_world import own_world
from tests.api.world import World
from tests.conftest import Database, cloned
from tests.receivers import HANG, Receiver, listening

EVENTS = int(os.environ.get("PORTICO_WEBHOOK_EVENTS") or 400)
"""To twenty endpoints together; the whole proof is of 10,000."""


@pytest.fixture
def own_database(sockets: str) -> Iterator[Database]:
    yield from cloned()


@pytest.fixture
async def world(own_database: Database, tmp_path: Path) -> AsyncIterator[World]:
    quick = {"webhook_allow_loopback": True, "webhook_timeout": 0.25}
    async with own_world(own_database, tmp_path, **quick) as world:
        yield world


@pytest.fixture
async def ships(world: World, clock: MovingClock) -> AsyncIterator[Fleet]:
    async with fleet(world, clock) as made:
        yield made


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_every_event_arrives_or_is_seen_not_to_and_arrives_once_its_endpoint_is_mended(
    ships: Fleet, clock: MovingClock
) -> None:
    each = EVENTS // len(ships.listeners)
    began = clock.now

    await ships.happen(each)
    await ships.run()

    for name, heard in ships.listeners.items():
        await accounted_for(name, heard, ships, each)
        heard.check_ids()
        heard.check_order()
    off = {name for name, heard in ships.listeners.items() if (await heard.look())["state"] == "DISABLED"}
    assert off == {"broken 0", "broken 1", "redirecting", "hanging 0", "hanging 1", "resetting 0",
                   "resetting 1", "gone"}  # fmt: skip
    assert DISABLED_AFTER <= clock.now - began < DISABLED_AFTER + timedelta(hours=30)
    assert await ships.states("poisoned") == {"DELIVERED": each - 1, "DEAD": 1}

    for name in off:
        ships.listeners[name].receiver.usual = 200
        await ships.listeners[name].change(UPDATE, enabled=True)
    clock.now = max(clock.now, datetime.now(UTC))
    await ships.run()

    for name in ships.listeners.keys() - {"poisoned"}:
        assert (await ships.states(name))["DELIVERED"] >= each, name
        assert ships.listeners[name].arrived >= set(range(1, each + 1)), name


async def accounted_for(name: str, heard: Listener, ships: Fleet, each: int) -> None:
    """Each event was delivered, is dead or waits; or lies in the feed before an endpoint switched off."""
    states, look = await ships.states(name), await heard.look()
    still_in_feed = look["behind"] if look["state"] == "DISABLED" else 0
    notices = 1 if look["state"] == "DISABLED" else 0  # the event that says so comes last in the feed
    assert sum(states.values()) + still_in_feed - notices == each, (name, states, look)
    if look["state"] == "ENABLED":
        assert states.keys() <= {"DELIVERED", "DEAD"}, (name, states)
        assert heard.arrived == set(range(1, each + 1)), name


async def test_endpoints_that_hang_keep_nothing_from_those_that_answer(world: World) -> None:
    hanging, well = Receiver(usual=HANG), Receiver()
    async with listening(hanging), listening(well):
        slow = [await listener(await world.partner(), world, hanging) for _ in range(5)]
        quick = await listener(await world.partner(), world, well)
        for one in (*slow, quick):
            await one.portal.place()

        sending = asyncio.create_task(world.send_webhooks())
        began = time.monotonic()
        await well.until(3)
        took = time.monotonic() - began
        hung = len(hanging.received)
        await sending

    assert hung == 5
    assert took < world.settings.webhook_timeout, "it waited for those that hang"
    assert quick.sequences == [1, 2, 3]
