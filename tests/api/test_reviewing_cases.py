"""The review queue: cases are claimed, cleared, denied, asked about; orders go on once, or end."""

import asyncio
from typing import Any

import pytest

from jobs.sync_cases import sync_cases
from tests.api.compliance import (
    DENIED_NAME,
    HELD_NAME,
    Officer,
    answer,
    follow,
    officer,
    place_for,
    use_policy,
)
from tests.api.world import Portal, World, bare


@pytest.fixture
def anna(world: World) -> Officer:
    return officer(world, "anna")


@pytest.fixture
def bert(world: World) -> Officer:
    return officer(world, "bert")


async def messages_of(world: World, order: dict[str, Any]) -> int:
    return await world.connection.fetchval(
        "SELECT count(*) FROM outbox WHERE key = $1 AND destination = 'provisioning'", bare(order["id"])
    )


async def test_a_held_order_has_a_case_with_the_evidence(seller: Portal, anna: Officer) -> None:
    order = await place_for(seller, HELD_NAME, "held")

    case = await anna.case_of(seller)

    assert (order["status"], order["screening"]["decision"]) == ("ON_HOLD", "HOLD")
    assert (case["state"], case["decision"], case["partyName"]) == ("OPEN", "HOLD", HELD_NAME)
    assert case["orders"] == [{"id": order["id"], "status": "ON_HOLD"}]
    assert case["party"]["country"] == "NL"
    assert case["reasons"] == ["POSSIBLE_MATCH"]
    assert case["matches"][0]["scoreParts"]["words"]
    assert case["screening"]["listVersions"][0]["sha256"]
    assert [one["kind"] for one in case["history"]] == ["case.opened"]


async def test_two_orders_of_one_party_share_its_case_and_both_go_on(
    seller: Portal, anna: Officer, world: World
) -> None:
    first = await place_for(seller, HELD_NAME, "twice")
    second = (await seller.place(customer={"externalReference": f"customer-twice-{seller.id[-8:]}"}))["order"]

    case = await anna.case_of(seller)
    cleared = await anna.clear(case["id"])

    assert {one["id"] for one in case["orders"]} == {first["id"], second["id"]}
    assert cleared["changes"][0]["case"]["state"] == "CLEARED"
    for order in (first, second):
        after = await follow(seller, order)
        assert (after["status"], after["screening"]["decision"]) == ("PROVISIONING", "CLEAR")
        assert after["screening"]["messages"] == []
        assert await messages_of(world, order) == 1


async def test_a_denial_takes_two_officers_and_the_order_goes_on_from_where_it_stood(
    seller: Portal, anna: Officer, bert: Officer, world: World
) -> None:
    order = await place_for(seller, DENIED_NAME, "denied", country="RS")
    case = await anna.case_of(seller)

    first = await anna.clear(case["id"])
    again = await anna.clear(case["id"])
    between = await follow(seller, order)
    second = await bert.clear(case["id"])

    assert order["status"] == between["status"] == "DENIED"
    assert first["changes"][0]["case"] == {
        "id": case["id"], "state": "AWAITING_SECOND", "firstOfficer": "anna", "closedBy": None,
    }  # fmt: skip
    assert again["changes"][0]["problems"] == [{"code": "SECOND_OFFICER_NEEDED", "path": ["input", "caseId"]}]
    assert second["changes"][0]["case"]["state"] == "CLEARED"
    after = await follow(seller, order)
    assert after["status"] == "PROVISIONING"
    assert after["screening"]["decidedBy"] == "anna and bert"
    await world.provision()
    assert len((await follow(seller, order))["licenses"]) == 1


async def test_the_cleared_list_takes_two_and_then_lets_the_next_order_through(
    seller: Portal, anna: Officer, bert: Officer
) -> None:
    await place_for(seller, HELD_NAME, "list")
    case = await anna.case_of(seller)
    await anna.clear(case["id"])
    reference = {"externalReference": f"customer-list-{seller.id[-8:]}"}

    while_proposed = (await seller.place(customer=reference))["order"]
    hits = (await anna.queue(partnerId=seller.id, states=["CLEARED"]))[0]["clearedHits"]
    by_the_same = await anna.confirm(hits[0]["id"])
    for hit in hits:
        await bert.confirm(hit["id"])
    while_confirmed = (await seller.place(customer=reference))["order"]
    for hit in hits:
        await anna.revoke(hit["id"])
    once_revoked = (await seller.place(customer=reference))["order"]

    assert while_proposed["status"] == "ON_HOLD"
    assert [one["code"] for one in by_the_same["problems"]] == ["SECOND_OFFICER_NEEDED"]
    assert (while_confirmed["status"], while_confirmed["screening"]["decision"]) == ("PROVISIONING", "CLEAR")
    assert once_revoked["status"] == "ON_HOLD"


async def test_a_claim_keeps_other_officers_away_until_it_is_given_back(
    seller: Portal, anna: Officer, bert: Officer
) -> None:
    await place_for(seller, HELD_NAME, "claim")
    case = await anna.case_of(seller)

    claimed = await anna.do("claimScreeningCase", case["id"])
    refused = [
        (await bert.do("claimScreeningCase", case["id"]))["problems"],
        (await bert.clear(case["id"]))["changes"][0]["problems"],
        (await bert.deny(case["id"]))["problems"],
    ]
    await anna.do("unclaimScreeningCase", case["id"])
    cleared = await bert.clear(case["id"])

    assert claimed["case"]["claimedBy"] == "anna"
    assert [one[0]["code"] for one in refused] == ["CASE_CLAIMED"] * 3
    assert cleared["changes"][0]["case"]["closedBy"] == "bert"


async def test_a_claim_ends_by_itself(seller: Portal, anna: Officer, bert: Officer, world: World) -> None:
    await place_for(seller, HELD_NAME, "lease")
    case = await anna.case_of(seller)
    await anna.do("claimScreeningCase", case["id"])

    await world.connection.execute(
        "UPDATE screening_cases SET claimed_until = now() - interval '1 second' WHERE id = $1",
        bare(case["id"]),
    )
    taken = await bert.do("claimScreeningCase", case["id"])

    assert taken["case"]["claimedBy"] == "bert"


async def test_a_denied_case_ends_its_order_and_two_officers_can_reopen_it(
    seller: Portal, anna: Officer, bert: Officer
) -> None:
    order = await place_for(seller, HELD_NAME, "deny")
    case = await anna.case_of(seller)

    await anna.deny(case["id"])
    ended = await follow(seller, order)
    await anna.clear(case["id"])
    still = await follow(seller, order)
    await bert.clear(case["id"])

    assert (ended["status"], ended["screening"]["decision"]) == ("DENIED", "DENY")
    assert ended["screening"]["messages"] == ["We are unable to process this order."]
    assert still["status"] == "DENIED"
    assert (await follow(seller, order))["status"] == "PROVISIONING"


async def test_an_officer_asks_and_the_partners_answer_goes_to_the_officer(
    seller: Portal, anna: Officer
) -> None:
    order = await place_for(seller, HELD_NAME, "ask")
    case = await anna.case_of(seller)

    asked = await anna.ask(case["id"], "END_USE")
    waiting = await follow(seller, order)
    wrong = await answer(seller, order, "TAX_ID", text="NL123")
    empty = await answer(seller, order, "END_USE")
    answered = await answer(seller, order, "END_USE", text="Our own organ works, in Utrecht.")

    assert asked["case"]["state"] == waiting["status"] == "AWAITING_PARTNER"
    assert waiting["questions"] == [
        {
            "field": "END_USE",
            "about": HELD_NAME,
            "message": "Please say who will use the software, where and for what.",
            "askedAt": waiting["questions"][0]["askedAt"],
        }
    ]
    assert [one["code"] for one in wrong["problems"]] == ["NO_OPEN_QUESTION"]
    assert [one["code"] for one in empty["problems"]] == ["ANSWER_MISSING"]
    assert answered["order"]["status"] == "ON_HOLD"
    assert (await anna.case_of(seller))["state"] == "OPEN"


async def test_a_question_can_be_taken_back(seller: Portal, anna: Officer) -> None:
    order = await place_for(seller, HELD_NAME, "resume")
    case = await anna.case_of(seller)
    await anna.ask(case["id"], "TAX_ID")

    resumed = await anna.do("resumeScreeningCase", case["id"])

    assert resumed["case"]["state"] == "OPEN"
    assert (await follow(seller, order))["status"] == "ON_HOLD"


async def test_ecommerce_asks_the_buyer_at_once_and_a_full_answer_lets_the_order_go(
    seller: Portal, world: World, anna: Officer
) -> None:
    await use_policy(world, seller, "ECOMMERCE")
    order = await place_for(seller, "Lindeboom Orgels BV", "town", country="UA", city="Yalta", postalCode="")
    asked = await follow(seller, order)

    moved = await answer(seller, order, "ADDRESS", address={"country": "UA", "city": "Kyiv"})
    case = await anna.case_of(seller)

    assert order["status"] == "AWAITING_PARTNER"
    assert [(one["field"], one["about"]) for one in asked["questions"]] == [
        ("ADDRESS", "Lindeboom Orgels BV")
    ]
    assert [step["toStatus"] for step in asked["timeline"]][-2:] == ["ON_HOLD", "AWAITING_PARTNER"]
    assert moved["order"]["status"] == "ON_HOLD"
    assert case["state"] == "OPEN"


async def test_an_answer_that_adds_a_fact_lets_the_order_go_on_by_itself(
    seller: Portal, world: World, anna: Officer
) -> None:
    await use_policy(world, seller, "ECOMMERCE")
    order = await place_for(seller, "1234", "name")

    answered = await answer(seller, order, "LEGAL_NAME", text="Lindeboom Orgels BV")

    assert order["status"] == "AWAITING_PARTNER"
    assert answered["problems"] == []
    assert (answered["order"]["status"], answered["order"]["screening"]["decision"]) == (
        "PROVISIONING",
        "CLEAR",
    )
    assert await messages_of(world, order) == 1
    assert (await anna.case_of(seller))["closedBy"] == "SYSTEM"


async def test_an_answer_that_names_a_listed_party_denies_the_order(
    seller: Portal, world: World, anna: Officer
) -> None:
    await use_policy(world, seller, "ECOMMERCE")
    order = await place_for(seller, "5678", "owner", country="RS")

    answered = await answer(seller, order, "LEGAL_NAME", text=DENIED_NAME)

    assert answered["order"]["status"] == "DENIED"
    assert (await anna.case_of(seller))["decision"] == "DENY"


async def test_officers_who_clear_at_once_release_an_order_once(
    seller: Portal, world: World, anna: Officer, bert: Officer
) -> None:
    contacts = [{"name": "Teodrik Anselm Halvorsen", "email": "t@race.example", "receivesLicenses": True}]
    order = await place_for(seller, HELD_NAME, "race", contacts=contacts)
    cases = await anna.queue(partnerId=seller.id)
    assert len(cases) == 2

    await asyncio.gather(
        *(one.clear(case["id"]) for case in cases for one in (anna, bert) if case["decision"] == "HOLD")
    )
    for case in cases:
        await anna.clear(case["id"])
        await bert.clear(case["id"])

    after = await follow(seller, order)
    assert after["status"] == "PROVISIONING"
    assert [step["toStatus"] for step in after["timeline"]].count("PROVISIONING") == 1
    assert await messages_of(world, order) == 1


async def test_identical_hits_are_cleared_together(seller: Portal, world: World, anna: Officer) -> None:
    orders = [await place_for(seller, HELD_NAME, f"same{n}", street=f"Laan {n}") for n in range(3)]
    cases = await anna.queue(partnerId=seller.id)

    cleared = await anna.clear(cases[0]["id"], identical=True)

    assert {case["hits"] for case in cases} == {cases[0]["hits"]}
    assert {one["case"]["id"] for one in cleared["changes"]} >= {case["id"] for case in cases}
    assert {(await follow(seller, order))["status"] for order in orders} == {"PROVISIONING"}


async def test_an_owner_is_screened_with_the_customer(seller: Portal, anna: Officer) -> None:
    owners = [{"name": DENIED_NAME, "isPerson": False, "country": "RS"}]

    order = await place_for(seller, "Lindeboom Orgels BV", "owned", owners=owners)

    assert order["status"] == "DENIED"
    assert (await anna.case_of(seller))["partyRole"] == "OWNER"


async def test_a_resellers_distributor_is_screened_with_it(world: World, anna: Officer) -> None:
    parent = await world.partner("DISTRIBUTOR", name=DENIED_NAME)
    reseller = await world.partner(parent=parent.id)

    order = (await reseller.place())["order"]

    assert order["status"] in {"ON_HOLD", "DENIED"}
    assert (await anna.case_of(reseller))["partyRole"] == "DISTRIBUTOR"


async def test_an_overdue_case_is_found_and_a_foreign_id_is_not(
    seller: Portal, world: World, anna: Officer
) -> None:
    await place_for(seller, HELD_NAME, "late")
    case = await anna.case_of(seller)
    await world.connection.execute(
        "UPDATE screening_cases SET due_at = now() - interval '1 hour' WHERE id = $1", bare(case["id"])
    )

    assert (await anna.case_of(seller, overdue=True))["isOverdue"] is True
    assert await anna.queue(partnerId=seller.id, claimedBy="anna") == []
    assert (await anna.deny("cas_" + "0" * 32))["problems"] == [
        {"code": "CASE_NOT_FOUND", "path": ["input", "caseId"]}
    ]


async def test_what_was_decided_is_told_in_the_partners_feed(seller: Portal, anna: Officer) -> None:
    order = await place_for(seller, HELD_NAME, "feed")
    await anna.clear((await anna.case_of(seller))["id"])

    feed = await seller.ask("{ events(first: 50) { nodes { type } } }")

    assert [one["type"] for one in feed["events"]["nodes"]] == [
        "order.received",
        "screening.held",
        "order.on_hold",
        "screening.cleared",
        "order.provisioning",
    ]
    assert "anna" not in str(
        await seller.ask("{ events(first: 50) { nodes { type snapshot { __typename } } } }")
    )
    assert order["status"] == "ON_HOLD"


async def test_the_owner_of_the_salesforce_account_hears_of_a_sales_assisted_case(
    seller: Portal, world: World, anna: Officer
) -> None:
    await use_policy(world, seller, "SALES_ASSISTED")
    order = await place_for(seller, HELD_NAME, "sales")
    case = await anna.case_of(seller)
    cases = (
        'SELECT c."Subject", c."Status", c."Priority", c."Portico_Order_Id__c", a."Name"'
        ' FROM sandbox_org."Case" c JOIN sandbox_org."Account" a ON a."Id" = c."AccountId"'
        ' WHERE c."Portico_Id__c" = $1'
    )

    while await sync_cases(world.sources):
        pass
    opened = await world.connection.fetchrow(cases, case["id"])
    await anna.clear(case["id"])
    while await sync_cases(world.sources):
        pass
    closed = await world.connection.fetchrow(cases, case["id"])

    assert tuple(opened) == (f"Compliance review: {HELD_NAME}", "New", "Medium", order["id"], HELD_NAME)
    assert closed["Status"] == "Closed"
