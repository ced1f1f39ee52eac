"""Decimal money: amounts of one currency, rounded half-even to its minor unit."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

MINOR_UNITS = {
    "AED": 2, "AUD": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CLP": 0, "CNY": 2, "CZK": 2, "DKK": 2,
    "EUR": 2, "GBP": 2, "HKD": 2, "HUF": 2, "ILS": 2, "INR": 2, "ISK": 0, "JOD": 3, "JPY": 0, "KRW": 0,
    "KWD": 3, "MXN": 2, "NOK": 2, "NZD": 2, "OMR": 3, "PLN": 2, "SAR": 2, "SEK": 2, "SGD": 2, "THB": 2,
    "TND": 3, "TRY": 2, "TWD": 2, "USD": 2, "VND": 0, "ZAR": 2,
}  # fmt: skip
"""Decimals of the currencies Portico sells in (ISO 4217, list one)."""

_UNITS = {currency: Decimal(1).scaleb(-decimals) for currency, decimals in MINOR_UNITS.items()}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of a currency (ISO 4217 code)."""

    amount: Decimal
    currency: str


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole minor units of the currency, half to even."""
    return amount.quantize(_UNITS[currency], ROUND_HALF_EVEN)


def money(amount: Decimal, currency: str) -> Money:
    """An amount as money, in whole minor units: the store keeps three decimals for every currency."""
    return Money(rounded(amount, currency), currency)


def knows(currency: str) -> bool:
    """Whether Portico sells in the currency."""
    return currency in MINOR_UNITS
