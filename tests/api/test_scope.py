"""A partner sees its own data and nothing that reveals another's existence; staff see everybody's."""

from datetime import UTC, datetime
from typing import Any

import pytest

from datasources.license_keys import verify
from tests.api.world import PLACE, Portal, World, order_input

EVERYTHING = """
query($order: ID!, $customer: ID!, $license: ID!, $subscription: ID!, $partner: ID!, $ids: [ID!]!) {
  byId: order(by: {id: $order}) { id }
  byReference: order(by: {externalOrderReference: "secret-ref"}) { id }
  customer(by: {id: $customer}) { id }
  theirs: customer(by: {externalReference: "secret-customer"}) { id }
  partner(id: $partner) { id name }
  license: node(id: $license) { id }
  subscription: node(id: $subscription) { id }
  nodes(ids: $ids) { id }
  orders { nodes { id } totalCount }
  customers { nodes { id } totalCount }
  search: customers(search: "Lindeboom Orgelbouw") { nodes { id } totalCount }
  licenses { nodes { id } totalCount }
}
"""

OWN_IDS = """
{ orders { nodes { id customer { id } licenses { id } subscriptions { id } } } }
"""


async def ids_of(portal: Portal) -> dict[str, str]:
    order = (await portal.ask(OWN_IDS))["orders"]["nodes"][0]
    return {
        "order": order["id"],
        "customer": order["customer"]["id"],
        "license": order["licenses"][0]["id"],
        "subscription": order["subscriptions"][0]["id"],
        "partner": portal.id,
    }


def asked(ids: dict[str, str]) -> dict[str, Any]:
    return ids | {"ids": list(ids.values())}


async def test_a_rival_finds_nothing_of_another_partner(seller: Portal, world: World) -> None:
    await seller.place(externalOrderReference="secret-ref")
    await world.provision()
    theirs = await ids_of(seller)
    rival = await world.partner()

    answer = await rival.ask(EVERYTHING, **asked(theirs))

    empty = {"nodes": [], "totalCount": 0}
    lists = {name: answer.pop(name) for name in ("orders", "customers", "search", "licenses")}
    assert answer.pop("nodes") == [None] * 5
    assert set(answer.values()) == {None}
    assert list(lists.values()) == [empty] * 4


async def test_the_owner_finds_all_of_it(seller: Portal, world: World) -> None:
    await seller.place(externalOrderReference="secret-ref")
    await world.provision()
    own = await ids_of(seller)

    answer = await seller.ask(EVERYTHING, **asked(own))

    assert [node["id"] for node in answer["nodes"]] == list(own.values())
    assert answer["byReference"]["id"] == own["order"]
    assert {answer[name]["totalCount"] for name in ("orders", "customers", "search", "licenses")} == {1}


async def test_the_sandbox_and_production_do_not_see_one_another(world: World) -> None:
    production = await world.partner()
    token = world.token(partner=production.id, environment="SANDBOX")
    sandbox = Portal(production.id, production.name, token, production.http)
    await sandbox.place(externalOrderReference="same")
    placed = await production.place(externalOrderReference="same")

    count = "{ orders { totalCount nodes { environment } } }"
    assert placed["problems"] == []
    assert (await sandbox.ask(count))["orders"] == {"totalCount": 1, "nodes": [{"environment": "SANDBOX"}]}
    assert (await production.ask(count))["orders"]["nodes"] == [{"environment": "PRODUCTION"}]


async def test_a_sandbox_licence_says_so(world: World) -> None:
    sandbox = await world.partner(state="SANDBOX", environment="SANDBOX")
    await sandbox.place()
    await world.provision()

    licenses = (await sandbox.ask("{ licenses { nodes { environment file } } }"))["licenses"]["nodes"]

    keys = world.sources.license_keys.public_key_set()
    verdict = verify(licenses[0]["file"], keys, now=datetime.now(UTC), environment="production")
    assert licenses[0]["environment"] == "SANDBOX"
    assert verdict.valid is False
    assert verdict.code == "WRONG_ENVIRONMENT"


@pytest.mark.parametrize(
    "document",
    [
        "{ orders { nodes { id } } }",
        "{ customers { nodes { id } } }",
        "{ partner { id } }",
        "{ nodes(ids: []) { id } }",
    ],
)
async def test_the_anonymous_are_asked_to_sign_in(world: World, document: str) -> None:
    errors = await world.anonymous().errors(document)

    assert [error["extensions"]["code"] for error in errors] == ["UNAUTHENTICATED"]


async def test_staff_order_nothing(world: World) -> None:
    errors = await world.staff("REP").errors(PLACE, input=order_input())

    assert [error["extensions"]["code"] for error in errors] == ["FORBIDDEN"]


async def test_a_distributor_sees_its_resellers_and_a_reseller_not_its_distributor(world: World) -> None:
    distributor = await world.partner("DISTRIBUTOR")
    reseller = await world.partner(parent=distributor.id)

    above = (await distributor.ask("{ partner { resellers { id } parent { id } } }"))["partner"]
    below = (await reseller.ask("{ partner { resellers { id } parent { id } } }"))["partner"]

    assert above == {"resellers": [{"id": reseller.id}], "parent": None}
    assert below == {"resellers": [], "parent": None}
