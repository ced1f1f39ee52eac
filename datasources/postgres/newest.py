"""Lists of records, newest first by id, as keyset pages: of everything in scope, or below each parent.

Ids are UUIDv7, so that their order is the order of creation and one index on `id` serves every page.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sqlalchemy import Table, bindparam, column, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import Integer

from commerce.access import Scope
from commerce.paging import COUNTED_AT_MOST, PageRequest
from datasources.postgres.database import Database
from datasources.postgres.records import Records
from datasources.postgres.statements import ScopedStatement, TenantPredicate, ids

R = TypeVar("R")

NO_FILTERS: Mapping[str, Any] = MappingProxyType({})


class Newest(Generic[R]):
    """Pages of one table. `owner` is the column under which rows are listed below parents.

    `filters` are predicates by the attribute of a filter record that asks for them; the value of each is the
    parameter `of_` and that name. A statement is written once for each set of filters that is asked for.
    """

    def __init__(self, records: Records[R], table: Table, filters: Mapping[str, Any] = NO_FILTERS) -> None:
        self._records = records
        self._table = table
        self._filters = filters
        self._page = cache(self._write_page)
        self._page_below = cache(self._write_page_below)
        self._count_below = cache(self._write_count_below)
        self._count = cache(self._write_count)

    async def page(
        self, database: Database, scope: Scope, wanted: PageRequest, chosen: object = None
    ) -> list[R]:
        """The rows of a page in the direction of travel, and one more where there are more."""
        given = self._given(chosen)
        statement = self._page(frozenset(given), wanted.backwards, wanted.position is not None)
        rows = await database.fetch(statement, scope, **_parameters(given), **keyset(wanted))
        return self._records.many(rows)

    async def page_below(
        self, database: Database, scope: Scope, owner: str, parents: Sequence[str], wanted: PageRequest
    ) -> Mapping[str, list[R]]:
        """The same page below each parent: one LATERAL read, the limit per parent."""
        statement = self._page_below(owner, wanted.backwards, wanted.position is not None)
        rows = await database.fetch(statement, scope, ids=parents, **keyset(wanted))
        found: dict[str, list[R]] = {parent: [] for parent in parents}
        for record in self._records.many(rows):
            found[getattr(record, owner)].append(record)
        return found

    async def count(self, database: Database, scope: Scope, chosen: object = None) -> int:
        """How many rows are in scope, counted to one beyond the limit."""
        given = self._given(chosen)
        rows = await database.fetch(self._count(frozenset(given)), scope, **_parameters(given))
        return int(rows[0]["total"])

    async def count_below(
        self, database: Database, scope: Scope, owner: str, parents: Sequence[str]
    ) -> Mapping[str, int]:
        rows = await database.fetch(self._count_below(owner), scope, ids=parents)
        totals = {row["id"]: row["total"] for row in rows}
        return {parent: totals.get(parent[-32:], 0) for parent in parents}

    def _given(self, chosen: object) -> dict[str, Any]:
        """What a filter record asks for, by the names of its attributes."""
        return {name: value for name in self._filters if (value := getattr(chosen, name, None)) is not None}

    def _chosen(self, filters: frozenset[str]) -> list[Any]:
        return [self._filters[name] for name in sorted(filters)]

    def _write_page(self, filters: frozenset[str], backwards: bool, continues: bool) -> ScopedStatement:
        def build(tenant: TenantPredicate) -> Any:
            return self._rows(tenant, backwards, continues).where(*self._chosen(filters))

        return ScopedStatement(build)

    def _write_page_below(self, owner: str, backwards: bool, continues: bool) -> ScopedStatement:
        def build(tenant: TenantPredicate) -> Any:
            parent = parents_parameter()
            below = self._table.c[owner] == parent.c.id
            rows = self._rows(tenant, backwards, continues).where(below).lateral("listed")
            return select(*rows.c).select_from(parent.join(rows, true()))

        return ScopedStatement(build)

    def _rows(self, tenant: TenantPredicate, backwards: bool, continues: bool) -> Any:
        key = self._table.c.id
        rows: Any = select(*self._records.columns).select_from(self._table).where(tenant(self._table))
        if continues:
            there = bindparam("at_id", type_=UUID())
            rows = rows.where(key > there if backwards else key < there)
        return rows.order_by(key if backwards else key.desc()).limit(bindparam("size", type_=Integer()))

    def _write_count(self, filters: frozenset[str]) -> ScopedStatement:
        def build(tenant: TenantPredicate) -> Any:
            some: Any = select(literal_column("1")).select_from(self._table)
            some = some.where(tenant(self._table), *self._chosen(filters)).limit(COUNTED_AT_MOST + 1)
            return select(func.count().label("total")).select_from(some.subquery())

        return ScopedStatement(build)

    def _write_count_below(self, owner: str) -> ScopedStatement:
        def build(tenant: TenantPredicate) -> Any:
            parent = parents_parameter()
            some: Any = select(literal_column("1")).select_from(self._table)
            some = some.where(tenant(self._table), self._table.c[owner] == parent.c.id)
            some = some.limit(COUNTED_AT_MOST + 1).correlate(parent).subquery()
            total = select(func.count()).select_from(some).scalar_subquery()
            return select(parent.c.id, total.label("total"))

        return ScopedStatement(build)


def _parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    return {f"of_{name}": value for name, value in given.items()}


def parents_parameter() -> Any:
    """The ids of the parents as a table `parent(id)`."""
    return func.unnest(ids()).table_valued(column("id", UUID())).render_derived(name="parent")


def keyset(page: PageRequest) -> dict[str, Any]:
    """The parameters of a page whose position is an id."""
    position = {"at_id": page.position[-1]} if page.position else {}
    return {"size": page.size + 1} | position
