"""Each invariant holds after orders of every kind, and finds a fault planted for it."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from datasources.postgres.embedded import SUPERUSER
from datasources.postgres.examination import examine, findings
from datasources.postgres.invariants import INVARIANTS
from tests.api.compliance import DENIED_NAME, HELD_NAME, officer, place_for
from tests.api.holder import FOLLOW, HELD, amendment
from tests.api.own_world import broken, own_world
from tests.api.world import PLACE, Portal, World, customer_input
from tests.conftest import Database, cloned

ROOT = Path(__file__).parents[2]


def planted_faults() -> list[tuple[str, str]]:
    """Each fault of planted_faults.sql with the name of the invariant that must find it."""
    paragraphs = (Path(__file__).parent / "planted_faults.sql").read_text().split("\n\n")[1:]
    cut = (paragraph.partition("\n") for paragraph in paragraphs)
    return [(name.removeprefix("-- "), statements) for name, _, statements in cut]


FAULTS = planted_faults()


@dataclass(frozen=True, slots=True)
class Examined:
    """A database after orders of every kind, two of them not yet provisioned."""

    database: Database
    order_id: str


@pytest.fixture(scope="module")
def own_database(sockets: str) -> Iterator[Database]:
    yield from cloned()


@pytest.fixture(scope="module")
async def examined(
    own_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Examined]:
    async with own_world(own_database, tmp_path_factory.mktemp("home")) as world:
        seller = await world.partner()
        yield Examined(own_database, await orders_of_every_kind(world, seller))


async def orders_of_every_kind(world: World, seller: Portal) -> str:
    """Each kind placed and provisioned, then a NEW and an ADD_SEATS order that wait; the id of the first."""
    lines = [{"sku": world.market.standard, "quantity": 10}, {"sku": world.market.premium, "quantity": 3}]
    first = (await seller.place(customer={"new": customer_input("every")}, lines=lines))["order"]
    await world.provision()
    order = (await seller.ask(FOLLOW, id=first["id"]))["order"]
    line, held = order["lines"][0], order["lines"][0]["subscriptionId"]
    for asked in (
        amendment("addSeats", {"subscriptionId": held, "quantity": 5}),
        amendment("return", {"orderLineId": line["id"], "quantity": 4}),
        amendment("renewal", {"subscriptionId": held}),
        amendment("switch", {"subscriptionId": held, "sku": world.market.premium}),
        amendment("return", {"orderLineId": order["lines"][1]["id"], "quantity": 3}),
    ):
        await placed(seller, asked)
        await world.provision()
    await placed(seller, amendment("addSeats", {"subscriptionId": held, "quantity": 1}))
    await seller.place()
    await reviewed(world, seller)
    customer = (await seller.ask(HELD, id=order["customer"]["id"]))["customer"]
    assert [one["seats"] for one in customer["subscriptions"]["nodes"]] == [0, 11]
    return first["id"]


async def reviewed(world: World, seller: Portal) -> None:
    """An order that two officers let go on after it was denied, and one that is held still."""
    await place_for(seller, DENIED_NAME, "denied", country="RS")
    anna, bert = officer(world, "anna"), officer(world, "bert")
    case = await anna.case_of(seller)
    await anna.clear(case["id"])
    await bert.clear(case["id"])
    await place_for(seller, HELD_NAME, "held")


async def placed(seller: Portal, asked: dict[str, object]) -> None:
    assert (await seller.ask(PLACE, input=asked))["placeOrder"]["problems"] == []


async def test_all_invariants_hold_after_orders_of_every_kind(examined: Examined) -> None:
    assert await broken(examined.database) == {}


async def test_every_invariant_has_a_planted_fault() -> None:
    assert {name for name, _ in FAULTS} == {invariant.name for invariant in INVARIANTS}


@pytest.mark.parametrize(
    ("name", "fault"), FAULTS, ids=[f"{number}-{name}" for number, (name, _) in enumerate(FAULTS)]
)
async def test_a_planted_fault_is_found(examined: Examined, name: str, fault: str) -> None:
    connection = await asyncpg.connect(examined.database.url_as(SUPERUSER))
    transaction = connection.transaction()
    await transaction.start()
    try:
        # Without keys and triggers: the nets that would have caught the fault are not what is examined.
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(fault)

        found = await findings(connection)
    finally:
        await transaction.rollback()
        await connection.close()

    named = {one.invariant.name: one.ids for one in found if not one.holds}
    assert name in named
    assert named[name]


async def test_an_invariant_that_takes_too_long_is_unknown_and_does_not_hold(examined: Examined) -> None:
    lock = await asyncpg.connect(examined.database.url_as(SUPERUSER))
    try:
        async with lock.transaction():
            await lock.execute("LOCK TABLE order_lines IN ACCESS EXCLUSIVE MODE")

            found = await examine(examined.database.owner_url, statement_timeout=0.2)
    finally:
        await lock.close()

    unknown = {one.invariant.name for one in found if one.fault}
    assert {"line_net", "order_total", "remaining_quantity"} <= unknown
    assert "order_history" not in unknown
    assert not any(one.holds for one in found if one.fault)


def doctor(database: Database) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"DATABASE_URL": database.url, "PORTICO_OWNER_URL": database.owner_url}
    return subprocess.run(
        [sys.executable, "-m", "cli", "doctor"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


async def test_the_doctor_names_what_is_broken_and_changes_nothing(examined: Examined) -> None:
    healthy = doctor(examined.database)
    connection = await asyncpg.connect(examined.database.owner_url)
    fault = "UPDATE order_lines SET list_amount = list_amount + {0}, net_amount = net_amount + {0}"
    await connection.execute(fault.format(1))

    ill = doctor(examined.database)
    await connection.execute(fault.format(-1))
    await connection.close()

    assert (healthy.returncode, healthy.stdout) == (0, f"All {len(INVARIANTS)} invariants hold.\n")
    assert ill.returncode == 1
    assert examined.order_id in ill.stdout
    assert f"1 of {len(INVARIANTS)} invariants do not hold." in ill.stdout
    assert await broken(examined.database) == {}
