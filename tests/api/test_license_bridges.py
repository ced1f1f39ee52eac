"""Bridge licences: issued while a renewal waits, superseded by it, ended by a denial or by themselves."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from datasources.postgres.embedded import SUPERUSER
from jobs.turn_licenses import end_denied_bridges, turn_by_date
from tests.api.holder import Customer, amendment
from tests.api.license_desk import change, codes_of, key, licenses_of
from tests.api.world import World, bare
from tests.conftest import Database

END = (
    "UPDATE subscriptions SET ends_on = current_date + $2::int, starts_on = current_date - 360 WHERE id = $1"
)
EXPIRE = """
UPDATE licenses SET starts_on = current_date - 360, expires_on = current_date + $2::int
WHERE subscription_id = $1 AND kind = 'FULL'
"""


@pytest.fixture
async def held(customer: Customer, subscription: dict[str, Any]) -> str:
    return subscription["id"]


async def ends_in(world: World, subscription_id: str, days: int) -> None:
    for statement in (END, EXPIRE):
        await world.connection.execute(statement, bare(subscription_id), days)


async def stand(database: Database, order_id: str, status: str) -> None:
    """Put an order where officers would: what holds or denies renewals is a policy's to say."""
    connection = await asyncpg.connect(database.url_as(SUPERUSER))
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("UPDATE orders SET status = $2 WHERE id = $1", bare(order_id), status)
    finally:
        await connection.close()


async def shown(customer: Customer, held: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["state"]) for one in await licenses_of(customer.seller, held)]


def bridge(held: str) -> dict[str, str]:
    return {"subscriptionId": held, "idempotencyKey": key()}


async def test_a_late_renewal_is_bridged_once_and_its_key_gives_the_same_bridge(
    customer: Customer, world: World, held: str
) -> None:
    await ends_in(world, held, -2)
    asked = bridge(held)

    issued = await change(customer.seller, "issueBridgeLicense", **asked)
    again = await change(customer.seller, "issueBridgeLicense", **asked)
    twice = await codes_of(world.staff("REP"), "issueBridgeLicense", **bridge(held))

    newest = (await licenses_of(customer.seller, held))[0]
    days = datetime.fromisoformat(newest["expiresOn"]) - datetime.fromisoformat(newest["startsOn"])
    assert issued["problems"] == []
    assert (again["license"]["id"], again["replayed"]) == (issued["license"]["id"], True)
    assert twice == ["BRIDGE_NOT_ALLOWED"]
    assert (newest["seats"], newest["graceDays"], days.days) == (10, 0, 21)
    assert await shown(customer, held) == [("BRIDGE", "ACTIVE"), ("FULL", "SUPERSEDED")]


async def test_nothing_is_bridged_while_the_term_runs_and_no_renewal_is_held(
    customer: Customer, held: str
) -> None:
    assert await codes_of(customer.seller, "issueBridgeLicense", **bridge(held)) == ["BRIDGE_NOT_ALLOWED"]
    assert await shown(customer, held) == [("FULL", "ACTIVE")]


async def test_a_renewal_supersedes_its_bridge(customer: Customer, world: World, held: str) -> None:
    await ends_in(world, held, -2)
    await change(customer.seller, "issueBridgeLicense", **bridge(held))

    await customer.fulfil(amendment("renewal", {"subscriptionId": held}))

    assert await shown(customer, held) == [
        ("FULL", "ACTIVE"),
        ("BRIDGE", "SUPERSEDED"),
        ("FULL", "SUPERSEDED"),
    ]


async def test_a_bridge_to_a_renewal_on_hold_begins_when_the_term_ends(
    customer: Customer, world: World, database: Database, held: str
) -> None:
    await ends_in(world, held, 5)
    order = await customer.place(amendment("renewal", {"subscriptionId": held}))
    await stand(database, order["id"], "ON_HOLD")

    await change(customer.seller, "issueBridgeLicense", **bridge(held))
    before = await shown(customer, held)
    await turn_by_date(world.sources, datetime.now(UTC))
    same = await shown(customer, held)
    await world.connection.execute(
        "UPDATE licenses SET starts_on = current_date WHERE kind = 'BRIDGE' AND subscription_id = $1",
        bare(held),
    )
    await turn_by_date(world.sources, datetime.now(UTC))

    assert before == same == [("BRIDGE", "SCHEDULED"), ("FULL", "ACTIVE")]
    assert await shown(customer, held) == [("BRIDGE", "ACTIVE"), ("FULL", "SUPERSEDED")]


async def test_a_denial_ends_the_bridge_and_there_is_no_other(
    customer: Customer, world: World, database: Database, held: str
) -> None:
    await ends_in(world, held, 5)
    order = await customer.place(amendment("renewal", {"subscriptionId": held}))
    await stand(database, order["id"], "ON_HOLD")
    await change(customer.seller, "issueBridgeLicense", **bridge(held))

    await stand(database, order["id"], "DENIED")
    ended = await end_denied_bridges(world.sources, datetime.now(UTC))

    assert ended == 1
    assert await end_denied_bridges(world.sources, datetime.now(UTC)) == 0
    assert await shown(customer, held) == [("BRIDGE", "REVOKED"), ("FULL", "ACTIVE")]
    assert await codes_of(customer.seller, "issueBridgeLicense", **bridge(held)) == ["BRIDGE_NOT_ALLOWED"]


async def test_a_licence_whose_grace_is_over_expires_with_its_subscription_and_that_is_told(
    customer: Customer, world: World, held: str
) -> None:
    await ends_in(world, held, -20)
    told = "SELECT count(*) FROM events WHERE type = 'license.expired' AND snapshot ->> 'subscriptionId' = $1"
    await turn_by_date(world.sources, datetime.now(UTC))
    before = await world.connection.fetchval(told, held)

    await world.connection.execute("UPDATE subscriptions SET state = 'EXPIRED' WHERE id = $1", bare(held))
    await turn_by_date(world.sources, datetime.now(UTC))

    stored = "SELECT state FROM licenses WHERE subscription_id = $1"
    assert before == 0
    assert await shown(customer, held) == [("FULL", "EXPIRED")]
    assert await world.connection.fetchval(stored, bare(held)) == "EXPIRED"
    assert await world.connection.fetchval(told, held) == 1


async def test_another_partner_s_subscription_cannot_be_bridged(world: World, held: str) -> None:
    stranger = await world.partner()

    codes = await codes_of(stranger, "issueBridgeLicense", **bridge(held))

    assert codes == ["SUBSCRIPTION_NOT_FOUND"]
