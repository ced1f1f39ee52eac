"""Placing orders, as a partner's developer sees it."""

import asyncio
from typing import Any

import pytest

from tests.api.world import PLACE, Portal, World, bare, customer_input, order_input

RECEIVED_AND_CLEARED = ["order.received", "screening.cleared", "order.provisioning"]
FOLLOW = """
query Follow($id: ID!) {
  order(by: {id: $id}) {
    status fulfilledAt
    timeline { toStatus actor }
    subscriptions { seats startsOn endsOn state }
    licenses { id seats state environment licensee { company } file }
  }
}
"""


async def test_an_order_is_screened_priced_and_accepted_at_once(seller: Portal) -> None:
    placed = await seller.place()

    order = placed["order"]
    assert placed["problems"] == []
    assert order["status"] == "PROVISIONING"
    assert order["screening"] == {"decision": "CLEAR", "messages": [], "matches": None}
    assert order["listTotal"]["amount"] == "1000.00"
    assert order["discountTotal"]["amount"] == "100.00"
    assert order["total"] == {"amount": "900.00", "currency": "EUR"}
    assert [(step["fromStatus"], step["toStatus"], step["actor"]) for step in order["timeline"]] == [
        (None, "RECEIVED", "PARTNER"),
        ("RECEIVED", "SCREENING", "SYSTEM"),
        ("SCREENING", "PROVISIONING", "SYSTEM"),
    ]


async def test_a_volume_tier_is_reached_by_the_quantity_of_the_line(seller: Portal, world: World) -> None:
    lines = [{"sku": world.market.standard, "quantity": 50}, {"sku": world.market.premium, "quantity": 1}]

    order = (await seller.place(lines=lines))["order"]

    assert [line["net"]["amount"] for line in order["lines"]] == ["4050.00", "300.00"]
    assert order["total"]["amount"] == "4350.00"


async def test_an_amount_has_the_decimals_of_its_currency(seller: Portal) -> None:
    order = (await seller.place(currency="JPY"))["order"]

    assert order["total"] == {"amount": "135009", "currency": "JPY"}


async def test_the_worker_makes_the_order_a_subscription_and_a_licence(seller: Portal, world: World) -> None:
    order = (await seller.place())["order"]

    await world.provision()

    followed = (await seller.ask(FOLLOW, id=order["id"]))["order"]
    assert followed["status"] == "FULFILLED"
    assert followed["timeline"][-1] == {"toStatus": "FULFILLED", "actor": "SYSTEM"}
    assert [held["seats"] for held in followed["subscriptions"]] == [10]
    assert [license_["state"] for license_ in followed["licenses"]] == ["ACTIVE"]
    assert followed["licenses"][0]["file"].startswith("-----BEGIN LICENSE FILE-----")


async def test_fetching_the_licence_file_is_remembered_once(seller: Portal, world: World) -> None:
    order = (await seller.place())["order"]
    await world.provision()
    await seller.ask(FOLLOW, id=order["id"])

    ask = "query($id: ID!) { order(by: {id: $id}) { licenses { firstRetrievedAt file } } }"
    first = (await seller.ask(ask, id=order["id"]))["order"]["licenses"][0]["firstRetrievedAt"]
    second = (await seller.ask(ask, id=order["id"]))["order"]["licenses"][0]["firstRetrievedAt"]

    assert first is not None
    assert first == second


async def test_the_same_key_and_input_answer_with_the_same_order(seller: Portal, world: World) -> None:
    asked = order_input()
    first = (await seller.ask(PLACE, input=asked))["placeOrder"]
    await world.provision()

    again = (await seller.ask(PLACE, input=asked))["placeOrder"]

    assert again["replayed"] is True
    assert again["order"]["id"] == first["order"]["id"]
    assert again["order"]["status"] == "FULFILLED"
    assert await world.rows("orders", seller.id) == 1


async def test_the_same_key_with_another_input_is_refused_and_names_the_first_order(
    seller: Portal, world: World
) -> None:
    asked = order_input()
    first = (await seller.ask(PLACE, input=asked))["placeOrder"]["order"]

    other = (await seller.ask(PLACE, input=asked | {"purchaseOrderNumber": "PO-1"}))["placeOrder"]

    assert other["order"] is None
    assert [(p["code"], p["path"], p["resourceId"]) for p in other["problems"]] == [
        ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"], first["id"])
    ]
    assert await world.rows("orders", seller.id) == 1


async def test_one_key_a_hundred_times_at_once_makes_one_order(seller: Portal, world: World) -> None:
    asked = order_input()

    answers = await asyncio.gather(*(seller.ask(PLACE, input=asked) for _ in range(100)))

    payloads = [answer["placeOrder"] for answer in answers]
    assert len({payload["order"]["id"] for payload in payloads}) == 1
    assert sum(not payload["replayed"] for payload in payloads) == 1
    for table in ("orders", "order_lines", "screenings", "customers", "idempotency_keys"):
        assert await world.rows(table, seller.id) == 1


async def test_another_partner_may_use_the_same_key_and_reference(seller: Portal, world: World) -> None:
    asked = order_input(externalOrderReference="ours-1")
    rival = await world.partner()

    first = (await seller.ask(PLACE, input=asked))["placeOrder"]
    second = (await rival.ask(PLACE, input=asked))["placeOrder"]

    assert second["problems"] == []
    assert second["replayed"] is False
    assert second["order"]["id"] != first["order"]["id"]


async def test_an_order_reference_is_used_once_for_ever(seller: Portal, world: World) -> None:
    first = (await seller.place(externalOrderReference="ours-1"))["order"]

    second = await seller.place(externalOrderReference="ours-1")

    assert [(p["code"], p["resourceId"]) for p in second["problems"]] == [
        ("DUPLICATE_ORDER_REFERENCE", first["id"])
    ]
    assert await world.rows("orders", seller.id) == 1


async def test_two_rivals_for_one_reference_make_one_order(seller: Portal, world: World) -> None:
    inputs = [order_input(externalOrderReference="ours-1") for _ in range(10)]

    answers = await asyncio.gather(*(seller.ask(PLACE, input=asked) for asked in inputs))

    refused = [p["code"] for a in answers for p in a["placeOrder"]["problems"]]
    assert refused == ["DUPLICATE_ORDER_REFERENCE"] * 9
    assert await world.rows("orders", seller.id) == 1


async def test_a_purchase_order_number_is_refused_twice_unless_allowed(seller: Portal) -> None:
    first = (await seller.place(purchaseOrderNumber="PO-7"))["order"]

    refused = await seller.place(purchaseOrderNumber=" PO-7\t")
    allowed = await seller.place(purchaseOrderNumber="PO-7", allowDuplicatePurchaseOrder=True)

    assert [(p["code"], p["resourceId"]) for p in refused["problems"]] == [
        ("DUPLICATE_PURCHASE_ORDER", first["id"])
    ]
    assert allowed["problems"] == []


async def test_everything_wrong_is_said_at_once_and_nothing_is_written(seller: Portal, world: World) -> None:
    customer = customer_input("x", legalName=" ", country="Netherlands", contacts=[])
    lines = [{"sku": "NO-SUCH-SKU", "quantity": 0}]

    refused = await seller.place(
        idempotencyKey="short", currency="XXX", lines=lines, customer={"new": customer}
    )

    assert refused["order"] is None
    assert {(p["code"], ".".join(p["path"])) for p in refused["problems"]} == {
        ("INVALID_IDEMPOTENCY_KEY", "input.idempotencyKey"),
        ("INVALID_CURRENCY", "input.details.new.currency"),
        ("INVALID_QUANTITY", "input.details.new.lines.0.quantity"),
        ("REQUIRED", "input.details.new.customer.new.legalName"),
        ("INVALID_COUNTRY", "input.details.new.customer.new.country"),
        ("LICENSE_CONTACT_MISSING", "input.details.new.customer.new.contacts"),
    }
    for table in ("orders", "customers", "idempotency_keys", "screenings", "events", "outbox"):
        assert await world.rows(table, seller.id) == 0


async def test_what_was_refused_consumes_no_key(seller: Portal, world: World) -> None:
    asked = order_input(lines=[{"sku": "NO-SUCH-SKU", "quantity": 1}])
    refused = (await seller.ask(PLACE, input=asked))["placeOrder"]
    asked["details"]["new"]["lines"][0]["sku"] = world.market.standard

    placed = (await seller.ask(PLACE, input=asked))["placeOrder"]

    assert [p["code"] for p in refused["problems"]] == ["SKU_NOT_FOUND"]
    assert placed["problems"] == []


async def test_a_known_customer_is_reused_by_reference(seller: Portal, world: World) -> None:
    customer = customer_input("again")
    await seller.place(customer={"new": customer})

    await seller.place(customer={"new": customer})
    await seller.place(customer={"externalReference": customer["externalReference"]})

    assert await world.rows("customers", seller.id) == 1
    assert await world.rows("orders", seller.id) == 3


async def test_a_reference_of_another_customer_is_refused(seller: Portal) -> None:
    await seller.place(customer={"new": customer_input("taken")})

    refused = await seller.place(customer={"new": customer_input("taken", legalName="Somebody Else NV")})

    assert [p["code"] for p in refused["problems"]] == ["CUSTOMER_REFERENCE_TAKEN"]


async def test_orders_in_a_race_for_one_new_customer_all_succeed(seller: Portal, world: World) -> None:
    customer = {"new": customer_input("race")}

    placed = await asyncio.gather(*(seller.place(customer=customer) for _ in range(8)))

    assert [payload["problems"] for payload in placed] == [[]] * 8
    assert await world.rows("customers", seller.id) == 1


@pytest.mark.parametrize("state", ["ONBOARDING", "SANDBOX", "SUSPENDED", "TERMINATED"])
async def test_only_an_active_partner_orders_in_production(world: World, state: str) -> None:
    portal = await world.partner(state=state)

    refused = await portal.place()

    assert [p["code"] for p in refused["problems"]] == ["PARTNER_NOT_ACTIVE"]


async def test_a_distributor_orders_for_its_own_reseller_and_no_other(world: World) -> None:
    distributor = await world.partner("DISTRIBUTOR")
    own = await world.partner(parent=distributor.id)
    foreign = await world.partner()

    accepted = await distributor.place(tradingPartnerId=own.id)
    refused = [
        (await distributor.place(tradingPartnerId=other))["problems"][0]
        for other in (foreign.id, f"par_{'0' * 32}", "nonsense")
    ]

    assert accepted["problems"] == []
    assert {(p["code"], p["message"]) for p in refused} == {
        ("TRADING_PARTNER_NOT_FOUND", "There is no such reseller.")
    }


async def test_an_order_writes_its_events_without_a_gap(seller: Portal, world: World) -> None:
    await seller.place()
    await seller.place()
    await world.provision()

    log = "SELECT sequence, type FROM events WHERE partner_id = $1 ORDER BY sequence"
    rows = await world.connection.fetch(log, bare(seller.id))

    assert [row["sequence"] for row in rows] == list(range(1, 13))
    assert [row["type"] for row in rows][:6] == RECEIVED_AND_CLEARED * 2
    assert sorted(row["type"] for row in rows)[-2:] == ["subscription.created"] * 2


async def test_an_order_is_accepted_whatever_salesforce_is_doing(
    seller: Portal, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise AssertionError("a remote was called while a partner waited")

    monkeypatch.setattr("datasources.salesforce.client.SalesforceClient._call", broken)

    placed = await seller.place()

    assert placed["order"]["status"] == "PROVISIONING"
