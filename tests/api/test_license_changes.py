"""What can be done to a licence, by whom, and what is told and written down with it."""

from typing import Any

import pytest

from tests.api.holder import Customer, amendment
from tests.api.license_desk import change, codes_of, key, licenses_of, retrieve
from tests.api.world import Portal, World, bare

EVENTS = """
SELECT type FROM events WHERE snapshot ->> 'subscriptionId' = $1 AND type LIKE 'license.%' ORDER BY sequence
"""
AUDIT = "SELECT actor, action FROM audit_log WHERE subject_id = $1 ORDER BY id"


@pytest.fixture
async def license_(customer: Customer, subscription: dict[str, Any]) -> dict[str, Any]:
    (one,) = await licenses_of(customer.seller, subscription["id"])
    return one | {"subscription": subscription["id"]}


async def told(world: World, license_: dict[str, Any]) -> list[str]:
    rows = await world.connection.fetch(EVENTS, license_["subscription"])
    return [row["type"] for row in rows][1:]


async def written_down(world: World, license_id: str) -> list[tuple[str, str]]:
    return [(row["actor"], row["action"]) for row in await world.connection.fetch(AUDIT, license_id)]


async def test_a_code_is_handed_out_once_and_then_shown_masked(
    seller: Portal, world: World, license_: dict[str, Any]
) -> None:
    first = await retrieve(seller, license_["id"])
    again = await retrieve(seller, license_["id"])

    assert first["problems"] == []
    assert first["code"].startswith("PORT-")
    assert first["license"]["activationCode"] == f"PORT-•••••-…-{first['code'][-5:]}"
    assert license_["activationCode"] == first["license"]["activationCode"]
    assert (again["code"], [one["code"] for one in again["problems"]]) == (
        None,
        ["ACTIVATION_CODE_RETRIEVED"],
    )
    assert await told(world, license_) == ["license.code_retrieved"]
    assert await written_down(world, license_["id"]) == [("PARTNER", "license.code_retrieved")]


async def test_no_code_is_kept_in_clear(seller: Portal, world: World, license_: dict[str, Any]) -> None:
    query = "SELECT * FROM activation_codes WHERE subscription_id = $1"
    (sealed,) = await world.connection.fetch(query, bare(license_["subscription"]))
    code = (await retrieve(seller, license_["id"]))["code"]
    (taken,) = await world.connection.fetch(query, bare(license_["subscription"]))

    assert sealed["sealed"] is not None
    assert code.encode() not in sealed["sealed"]
    assert taken["sealed"] is None
    assert taken["digest"] == sealed["digest"]
    assert code not in "".join(map(str, taken.values()))


async def test_suspended_is_on_the_list_until_reinstated_and_says_so(
    seller: Portal, world: World, license_: dict[str, Any]
) -> None:
    officer = world.staff("COMPLIANCE")

    stopped = await change(officer, "suspendLicense", licenseId=license_["id"], reason="Card disputed")
    again = await change(officer, "suspendLicense", licenseId=license_["id"], reason="Card disputed")
    refused = await codes_of(seller, "resendLicense", licenseId=license_["id"], idempotencyKey=key())
    back = await change(officer, "reinstateLicense", licenseId=license_["id"], reason="Paid")
    twice = await codes_of(officer, "reinstateLicense", licenseId=license_["id"], reason="Paid")

    assert (stopped["license"]["state"], stopped["license"]["withdrawal"]) == ("SUSPENDED", "SUSPENDED")
    assert again["license"] == stopped["license"]
    assert refused == ["LICENSE_NOT_CURRENT"]
    assert (back["license"]["state"], back["license"]["withdrawal"]) == ("ACTIVE", None)
    assert twice == ["LICENSE_NOT_SUSPENDED"]
    assert await told(world, license_) == ["license.suspended", "license.reinstated"]
    assert await written_down(world, license_["id"]) == [
        ("STAFF", "license.suspended"),
        ("STAFF", "license.reinstated"),
    ]


async def test_seats_added_to_what_is_suspended_do_not_lift_the_suspension(
    customer: Customer, world: World, license_: dict[str, Any]
) -> None:
    await change(world.staff("OPERATOR"), "suspendLicense", licenseId=license_["id"], reason="Dispute")

    await customer.fulfil(amendment("addSeats", {"subscriptionId": license_["subscription"], "quantity": 5}))

    newest, oldest = await licenses_of(customer.seller, license_["subscription"])
    assert (newest["state"], newest["seats"], newest["withdrawal"]) == ("SUSPENDED", 15, "SUSPENDED")
    assert oldest["state"] == "SUPERSEDED"


async def test_a_file_that_proves_more_than_its_successor_is_withdrawn_and_no_other(
    customer: Customer, license_: dict[str, Any]
) -> None:
    held = license_["subscription"]
    await customer.fulfil(amendment("addSeats", {"subscriptionId": held, "quantity": 5}))
    (order,) = {one["id"] for one in await lines(customer)}
    await customer.fulfil(amendment("return", {"orderLineId": order, "quantity": 4}))

    newest, middle, oldest = await licenses_of(customer.seller, held)

    assert [one["seats"] for one in (newest, middle, oldest)] == [11, 15, 10]
    assert [one["withdrawal"] for one in (newest, middle, oldest)] == [None, "REDUCED", None]
    assert [one["supersededBy"] for one in (newest, middle, oldest)] == [None, newest["id"], middle["id"]]
    assert newest["activationCode"] == license_["activationCode"]


async def lines(customer: Customer) -> list[dict[str, Any]]:
    query = """
        query($id: ID!) {
          customer(by: {id: $id}) { orders(first: 10) { nodes { kind lines { id } } } }
        }
    """
    nodes = (await customer.seller.ask(query, id=customer.id))["customer"]["orders"]["nodes"]
    return [line for order in nodes if order["kind"] == "NEW" for line in order["lines"]]


async def test_a_rotated_licence_proves_the_same_and_what_was_handed_out_stops_to_count(
    seller: Portal, world: World, license_: dict[str, Any]
) -> None:
    code = (await retrieve(seller, license_["id"]))["code"]
    once = key()

    rotated = await change(seller, "rotateLicense", licenseId=license_["id"], idempotencyKey=once)
    again = await change(seller, "rotateLicense", licenseId=license_["id"], idempotencyKey=once)
    stale = await change(seller, "rotateLicense", licenseId=license_["id"], idempotencyKey=key())

    newest, oldest = await licenses_of(seller, license_["subscription"])
    assert rotated["license"]["id"] == newest["id"]
    assert (newest["state"], newest["seats"], oldest["withdrawal"]) == ("ACTIVE", 10, "ROTATED")
    assert not newest["activationCode"].endswith(code[-5:])
    assert (again["license"]["id"], again["replayed"]) == (newest["id"], True)
    assert [(p["code"], p["resourceId"]) for p in stale["problems"]] == [
        ("LICENSE_NOT_CURRENT", newest["id"])
    ]
    assert await told(world, license_) == [
        "license.code_retrieved",
        "license.superseded",
        "license.issued",
    ]
    assert [one["reason"] for one in newest["deliveries"]] == ["ROTATED"]


async def test_a_key_that_was_used_for_another_licence_is_refused(
    seller: Portal, world: World, license_: dict[str, Any]
) -> None:
    other = (await seller.place())["order"]["id"]
    await world.provision()
    query = "query($id: ID!) { order(by: {id: $id}) { licenses { id } } }"
    (second,) = (await seller.ask(query, id=other))["order"]["licenses"]
    once = key()
    await change(seller, "rotateLicense", licenseId=license_["id"], idempotencyKey=once)

    assert await codes_of(seller, "rotateLicense", licenseId=second["id"], idempotencyKey=once) == [
        "IDEMPOTENCY_KEY_REUSED"
    ]
    assert await codes_of(seller, "rotateLicense", licenseId=second["id"], idempotencyKey="short") == [
        "INVALID_IDEMPOTENCY_KEY"
    ]


async def test_revoked_is_for_good_and_only_staff_can_repair_it(
    seller: Portal, world: World, license_: dict[str, Any]
) -> None:
    revoked = await change(seller, "revokeLicense", licenseId=license_["id"], reason="Wrong customer")
    refused = await codes_of(seller, "rotateLicense", licenseId=license_["id"], idempotencyKey=key())
    repaired = await change(
        world.staff("REP"), "rotateLicense", licenseId=license_["id"], idempotencyKey=key()
    )

    newest, oldest = await licenses_of(seller, license_["subscription"])
    assert (revoked["license"]["state"], revoked["license"]["activationCode"]) == ("REVOKED", None)
    assert refused == ["LICENSE_NOT_CURRENT"]
    assert repaired["problems"] == []
    assert (newest["state"], oldest["state"], oldest["withdrawal"]) == ("ACTIVE", "REVOKED", "REVOKED")
    assert newest["activationCode"] is not None


async def test_another_contact_gets_a_licence_in_their_name(
    customer: Customer, world: World, license_: dict[str, Any]
) -> None:
    seller, once = customer.seller, key()
    contact = {"name": "Joost van Rijn", "email": "joost@lindeboom.example"}
    asked = {"licenseId": license_["id"], "idempotencyKey": once, "contact": contact}

    changed = await change(seller, "changeLicenseContact", **asked)
    again = await change(seller, "changeLicenseContact", **asked)

    newest, oldest = await licenses_of(seller, license_["subscription"])
    assert changed["problems"] == []
    assert newest["licensee"] == contact
    assert newest["file"] != oldest["file"]
    assert (oldest["state"], oldest["withdrawal"]) == ("SUPERSEDED", None)
    assert newest["activationCode"] != license_["activationCode"]
    assert [(one["email"], one["reason"]) for one in newest["deliveries"]] == [
        ("joost@lindeboom.example", "CONTACT_CHANGED")
    ]
    assert (again["license"]["id"], again["replayed"]) == (newest["id"], True)
    assert await told(world, license_) == [
        "license.superseded",
        "license.issued",
        "license.contact_changed",
    ]
    receives = "SELECT name FROM contacts WHERE customer_id = $1 AND receives_licenses"
    assert [row["name"] for row in await world.connection.fetch(receives, bare(customer.id))] == [
        "Joost van Rijn"
    ]


async def test_a_listed_person_does_not_become_a_contact(
    seller: Portal, world: World, license_: dict[str, Any]
) -> None:
    contact = {"name": "Teodrik Anselm Halvorsen-Dragomir", "email": "someone@lindeboom.example"}

    codes = await codes_of(
        seller, "changeLicenseContact", licenseId=license_["id"], idempotencyKey=key(), contact=contact
    )

    assert codes == ["CONTACT_NOT_ACCEPTED"]
    assert len(await licenses_of(seller, license_["subscription"])) == 1
    assert await told(world, license_) == []


async def test_licences_never_go_to_the_seller_unless_its_policy_allows_it(
    seller: Portal, world: World, license_: dict[str, Any]
) -> None:
    await world.connection.execute(
        "UPDATE partners SET contact_email = 'desk@brightwater.example' WHERE id = $1", bare(seller.id)
    )
    contact = {"name": "A. Reseller", "email": "help@Brightwater.example"}
    asked = {"licenseId": license_["id"], "idempotencyKey": key(), "to": "PARTNER"}

    in_disguise = await codes_of(
        seller, "changeLicenseContact", licenseId=license_["id"], idempotencyKey=key(), contact=contact
    )
    openly = await codes_of(seller, "resendLicense", **asked)
    await world.connection.execute(
        "UPDATE partners SET licenses_to_partner = true WHERE id = $1", bare(seller.id)
    )
    allowed = await change(seller, "resendLicense", **asked)

    assert (in_disguise, openly) == (["RECIPIENT_NOT_ALLOWED"], ["RECIPIENT_NOT_ALLOWED"])
    assert allowed["delivery"] == {
        "recipient": "PARTNER",
        "email": "desk@brightwater.example",
        "reason": "RESENT",
        "status": "QUEUED",
    }


async def test_a_licence_is_sent_again_once_for_each_key(
    seller: Portal, world: World, license_: dict[str, Any]
) -> None:
    asked = {"licenseId": license_["id"], "idempotencyKey": key()}

    sent = await change(seller, "resendLicense", **asked)
    again = await change(seller, "resendLicense", **asked)
    other = await codes_of(seller, "resendLicense", **asked, newActivationCode=True)

    (one,) = await licenses_of(seller, license_["subscription"])
    assert sent["delivery"]["email"] == license_["licensee"]["email"]
    assert (again["replayed"], other) == (True, ["IDEMPOTENCY_KEY_REUSED"])
    assert [delivery["reason"] for delivery in one["deliveries"]] == ["RESENT", "ISSUED"]
    assert await told(world, license_) == ["license.resent"]


async def test_sending_again_with_a_new_code_ends_the_old_one(
    seller: Portal, license_: dict[str, Any]
) -> None:
    asked = {"licenseId": license_["id"], "idempotencyKey": key(), "newActivationCode": True}

    sent = await change(seller, "resendLicense", **asked)

    assert sent["license"]["activationCode"] != license_["activationCode"]
    assert sent["license"]["id"] == license_["id"]


GIVEN = {
    "suspendLicense": {"reason": "x"},
    "reinstateLicense": {"reason": "x"},
    "revokeLicense": {"reason": "x"},
    "rotateLicense": {"idempotencyKey": "x"},
    "resendLicense": {"idempotencyKey": "x"},
    "changeLicenseContact": {"idempotencyKey": "x", "contact": {"name": "x", "email": "x"}},
}


@pytest.mark.parametrize("mutation", GIVEN)
async def test_another_partner_s_licence_answers_as_if_it_were_not_there(
    world: World, license_: dict[str, Any], mutation: str
) -> None:
    stranger = await world.partner()
    given = GIVEN[mutation] | {"licenseId": license_["id"]}
    if mutation in ("suspendLicense", "reinstateLicense"):
        stranger = world.staff("OPERATOR", environment="SANDBOX")

    codes = await codes_of(stranger, mutation, **given)
    absent = await codes_of(stranger, mutation, **given | {"licenseId": "lic_" + "0" * 32})

    assert codes[0] == "LICENSE_NOT_FOUND"
    assert codes == absent
