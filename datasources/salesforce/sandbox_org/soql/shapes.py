"""Rows of SQL to records of JSON: parents nested, children beneath, aggregates named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from datasources.salesforce.sandbox_org.calls import malformed
from datasources.salesforce.sandbox_org.metadata import Field, SObject
from datasources.salesforce.sandbox_org.records import attributes
from datasources.salesforce.sandbox_org.soql.compiler import Compiler, Scope
from datasources.salesforce.sandbox_org.soql.parser import Function, Path, Query
from datasources.salesforce.sandbox_org.values import write

Record = dict[str, Any]


@dataclass(slots=True)
class RecordShape:
    """Which column of a row lands where. The columns of `ids` tell whether a parent is there at all."""

    version: str
    columns: list[str] = field(default_factory=list)
    parents: list[tuple[tuple[str, ...], str, int]] = field(default_factory=list)
    leaves: list[tuple[tuple[str, ...], str, int]] = field(default_factory=list)

    def add_parents(self, scope: Scope, steps: tuple[str, ...]) -> tuple[str, ...]:
        """Select the id of every parent along `steps`; return them in the schema's own spelling."""
        proper: tuple[str, ...] = ()
        for depth in range(len(steps) + 1):
            if depth:
                _, owner = scope.parent(steps[: depth - 1])
                _, sobject = scope.parent(steps[:depth])
                relation = owner.relation(steps[depth - 1])
                proper += (relation.relationship if relation else steps[depth - 1],)
            else:
                sobject = scope.sobject
            if all(place != proper for place, _, _ in self.parents):
                name, _ = scope.parent(steps[:depth])
                self.parents.append((proper, sobject.name, self.select(f'{name}."Id"')))
        return proper

    def select(self, sql: str) -> int:
        self.columns.append(sql)
        return len(self.columns) - 1

    def record(self, row: Sequence[Any]) -> Record:
        made: dict[tuple[str, ...], Record | None] = {}
        for place, sobject, index in self.parents:
            here = row[index] and {"attributes": attributes(sobject, row[index], self.version)}
            made[place] = here
            above = made[place[:-1]] if place else None
            if above is not None:
                above[place[-1]] = here
        for place, name, index in self.leaves:
            holder = made[place]
            if holder is not None:
                holder[name] = write(row[index])
        return made[()] or {}


def record_shape(compiler: Compiler, query: Query, scope: Scope, version: str) -> RecordShape:
    """Plan the columns of a query that is no aggregate."""
    shape = RecordShape(version)
    shape.add_parents(scope, ())
    for item in query.items:
        steps = _steps(item.operand, scope)
        column = compiler.operand(item.operand, scope)
        place = shape.add_parents(scope, steps)
        name = column.field.name if isinstance(item.operand, Path) else item.alias or str(item.operand)
        if any(leaf[:2] == (place, name) for leaf in shape.leaves):
            raise malformed(f"duplicate field selected: {name}")
        shape.leaves.append((place, name, shape.select(column.sql)))
    return shape


def _steps(operand: Path | Function, scope: Scope) -> tuple[str, ...]:
    if isinstance(operand, Function):
        if operand.name == "FIELDS":
            raise malformed("The SOQL FIELDS function is not supported by this org")
        return ()
    steps = operand.steps[:-1]
    return steps[1:] if scope.alias and steps and steps[0].lower() == scope.alias.lower() else steps


def aggregate_columns(compiler: Compiler, query: Query, scope: Scope) -> tuple[list[str], list[str]]:
    """Return (SQL, names) of an aggregate's columns; those without an alias are expr0, expr1 …"""
    columns, names, unnamed = [], [], 0
    for item in query.items:
        columns.append(compiler.operand(item.operand, scope).sql)
        if item.alias:
            names.append(item.alias)
        elif isinstance(item.operand, Path):
            if item.operand not in query.group:
                raise malformed(f"Field must be grouped or aggregated: {item.operand}")
            names.append(item.operand.steps[-1])
        else:
            names.append(f"expr{unnamed}")
            unnamed += 1
    return columns, names


def aggregate(names: list[str], row: Sequence[Any]) -> Record:
    values = {name: write(value) for name, value in zip(names, row, strict=True)}
    return {"attributes": {"type": "AggregateResult"}} | values


def child_relation(children: Iterable[tuple[SObject, Field]], name: str) -> tuple[SObject, Field]:
    """Return (child object, its reference) that the relationship `name` stands for."""
    for child, reference in children:
        if reference.children.lower() == name.lower():
            return child, reference
    raise malformed(f"Didn't understand relationship '{name}' in FROM part of query call.")
