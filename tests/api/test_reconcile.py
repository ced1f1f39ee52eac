"""Reconciling: what a partner believes beside what is so."""

import time
from typing import Any

import pytest

from tests.api.holder import Customer, amendment
from tests.api.world import Portal, World, bare

RECONCILE = """
query Reconcile($entries: [ReconcileEntry!]!, $since: DateTime) {
  reconcile(entries: $entries, since: $since) {
    agrees compared differencesOmitted asOfSequence
    differences { kind reference id statusThere statusHere seatsThere seatsHere reason fix }
  }
}
"""


async def reconciled(portal: Portal, *entries: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await portal.ask(RECONCILE, entries=list(entries), **arguments))["reconcile"]
    return found


def kinds(found: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(one["kind"], one["reference"]) for one in found["differences"]]


async def placed(seller: Portal, *references: str) -> None:
    for reference in references:
        assert (await seller.place(externalOrderReference=reference))["order"]


async def test_who_believes_what_is_so_is_told_nothing(seller: Portal, world: World) -> None:
    await placed(seller, "a-1", "a-2")
    await world.provision()

    found = await reconciled(
        seller,
        {"reference": "a-1", "status": "FULFILLED", "seats": 10},
        {"reference": "a-2", "status": "FULFILLED"},
    )

    assert found["agrees"] is True
    assert (found["compared"], found["differences"]) == (2, [])
    assert found["asOfSequence"] == 12


async def test_every_difference_has_its_reason_and_its_fix(seller: Portal) -> None:
    await placed(seller, "b-1", "b-2", "b-3", "b-4")

    found = await reconciled(
        seller,
        {"reference": "b-1", "status": "FULFILLED", "seats": 10},
        {"reference": "b-2", "status": "PROVISIONING", "seats": 12},
        {"reference": "b-9", "seats": 5},
        {"reference": "b-3"},
        {"reference": "b-3"},
    )

    assert kinds(found) == [
        ("LISTED_TWICE", "b-3"),
        ("STATUS_DIFFERS", "b-1"),
        ("SEATS_DIFFER", "b-2"),
        ("MISSING_HERE", "b-9"),
        ("MISSING_THERE", "b-4"),
    ]
    _, status, seats, here, _ = found["differences"]
    assert (status["statusThere"], status["statusHere"]) == ("FULFILLED", "PROVISIONING")
    assert status["reason"].startswith("You have it as FULFILLED; it is PROVISIONING since 20")
    assert (seats["seatsThere"], seats["seatsHere"]) == (12, 10)
    assert seats["fix"] == "Take up 10 seats, or place an order of kind ADD_SEATS."
    assert here["id"] is None
    assert all(one["fix"].endswith(".") for one in found["differences"])


async def test_seats_of_an_order_are_those_that_returns_have_left(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    (order,) = (await customer.seller.ask("{ orders { nodes { id lines { id } } } }"))["orders"]["nodes"]
    back = {"orderLineId": order["lines"][0]["id"], "quantity": 3}
    returned = await customer.fulfil(amendment("return", back))

    found = await reconciled(
        customer.seller,
        {"reference": order["id"], "seats": 7},
        {"reference": returned["id"]},
        {"reference": subscription["id"], "seats": 10, "status": "ACTIVE"},
    )

    assert kinds(found) == [("SEATS_DIFFER", subscription["id"])]
    assert found["differences"][0]["seatsHere"] == 7


async def test_subscriptions_are_compared_where_one_is_listed(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    await customer.seller.place()
    await customer.world.provision()

    found = await reconciled(customer.seller, {"reference": subscription["id"]})

    (missing,) = found["differences"]
    assert missing["kind"] == "MISSING_THERE"
    assert missing["id"].startswith("sub_")


async def test_nothing_of_another_partner_is_known(seller: Portal, world: World) -> None:
    other = await world.partner()
    order = (await other.place(externalOrderReference="c-1"))["order"]

    found = await reconciled(seller, {"reference": "c-1"}, {"reference": order["id"]})

    assert [one["kind"] for one in found["differences"]] == ["MISSING_HERE", "MISSING_HERE"]
    assert [one["statusHere"] for one in found["differences"]] == [None, None]


async def test_what_was_placed_before_is_not_missed(seller: Portal) -> None:
    await placed(seller, "d-1")

    assert kinds(await reconciled(seller, since="2100-01-01T00:00:00Z")) == []
    assert kinds(await reconciled(seller, since="2020-01-01T00:00:00Z")) == [("MISSING_THERE", "d-1")]


@pytest.mark.parametrize("entry", [{"reference": ""}, {"reference": "x" * 256}])
async def test_a_reference_that_cannot_be_is_refused(seller: Portal, entry: dict[str, Any]) -> None:
    errors = await seller.errors(RECONCILE, entries=[entry])

    assert errors[0]["extensions"]["code"] == "INVALID_ARGUMENT"


async def test_ten_thousand_entries_are_compared_within_two_seconds(seller: Portal, world: World) -> None:
    await placed(seller, "e-0")
    await _copies(world, seller, 10_000)
    entries = [
        {"reference": f"e-{number}", "status": "PROVISIONING", "seats": 0 if number else 10}
        for number in range(9_999)
    ]

    began = time.process_time()
    found = await reconciled(seller, *entries, {"reference": "unheard of"})
    spent = time.process_time() - began

    assert sorted(kinds(found)) == [
        ("MISSING_HERE", "unheard of"),
        ("MISSING_THERE", "e-10000"),
        ("MISSING_THERE", "e-9999"),
    ]
    assert spent < 2, f"{spent:.2f} s"


async def test_more_entries_than_that_are_refused(seller: Portal) -> None:
    errors = await seller.errors(RECONCILE, entries=[{"reference": "x"}] * 10_001)

    assert errors[0]["extensions"]["code"] == "INVALID_ARGUMENT"


async def test_nothing_else_takes_so_large_a_body(seller: Portal, world: World) -> None:
    large = "x" * 300_000

    for portal, query in [
        (seller, "query($x: String) { customers(search: $x) { nodes { id } } }"),
        (
            seller,
            "query($x: String) { reconcile(entries: []) { agrees } customers(search: $x) { nodes { id } } }",
        ),
        (seller, "query($x: String) { ...F } fragment F on Query { customers(search: $x) { nodes { id } } }"),
        (world.anonymous(), "query($x: [ReconcileEntry!]!) { reconcile(entries: $x) { agrees } }"),
    ]:
        assert (await portal.errors(query, x=large))[0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def _copies(world: World, seller: Portal, count: int) -> None:
    """So many more orders as the one that the seller has."""
    columns = await world.connection.fetchval(
        "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = 'orders'"
        " AND column_name NOT IN ('id', 'external_order_reference')"
    )
    await world.connection.execute(
        f"INSERT INTO orders (id, external_order_reference, {columns})"  # noqa: S608  names of columns
        f" SELECT gen_random_uuid(), 'e-' || n, {columns} FROM orders, generate_series(1, $2::int) AS n"
        " WHERE partner_id = $1",
        bare(seller.id),
        count,
    )
