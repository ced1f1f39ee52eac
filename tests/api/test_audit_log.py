"""The audit log: who did what from where, for operators, and for a partner its own part."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from commerce.access import Environment, Scope
from commerce.audit import Acting
from commerce.orders import Actor
from datasources.postgres import audit
from tests.api.world import Portal, World, bare

LOG = """
query($filter: AuditFilter, $first: Int, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    totalCount
    pageInfo { endCursor hasNextPage }
    nodes {
      id at environment actor client role address requestId action subjectId
      details { name value }
      partner { id }
    }
  }
}
"""

CANCEL = "mutation($id: ID!) { cancelOrder(input: {orderId: $id}) { problems { code } } }"
RENEW = """
mutation($id: ID!) {
  setAutoRenew(input: {subscriptionId: $id, autoRenew: true}) { problems { code } }
}
"""
HELD = "{ orders { nodes { subscriptions { id } } } }"


async def log(portal: Portal, **arguments: Any) -> list[dict[str, Any]]:
    return (await portal.ask(LOG, **arguments))["auditLog"]["nodes"]


def acting(portal: Portal) -> Acting:
    now = datetime.now(UTC)
    return Acting(Actor.PARTNER, "a test", Environment.PRODUCTION, now, partner_id=portal.id)


async def test_what_a_partner_did_is_told_with_client_address_and_request(seller: Portal) -> None:
    order = (await seller.place())["order"]
    answer = await seller.post(CANCEL, id=order["id"])

    canceled, placed = await log(seller)

    assert [canceled["action"], placed["action"]] == ["order.canceled", "order.placed"]
    assert canceled["requestId"] == answer.headers["X-Request-Id"]
    assert canceled["subjectId"] == placed["subjectId"] == order["id"]
    assert (canceled["actor"], canceled["client"]) == ("PARTNER", f"client of {seller.id}")
    assert canceled["address"] == "127.0.0.1"
    assert canceled["partner"] == {"id": seller.id}
    assert placed["details"] == [
        {"name": "kind", "value": "NEW"},
        {"name": "status", "value": "PROVISIONING"},
    ]


async def test_a_switch_of_renewal_is_told(seller: Portal, world: World) -> None:
    await seller.place()
    await world.provision()
    (order,) = (await seller.ask(HELD))["orders"]["nodes"]
    (subscription,) = order["subscriptions"]

    await seller.ask(RENEW, id=subscription["id"])

    assert (await log(seller))[0]["action"] == "subscription.auto_renew_set"
    assert (await log(seller))[0]["details"] == [{"name": "autoRenew", "value": "True"}]


async def test_what_was_refused_is_not_in_it(seller: Portal) -> None:
    await seller.place(currency="USD")
    await seller.ask(CANCEL, id="ord_" + "0" * 32)
    await seller.ask(RENEW, id="sub_" + "0" * 32)

    assert await log(seller) == []


async def test_a_partner_reads_its_own_part_and_an_operator_all(seller: Portal, world: World) -> None:
    rival = await world.partner()
    await seller.place()
    await rival.place()
    operator = world.staff("OPERATOR")

    own = await log(seller)
    everybodys = await log(operator, first=2)
    rivals = await log(operator, filter={"partnerId": rival.id, "action": "order.placed"})

    assert [entry["partner"]["id"] for entry in own] == [seller.id]
    assert [entry["partner"]["id"] for entry in everybodys] == [rival.id, seller.id]
    assert [entry["client"] for entry in rivals] == [f"client of {rival.id}"]
    assert await log(seller, filter={"partnerId": rival.id}) == []


async def test_a_partner_learns_that_staff_acted_and_not_who(seller: Portal, world: World) -> None:
    operator = world.staff("OPERATOR")
    by_staff = (
        "INSERT INTO audit_log (id, partner_id, environment, at, actor, client, role, address, action)"
        " VALUES (gen_random_uuid(), $1, 'PRODUCTION', now(), 'STAFF', 'staff Ilse', 'PARTNER_OPS',"
        " '10.1.1.1', 'partner.suspended')"
    )
    await world.connection.execute(by_staff, bare(seller.id))

    (seen,) = await log(seller)
    (whole,) = await log(operator, filter={"partnerId": seller.id})

    assert (seen["actor"], seen["client"], seen["address"]) == ("STAFF", None, None)
    assert (whole["client"], whole["address"], whole["role"]) == ("staff Ilse", "10.1.1.1", "PARTNER_OPS")


@pytest.mark.parametrize("role", ["REP", "COMPLIANCE", "PARTNER_OPS", "DASHBOARD"])
async def test_other_staff_do_not_read_it(world: World, role: str) -> None:
    (error,) = await world.staff(role).errors(LOG)

    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_pages_of_it_meet(seller: Portal) -> None:
    for _ in range(3):
        await seller.place()

    first = (await seller.ask(LOG, first=2))["auditLog"]
    rest = (await seller.ask(LOG, first=2, after=first["pageInfo"]["endCursor"]))["auditLog"]

    assert (first["totalCount"], len(first["nodes"]), len(rest["nodes"])) == (3, 2, 1)
    assert not rest["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    "change",
    ["UPDATE audit_log SET client = 'nobody'", "DELETE FROM audit_log", "TRUNCATE audit_log"],
)
@pytest.mark.parametrize("role", ["application", "owner"])
async def test_no_role_changes_it(
    seller: Portal, world: World, database_url: str, change: str, role: str
) -> None:
    await seller.place()
    connection = await asyncpg.connect(database_url) if role == "application" else world.connection

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(change)

    assert len(await log(seller)) == 1
    if role == "application":
        await connection.close()


async def test_an_entry_vanishes_with_the_transaction_that_it_tells_of(seller: Portal, world: World) -> None:
    scope = Scope(seller.id, Environment.PRODUCTION)

    class Failed(Exception):
        pass

    async def fail_after_writing() -> None:
        async with world.sources.database.tenant(scope) as transaction:
            await audit.record(transaction, acting(seller), "order.canceled")
            await transaction.flush()
            raise Failed

    with pytest.raises(Failed):
        await fail_after_writing()

    assert await log(seller) == []
