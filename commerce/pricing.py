"""What a line costs, for every kind of order; docs/pricing.md shows each rule with worked examples.

A price that the book does not list is None: the caller says so to the partner. Dates are UTC dates.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commerce.catalog import PriceBook, Sku
from commerce.money import Money
from commerce.proration import Period, part_of_term, share, whole_term

_PERCENT = 100
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class LinePrice:
    """The price of one line: `net_amount = list_amount - discount_amount - credit_amount`, always.

    Amounts are in whole minor units. `unit_price` is the list price of one unit for the SKU's whole term;
    `list_amount` is that times the quantity, times `covered_days / term_days` of the period. What is given
    back, for unused days or returned units, is the credit; only the net can be negative. The period is None
    where no days are bought: in a refund, and in the price of a whole term at no date.
    """

    unit_price: Decimal
    list_amount: Decimal
    discount_amount: Decimal
    net_amount: Decimal
    credit_amount: Decimal = _NOTHING
    period: Period | None = None

    def __post_init__(self) -> None:
        if self.net_amount != self.charge_amount - self.credit_amount:
            raise ValueError(f"the parts of a price do not add up to its net amount: {self}")

    @property
    def charge_amount(self) -> Decimal:
        """What is charged before anything is given back."""
        return self.list_amount - self.discount_amount


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was charged for days of a subscription, less what has been refunded of it since."""

    amount: Decimal
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Total:
    """The sums of rounded lines: `total = list_total - discount_total - credit_total`."""

    list_total: Decimal
    discount_total: Decimal
    credit_total: Decimal
    total: Decimal


def line_price(book: PriceBook, sku_id: str, quantity: int) -> LinePrice | None:
    """The price of so many units for the SKU's whole term, whenever it is."""
    return _charge(book, sku_id, quantity, at_tier_of=quantity)


def new_line(
    book: PriceBook, sku: Sku, quantity: int, *, starts_on: date, ends_on: date | None = None
) -> LinePrice | None:
    """The price of a new subscription: a whole term, or prorated to end with another one on `ends_on`."""
    period = whole_term(starts_on, sku.term_months)
    if ends_on is not None:
        period = part_of_term(starts_on, sku.term_months, starts_on=starts_on, ends_on=ends_on)
    return _charge(book, sku.id, quantity, at_tier_of=quantity, period=period)


def added_seats(
    book: PriceBook, sku: Sku, added: int, *, held: int, on: date, term_starts_on: date, ends_on: date
) -> LinePrice | None:
    """The price of seats added to those held, from a day to the subscription's end.

    The seats held after the addition decide the tier, and only for the seats added. The present term's
    start gives the days that a whole term has; a term that has yet to start is paid for whole.
    """
    period = part_of_term(term_starts_on, sku.term_months, starts_on=max(on, term_starts_on), ends_on=ends_on)
    return _charge(book, sku.id, added, at_tier_of=held + added, period=period)


def renewal(book: PriceBook, sku: Sku, quantity: int, *, ends_on: date) -> LinePrice | None:
    """The price of the whole next term of a subscription, which starts where the last ended, however late."""
    return _charge(book, sku.id, quantity, at_tier_of=quantity, period=whole_term(ends_on, sku.term_months))


def switch(
    book: PriceBook,
    sku: Sku,
    quantity: int,
    *,
    replaced: Sku,
    purchases: Iterable[Purchase],
    on: date,
    term_starts_on: date,
    ends_on: date,
) -> LinePrice | None:
    """The price of another SKU in place of a whole subscription, with the credit of its unused days.

    A SKU of the same term goes on to the same end; one of another term starts a term of its own.
    """
    starts_on = max(on, term_starts_on)
    if sku.term_months == replaced.term_months:
        period = part_of_term(term_starts_on, sku.term_months, starts_on=starts_on, ends_on=ends_on)
    else:
        period = whole_term(starts_on, sku.term_months)
    credit = sum((unused(purchase, on, book.currency) for purchase in purchases), _NOTHING)
    return _charge(book, sku.id, quantity, at_tier_of=quantity, period=period, credit=credit)


def unused(purchase: Purchase, on: date, currency: str) -> Decimal:
    """The part of a purchase that pays for the days from `on` to its end."""
    days = (purchase.ends_on - purchase.starts_on).days
    left = (purchase.ends_on - on).days
    return share(purchase.amount, min(max(left, 0), days), days, currency)


def refund(paid: Money, quantity: int, returned_before: int, returned_now: int) -> LinePrice:
    """The price of returning units of a line: their share of the net amount paid, as a credit.

    `quantity` is what the line bought. What is given back is rounded over all units returned so far, so
    that any number of parts gives back together exactly what was paid. Raises ValueError where more would
    be returned than was bought.
    """
    returned = returned_before + returned_now
    if returned_before < 0 or returned_now < 1 or returned > quantity:
        raise ValueError(f"{returned_now} of {quantity} cannot be returned after {returned_before}")
    so_far, before = (
        share(paid.amount, part, quantity, paid.currency) for part in (returned, returned_before)
    )
    credit = so_far - before
    return LinePrice(_NOTHING, _NOTHING, _NOTHING, -credit, credit)


def total(lines: Iterable[LinePrice]) -> Total:
    """The totals of an order."""
    priced = list(lines)
    listed = sum((line.list_amount for line in priced), _NOTHING)
    discount = sum((line.discount_amount for line in priced), _NOTHING)
    credit = sum((line.credit_amount for line in priced), _NOTHING)
    return Total(listed, discount, credit, listed - discount - credit)


def _charge(
    book: PriceBook,
    sku_id: str,
    quantity: int,
    *,
    at_tier_of: int,
    period: Period | None = None,
    credit: Decimal = _NOTHING,
) -> LinePrice | None:
    unit_price = book.unit_price(sku_id, at_tier_of)
    if unit_price is None:
        return None
    days, of_days = (period.covered_days, period.term_days) if period else (1, 1)
    listed = share(unit_price, quantity * days, of_days, book.currency)
    discount = share(listed, book.discount_percent, _PERCENT, book.currency)
    return LinePrice(unit_price, listed, discount, listed - discount - credit, credit, period)
