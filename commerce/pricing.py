"""What a line costs: list price by volume tier, partner discount, rounding per line."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from commerce.catalog import PriceBook
from commerce.money import rounded

_PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class LinePrice:
    """The price of one line; `net_amount = list_amount - discount_amount`, each in whole minor units."""

    unit_price: Decimal
    list_amount: Decimal
    discount_amount: Decimal
    net_amount: Decimal


@dataclass(frozen=True, slots=True)
class Total:
    """The sums of rounded lines."""

    list_total: Decimal
    discount_total: Decimal
    total: Decimal


def line_price(book: PriceBook, sku_id: str, quantity: int) -> LinePrice | None:
    """The price of so many units of a SKU for its whole term; None where the book does not list it."""
    unit_price = book.unit_price(sku_id, quantity)
    if unit_price is None:
        return None
    list_amount = rounded(unit_price * quantity, book.currency)
    discount = rounded(list_amount * book.discount_percent / _PERCENT, book.currency)
    return LinePrice(unit_price, list_amount, discount, list_amount - discount)


def total(lines: Iterable[LinePrice]) -> Total:
    """The totals of an order."""
    priced = list(lines)
    listed = sum((line.list_amount for line in priced), Decimal(0))
    discount = sum((line.discount_amount for line in priced), Decimal(0))
    return Total(listed, discount, listed - discount)
