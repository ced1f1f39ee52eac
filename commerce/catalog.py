"""What is sold: products, SKUs and the price books that list them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Sku:
    """A plan of a product with a term (months) and a unit."""

    id: str
    code: str
    product_code: str
    product_name: str
    product_description: str
    plan: str
    term_months: int
    unit: str
    features: tuple[str, ...]


@dataclass(frozen=True)
class PriceTier:
    """From `min_quantity` units on, one unit of the SKU costs `unit_price` for its whole term."""

    sku_id: str
    min_quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class PriceBook:
    """A partner's list prices in one currency, and its discount in percent."""

    currency: str
    discount_percent: Decimal
    tiers: tuple[PriceTier, ...]

    def unit_price(self, sku_id: str, quantity: int) -> Decimal | None:
        """The list price of one unit when so many are ordered; None where the book does not list the SKU."""
        reached = [tier for tier in self.tiers if tier.sku_id == sku_id and tier.min_quantity <= quantity]
        return max(reached, key=lambda tier: tier.min_quantity).unit_price if reached else None


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """A SKU as one partner can buy it in one currency: its list price tiers and the partner's discount."""

    sku: Sku
    currency: str
    discount_percent: Decimal
    tiers: tuple[PriceTier, ...]
