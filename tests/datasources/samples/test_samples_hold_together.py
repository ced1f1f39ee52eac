"""The samples keep every rule that orders placed for real keep: sums, prices, seats, licences, claims."""

from collections import Counter, defaultdict
from decimal import Decimal

import pytest
import pytest_asyncio

from commerce.catalog import PriceBook, PriceTier
from commerce.order_windows import RETURN_WINDOW
from commerce.pricing import Purchase, unused
from commerce.proration import share
from commerce.subscriptions import end_of_term
from datasources.postgres.examination import findings
from datasources.postgres.invariants import INVARIANTS

OPEN = {"RECEIVED", "SCREENING", "ON_HOLD", "AWAITING_PARTNER", "SCHEDULED", "PROVISIONING", "FAILED"}

LINES = """
SELECT line.*, orders.kind, orders.placed_at, orders.fulfilled_at, skus.term_months,
    proof.seats AS proved_seats, proof.starts_on AS proved_from
FROM order_lines AS line
JOIN orders ON (orders.partner_id, orders.id) = (line.partner_id, line.order_id)
JOIN skus ON skus.id = line.sku_id
LEFT JOIN licenses AS proof
    ON (proof.partner_id, proof.order_id, proof.subscription_id)
        = (line.partner_id, line.order_id, line.subscription_id)
ORDER BY line.id
"""

PRICES = """
SELECT partner_id, book.currency, discount_percent, sku_id, min_quantity, unit_price
FROM partner_price_books AS book JOIN price_book_entries USING (price_book_id)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lines(seeded):
    """Every order line with its order's kind and times, and the licence that it brought, oldest first."""
    return await seeded[0].fetch(LINES)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def books(seeded):
    """The price books by partner and currency."""
    tiers, discounts = defaultdict(list), {}
    for row in await seeded[0].fetch(PRICES):
        key = row["partner_id"], row["currency"]
        tiers[key].append(PriceTier(row["sku_id"], row["min_quantity"], row["unit_price"]))
        discounts[key] = row["discount_percent"]
    return {key: PriceBook(key[1], discounts[key], tuple(listed)) for key, listed in tiers.items()}


@pytest.fixture(scope="module")
def stories(lines):
    """The fulfilled lines of each subscription, in the order in which they took effect."""
    told = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line["fulfilled_at"] is None, line["fulfilled_at"])):
        if line["status"] == "FULFILLED":
            told[line["subscription_id"]].append(line)
    return told


def covered_days(line):
    return (line["ends_on"] - line["starts_on"]).days


def purchases_before(story, position):
    """What was paid for days before a line, since the last switch, less what was given back of it."""
    bought = {}
    for line in story[:position]:
        if line["kind"] == "SWITCH":
            bought = {}
        if line["kind"] == "RETURN":
            bought[line["returns_line_id"]][0] -= line["credit_amount"]
        else:
            charged = line["list_amount"] - line["discount_amount"]
            bought[line["id"]] = [charged, line["starts_on"], line["ends_on"]]
    return [Purchase(*one) for one in bought.values()]


async def test_every_kind_of_order_is_there_in_a_believable_share(column):
    kinds = Counter(await column("SELECT kind FROM orders WHERE status = 'FULFILLED'"))

    assert set(kinds) == {"NEW", "ADD_SEATS", "RENEWAL", "SWITCH", "RETURN"}
    assert 0.5 < kinds["NEW"] / kinds.total() < 0.7
    assert 0.1 < kinds["ADD_SEATS"] / kinds.total() < 0.25
    assert 0.1 < kinds["RENEWAL"] / kinds.total() < 0.25
    assert 0.02 < kinds["SWITCH"] / kinds.total() < 0.06
    assert 0.02 < kinds["RETURN"] / kinds.total() < 0.06


async def test_the_totals_of_every_order_are_the_sums_of_its_lines(column):
    unequal = await column(
        """
        SELECT count(*) FROM orders LEFT JOIN (
            SELECT order_id, sum(list_amount) AS listed, sum(discount_amount) AS discount,
                sum(credit_amount) AS credit, sum(net_amount) AS net, count(DISTINCT currency) AS currencies
            FROM order_lines GROUP BY order_id
        ) AS sums ON order_id = id
        WHERE (listed, discount, credit, net, currencies)
            IS DISTINCT FROM (list_total, discount_total, credit_total, total, 1::bigint)
        """
    )

    assert unequal == [0]


async def test_a_line_stands_where_its_order_stands(column):
    different = await column(
        "SELECT count(*) FROM order_lines AS line JOIN orders ON orders.id = order_id"
        " WHERE (line.status, reason, line.currency)"
        " IS DISTINCT FROM (orders.status, status_reason, orders.currency)"
    )

    assert different == [0]


def test_every_line_is_charged_at_its_tier_for_its_days(lines, books):
    charged = [line for line in lines if line["kind"] != "RETURN" and line["status"] == "FULFILLED"]

    for line in charged:
        book, currency = books[line["partner_id"], line["currency"]], line["currency"]
        seats = line["proved_seats"] if line["kind"] == "ADD_SEATS" else line["quantity"]
        units = line["quantity"] * covered_days(line)
        assert line["unit_price"] == book.unit_price(line["sku_id"], seats)
        assert line["list_amount"] == share(line["unit_price"], units, line["term_days"], currency)
        assert line["discount_amount"] == share(line["list_amount"], book.discount_percent, 100, currency)
    assert len(charged) > 8_000


def test_a_new_line_or_renewal_pays_for_its_term_and_every_other_for_what_is_left_of_one(lines):
    co_termed = 0

    for line in lines:
        if line["kind"] in {"NEW", "RENEWAL"}:
            whole = end_of_term(line["starts_on"], line["term_months"])
            co_termed += line["ends_on"] != whole
            assert line["term_days"] == (whole - line["starts_on"]).days
            assert line["kind"] == "NEW" or line["ends_on"] == whole
        elif line["kind"] in {"ADD_SEATS", "SWITCH"} and line["proved_from"]:
            whole = end_of_term(line["proved_from"], line["term_months"])
            assert line["term_days"] == (whole - line["proved_from"]).days
        elif line["kind"] == "RETURN":
            assert (line["starts_on"], line["ends_on"], line["term_days"]) == (None, None, None)
    assert co_termed > 20


def test_a_switch_gives_back_the_unused_days_of_all_that_was_paid(stories):
    switches = 0

    for story in stories.values():
        for position, line in enumerate(story):
            if line["kind"] == "SWITCH":
                on, currency = line["placed_at"].date(), line["currency"]
                back = (unused(paid, on, currency) for paid in purchases_before(story, position))
                switches += 1
                assert line["credit_amount"] == sum(back, Decimal(0))
            elif line["kind"] != "RETURN":
                assert line["credit_amount"] == 0
    assert switches > 200


def test_what_remains_of_a_line_is_what_was_not_returned_and_the_refunds_are_its_share(lines):
    by_id = {line["id"]: line for line in lines}
    parts, units, refunds = Counter(), Counter(), Counter()
    for line in lines:
        if line["kind"] == "RETURN" and line["status"] not in {"CANCELED", "DENIED"}:
            parts[line["returns_line_id"]] += 1
            units[line["returns_line_id"]] += line["quantity"]
            refunds[line["returns_line_id"]] += line["credit_amount"]

    assert len(units) > 150
    assert sum(count > 1 for count in parts.values()) > 10
    assert any(units[key] < by_id[key]["quantity"] for key in units)
    for key, line in by_id.items():
        paid = share(line["net_amount"], units[key], line["quantity"], line["currency"])
        assert line["remaining_quantity"] == line["quantity"] - units[key]
        assert refunds[key] == (paid if units[key] else 0)


def test_only_new_lines_and_renewals_are_returned_and_only_within_the_window(lines):
    by_id = {line["id"]: line for line in lines}
    returned = [line for line in lines if line["kind"] == "RETURN"]

    for line in returned:
        sold = by_id[line["returns_line_id"]]
        assert sold["kind"] in {"NEW", "RENEWAL"}
        assert (sold["subscription_id"], sold["sku_id"]) == (line["subscription_id"], line["sku_id"])
        assert sold["fulfilled_at"] < line["placed_at"] <= sold["fulfilled_at"] + RETURN_WINDOW
    assert {by_id[line["returns_line_id"]]["kind"] for line in returned} == {"NEW", "RENEWAL"}


async def test_the_lines_of_a_subscription_explain_its_seats_its_sku_and_its_end(seeded, lines, stories):
    by_id = {line["id"]: line for line in lines}
    held = await seeded[0].fetch("SELECT id, seats, sku_id, ends_on, state FROM subscriptions")

    for subscription in held:
        seats, sku_id, ends_on = 0, None, None
        for line in stories[subscription["id"]]:
            sold = by_id.get(line["returns_line_id"])
            if sold and sold["kind"] == "RENEWAL" and not sold["remaining_quantity"]:
                ends_on = sold["starts_on"]
                continue
            added = {"ADD_SEATS": seats, "RETURN": seats - 2 * line["quantity"]}.get(line["kind"], 0)
            seats = added + line["quantity"]
            sku_id, ends_on = line["sku_id"], line["ends_on"] or ends_on
        assert (seats, sku_id, ends_on) == tuple(subscription[key] for key in ("seats", "sku_id", "ends_on"))
        assert (subscription["state"] == "CANCELED") == (seats == 0)
    assert len(held) == len(stories)


def test_nothing_takes_effect_on_a_subscription_before_the_change_ahead_of_it(stories):
    for story in stories.values():
        assert story[0]["kind"] == "NEW"
        moments = [moment for line in story for moment in (line["placed_at"], line["fulfilled_at"])]
        assert moments == sorted(moments)
    assert max(map(len, stories.values())) > 4


async def test_a_line_names_its_subscription_once_it_is_held_and_always_where_it_changes_one(lines, column):
    unnamed = [line for line in lines if line["subscription_id"] is None]
    astray = await column(
        """
        SELECT count(*) FROM subscriptions AS held JOIN order_lines AS line ON line.id = held.order_line_id
        JOIN orders ON orders.id = line.order_id
        WHERE (line.subscription_id, line.order_id, orders.customer_id, line.currency, line.starts_on)
            IS DISTINCT FROM (held.id, held.order_id, held.customer_id, held.currency, held.starts_on)
        """
    )

    assert {line["kind"] for line in unnamed} == {"NEW"}
    assert "FULFILLED" not in {line["status"] for line in unnamed}
    assert astray == [0]


async def test_a_subscription_knows_the_one_open_order_that_is_changing_it(seeded, lines):
    claims = {
        row["id"]: row["pending_order_id"]
        for row in await seeded[0].fetch("SELECT id, pending_order_id FROM subscriptions")
    }
    changing = [line for line in lines if line["kind"] != "NEW" and line["status"] in OPEN]

    claimed = {subscription: order for subscription, order in claims.items() if order}
    newest = {line["subscription_id"]: line["order_id"] for line in lines}

    assert claimed == {line["subscription_id"]: line["order_id"] for line in changing}
    assert claimed.items() <= newest.items()  # nothing else was ordered for it since
    assert len(claimed) == len(changing) > 3


async def test_a_subscription_in_use_is_proved_by_one_licence_that_says_the_same(column):
    unproved = await column(
        """
        SELECT count(*) FROM subscriptions AS held JOIN skus ON skus.id = held.sku_id
        WHERE state = 'ACTIVE' AND 1 <> (
            SELECT count(*) FROM licenses AS proof
            WHERE proof.subscription_id = held.id AND proof.state = 'ACTIVE'
                AND (proof.seats, proof.sku_code, proof.expires_on, proof.customer_id)
                    = (held.seats, skus.code, held.ends_on, held.customer_id)
                AND proof.starts_on <= '2026-11-22' AND '2026-11-22' < proof.expires_on
        )
        """
    )
    others = await column(
        """
        SELECT DISTINCT held.state || ' ' || proof.state FROM subscriptions AS held
        JOIN licenses AS proof ON proof.subscription_id = held.id WHERE proof.state <> 'SUPERSEDED'
        """
    )

    assert unproved == [0]
    # a licence in its grace days still counts
    assert set(others) == {"ACTIVE ACTIVE", "EXPIRED ACTIVE", "EXPIRED EXPIRED", "CANCELED REVOKED"}


async def test_licences_follow_one_another_without_a_break(column):
    broken = await column(
        """
        SELECT count(*) FROM (
            SELECT state, superseded_by, revoked_at, lead(id) OVER chain AS successor,
                issued_at, lag(issued_at) OVER chain AS earlier
            FROM licenses WINDOW chain AS (PARTITION BY subscription_id ORDER BY issued_at)
        ) AS licences
        WHERE superseded_by IS DISTINCT FROM successor
            OR (state = 'SUPERSEDED') <> (successor IS NOT NULL)
            OR (state = 'REVOKED') <> (revoked_at IS NOT NULL)
            OR issued_at <= earlier
        """
    )

    assert broken == [0]


async def test_every_invariant_of_the_doctor_holds(seeded):
    found = await findings(seeded[0])

    broken = {one.invariant.name: one.ids for one in found if not one.holds}
    broken.pop("message_age", None)  # no worker takes the messages of this database
    assert len(found) == len(INVARIANTS)
    assert broken == {}


async def test_orders_that_wait_for_their_day_are_taken_up_by_the_worker_then(seeded):
    waiting = await seeded[0].fetchval("SELECT count(*) FROM orders WHERE status = 'SCHEDULED'")

    due = await seeded[0].fetchval(
        "SELECT count(*) FROM outbox JOIN orders ON orders.partner_id = outbox.partner_id"
        " AND orders.id = outbox.key WHERE status = 'SCHEDULED' AND due_at = starts_on"
    )

    assert due == waiting > 0
