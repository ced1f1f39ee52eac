"""Pages of orders: keyset paging under any sort and filter.

The text of a page depends on which filters are given, never on their values; each shape is written once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import any_, bindparam, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.types import DateTime, Integer, Text

from commerce.access import Scope
from commerce.orders import Order, OrderFilter, OrderSort
from commerce.paging import COUNTED_AT_MOST, PageRequest
from datasources.postgres.database import Database
from datasources.postgres.newest import Newest
from datasources.postgres.orders import ORDERS
from datasources.postgres.records import MOST_NARROWED, Records
from datasources.postgres.statements import ScopedStatement, TenantPredicate
from datasources.postgres.tables import orders

MOMENT = DateTime(timezone=True)
NEWEST = Newest(ORDERS, orders)

FILTERS: dict[str, Any] = {
    "statuses": orders.c.status == any_(bindparam("statuses", type_=ARRAY(Text()))),
    "kinds": orders.c.kind == any_(bindparam("kinds", type_=ARRAY(Text()))),
    "customer_id": orders.c.customer_id == bindparam("customer_id", type_=UUID()),
    "reference": or_(
        orders.c.external_order_reference == bindparam("reference", type_=Text()),
        orders.c.purchase_order_number == bindparam("reference", type_=Text()),
        orders.c.end_customer_purchase_order_number == bindparam("reference", type_=Text()),
    ),
    "placed_from": orders.c.placed_at >= bindparam("placed_from", type_=MOMENT),
    "placed_before": orders.c.placed_at < bindparam("placed_before", type_=MOMENT),
}
"""One predicate for each part of OrderFilter, by its name."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a page depends on."""

    filters: frozenset[str]
    sort: OrderSort
    backwards: bool
    continues: bool

    @property
    def column(self) -> Any:
        by_update = self.sort in {OrderSort.UPDATED_AT_ASC, OrderSort.UPDATED_AT_DESC}
        return orders.c.updated_at if by_update else orders.c.placed_at

    @property
    def descending(self) -> bool:
        wants_descending = self.sort in {OrderSort.PLACED_AT_DESC, OrderSort.UPDATED_AT_DESC}
        return wants_descending is not self.backwards

    def conditions(self) -> list[Any]:
        chosen = [FILTERS[name] for name in sorted(self.filters)]
        if self.continues:
            here = tuple_(self.column, orders.c.id)
            there = tuple_(bindparam("at", type_=MOMENT), bindparam("at_id", type_=UUID()))
            chosen.append(here < there if self.descending else here > there)
        return chosen

    def ordering(self) -> list[Any]:
        columns = [self.column, orders.c.id]
        return [part.desc() for part in columns] if self.descending else columns


@lru_cache(MOST_NARROWED)
def root_page(shape: Shape, records: Records[Order]) -> ScopedStatement:
    """A page of all orders in scope, with the columns of these records."""
    return ScopedStatement(
        lambda tenant: (
            select(*records.columns)
            .where(tenant(orders), *shape.conditions())
            .order_by(*shape.ordering())
            .limit(bindparam("size", type_=Integer()))
        )
    )


@cache
def root_count(filters: frozenset[str]) -> ScopedStatement:
    """How many orders there are, counted up to a limit."""

    def build(tenant: TenantPredicate) -> Any:
        some: Any = select(literal_column("1")).where(
            tenant(orders), *(FILTERS[name] for name in sorted(filters))
        )
        return select(func.count().label("total")).select_from(some.limit(COUNTED_AT_MOST + 1).subquery())

    return ScopedStatement(build)


class OrderPages:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self,
        scope: Scope,
        wanted: OrderFilter,
        sort: OrderSort,
        page: PageRequest,
        selected: Collection[str] | None = None,
    ) -> list[Order]:
        """The rows of a page in the direction of travel, and one more where there are more.

        Where there is a selection the orders have no more than its fields.
        """
        given = _given(wanted)
        shape = Shape(frozenset(given), sort, page.backwards, page.position is not None)
        records = ORDERS.narrowed(None if selected is None else {*selected, shape.column.name})
        statement = root_page(shape, records)
        return records.many(await self._database.fetch(statement, scope, **given, **_keyset(page)))

    async def count(self, scope: Scope, wanted: OrderFilter) -> int:
        given = _given(wanted)
        rows = await self._database.fetch(root_count(frozenset(given)), scope, **given)
        return int(rows[0]["total"])

    async def page_of_customers(
        self, scope: Scope, customer_ids: Sequence[str], page: PageRequest
    ) -> Mapping[str, list[Order]]:
        """The same page below each customer, newest first."""
        return await NEWEST.page_below(self._database, scope, "customer_id", customer_ids, page)

    async def count_of_customers(self, scope: Scope, customer_ids: Sequence[str]) -> Mapping[str, int]:
        return await NEWEST.count_below(self._database, scope, "customer_id", customer_ids)


def position_of(sort: OrderSort) -> Any:
    """The function that gives an order's keyset position under a sort."""
    if sort in {OrderSort.UPDATED_AT_ASC, OrderSort.UPDATED_AT_DESC}:
        return lambda order: (order.updated_at.isoformat(), order.id)
    return lambda order: (order.placed_at.isoformat(), order.id)


def _given(wanted: OrderFilter) -> dict[str, Any]:
    return {name: value for name in FILTERS if (value := getattr(wanted, name)) is not None}


def _keyset(page: PageRequest) -> dict[str, Any]:
    values: dict[str, Any] = {"size": page.size + 1}
    if page.position is not None:
        moment, last = page.position
        values |= {"at": datetime.fromisoformat(moment), "at_id": last}
    return values
