"""The verdict on chaos is not blind: whatever breaks a promise is counted."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.chaos_traffic import Promise
from cli.chaos_verdict import Verdict, verdict
from tests.api.own_world import own_world
from tests.api.world import World, bare
from tests.conftest import Database, cloned

CLEAN = {
    "lost": 0,
    "doubled": 0,
    "changed": 0,
    "unfulfilled": 0,
    "without_one_license": 0,
    "without_one_key": 0,
    "unverified": 0,
    "without_their_events": 0,
    "without_their_messages": 0,
}


@pytest.fixture
def own_database(sockets: str) -> Iterator[Database]:
    yield from cloned()


@pytest.fixture
async def world(own_database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with own_world(own_database, tmp_path) as world:
        yield world


async def promised(world: World, mark: str) -> Promise:
    """An order that was acknowledged, and fulfilled since."""
    seller = await world.partner()
    line = {"sku": world.market.standard, "quantity": 10, "externalLineReference": mark}
    order = (await seller.place(lines=[line]))["order"]
    await world.provision()
    return Promise(mark, order["id"], order["total"]["amount"])


async def judged(
    world: World, database: Database, *promises: Promise, keys: dict[str, Any] | None = None
) -> Verdict:
    known = {promise.mark: promise for promise in promises}
    return await verdict(database.owner_url, known, 0, keys or world.sources.license_keys.public_key_set())


async def test_kept_promises_are_clean(world: World, own_database: Database) -> None:
    promises = [await promised(world, mark) for mark in ("a", "b")]

    found = await judged(world, own_database, *promises)

    assert found.counts() == CLEAN
    assert found.clean


async def test_each_broken_promise_is_counted(world: World, own_database: Database) -> None:
    kept, dearer, twice = [await promised(world, mark) for mark in ("kept", "dearer", "twice")]
    await promised(world, "twice")
    never = Promise("never", "ord_" + "0" * 32, "900.00")

    found = await judged(
        world, own_database, kept, Promise("dearer", dearer.order_id, "900.01"), twice, never
    )

    assert found.counts() == CLEAN | {"lost": 1, "changed": 1, "doubled": 1}
    assert not found.clean


WITHOUT_LICENSE = """
WITH gone AS (
  DELETE FROM license_deliveries WHERE license_id IN (SELECT id FROM licenses WHERE order_id = $1)
)
DELETE FROM licenses WHERE order_id = $1
"""


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (WITHOUT_LICENSE, "without_one_license"),
        ("DELETE FROM idempotency_keys WHERE resource_id = $1", "without_one_key"),
        ("DELETE FROM outbox WHERE key = $1 AND destination = 'salesforce'", "without_their_messages"),
        (
            "UPDATE events SET type = 'license.lost' WHERE right(snapshot ->> 'orderId', 32) = $1",
            "without_their_events",
        ),
    ],
)
async def test_what_an_order_lacks_is_counted(
    world: World, own_database: Database, fault: str, name: str
) -> None:
    promise = await promised(world, "a")
    await world.connection.execute(fault, bare(promise.order_id))

    found = await judged(world, own_database, promise)

    assert found.counts() == CLEAN | {name: 1}
    assert not found.clean


async def test_a_licence_that_does_not_verify_is_counted(world: World, own_database: Database) -> None:
    promise = await promised(world, "a")
    (entry,) = world.sources.license_keys.public_key_set()["keys"]
    other = {"keys": [entry | {"x": "A" * 43}]}

    found = await judged(world, own_database, promise, keys=other)

    assert found.counts() == CLEAN | {"unverified": 1}
