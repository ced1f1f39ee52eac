"""Looking licences up: any of them for a rep, its own for a partner."""

from typing import Any

import pytest

from tests.api.holder import Customer, amendment
from tests.api.license_desk import licenses_of, retrieve
from tests.api.world import World

FIND = """
query Find($filter: LicenseFilter) {
  licenses(filter: $filter, first: 5) { totalCount nodes { id state } }
}
"""


@pytest.fixture
async def license_(customer: Customer, subscription: dict[str, Any]) -> dict[str, Any]:
    (one,) = await licenses_of(customer.seller, subscription["id"])
    code = (await retrieve(customer.seller, one["id"]))["code"]
    return one | {"code": code, "subscription": subscription["id"]}


async def found(who: Any, **wanted: Any) -> list[str]:
    return [node["id"] for node in (await who.ask(FIND, filter=wanted))["licenses"]["nodes"]]


async def test_a_rep_finds_a_licence_by_whatever_the_caller_has(
    customer: Customer, world: World, license_: dict[str, Any]
) -> None:
    rep, code = world.staff("REP"), license_["code"]
    query = "query($id: ID!) { node(id: $id) { ... on License { order { id } } } }"
    order = (await rep.ask(query, id=license_["id"]))["node"]["order"]["id"]

    ways: list[dict[str, Any]] = [
        {"customerId": customer.id},
        {"orderId": order},
        {"subscriptionId": license_["subscription"]},
        {"activationCode": code},
        {"activationCode": code.lower().replace("-", " ")},
        {"activationCode": code[-5:].lower(), "customerId": customer.id},
        {"emailDomain": "Lindeboom.example", "customerId": customer.id},
    ]

    assert [await found(rep, **way) for way in ways] == [[license_["id"]]] * len(ways)


async def test_current_past_and_future_licences_are_found_newest_first(
    customer: Customer, license_: dict[str, Any]
) -> None:
    held = license_["subscription"]
    await customer.fulfil(amendment("addSeats", {"subscriptionId": held, "quantity": 5}))

    answer = (await customer.seller.ask(FIND, filter={"activationCode": license_["code"]}))["licenses"]

    assert [node["state"] for node in answer["nodes"]] == ["ACTIVE", "SUPERSEDED"]
    assert answer["totalCount"] == 2


async def test_a_partner_finds_its_own_alone(
    customer: Customer, world: World, license_: dict[str, Any]
) -> None:
    stranger = await world.partner()
    ways = [
        {"customerId": customer.id},
        {"activationCode": license_["code"]},
        {"activationCode": license_["code"][-5:]},
        {"emailDomain": "lindeboom.example"},
    ]

    assert [await found(stranger, **way) for way in ways] == [[]] * 4
    assert await found(customer.seller, **ways[1]) == [license_["id"]]
    assert await found(world.staff("REP", environment="SANDBOX"), **ways[1]) == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"customerId": "cus_1"},
        {"orderId": "x"},
        {"activationCode": "ABCD"},
        {"activationCode": "PORT-S34WN-JYCSQ-7CZM6-HTB9X-9NEJQ"},
        {"emailDomain": "a@b.example"},
        {"emailDomain": ""},
    ],
)
async def test_what_cannot_be_looked_for_is_said(world: World, wanted: dict[str, Any]) -> None:
    errors = await world.staff("REP").errors(FIND, filter=wanted)

    assert [error["extensions"]["code"] for error in errors] == ["INVALID_ARGUMENT"]
    assert next(iter(wanted)) in errors[0]["message"]
