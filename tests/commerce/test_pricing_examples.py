"""The examples of docs/pricing.md, worked by hand, against the rules in code."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from commerce.catalog import PriceBook, PriceTier, Sku
from commerce.money import Money
from commerce.pricing import Purchase, added_seats, new_line, refund, renewal, switch

DAYS = {"on": "on", "term_starts_on": "term starts", "ends_on": "ends"}
"""Arguments of the rules by the column of the page that gives them."""

PAGE = Path(__file__).parents[2] / "docs" / "pricing.md"


def rows_of(heading):
    """The rows of the table under a heading, each a mapping of column to text."""
    section = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)
    (text,) = [part for part in section if part.splitlines()[0] == heading]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|") and not line.startswith("|---")
    ]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]


def examples(heading):
    return [pytest.param(row, id=row["#"]) for row in rows_of(heading)]


def sku(code):
    (months,) = {row["months"] for row in rows_of("The price books of the examples") if row["SKU"] == code}
    return Sku(code, code, "SUITE", "Suite", "", "Plan", int(months), "seat", ())


def book(name):
    rows = [row for row in rows_of("The price books of the examples") if row["book"] == name]
    tiers = tuple(
        PriceTier(row["SKU"], int(least), Decimal(price))
        for row in rows
        for least, price in re.findall(r"(\d+): ([\d.]+)", row["tiers"])
    )
    return PriceBook(rows[0]["currency"], Decimal(rows[0]["discount %"]), tiers)


def day(text):
    return date.fromisoformat(text) if text else None


def purchases(text):
    for part in text.split("; "):
        amount, starts_on, ends_on = part.split()
        yield Purchase(Decimal(amount), day(starts_on), day(ends_on))


def figures(price):
    """What the page says of a price, to the last decimal shown."""
    parts = (price.list_amount, price.discount_amount, price.credit_amount, price.net_amount)
    return tuple(format(part, "f") for part in parts)


def expected(row):
    return row["list"], row["discount"], row.get("credit", "0"), row["net"]


@pytest.mark.parametrize("row", examples("NEW"))
def test_a_new_line_costs_what_the_page_works_out(row):
    starts_on, ends_on = day(row["starts"]), day(row["ends with"])

    price = new_line(
        book(row["book"]), sku(row["SKU"]), int(row["quantity"]), starts_on=starts_on, ends_on=ends_on
    )

    assert figures(price) == expected(row)


@pytest.mark.parametrize("row", examples("ADD_SEATS"))
def test_added_seats_cost_what_the_page_works_out(row):
    days = {name: day(row[column]) for name, column in DAYS.items()}

    price = added_seats(book(row["book"]), sku(row["SKU"]), int(row["added"]), held=int(row["held"]), **days)

    assert figures(price) == expected(row)


@pytest.mark.parametrize("row", examples("RENEWAL"))
def test_a_renewal_costs_what_the_page_works_out_and_ends_when_it_says(row):
    last_end = day(row["last term ends"])

    price = renewal(book(row["book"]), sku(row["SKU"]), int(row["quantity"]), ends_on=last_end)

    assert figures(price) == expected(row)
    assert (price.period.starts_on, price.period.ends_on) == (last_end, day(row["next term ends"]))


@pytest.mark.parametrize("row", examples("SWITCH"))
def test_a_switch_costs_what_the_page_works_out(row):
    days = {name: day(row[column]) for name, column in DAYS.items()}

    price = switch(
        book(row["book"]),
        sku(row["to"]),
        int(row["quantity"]),
        replaced=sku(row["from"]),
        purchases=purchases(row["purchases"]),
        **days,
    )

    assert figures(price) == expected(row)


@pytest.mark.parametrize("row", examples("RETURN"))
def test_a_return_gives_back_what_the_page_works_out(row):
    paid = Money(Decimal(row["paid"]), row["currency"])
    bought, before, now = (int(row[name]) for name in ("bought", "returned before", "returned now"))

    price = refund(paid, bought, before, now)

    assert figures(price)[2:] == (row["credit"], row["net"])
    assert (price.list_amount, price.discount_amount) == (0, 0)


ALL = [*(row for kind in ("NEW", "ADD_SEATS", "RENEWAL", "SWITCH", "RETURN") for row in rows_of(kind))]


def product(text):
    """Factors and divisors as the page writes them, exactly."""
    tokens = re.findall(r"[\d.]+|[×/]", text)
    value = Fraction(tokens[0])
    for sign, number in zip(tokens[1::2], tokens[2::2], strict=True):
        value = value * Fraction(number) if sign == "×" else value / Fraction(number)
    return value


def test_the_page_has_thirty_four_examples_with_names_of_their_own():
    names = [row["#"] for row in ALL]

    distinct = set(names)

    assert len(distinct) == len(names) == 34


@pytest.mark.parametrize("row", [pytest.param(row, id=row["#"]) for row in ALL])
def test_what_the_page_works_out_by_hand_is_true(row):
    workings = [
        part for column, text in row.items() if column.endswith("by hand") for part in text.split("; ")
    ]

    for working in workings:
        left, shown = working.split(" = ")
        exact = product(left)
        digits = shown.rstrip("…")
        places = len(digits.partition(".")[2])
        gap = exact - Fraction(digits)

        assert gap == 0 if shown == digits else 0 < gap < Fraction(1, 10**places)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["#"]) for row in ALL])
def test_the_breakdown_on_the_page_adds_up(row):
    listed, discount, credit, net = (
        Decimal(row.get(column, "0")) for column in ("list", "discount", "credit", "net")
    )

    left = listed - discount - credit

    assert left == net


def test_the_three_parts_of_one_return_follow_one_another_on_the_page():
    parts = [row for row in rows_of("RETURN") if row["#"] in {"T2", "T3", "T4"}]

    steps = [(int(row["returned before"]), int(row["returned now"])) for row in parts]

    assert all(before + now == after for (before, now), (after, _) in pairwise(steps))
    assert sum(Decimal(row["credit"]) for row in parts) == Decimal(parts[0]["paid"])
