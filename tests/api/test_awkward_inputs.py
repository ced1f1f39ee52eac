"""Inputs that nobody should send: each is answered with what is wrong with it, and none breaks anything."""

from typing import Any

import pytest

from tests.api.holder import Customer, amendment, change
from tests.api.world import Portal, World, customer_input, order_input

NUL = "left\0right"
BY_REFERENCE = "query($text: String!) { order(by: {externalOrderReference: $text}) { id } }"
SEARCH = "query($text: String!) { customers(search: $text) { nodes { id } } }"
SEARCH_LITERAL = '{ customers(search: "TEXT") { nodes { id } } }'
ORDERS = "query($filter: OrderFilter) { orders(filter: $filter) { totalCount } }"
PREVIEW = "query($input: PlaceOrderInput!) { previewOrder(input: $input) { problems { code path } } }"
PLACE_ALL = """
mutation($inputs: [PlaceOrderInput!]!) {
  placeOrders(inputs: $inputs) { orderErrors { index problems { code path } } }
}
"""


@pytest.mark.parametrize("document", [BY_REFERENCE, SEARCH])
async def test_a_text_with_the_character_that_is_none_is_refused(seller: Portal, document: str) -> None:
    (error,) = await seller.errors(document, text=NUL)

    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert "U+0000" in error["message"]


@pytest.mark.parametrize("written", [r"\u0000", r"\u{0}", r"\\\u0000", "\0"])
async def test_it_is_refused_as_a_literal_too(seller: Portal, written: str) -> None:
    (error,) = await seller.errors(SEARCH_LITERAL.replace("TEXT", f"ab{written}"))

    assert error["extensions"]["code"] == "BAD_REQUEST"


async def test_a_backslash_before_four_noughts_is_a_text_like_any_other(seller: Portal) -> None:
    found = await seller.ask(r'{ customers(search: "ab\\u0000") { nodes { id } } }')

    assert found == {"customers": {"nodes": []}}


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"country": "ZZ"}, ("INVALID_COUNTRY", "country")),
        (
            {"contacts": [{"name": "Femke", "email": "f\a@x.example", "receivesLicenses": True}]},
            ("INVALID_EMAIL", "contacts.0.email"),
        ),
    ],
)
async def test_a_customer_nowhere_or_without_a_mailbox_is_refused(
    seller: Portal, given: dict[str, Any], where: tuple[str, str]
) -> None:
    placed = await seller.place(customer={"new": customer_input("awkward", **given)})

    (problem,) = placed["problems"]
    assert (problem["code"], ".".join(problem["path"][5:])) == where


async def test_an_empty_trading_partner_is_nobody_in_preview_and_in_earnest(seller: Portal) -> None:
    asked = order_input(tradingPartnerId="")

    previewed = (await seller.ask(PREVIEW, input=asked))["previewOrder"]["problems"]
    placed = await seller.place(tradingPartnerId="")

    assert [problem["code"] for problem in previewed] == ["TRADING_PARTNER_NOT_FOUND"]
    assert [problem["code"] for problem in placed["problems"]] == ["TRADING_PARTNER_NOT_FOUND"]


async def test_a_term_ends_with_a_subscription_of_the_same_customer_only(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    for_another = order_input()
    for_another["details"]["new"]["coTermWith"] = subscription["id"]

    refused = await customer.refused(for_another)

    assert refused == [("SUBSCRIPTION_NOT_FOUND", "input.details.new.coTermWith")]


async def test_a_reason_for_canceling_is_a_short_text_and_otherwise_nothing_is_canceled(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    order = await customer.place(amendment("addSeats", {"subscriptionId": subscription["id"], "quantity": 1}))

    refused = [
        await change(customer.seller, "cancelOrder", orderId=order["id"], reason=reason)
        for reason in ("", "x" * 101, "line\nbreak")
    ]

    assert [one["problems"][0]["code"] for one in refused] == ["REQUIRED", "TOO_LONG", "NOT_PRINTABLE"]
    assert (await customer.follow(order["id"]))["status"] == "PROVISIONING"


async def test_the_path_of_a_problem_with_one_of_several_orders_leads_to_that_order(seller: Portal) -> None:
    inputs = [order_input(), order_input(lines=[{"sku": "NO-SUCH", "quantity": 1}])]

    placed = (await seller.ask(PLACE_ALL, inputs=inputs))["placeOrders"]

    (refused,) = placed["orderErrors"]
    assert refused["index"] == 1
    assert [".".join(problem["path"]) for problem in refused["problems"]] == [
        "inputs.1.details.new.lines.0.sku"
    ]


async def test_moments_at_the_ends_of_the_calendar_and_without_an_offset_are_filtered_by(
    seller: Portal, world: World
) -> None:
    await seller.place()
    ends = {"placedFrom": "0001-01-01T00:00:00+23:59", "placedBefore": "9999-12-31T23:59:59-23:59"}

    between = await seller.ask(ORDERS, filter=ends)
    after = await seller.ask(ORDERS, filter={"placedFrom": "9999-12-31T00:00:00"})

    assert between == {"orders": {"totalCount": 1}}
    assert after == {"orders": {"totalCount": 0}}
    assert await world.rows("orders", seller.id) == 1
