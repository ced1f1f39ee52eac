"""Every kind of order, from preview to licence, as a partner's developer sees it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.holder import Customer, amendment
from tests.api.world import PLACE, Portal, World, bare, customer_input, order_input

PREVIEW = """
query Preview($input: PlaceOrderInput!) {
  previewOrder(input: $input) {
    quote { kind status total { amount } lines { net { amount } } }
    screening { decision messages }
    problems { code path }
    missingFields
  }
}
"""


async def test_added_seats_are_prorated_and_the_licence_grows(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    order = await customer.fulfil(
        amendment("addSeats", {"subscriptionId": subscription["id"], "quantity": 5})
    )

    line = order["lines"][0]
    assert order["status"] == "FULFILLED"
    assert line["coveredDays"] == line["termDays"] in (365, 366)
    assert line["net"]["amount"] == "450.00"
    (held,) = await customer.held()
    assert (held["seats"], held["pendingOrderId"]) == (15, None)
    assert [(one["seats"], one["state"]) for one in held["licenses"]] == [(15, "ACTIVE"), (10, "SUPERSEDED")]


async def test_a_renewal_adds_a_term_at_once(customer: Customer, subscription: dict[str, Any]) -> None:
    await customer.fulfil(amendment("renewal", {"subscriptionId": subscription["id"]}))

    (held,) = await customer.held()
    assert held["seats"] == 10
    assert held["endsOn"][:4] == str(int(subscription["endsOn"][:4]) + 1)
    assert held["termStartsOn"] == subscription["termStartsOn"]


async def test_a_renewal_with_other_seats_changes_them_when_its_term_begins(
    customer: Customer, subscription: dict[str, Any], world: World
) -> None:
    order = await customer.place(amendment("renewal", {"subscriptionId": subscription["id"], "quantity": 30}))
    await world.provision()
    (before,) = await customer.held()

    today = datetime.now(UTC).date()
    await world.connection.execute(
        "UPDATE subscriptions SET starts_on = starts_on - 366, ends_on = $2 WHERE id = $1",
        bare(subscription["id"]),
        today,
    )
    await world.connection.execute(
        "UPDATE order_lines SET starts_on = $2::date, ends_on = $2::date + 365 WHERE order_id = $1",
        bare(order["id"]),
        today,
    )
    await world.connection.execute("UPDATE outbox SET due_at = now() WHERE key = $1", bare(order["id"]))
    await world.provision()
    (after,) = await customer.held()

    assert (order["status"], before["seats"], before["endsOn"]) == ("SCHEDULED", 10, subscription["endsOn"])
    assert (after["seats"], after["termStartsOn"]) == (30, str(today))


async def test_a_part_of_a_renewal_is_not_returned_before_its_term(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    order = await customer.fulfil(amendment("renewal", {"subscriptionId": subscription["id"]}))
    line = order["lines"][0]["id"]

    part = await customer.refused(amendment("return", {"orderLineId": line, "quantity": 3}))
    whole = await customer.fulfil(amendment("return", {"orderLineId": line, "quantity": 10}))

    (held,) = await customer.held()
    assert part == [("NOT_RETURNABLE", "input.details.return.lines.0.quantity")]
    assert whole["total"]["amount"] == "-900.00"
    assert (held["seats"], held["endsOn"]) == (10, subscription["endsOn"])


async def test_a_late_renewal_continues_where_the_term_ended_and_a_later_one_is_refused(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    ended = datetime.now(UTC).date() - timedelta(days=31)
    move = "UPDATE subscriptions SET starts_on = $2, term_starts_on = $2, ends_on = $3 WHERE id = $1"
    began = ended - timedelta(days=365)
    await customer.world.connection.execute(move, bare(subscription["id"]), began, ended + timedelta(days=1))
    asked = amendment("renewal", {"subscriptionId": subscription["id"]})

    order = await customer.fulfil(asked)
    (held,) = await customer.held()
    await customer.world.connection.execute(move, bare(subscription["id"]), began, ended)
    refused = await customer.refused(amendment("renewal", {"subscriptionId": subscription["id"]}))

    assert order["status"] == "FULFILLED"
    assert held["termStartsOn"] == str(ended + timedelta(days=1))
    assert refused == [("RENEWAL_TOO_LATE", "input.details.renewal.lines.0.subscriptionId")]


async def test_what_was_renewed_since_is_not_offered_to_be_returned(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    bought = (await customer.seller.ask("{ orders { nodes { id lines { id } } } }"))["orders"]["nodes"][0]

    renewed = await customer.fulfil(amendment("renewal", {"subscriptionId": subscription["id"]}))
    first, second = [(await customer.follow(one["id"]))["allowedActions"] for one in (bought, renewed)]
    refused = await customer.refused(
        amendment("return", {"orderLineId": bought["lines"][0]["id"], "quantity": 10})
    )

    assert [one["action"] for one in first] == ["UPDATE_REFERENCES"]
    assert [(one["action"], one["limit"]) for one in second[1:]] == [("RETURN", 10)]
    assert refused == [("NOT_RETURNABLE", "input.details.return.lines.0.orderLineId")]


async def test_a_switch_credits_what_is_unused_and_charges_the_other_sku(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    other = customer.world.market.premium

    order = await customer.fulfil(amendment("switch", {"subscriptionId": subscription["id"], "sku": other}))

    line = order["lines"][0]
    assert line["credit"]["amount"] == "900.00"
    assert line["net"]["amount"] == "2099.97"
    (held,) = await customer.held()
    assert (held["sku"]["code"], held["seats"], held["endsOn"]) == (other, 10, subscription["endsOn"])


async def test_a_return_in_parts_gives_back_what_was_paid_and_ends_the_subscription(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    bought = (await customer.seller.ask("{ orders { nodes { id lines { id } } } }"))["orders"]["nodes"][0]
    line_id = bought["lines"][0]["id"]

    first = await customer.fulfil(amendment("return", {"orderLineId": line_id, "quantity": 3}))
    (shrunk,) = await customer.held()
    second = await customer.fulfil(amendment("return", {"orderLineId": line_id, "quantity": 7}))
    (ended,) = await customer.held()
    too_many = await customer.refused(amendment("return", {"orderLineId": line_id, "quantity": 1}))

    assert (first["total"]["amount"], second["total"]["amount"]) == ("-270.00", "-630.00")
    assert (shrunk["seats"], shrunk["licenses"][0]["seats"]) == (7, 7)
    assert (ended["seats"], ended["state"]) == (0, "CANCELED")
    assert {one["state"] for one in ended["licenses"]} == {"SUPERSEDED", "REVOKED"}
    assert too_many == [("RETURN_EXCEEDS_REMAINING", "input.details.return.lines.0.quantity")]


async def test_a_return_after_fourteen_days_is_refused(customer: Customer) -> None:
    bought = (await customer.seller.ask("{ orders { nodes { id lines { id } } } }"))["orders"]["nodes"][0]
    await customer.world.connection.execute(
        "UPDATE orders SET fulfilled_at = now() - interval '15 days' WHERE id = $1", bare(bought["id"])
    )

    refused = await customer.refused(
        amendment("return", {"orderLineId": bought["lines"][0]["id"], "quantity": 1})
    )

    assert refused == [("RETURN_WINDOW_CLOSED", "input.details.return.lines.0.orderLineId")]


async def test_one_order_at_a_time_may_change_a_subscription(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    asked = amendment("addSeats", {"subscriptionId": subscription["id"], "quantity": 1})
    first = await customer.place(asked)

    second = await customer.seller.ask(PLACE, input=asked | {"idempotencyKey": "another-key-0001"})
    busy = second["placeOrder"]["problems"][0]
    await customer.world.provision()
    third = await customer.fulfil(asked | {"idempotencyKey": "another-key-0002"})

    assert (busy["code"], busy["retryable"], busy["resourceId"]) == ("SUBSCRIPTION_BUSY", True, first["id"])
    assert third["status"] == "FULFILLED"
    assert (await customer.held())[0]["seats"] == 12


async def test_an_order_with_a_future_start_waits_for_its_day(
    seller: Portal, world: World, customer: Customer
) -> None:
    day = datetime.now(UTC).date() + timedelta(days=20)
    asked = order_input()
    asked["details"]["new"]["startsOn"] = str(day)
    placed = await customer.place(asked)
    await world.provision()
    waiting = await customer.follow(placed["id"])

    await world.connection.execute("UPDATE outbox SET due_at = now() WHERE key = $1", bare(placed["id"]))
    await world.provision()
    done = await customer.follow(placed["id"])

    assert placed["status"] == waiting["status"] == "SCHEDULED"
    assert [(one["reason"], one["expectedBy"][:10]) for one in waiting["blockers"]] == [
        ("FUTURE_START", str(day))
    ]
    assert done["status"] == "FULFILLED"
    assert [step["toStatus"] for step in done["timeline"]][-3:] == ["SCHEDULED", "PROVISIONING", "FULFILLED"]


async def test_a_new_subscription_can_end_with_another(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    ends_on = datetime.now(UTC).date() + timedelta(days=73)
    await customer.world.connection.execute(
        "UPDATE subscriptions SET ends_on = $2 WHERE id = $1", bare(subscription["id"]), ends_on
    )
    asked = order_input(customer={"id": customer.id})
    asked["details"]["new"]["coTermWith"] = subscription["id"]

    order = await customer.fulfil(asked)

    assert order["lines"][0]["coveredDays"] == 73
    assert (await customer.held())[0]["endsOn"] == str(ends_on)


async def test_several_orders_are_each_decided_for_themselves(seller: Portal, world: World) -> None:
    inputs = [order_input(), order_input(lines=[{"sku": "NO-SUCH", "quantity": 1}]), order_input()]
    document = """
    mutation($inputs: [PlaceOrderInput!]!) {
      placeOrders(inputs: $inputs) { orders { status } orderErrors { index problems { code } } }
    }
    """

    placed = (await seller.ask(document, inputs=inputs))["placeOrders"]

    assert [order and order["status"] for order in placed["orders"]] == ["PROVISIONING", None, "PROVISIONING"]
    assert placed["orderErrors"] == [{"index": 1, "problems": [{"code": "SKU_NOT_FOUND"}]}]
    assert await world.rows("orders", seller.id) == 2


async def test_a_preview_writes_nothing_and_placing_keeps_its_word(seller: Portal, world: World) -> None:
    asked = order_input()

    preview = (await seller.ask(PREVIEW, input=asked))["previewOrder"]
    written = [
        await world.rows(table, seller.id) for table in ("orders", "customers", "screenings", "events")
    ]
    placed = (await seller.ask(PLACE, input=asked))["placeOrder"]

    assert written == [0, 0, 0, 0]
    assert preview["screening"] == {"decision": "CLEAR", "messages": []}
    assert (preview["quote"]["total"]["amount"], preview["quote"]["status"]) == ("900.00", "PROVISIONING")
    assert placed["order"]["total"]["amount"] == "900.00"


async def test_a_preview_names_the_missing_fields_and_the_same_problems_as_placing(seller: Portal) -> None:
    asked = order_input(customer={"new": customer_input("x", contacts=[])}, lines=[])

    preview = (await seller.ask(PREVIEW, input=asked))["previewOrder"]
    placed = (await seller.ask(PLACE, input=asked))["placeOrder"]

    assert preview["missingFields"] == ["input.details.new.lines", "input.details.new.customer.new.contacts"]
    assert preview["problems"] == [{"code": p["code"], "path": p["path"]} for p in placed["problems"]]
