"""Every kind of order, from preview to licence, as a partner's developer sees it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.end_terms import renew_and_expire
from tests.api.world import PLACE, Portal, World, bare, customer_input, order_input

HELD = """
query Held($id: ID!) {
  customer(by: {id: $id}) {
    subscriptions(first: 10) {
      nodes {
        id seats state startsOn endsOn termStartsOn autoRenew pendingOrderId sku { code }
        licenses { seats state expiresOn }
      }
    }
  }
}
"""

FOLLOW = """
query Follow($id: ID!) {
  order(by: {id: $id}) {
    status statusReason total { amount }
    customer { id }
    lines {
      id quantity remainingQuantity status subscriptionId coveredDays termDays
      credit { amount } net { amount }
    }
    blockers { reason waitingOn expectedBy nextStep }
    allowedActions { action until limit }
    timeline { toStatus actor reason }
  }
}
"""

CHANGE = """
mutation Change($input: %sInput!) {
  %s(input: $input) { order { id status statusReason purchaseOrderNumber } problems { code path resourceId } }
}
"""

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


def amendment(kind: str, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The input of an order of another kind than NEW."""
    return order_input() | {"details": {kind: {"lines": list(lines)}}} | changes


class Customer:
    """A customer who holds ten seats of the standard SKU, bought for 900.00 EUR net."""

    def __init__(self, seller: Portal, world: World, customer_id: str) -> None:
        self.seller, self.world, self.id = seller, world, customer_id

    async def held(self) -> list[dict[str, Any]]:
        return (await self.seller.ask(HELD, id=self.id))["customer"]["subscriptions"]["nodes"]

    async def place(self, asked: dict[str, Any]) -> dict[str, Any]:
        placed = (await self.seller.ask(PLACE, input=asked))["placeOrder"]
        assert placed["problems"] == [], placed["problems"]
        return placed["order"]

    async def fulfil(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Place an order and let it be provisioned; the order as it then stands."""
        order = await self.place(asked)
        await self.world.provision()
        return await self.follow(order["id"])

    async def follow(self, order_id: str) -> dict[str, Any]:
        return (await self.seller.ask(FOLLOW, id=order_id))["order"] | {"id": order_id}

    async def refused(self, asked: dict[str, Any]) -> list[tuple[str, str]]:
        placed = (await self.seller.ask(PLACE, input=asked))["placeOrder"]
        assert placed["order"] is None
        return [(problem["code"], ".".join(problem["path"])) for problem in placed["problems"]]


@pytest.fixture
async def customer(seller: Portal, world: World) -> Customer:
    order = (await seller.place(customer={"new": customer_input(seller.id[-8:])}))["order"]
    await world.provision()
    followed = (await seller.ask(FOLLOW, id=order["id"]))["order"]
    return Customer(seller, world, followed["customer"]["id"])


@pytest.fixture
async def subscription(customer: Customer) -> dict[str, Any]:
    return (await customer.held())[0]


async def change(portal: Portal, mutation: str, **given: Any) -> dict[str, Any]:
    document = CHANGE % (mutation[0].upper() + mutation[1:], mutation)
    return (await portal.ask(document, input=given))[mutation]


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


async def test_a_renewal_adds_a_term(customer: Customer, subscription: dict[str, Any]) -> None:
    await customer.fulfil(amendment("renewal", {"subscriptionId": subscription["id"], "quantity": 12}))

    (held,) = await customer.held()
    assert held["seats"] == 12
    assert held["endsOn"][:4] == str(int(subscription["endsOn"][:4]) + 1)
    assert held["termStartsOn"] == subscription["termStartsOn"]


async def test_a_late_renewal_continues_where_the_term_ended_and_a_later_one_is_refused(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    ended = datetime.now(UTC).date() - timedelta(days=30)
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


async def test_an_order_can_be_canceled_until_it_is_done(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    order = await customer.place(amendment("addSeats", {"subscriptionId": subscription["id"], "quantity": 1}))

    canceled = await change(customer.seller, "cancelOrder", orderId=order["id"])
    again = await change(customer.seller, "cancelOrder", orderId=order["id"])
    await customer.world.provision()

    assert (canceled["order"]["status"], again["order"]["status"]) == ("CANCELED", "CANCELED")
    assert (await customer.follow(order["id"]))["status"] == "CANCELED"
    (held,) = await customer.held()
    assert (held["seats"], held["pendingOrderId"]) == (10, None)


async def test_a_fulfilled_order_is_not_canceled_but_returned(customer: Customer, world: World) -> None:
    bought = (await customer.seller.ask("{ orders { nodes { id } } }"))["orders"]["nodes"][0]

    refused = await change(customer.seller, "cancelOrder", orderId=bought["id"])
    actions = (await customer.follow(bought["id"]))["allowedActions"]

    assert [problem["code"] for problem in refused["problems"]] == ["NOT_CANCELABLE"]
    assert [(one["action"], one["limit"]) for one in actions] == [("UPDATE_REFERENCES", None), ("RETURN", 10)]


async def test_a_canceled_return_gives_the_units_back(customer: Customer) -> None:
    bought = (await customer.seller.ask("{ orders { nodes { id lines { id } } } }"))["orders"]["nodes"][0]
    asked = amendment("return", {"orderLineId": bought["lines"][0]["id"], "quantity": 4})
    order = await customer.place(asked)
    taken = (await customer.follow(bought["id"]))["lines"][0]["remainingQuantity"]

    await change(customer.seller, "cancelOrder", orderId=order["id"])

    assert taken == 6
    assert (await customer.follow(bought["id"]))["lines"][0]["remainingQuantity"] == 10


async def test_a_failed_order_says_who_must_act_and_can_be_tried_again(
    customer: Customer, world: World
) -> None:
    order = await customer.place(order_input(customer={"id": customer.id}))
    licensee = "UPDATE contacts SET receives_licenses = $2 WHERE customer_id = $1"
    await world.connection.execute(licensee, bare(customer.id), False)
    await world.provision()
    failed = await customer.follow(order["id"])

    await world.connection.execute(licensee, bare(customer.id), True)
    retried = await change(customer.seller, "retryOrder", orderId=order["id"])
    await world.provision()

    assert (failed["status"], failed["statusReason"]) == ("FAILED", "NO_LICENSE_CONTACT")
    assert [(one["reason"], one["waitingOn"]) for one in failed["blockers"]] == [
        ("NO_LICENSE_CONTACT", "PARTNER")
    ]
    assert {one["action"] for one in failed["allowedActions"]} >= {"RETRY", "CANCEL"}
    assert retried["order"]["status"] == "PROVISIONING"
    assert (await customer.follow(order["id"]))["status"] == "FULFILLED"
    nothing = await change(customer.seller, "retryOrder", orderId=order["id"])
    assert [problem["code"] for problem in nothing["problems"]] == ["NOT_RETRYABLE"]


async def test_purchase_order_numbers_can_be_given_later(customer: Customer) -> None:
    first = (await customer.seller.place(purchaseOrderNumber="PO-9"))["order"]
    second = (await customer.seller.place())["order"]

    taken = await change(
        customer.seller, "updateOrderReferences", orderId=second["id"], purchaseOrderNumber="PO-9"
    )
    given = await change(
        customer.seller, "updateOrderReferences", orderId=second["id"], purchaseOrderNumber="PO-10"
    )

    assert [(p["code"], p["resourceId"]) for p in taken["problems"]] == [
        ("DUPLICATE_PURCHASE_ORDER", first["id"])
    ]
    assert given["order"]["purchaseOrderNumber"] == "PO-10"


@pytest.mark.parametrize("mutation", ["cancelOrder", "retryOrder", "updateOrderReferences"])
async def test_another_partners_order_answers_as_if_it_did_not_exist(
    customer: Customer, world: World, mutation: str
) -> None:
    order = (await customer.seller.place())["order"]
    rival = await world.partner()

    theirs = await change(rival, mutation, orderId=order["id"])
    nothing = await change(rival, mutation, orderId="ord_" + "0" * 32)

    assert theirs == nothing
    assert [problem["code"] for problem in theirs["problems"]] == ["ORDER_NOT_FOUND"]
    assert (await customer.follow(order["id"]))["status"] == "PROVISIONING"


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


async def test_auto_renewal_is_a_setting_of_the_subscription(
    customer: Customer, subscription: dict[str, Any], world: World
) -> None:
    document = """
    mutation($input: SetAutoRenewInput!) {
      setAutoRenew(input: $input) { subscription { autoRenew } problems { code } }
    }
    """
    wanted = {"subscriptionId": subscription["id"], "autoRenew": True}

    rival = (await (await world.partner()).ask(document, input=wanted))["setAutoRenew"]
    own = (await customer.seller.ask(document, input=wanted))["setAutoRenew"]

    assert rival == {"subscription": None, "problems": [{"code": "SUBSCRIPTION_NOT_FOUND"}]}
    assert own == {"subscription": {"autoRenew": True}, "problems": []}


async def test_the_database_refuses_a_status_that_the_table_does_not_know(
    seller: Portal, world: World
) -> None:
    order = (await seller.place())["order"]

    with pytest.raises(Exception, match="cannot go from PROVISIONING to DENIED"):
        await world.connection.execute("UPDATE orders SET status = 'DENIED' WHERE id = $1", bare(order["id"]))


async def end_today(customer: Customer, subscription: dict[str, Any], *, auto_renew: bool) -> None:
    await customer.world.connection.execute(
        "UPDATE subscriptions SET starts_on = $2, term_starts_on = $2, ends_on = $3, auto_renew = $4"
        " WHERE id = $1",
        bare(subscription["id"]),
        datetime.now(UTC).date() - timedelta(days=365),
        datetime.now(UTC).date(),
        auto_renew,
    )


async def test_what_renews_by_itself_is_renewed_once_by_an_order_of_the_systems(
    customer: Customer, subscription: dict[str, Any], world: World
) -> None:
    await end_today(customer, subscription, auto_renew=True)

    for _day_of_the_job in range(3):
        await renew_and_expire(world.sources, datetime.now(UTC))
    await world.provision()
    await renew_and_expire(world.sources, datetime.now(UTC))

    (held,) = await customer.held()
    orders = (await customer.seller.ask("{ orders { nodes { kind timeline { actor } } } }"))["orders"][
        "nodes"
    ]
    assert (held["state"], held["endsOn"] > str(datetime.now(UTC).date())) == ("ACTIVE", True)
    assert [order["kind"] for order in orders] == ["RENEWAL", "NEW"]
    assert {step["actor"] for step in orders[0]["timeline"]} == {"SYSTEM"}


async def test_what_does_not_renew_expires_and_can_be_renewed_late(
    customer: Customer, subscription: dict[str, Any], world: World
) -> None:
    await end_today(customer, subscription, auto_renew=False)

    await renew_and_expire(world.sources, datetime.now(UTC))
    (expired,) = await customer.held()
    await customer.fulfil(amendment("renewal", {"subscriptionId": subscription["id"]}))
    (renewed,) = await customer.held()

    assert (expired["state"], renewed["state"]) == ("EXPIRED", "ACTIVE")
