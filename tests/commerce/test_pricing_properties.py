"""What holds of every price, whatever the book, the days and the quantities."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.catalog import PriceBook, PriceTier, Sku
from commerce.money import MINOR_UNITS, Money
from commerce.pricing import (
    LinePrice,
    Purchase,
    added_seats,
    line_price,
    new_line,
    refund,
    renewal,
    switch,
    total,
    unused,
)
from commerce.proration import Period
from commerce.subscriptions import end_of_term

PROFILE = settings(deadline=None, max_examples=150)

CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD"])
DAYS = st.dates(date(2024, 1, 1), date(2044, 12, 31))
SEATS = st.integers(1, 3000)
TERMS = st.sampled_from([1, 3, 12, 24, 36])


def sku(months, code="ULT"):
    return Sku(code, code, "SUITE", "Suite", "", "Plan", months, "seat", ())


@st.composite
def books(draw, codes=("ULT",)):
    """Price books: tiers in any order that need not fall, in three decimals or the currency's own."""
    currency = draw(CURRENCIES)
    places = draw(st.sampled_from([MINOR_UNITS[currency], 3]))
    prices = st.decimals(0, 100_000, places=places)
    tiers = [
        PriceTier(code, least, draw(prices))
        for code in codes
        for least in {1, *draw(st.sets(st.integers(2, 2000), max_size=3))}
    ]
    discount = draw(st.decimals(0, 100, places=2))
    return PriceBook(currency, discount, tuple(draw(st.permutations(tiers))))


@st.composite
def terms(draw):
    """A SKU's months, its term's first day and end, and a day within it."""
    months, starts_on = draw(TERMS), draw(DAYS)
    ends_on = end_of_term(starts_on, months)
    return months, starts_on, ends_on, draw(st.dates(starts_on, ends_on - timedelta(days=1)))


def minor_unit(currency):
    return Decimal(1).scaleb(-MINOR_UNITS[currency])


def rounded_once(exact, currency):
    """Python's own rounding of fractions is half to even."""
    scale = 10 ** MINOR_UNITS[currency]
    return Fraction(round(exact * scale), scale)


def parts_of(whole):
    """Every way, in order, to return so many units in parts."""
    cuts = st.sets(st.integers(1, whole), max_size=8)
    return cuts.map(lambda found: [b - a for a, b in pairwise([0, *sorted(found | {whole})])])


@PROFILE
@given(books(), terms(), SEATS)
def test_every_figure_is_the_exact_one_rounded_once(book, term, seats):
    months, starts_on, ends_on, last = term
    co_end = last + timedelta(days=1)
    price = new_line(book, sku(months), seats, starts_on=starts_on, ends_on=co_end)

    days = Fraction((co_end - starts_on).days, (ends_on - starts_on).days)
    listed = rounded_once(Fraction(book.unit_price("ULT", seats)) * seats * days, book.currency)
    discount = rounded_once(listed * Fraction(book.discount_percent) / 100, book.currency)

    assert (price.list_amount, price.discount_amount) == (listed, discount)
    assert price.net_amount == listed - discount
    assert (price.period.covered_days, price.period.term_days) == (
        (co_end - starts_on).days,
        (ends_on - starts_on).days,
    )


@PROFILE
@given(books(), terms(), SEATS, st.lists(SEATS, max_size=6), SEATS)
def test_an_order_of_every_kind_adds_up_to_its_net_amounts(book, term, seats, more, returned):
    months, starts_on, ends_on, day = term
    product, days = sku(months), {"on": day, "term_starts_on": starts_on, "ends_on": ends_on}
    bought = new_line(book, product, seats, starts_on=starts_on)
    paid = Purchase(bought.charge_amount, starts_on, ends_on)
    lines = [
        bought,
        *(added_seats(book, product, added, held=seats, **days) for added in more),
        renewal(book, product, seats, ends_on=ends_on),
        switch(book, product, seats, replaced=product, purchases=[paid], **days),
        refund(Money(bought.net_amount, book.currency), seats, 0, min(returned, seats)),
    ]

    sums = total(lines)

    assert sums.total == sum(line.net_amount for line in lines)
    assert sums.total == sums.list_total - sums.discount_total - sums.credit_total
    for line in lines:
        assert line.net_amount == line.list_amount - line.discount_amount - line.credit_amount
        assert min(line.list_amount, line.discount_amount, line.credit_amount) >= 0
        assert line.net_amount % minor_unit(book.currency) == 0


@PROFILE
@given(books(), terms(), SEATS, SEATS)
def test_within_a_tier_more_seats_never_cost_less(book, term, some, more):
    months, starts_on, _, last = term
    fewer, seats = sorted((some, some + more))
    prices = [
        new_line(book, sku(months), quantity, starts_on=starts_on, ends_on=last + timedelta(days=1))
        for quantity in (fewer, seats)
    ]

    a_tier_begins = any(fewer < tier.min_quantity <= seats for tier in book.tiers)

    assert a_tier_begins or prices[0].net_amount <= prices[1].net_amount
    assert a_tier_begins or prices[0].list_amount <= prices[1].list_amount


def test_at_the_edge_of_a_tier_one_more_seat_can_cost_less():
    book = PriceBook(
        "EUR", Decimal(0), (PriceTier("ULT", 1, Decimal(348)), PriceTier("ULT", 50, Decimal(300)))
    )

    net = [line_price(book, "ULT", seats).net_amount for seats in (49, 50)]

    assert net == [Decimal(17052), Decimal(15000)]


@PROFILE
@given(books(), terms(), SEATS, st.integers(1, 400))
def test_more_days_never_cost_less(book, term, seats, more):
    months, starts_on, _, last = term
    end = last + timedelta(days=1)

    prices = [
        new_line(book, sku(months), seats, starts_on=starts_on, ends_on=ends_on)
        for ends_on in (end, end + timedelta(days=more))
    ]

    assert prices[0].net_amount <= prices[1].net_amount


@PROFILE
@given(books(), terms(), SEATS)
def test_prorating_a_whole_term_is_the_full_price(book, term, seats):
    months, starts_on, ends_on, _ = term
    product = sku(months)
    full = new_line(book, product, seats, starts_on=starts_on)

    to_the_same_end = new_line(book, product, seats, starts_on=starts_on, ends_on=ends_on)
    from_the_first_day = added_seats(
        book, product, seats, held=0, on=starts_on, term_starts_on=starts_on, ends_on=ends_on
    )
    renewed = renewal(book, product, seats, ends_on=starts_on)

    assert to_the_same_end == from_the_first_day == renewed == full
    assert replace(full, period=None) == line_price(book, "ULT", seats)


@PROFILE
@given(books(), terms(), SEATS, SEATS)
def test_seats_added_are_priced_at_the_tier_of_all_that_are_then_held(book, term, held, added):
    months, starts_on, ends_on, day = term

    price = added_seats(
        book, sku(months), added, held=held, on=day, term_starts_on=starts_on, ends_on=ends_on
    )

    assert price.unit_price == book.unit_price("ULT", held + added)
    assert (price.period.starts_on, price.period.ends_on) == (day, ends_on)


@PROFILE
@given(books(), terms(), SEATS, SEATS, st.data())
def test_seats_added_and_then_returned_in_any_parts_leave_nothing_to_pay(book, term, held, added, data):
    months, starts_on, ends_on, day = term
    price = added_seats(
        book, sku(months), added, held=held, on=day, term_starts_on=starts_on, ends_on=ends_on
    )
    parts = data.draw(parts_of(added))

    paid = Money(price.net_amount, book.currency)
    before = accumulate(parts, initial=0)
    returns = [refund(paid, added, so_far, now) for so_far, now in zip(before, parts, strict=False)]

    assert total([price, *returns]).total == 0


@PROFILE
@given(CURRENCIES, st.integers(0, 10**15), SEATS, st.data())
def test_the_parts_of_a_return_are_each_right_and_together_the_whole(currency, units, bought, data):
    paid = units * minor_unit(currency)
    parts = data.draw(parts_of(bought))

    given_back = Decimal(0)
    for returned, now in zip(accumulate(parts), parts, strict=True):
        part = refund(Money(paid, currency), bought, returned - now, now)
        given_back += part.credit_amount

        assert part.credit_amount >= 0
        assert part.net_amount == -part.credit_amount
        assert given_back == rounded_once(Fraction(paid) * returned / bought, currency)
        assert abs(Fraction(part.credit_amount) - Fraction(paid) * now / bought) <= minor_unit(currency)

    assert given_back == paid


@pytest.mark.parametrize(("before", "now"), [(0, 11), (5, 6), (10, 1), (-1, 1), (3, 0), (3, -1)])
def test_more_than_was_bought_or_less_than_one_cannot_be_returned(before, now):
    paid = Money(Decimal(100), "EUR")

    with pytest.raises(ValueError, match="cannot be returned"):
        refund(paid, 10, before, now)


def switched_to_the_same(book, term, bought, seats, *, on):
    """The price of switching what was bought to its own SKU, for the same term."""
    months, starts_on, ends_on, _ = term
    return switch(
        book,
        sku(months),
        seats,
        replaced=sku(months),
        purchases=[Purchase(bought.charge_amount, starts_on, ends_on)],
        on=on,
        term_starts_on=starts_on,
        ends_on=ends_on,
    )


@PROFILE
@given(books(), terms(), SEATS)
def test_switching_to_the_same_on_the_first_day_costs_nothing(book, term, seats):
    months, starts_on, _, _ = term
    bought = new_line(book, sku(months), seats, starts_on=starts_on)

    price = switched_to_the_same(book, term, bought, seats, on=starts_on)

    assert price.net_amount == 0
    assert price.charge_amount == price.credit_amount == bought.net_amount


@PROFILE
@given(books(), terms(), SEATS)
def test_switching_to_the_same_on_any_day_costs_at_most_two_minor_units_of_rounding(book, term, seats):
    months, starts_on, _, day = term
    bought = new_line(book, sku(months), seats, starts_on=starts_on)

    price = switched_to_the_same(book, term, bought, seats, on=day)

    assert abs(price.net_amount) <= 2 * minor_unit(book.currency)


@PROFILE
@given(books(), terms(), SEATS, st.integers(1, 90))
def test_before_its_term_begins_a_subscription_is_switched_whole(book, term, seats, early):
    months, starts_on, _, _ = term
    bought = new_line(book, sku(months), seats, starts_on=starts_on)

    price = switched_to_the_same(book, term, bought, seats + 1, on=starts_on - timedelta(days=early))

    whole = new_line(book, sku(months), seats + 1, starts_on=starts_on)
    assert (price.period, price.charge_amount) == (whole.period, whole.charge_amount)
    assert price.credit_amount == bought.net_amount


@PROFILE
@given(books(codes=("ULT", "PRM")), terms(), TERMS, SEATS, st.lists(st.integers(0, 10**9), max_size=4))
def test_a_switch_charges_to_the_same_end_or_for_a_term_of_its_own(book, term, new_months, seats, units):
    months, starts_on, ends_on, day = term
    paid = [Purchase(unit * minor_unit(book.currency), starts_on, ends_on) for unit in units]

    price = switch(
        book,
        sku(new_months, "PRM"),
        seats,
        replaced=sku(months),
        purchases=paid,
        on=day,
        term_starts_on=starts_on,
        ends_on=ends_on,
    )

    end = ends_on if new_months == months else end_of_term(day, new_months)
    left = Fraction((ends_on - day).days, (ends_on - starts_on).days)
    assert (price.period.starts_on, price.period.ends_on) == (day, end)
    assert price.credit_amount == sum(rounded_once(Fraction(p.amount) * left, book.currency) for p in paid)


@PROFILE
@given(CURRENCIES, st.integers(0, 10**12), terms(), st.integers(1, 40))
def test_unused_days_shrink_from_all_that_was_paid_to_nothing(currency, units, term, later):
    _, starts_on, ends_on, day = term
    purchase = Purchase(units * minor_unit(currency), starts_on, ends_on)

    on_days = [starts_on - timedelta(days=9), starts_on, day, day + timedelta(days=later)]
    left = [unused(purchase, on, currency) for on in on_days]

    assert left[0] == left[1] == purchase.amount
    assert left[1] >= left[2] >= left[3] >= 0
    assert unused(purchase, ends_on, currency) == unused(purchase, date(2099, 1, 1), currency) == 0


@PROFILE
@given(books(), terms(), SEATS)
def test_a_price_does_not_depend_on_the_decimal_context_of_the_thread(book, term, seats):
    months, starts_on, ends_on, day = term
    product, days = sku(months), {"on": day, "term_starts_on": starts_on, "ends_on": ends_on}
    price = added_seats(book, product, seats, held=1, **days)

    with localcontext() as context:
        context.rounding = "ROUND_UP"
        elsewhere = added_seats(book, product, seats, held=1, **days)

    assert elsewhere == price


def test_what_the_book_does_not_list_has_no_price_in_any_kind():
    book = PriceBook("EUR", Decimal(0), (PriceTier("ULT", 10, Decimal(348)),))
    ult, prm, day, end = sku(12), sku(12, "PRM"), date(2026, 1, 1), date(2027, 1, 1)
    days = {"on": day, "term_starts_on": day, "ends_on": end}

    prices = [
        line_price(book, "PRM", 10),
        new_line(book, ult, 9, starts_on=day),
        added_seats(book, ult, 4, held=5, **days),
        renewal(book, ult, 9, ends_on=end),
        switch(book, prm, 10, replaced=ult, purchases=[], **days),
    ]

    assert prices == [None] * 5
    assert added_seats(book, ult, 4, held=6, **days) is not None


def test_a_price_whose_parts_do_not_add_up_cannot_be_made():
    parts = (Decimal(348), Decimal("348.00"), Decimal("52.20"))

    with pytest.raises(ValueError, match="do not add up"):
        LinePrice(*parts, Decimal("295.79"))

    assert LinePrice(*parts, Decimal("295.80")).net_amount == Decimal("295.80")


@pytest.mark.parametrize("end", [date(2026, 5, 1), date(2026, 4, 30)])
def test_a_period_of_no_days_cannot_be_made(end):
    with pytest.raises(ValueError, match="nothing is covered"):
        Period(date(2026, 5, 1), end, 365)
