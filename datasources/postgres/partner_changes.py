"""What partner operations change of partners. Everything here runs in a transaction of staff."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY, UUID, insert
from sqlalchemy.types import DateTime, Numeric, Text

from commerce.partners import Partner, PartnerState, Relationship
from datasources.postgres.database import Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.partners import PARTNERS
from datasources.postgres.statements import Statement
from datasources.postgres.tables import partner_price_books, partners, price_books, skus

_ID = bindparam("id", type_=UUID())


def _changing(**values: Any) -> Statement:
    return Statement(
        update(partners).where(partners.c.id == _ID).values(**values).returning(*PARTNERS.columns)
    )


INSERT = Insert(partners)
LOCK = Statement(select(*PARTNERS.columns).where(partners.c.id == _ID).with_for_update())
SET_STATE = _changing(
    state=bindparam("state", type_=Text()),
    sandbox_since=bindparam("sandbox_since", type_=DateTime(timezone=True)),
)
SET_LIMITS = _changing(
    territories=bindparam("territories", type_=ARRAY(Text())),
    sku_codes=bindparam("sku_codes", type_=ARRAY(Text())),
)
SET_RELATIONSHIP = _changing(
    parent_id=bindparam("parent", type_=UUID()), relationship=bindparam("relationship", type_=Text())
)
BOOK_NAMED = Statement(
    select(price_books.c.id, price_books.c.currency).where(
        price_books.c.name == bindparam("name", type_=Text())
    )
)
_PRICES = insert(partner_price_books).values(
    partner_id=_ID,
    currency=bindparam("currency", type_=Text()),
    price_book_id=bindparam("book", type_=UUID()),
    discount_percent=bindparam("discount", type_=Numeric(5, 2)),
)
SET_PRICES = Statement(
    _PRICES.on_conflict_do_update(
        index_elements=["partner_id", "currency"],
        set_={
            "price_book_id": _PRICES.excluded.price_book_id,
            "discount_percent": _PRICES.excluded.discount_percent,
        },
    )
)
KNOWN_SKUS = Statement(
    select(skus.c.code).where(skus.c.code == any_(bindparam("codes", type_=ARRAY(Text()))))
)


async def add(transaction: Transaction, partner: Partner) -> None:
    """Write a new partner. Raises Conflict where its id is taken, at the latest when the transaction ends."""
    await transaction.insert(INSERT, [PARTNERS.row(partner)])


async def locked(transaction: Transaction, partner_id: str) -> Partner | None:
    """A partner, held against every other writer until the transaction ends."""
    row = await transaction.row(LOCK, id=partner_id)
    return PARTNERS.one(row) if row else None


async def set_state(
    transaction: Transaction, partner_id: str, state: PartnerState, sandbox_since: datetime | None
) -> Partner:
    return await _changed(transaction, SET_STATE, partner_id, state=state, sandbox_since=sandbox_since)


async def set_limits(
    transaction: Transaction,
    partner_id: str,
    territories: Sequence[str] | None,
    sku_codes: Sequence[str] | None,
) -> Partner:
    return await _changed(transaction, SET_LIMITS, partner_id, territories=territories, sku_codes=sku_codes)


async def set_relationship(
    transaction: Transaction, reseller_id: str, distributor_id: str, relationship: Relationship
) -> Partner:
    return await _changed(
        transaction, SET_RELATIONSHIP, reseller_id, parent=distributor_id, relationship=relationship
    )


async def set_prices(transaction: Transaction, partner_id: str, book: str, discount: Decimal) -> str | None:
    """Sell from a price book, in its currency, with a discount. The currency; None: there is no such book."""
    found = await transaction.row(BOOK_NAMED, name=book)
    if found is None:
        return None
    currency = str(found["currency"])
    await transaction.run(SET_PRICES, id=partner_id, currency=currency, book=found["id"], discount=discount)
    return currency


async def unknown_skus(transaction: Transaction, codes: Sequence[str]) -> list[str]:
    """Those of the codes that no SKU has."""
    known = {row["code"] for row in await transaction.fetch(KNOWN_SKUS, codes=codes)}
    return [code for code in codes if code not in known]


async def _changed(transaction: Transaction, statement: Statement, partner_id: str, **values: Any) -> Partner:
    row = await transaction.row(statement, id=partner_id, **values)
    assert row is not None  # noqa: S101  its caller holds it
    return PARTNERS.one(row)
