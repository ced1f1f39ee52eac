"""Orders after they were placed: canceled, tried again, renamed, renewed by themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.end_terms import renew_and_expire
from tests.api.holder import Customer, amendment, change
from tests.api.world import Portal, World, bare, order_input


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


async def test_numbers_that_an_order_has_already_change_nothing_and_tell_nobody(
    customer: Customer, world: World
) -> None:
    order = (await customer.seller.place(purchaseOrderNumber="PO-9"))["order"]
    told = await world.rows("events", customer.seller.id), await world.rows("outbox", customer.seller.id)

    same = await change(
        customer.seller, "updateOrderReferences", orderId=order["id"], purchaseOrderNumber=" PO-9 "
    )
    nothing = await change(customer.seller, "updateOrderReferences", orderId=order["id"])

    assert (same["problems"], nothing["problems"]) == ([], [])
    assert same["order"]["purchaseOrderNumber"] == "PO-9"
    assert told == (
        await world.rows("events", customer.seller.id),
        await world.rows("outbox", customer.seller.id),
    )


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


async def test_what_a_step_usually_takes_is_learnt_from_history(seller: Portal, world: World) -> None:
    for _ in range(5):
        await seller.place()
    await world.provision()
    await world.sources.usual_durations.learn(datetime.now(UTC) - timedelta(days=1))

    order = (await seller.place())["order"]
    ask = "query($id: ID!) { order(by: {id: $id}) { blockers { reason usuallyTakes expectedBy } } }"
    (blocker,) = (await seller.ask(ask, id=order["id"]))["order"]["blockers"]

    assert blocker["reason"] == "PROVISIONING"
    assert blocker["usuallyTakes"].startswith("PT")
    assert blocker["expectedBy"] is not None
