"""What the sample vendor sells, and for how much in which currency."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from commerce.catalog import PriceBook, PriceTier, Sku
from commerce.money import MINOR_UNITS
from datasources.postgres.samples.identifiers import chance, uuid7
from datasources.postgres.samples.rows import PriceBookEntryRow, PriceBookRow, ProductRow, SkuRow

OPENED = datetime(2023, 1, 2, 9, 0, tzinfo=UTC)
"""When the catalogue was made: fixed, so that its ids are the same in every seed."""

_PRODUCTS = {
    "FORGE": ("Forge", "Source control, reviews, pipelines and packages in one place"),
    "SENTINEL": ("Sentinel", "Finds and explains vulnerabilities in code, dependencies and images"),
    "BEACON": ("Beacon", "Traces, metrics and error budgets for services"),
    "ASSIST": ("Forge Assist", "Suggestions, summaries and reviews written with the team's own code in mind"),
}
_CORE = ("pipelines", "packages", "protected_branches")
_MORE = (*_CORE, "audit_events", "epics", "merge_trains", "sso")


@dataclass(frozen=True, slots=True)
class Offer:
    """One SKU: a plan of a product with a term in months; `yearly` is US dollars a seat and year."""

    code: str
    product: str
    plan: str
    term_months: int
    yearly: int
    features: tuple[str, ...]

    id: str = field(init=False)
    sku: Sku = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", uuid7(OPENED, chance("sku", self.code)))
        object.__setattr__(self, "sku", self._as_sku())

    def _as_sku(self) -> Sku:
        name, description = _PRODUCTS[self.product]
        return Sku(
            id=self.id,
            code=self.code,
            product_code=self.product,
            product_name=name,
            product_description=description,
            plan=self.plan,
            term_months=self.term_months,
            unit="seat",
            features=self.features,
        )


OFFERS = (
    Offer("FORGE-PREMIUM-12", "FORGE", "Premium", 12, 348, _CORE),
    Offer("FORGE-PREMIUM-36", "FORGE", "Premium", 36, 324, _CORE),
    Offer("FORGE-ULTIMATE-12", "FORGE", "Ultimate", 12, 1188, _MORE),
    Offer("FORGE-ULTIMATE-36", "FORGE", "Ultimate", 36, 1092, _MORE),
    Offer("SENTINEL-TEAM-12", "SENTINEL", "Team", 12, 240, ("code_scanning", "dependency_scanning")),
    Offer("SENTINEL-ENTERPRISE-12", "SENTINEL", "Enterprise", 12, 540, ("code_scanning", "sbom", "policies")),
    Offer("SENTINEL-ENTERPRISE-36", "SENTINEL", "Enterprise", 36, 492, ("code_scanning", "sbom", "policies")),
    Offer("BEACON-STANDARD-12", "BEACON", "Standard", 12, 180, ("metrics", "traces")),
    Offer("BEACON-SCALE-12", "BEACON", "Scale", 12, 420, ("error_budgets", "metrics", "traces")),
    Offer("BEACON-TRIAL-1", "BEACON", "Trial", 1, 0, ("metrics",)),
    Offer("ASSIST-PRO-12", "ASSIST", "Pro", 12, 228, ("chat", "suggestions")),
    Offer("ASSIST-ENTERPRISE-12", "ASSIST", "Enterprise", 12, 468, ("chat", "own_models", "suggestions")),
)

_DOLLAR_BUYS = {
    "AED": "3.67", "AUD": "1.52", "BRL": "5.40", "CAD": "1.37", "CZK": "21.5", "EUR": "0.90", "GBP": "0.78",
    "ILS": "3.60", "INR": "84", "JPY": "148", "KRW": "1370", "MXN": "18.5", "SEK": "10.2", "SGD": "1.34",
    "THB": "34", "USD": "1", "VND": "25200", "ZAR": "17.8",
}  # fmt: skip
CURRENCIES = tuple(_DOLLAR_BUYS)

_TIERS = {1: "1.00", 50: "0.94", 250: "0.88", 1000: "0.80"}
"""From so many seats on, this part of the list price."""


def unit_price(offer: Offer, currency: str, part: str) -> Decimal:
    """A seat's list price for the whole term, as a price list would print it: four digits that count."""
    exact = Decimal(offer.yearly) * offer.term_months / 12 * Decimal(_DOLLAR_BUYS[currency]) * Decimal(part)
    coarse = Decimal(1).scaleb(max(exact.adjusted() - 3, -MINOR_UNITS[currency])) if exact else Decimal(1)
    return exact.quantize(coarse).quantize(Decimal(1).scaleb(-MINOR_UNITS[currency]))


@cache
def price_book(currency: str, discount_percent: int) -> PriceBook:
    """The one list of a currency, seen with a partner's discount."""
    tiers = (
        PriceTier(offer.id, quantity, unit_price(offer, currency, part))
        for offer in OFFERS
        for quantity, part in _TIERS.items()
    )
    return PriceBook(currency, Decimal(discount_percent), tuple(tiers))


def price_book_id(currency: str) -> str:
    return uuid7(OPENED, chance("price book", currency))


def rows() -> Iterator[ProductRow | SkuRow | PriceBookRow | PriceBookEntryRow]:
    """The whole catalogue."""
    product_ids = {code: uuid7(OPENED, chance("product", code)) for code in _PRODUCTS}
    for code, (name, description) in _PRODUCTS.items():
        yield ProductRow(product_ids[code], code, name, description)
    for offer in OFFERS:
        yield SkuRow(
            offer.id,
            offer.code,
            product_ids[offer.product],
            offer.plan,
            offer.term_months,
            "seat",
            list(offer.features),
        )
    for currency in CURRENCIES:
        book_id = price_book_id(currency)
        yield PriceBookRow(book_id, f"List {currency}", currency)
        for tier in price_book(currency, 0).tiers:
            yield PriceBookEntryRow(book_id, tier.sku_id, tier.min_quantity, tier.unit_price)
