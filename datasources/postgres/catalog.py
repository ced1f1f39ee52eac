"""The catalogue: SKUs with their products, and the price books of partners."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from commerce.access import Environment, Scope
from commerce.catalog import CatalogItem, PriceBook, PriceTier, Sku
from commerce.ids import Prefix
from commerce.money import rounded
from datasources.postgres.database import Database
from datasources.postgres.recent import Recent
from datasources.postgres.records import Part, Records, identifier, listed
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import partner_price_books, price_book_entries, products, skus

SKUS = Records(
    Sku,
    skus,
    id=identifier(Prefix.SKU, skus.c.id),
    product_code=Part(products.c.code),
    product_name=Part(products.c.name),
    product_description=Part(products.c.description),
    features=listed(skus.c.features),
)
TIERS = Records(PriceTier, price_book_entries, sku_id=identifier(Prefix.SKU, price_book_entries.c.sku_id))

_WITH_PRODUCT = skus.join(products, products.c.id == skus.c.product_id)
_SKUS = select(*SKUS.columns).select_from(_WITH_PRODUCT)

ALL_SKUS = Statement(_SKUS.order_by(skus.c.code))
SKUS_BY_ID = Statement(_SKUS.where(skus.c.id == any_(ids())))
SKUS_BY_CODE = Statement(_SKUS.where(skus.c.code == any_(bindparam("codes", type_=ARRAY(Text())))))
PRICE_BOOKS = ScopedStatement(
    lambda tenant: (
        select(partner_price_books.c.currency, partner_price_books.c.discount_percent, *TIERS.columns)
        .join(price_book_entries, price_book_entries.c.price_book_id == partner_price_books.c.price_book_id)
        .where(tenant(partner_price_books))
        .order_by(
            partner_price_books.c.currency, price_book_entries.c.sku_id, price_book_entries.c.min_quantity
        )
    )
)


BEHIND = 2.0
"""Seconds within which a new price reaches every process. An order is priced by what its process knows, and
says so in its answer; a SKU or partner that is not known yet is always looked up."""


class Catalog:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._skus: Recent[str, Sku] = Recent(BEHIND)
        self._books: Recent[str, Mapping[str, PriceBook]] = Recent(BEHIND)

    async def skus(self) -> list[Sku]:
        """Every SKU on sale, by code."""
        return SKUS.many(await self._database.fetch_public(ALL_SKUS))

    async def skus_by_id(self, sku_ids: Sequence[str]) -> Mapping[str, Sku]:
        rows = await self._database.fetch_public(SKUS_BY_ID, ids=sku_ids)
        return {sku.id: sku for sku in SKUS.many(rows)}

    async def skus_by_code(self, codes: Sequence[str]) -> Mapping[str, Sku]:
        """The SKUs of these codes, as they were a moment ago."""
        known = {code: sku for code in codes if (sku := self._skus.known(code))}
        if unknown := [code for code in codes if code not in known]:
            rows = await self._database.fetch_public(SKUS_BY_CODE, codes=unknown)
            known |= {sku.code: self._skus.keep(sku.code, sku) for sku in SKUS.many(rows)}
        return known

    async def price_books(self, partner_id: str) -> Mapping[str, PriceBook]:
        """The partner's price book in each currency it may order in, as they were a moment ago."""
        known = self._books.known(partner_id)
        if known:
            return known
        return self._books.keep(partner_id, await self._price_books(partner_id))

    async def _price_books(self, partner_id: str) -> Mapping[str, PriceBook]:
        scope = Scope(partner_id, Environment.PRODUCTION)  # prices are the same in the sandbox
        rows = await self._database.fetch(PRICE_BOOKS, scope)
        books = {}
        for currency, group in groupby(rows, key=lambda row: row["currency"]):
            entries = list(group)
            tiers = tuple(_rounded(TIERS.one(row[2:]), currency) for row in entries)
            books[currency] = PriceBook(currency, entries[0]["discount_percent"], tiers)
        return books

    async def items(self, partner_id: str) -> list[CatalogItem]:
        """What the partner can buy: each SKU in each currency in which its price book lists it."""
        by_id = {sku.id: sku for sku in await self.skus()}
        return [
            CatalogItem(by_id[sku_id], book.currency, book.discount_percent, tuple(tiers))
            for book in (await self._price_books(partner_id)).values()
            for sku_id, tiers in groupby(book.tiers, key=attrgetter("sku_id"))
        ]


def _rounded(tier: PriceTier, currency: str) -> PriceTier:
    """A tier in whole minor units: the column keeps three decimals for every currency."""
    return replace(tier, unit_price=rounded(tier.unit_price, currency))
