"""Parts of terms and of amounts: days by the UTC calendar, shares exact to the minor unit."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commerce.money import MINOR_UNITS
from commerce.subscriptions import end_of_term


@dataclass(frozen=True, slots=True)
class Period:
    """The days a price pays for, beside the days of the SKU's whole term.

    `ends_on` is the first UTC day that is not covered. A period may be longer than a term: a SKU of one
    month that is made to end with a yearly subscription covers up to a year.
    """

    starts_on: date
    ends_on: date
    term_days: int

    def __post_init__(self) -> None:
        if self.ends_on <= self.starts_on:
            raise ValueError(f"nothing is covered from {self.starts_on} to {self.ends_on}")

    @property
    def covered_days(self) -> int:
        return (self.ends_on - self.starts_on).days


def whole_term(starts_on: date, months: int) -> Period:
    """A term of so many months from a day on."""
    ends_on = end_of_term(starts_on, months)
    return Period(starts_on, ends_on, (ends_on - starts_on).days)


def part_of_term(term_starts_on: date, months: int, *, starts_on: date, ends_on: date) -> Period:
    """The days from `starts_on` to `ends_on`, measured against the term that began on `term_starts_on`."""
    term = whole_term(term_starts_on, months)
    return Period(starts_on, ends_on, term.term_days)


def share(amount: Decimal, part: Decimal | int, whole: int, currency: str) -> Decimal:
    """`amount * part / whole` in whole minor units, half to even: counted in whole numbers, rounded once."""
    numerator, denominator = amount.as_integer_ratio()
    part_numerator, part_denominator = part.as_integer_ratio()
    decimals = MINOR_UNITS[currency]
    units = _half_even(numerator * part_numerator * 10**decimals, denominator * part_denominator * whole)
    return Decimal(units).scaleb(-decimals)


def _half_even(numerator: int, denominator: int) -> int:
    quotient, rest = divmod(numerator, denominator)
    is_up = 2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1)
    return quotient + is_up
