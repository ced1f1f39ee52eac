"""What is sold."""

from decimal import Decimal

import strawberry

from commerce import catalog
from execution.views import view


@view(of=catalog.Sku, description="A plan of a product with a term and a unit: what an order line names.")
class Sku:
    id: strawberry.ID = strawberry.field(description="Opaque, prefixed and stable for ever.")
    code: str = strawberry.field(description="The code that order lines name.")
    product_code: str = strawberry.field(description="The product's code.")
    product_name: str = strawberry.field(description="The product's name.")
    product_description: str = strawberry.field(description="What the product is, in a sentence.")
    plan: str = strawberry.field(description="The plan of the product.")
    term_months: int = strawberry.field(description="Length of the term in months.")
    unit: str = strawberry.field(description='What a quantity counts, such as "seat".')
    features: list[str] = strawberry.field(description="What the plan switches on.")


@view(of=catalog.PriceTier, description="A volume tier of a list price.")
class PriceTier:
    min_quantity: int = strawberry.field(description="The quantity from which this price counts.")
    unit_price: Decimal = strawberry.field(
        description="List price of one unit for the whole term, in whole minor units of the currency."
    )


@view(of=catalog.CatalogItem, description="A SKU as a partner can buy it in one currency.")
class CatalogItem:
    sku: Sku = strawberry.field(description="What is bought.")
    currency: str = strawberry.field(description="ISO 4217 code of the prices.")
    discount_percent: Decimal = strawberry.field(
        description="The partner's discount on list prices, in percent."
    )
    tiers: list[PriceTier] = strawberry.field(description="List price by volume, smallest quantity first.")
