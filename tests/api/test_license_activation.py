"""Activating online: the code is enough, files are bound to a name, and seats are counted."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from datasources.license_keys import verify
from tests.api.holder import Customer, amendment
from tests.api.license_desk import change, codes_of, key, licenses_of, retrieve
from tests.api.world import Portal, World, bare

ACTIVATE = """
mutation Activate($input: ActivateLicenseInput!) {
  activateLicense(input: $input) {
    activation { instanceName seats }
    seatCounts { purchased assigned available overage }
    file replayed
    problems { code path }
  }
}
"""
COUNTS = """
query Counts($id: ID!) {
  node(id: $id) {
    ... on License {
      seatCounts { purchased assigned available overage }
      activations { instanceName seats }
      firstRetrievedBy
    }
  }
}
"""


@pytest.fixture
async def license_(customer: Customer, subscription: dict[str, Any]) -> dict[str, Any]:
    (one,) = await licenses_of(customer.seller, subscription["id"])
    code = (await retrieve(customer.seller, one["id"]))["code"]
    return one | {"code": code, "subscription": subscription["id"]}


async def activate(
    who: Portal, code: str, name: str, seats: int | None = None, **given: Any
) -> dict[str, Any]:
    asked = {"activationCode": code, "instanceName": name, "seats": seats, "idempotencyKey": key()} | given
    return (await who.ask(ACTIVATE, input=asked))["activateLicense"]


def refusals(answer: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in answer["problems"]]


async def test_an_installation_needs_its_code_and_no_token(
    world: World, seller: Portal, license_: dict[str, Any]
) -> None:
    typed = license_["code"].lower().replace("-", " ")

    answer = await activate(world.anonymous(), typed, "build-1", 4)

    keys = world.sources.license_keys.public_key_set()
    judged = verify(answer["file"], keys, now=datetime.now(UTC), instance="build-1")
    assert answer["problems"] == []
    assert (judged.valid, judged.payload.seats, judged.payload.jti) == (True, 4, license_["id"])
    assert verify(answer["file"], keys, now=datetime.now(UTC)).code == "WRONG_INSTANCE"
    assert answer["seatCounts"] == {"purchased": 10, "assigned": 4, "available": 6, "overage": 0}
    audit = "SELECT actor, client FROM audit_log WHERE subject_id = $1 AND action = 'license.activated'"
    row = await world.connection.fetchrow(audit, license_["id"])
    assert (row["actor"], row["client"]) == ("SYSTEM", "activation code")


async def test_seats_are_counted_over_all_installations_and_never_given_twice(
    world: World, seller: Portal, license_: dict[str, Any]
) -> None:
    installation = world.anonymous()

    await activate(installation, license_["code"], "one", 4)
    rest = await activate(installation, license_["code"], "two")
    refused = await activate(installation, license_["code"], "three")
    again = await activate(installation, license_["code"], "one", 2)
    third = await activate(installation, license_["code"], "three", 3)

    assert (rest["activation"]["seats"], refusals(refused)) == (6, ["NO_SEATS_AVAILABLE"])
    assert again["seatCounts"]["available"] == 2
    assert refusals(third) == ["NO_SEATS_AVAILABLE"]
    counts = (await seller.ask(COUNTS, id=license_["id"]))["node"]
    assert counts["activations"] == [
        {"instanceName": "one", "seats": 2},
        {"instanceName": "two", "seats": 6},
    ]


async def test_installations_that_ask_at_once_share_the_seats_there_are(
    world: World, license_: dict[str, Any]
) -> None:
    answers = await asyncio.gather(
        *(activate(world.anonymous(), license_["code"], f"node-{number}", 3) for number in range(12))
    )

    given = [answer["activation"]["seats"] for answer in answers if not answer["problems"]]
    assert given == [3, 3, 3]
    assert {code for answer in answers for code in refusals(answer)} == {"NO_SEATS_AVAILABLE"}


async def test_a_return_shows_as_overage_until_installations_give_way(
    customer: Customer, world: World, license_: dict[str, Any]
) -> None:
    seller = customer.seller
    await activate(world.anonymous(), license_["code"], "one", 10)
    order = "SELECT 'oli_' || encode(uuid_send(order_line_id), 'hex') FROM subscriptions WHERE id = $1"
    line = await world.connection.fetchval(order, bare(license_["subscription"]))
    await customer.fulfil(amendment("return", {"orderLineId": line, "quantity": 4}))
    newest = (await licenses_of(seller, license_["subscription"]))[0]

    over = (await seller.ask(COUNTS, id=newest["id"]))["node"]["seatCounts"]
    await change(seller, "deactivateLicense", licenseId=newest["id"], instanceName="one")
    free = (await seller.ask(COUNTS, id=newest["id"]))["node"]["seatCounts"]
    absent = await codes_of(seller, "deactivateLicense", licenseId=newest["id"], instanceName="one")

    assert over == {"purchased": 6, "assigned": 10, "available": 0, "overage": 4}
    assert free == {"purchased": 6, "assigned": 0, "available": 6, "overage": 0}
    assert absent == ["ACTIVATION_NOT_FOUND"]


async def test_the_same_code_activates_what_the_licence_became(
    customer: Customer, world: World, license_: dict[str, Any]
) -> None:
    await activate(world.anonymous(), license_["code"], "one")
    held = license_["subscription"]
    await customer.fulfil(amendment("addSeats", {"subscriptionId": held, "quantity": 5}))

    answer = await activate(world.anonymous(), license_["code"], "one")

    newest = (await licenses_of(customer.seller, held))[0]
    keys = world.sources.license_keys.public_key_set()
    judged = verify(answer["file"], keys, now=datetime.now(UTC), instance="one")
    assert (judged.payload.seats, judged.payload.jti) == (15, newest["id"])


async def test_the_same_key_gives_the_same_file(world: World, license_: dict[str, Any]) -> None:
    once = {"idempotencyKey": key()}

    first = await activate(world.anonymous(), license_["code"], "one", 2, **once)
    again = await activate(world.anonymous(), license_["code"], "one", 2, **once)
    other = await activate(world.anonymous(), license_["code"], "two", 2, **once)

    assert (again["file"], again["replayed"]) == (first["file"], True)
    assert refusals(other) == ["IDEMPOTENCY_KEY_REUSED"]


async def test_a_code_that_was_replaced_activates_nothing_and_rotating_frees_the_seats(
    world: World, seller: Portal, license_: dict[str, Any]
) -> None:
    await activate(world.anonymous(), license_["code"], "one")

    rotated = await change(seller, "rotateLicense", licenseId=license_["id"], idempotencyKey=key())
    refused = await activate(world.anonymous(), license_["code"], "one")

    counts = (await seller.ask(COUNTS, id=rotated["license"]["id"]))["node"]["seatCounts"]
    assert refusals(refused) == ["ACTIVATION_CODE_NOT_FOUND"]
    assert counts["assigned"] == 0


async def test_a_suspended_licence_activates_nothing(world: World, license_: dict[str, Any]) -> None:
    await change(world.staff("OPERATOR"), "suspendLicense", licenseId=license_["id"], reason="Dispute")

    assert refusals(await activate(world.anonymous(), license_["code"], "one")) == ["LICENSE_NOT_CURRENT"]


@pytest.mark.parametrize(
    "code", ["", "PORT-00000-00000-00000-00000-00000", "x" * 500, "PORT-S34WN-JYCSQ-7CZM6-HTB9X-9NEJQ"]
)
async def test_what_is_no_code_of_ours_activates_nothing(world: World, code: str) -> None:
    assert refusals(await activate(world.anonymous(), code, "one")) == ["ACTIVATION_CODE_NOT_FOUND"]


async def test_another_partner_s_code_is_no_code_to_who_signs_in(
    world: World, license_: dict[str, Any]
) -> None:
    stranger = await world.partner()
    sandbox = await world.partner(environment="SANDBOX")

    answers = [await activate(who, license_["code"], "one") for who in (stranger, sandbox)]

    assert [refusals(answer) for answer in answers] == [["ACTIVATION_CODE_NOT_FOUND"]] * 2


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"instanceName": ""}, "REQUIRED"),
        ({"instanceName": "x" * 101}, "TOO_LONG"),
        ({"instanceName": "a\nb"}, "NOT_PRINTABLE"),
        ({"seats": 0}, "INVALID_QUANTITY"),
        ({"seats": -1}, "INVALID_QUANTITY"),
        ({"idempotencyKey": "short"}, "INVALID_IDEMPOTENCY_KEY"),
    ],
)
async def test_each_wrong_value_is_named(
    world: World, license_: dict[str, Any], given: dict[str, Any], code: str
) -> None:
    answer = await activate(world.anonymous(), license_["code"], "one", **given)

    assert refusals(answer) == [code]
    assert [problem["path"] for problem in answer["problems"]] == [["input", next(iter(given))]]
