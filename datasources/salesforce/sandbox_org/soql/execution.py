"""Runs a SOQL query: one SQL statement for the query, one for each child sub-select."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from datasources.salesforce.sandbox_org.metadata import Schema, SObject
from datasources.salesforce.sandbox_org.soql.compiler import Compiler, is_aggregate
from datasources.salesforce.sandbox_org.soql.parser import Function, Query, parse
from datasources.salesforce.sandbox_org.soql.shapes import (
    Record,
    aggregate,
    aggregate_columns,
    child_relation,
    record_shape,
)
from datasources.salesforce.sandbox_org.storage import AnyConnection


class _Shape(Protocol):
    def __call__(self, row: Sequence[Any]) -> Record: ...


@dataclass(slots=True)
class Found:
    """The answer to a query, before it is cut into pages; records take shape only when their page is read.

    `columns` are the paths of its fields; an aggregate has none.
    """

    total: int
    rows: Sequence[Any]
    shape: _Shape
    sobject: str = ""
    columns: list[str] = field(default_factory=list)
    children: dict[str, dict[str, list[Record]]] = field(default_factory=dict)

    def records(self, start: int, end: int) -> list[Record]:
        return [self._record(row) for row in self.rows[start:end]]

    def _record(self, row: Sequence[Any]) -> Record:
        record = self.shape(row)
        for name, by_parent in self.children.items():
            below = by_parent.get(row[0])
            record[name] = below and {"totalSize": len(below), "done": True, "records": below}
        return record


async def run(
    connection: AnyConnection, schema: Schema, text: str, version: str, *, deleted: bool = False
) -> Found:
    """Answer a SOQL query. `deleted` includes the recycle bin, as queryAll does."""
    query = parse(text)
    compiler = Compiler(schema, datetime.now(UTC).date(), deleted)
    scope = compiler.scope(query)
    if _counts_only(query):
        total = await connection.fetchval(
            f"SELECT count(*){compiler.tail(query, scope)}", *compiler.parameters
        )
        return Found(total, [], lambda _row: {})
    if is_aggregate(query):
        columns, names = aggregate_columns(compiler, query, scope)
        rows = await _fetch(connection, compiler, query, scope, columns)
        return Found(len(rows), rows, lambda row: aggregate(names, row))
    shape = record_shape(compiler, query, scope, version)
    rows = await _fetch(connection, compiler, query, scope, shape.columns)
    columns = [".".join((*place, name)) for place, name, _ in shape.leaves]
    found = Found(len(rows), rows, shape.record, scope.sobject.name, columns)
    parents = [row[0] for row in rows]
    for child in query.children:
        owner, reference = child_relation(schema.children(scope.sobject), child.source)
        below = _Children(schema, owner, reference.name, version)
        found.children[reference.children] = await below.of(connection, child, parents)
    return found


def _counts_only(query: Query) -> bool:
    return [item.operand for item in query.items] == [Function("COUNT", None)] and not query.group


async def _fetch(
    connection: AnyConnection, compiler: Compiler, query: Query, scope: Any, columns: list[str]
) -> Sequence[Any]:
    order = compiler.order(query, scope)  # before the tail, for its joins
    statement = f"SELECT {', '.join(columns)}{compiler.tail(query, scope)}{order}{compiler.page(query)}"
    rows: Sequence[Any] = await connection.fetch(statement, *compiler.parameters)
    return rows


@dataclass(frozen=True, slots=True)
class _Children:
    """A child sub-select: the object below and its `reference` to the parents."""

    schema: Schema
    owner: SObject
    reference: str
    version: str

    async def of(
        self, connection: AnyConnection, query: Query, parents: list[str]
    ) -> dict[str, list[Record]]:
        """Return the child records of each parent; LIMIT and OFFSET count within a parent."""
        compiler = Compiler(self.schema, datetime.now(UTC).date())
        scope = compiler.scope(query, self.owner)
        shape = record_shape(compiler, query, scope, self.version)
        parent = f'{scope.name}."{self.reference}"'
        place = f"row_number() OVER (PARTITION BY {parent}{compiler.order(query, scope)})"
        named = ", ".join(f"{sql} AS c{index}" for index, sql in enumerate(shape.columns))
        within = f"{parent} = ANY({compiler.bind(parents)})"
        first = query.offset or 0
        last = f"AND place <= {first + query.limit}" if query.limit is not None else ""
        numbered = (
            f"SELECT {named}, {parent} AS parent, {place} AS place{compiler.tail(query, scope, within)}"
        )
        rows: Sequence[Any] = await connection.fetch(
            f"SELECT * FROM ({numbered}) AS child WHERE place > {first} {last} ORDER BY parent, place",  # noqa: S608  names come from the schema
            *compiler.parameters,
        )
        by_parent: dict[str, list[Record]] = defaultdict(list)
        for row in rows:
            by_parent[row["parent"]].append(shape.record(row))
        return by_parent
