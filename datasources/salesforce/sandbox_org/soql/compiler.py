"""SOQL tree to one SQL statement over the org's tables.

Every value travels as a parameter; every name comes from the schema. SOQL has no third truth value: a negated
condition is true where its term is not, null fields included.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from datasources.salesforce.sandbox_org.calls import Refusal, malformed
from datasources.salesforce.sandbox_org.metadata import Field, Schema, SObject
from datasources.salesforce.sandbox_org.soql.conditions import (
    FUNCTIONS,
    Comparer,
    aggregate_field,
    constant,
)
from datasources.salesforce.sandbox_org.soql.parser import (
    Comparison,
    Condition,
    Function,
    Junction,
    Membership,
    Not,
    Operand,
    Ordering,
    Path,
    Query,
)
from datasources.salesforce.sandbox_org.storage import TEXT_TYPES, table

MOST_SKIPPED = 2_000
AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})


@dataclass(frozen=True, slots=True)
class Column:
    """An SQL expression and the field whose type it has."""

    sql: str
    field: Field


@dataclass(slots=True)
class Scope:
    """The tables one query reaches: the queried object and, joined on demand, its parents."""

    schema: Schema
    sobject: SObject
    alias: str | None
    name: str
    joins: dict[tuple[str, ...], tuple[str, SObject]] = field(default_factory=dict)
    joined: list[str] = field(default_factory=list)

    def column(self, path: Path) -> Column:
        """Return the column that `path` leads to, joining the parents on its way."""
        steps = path.steps
        if self.alias and len(steps) > 1 and steps[0].lower() == self.alias.lower():
            steps = steps[1:]
        table_name, sobject = self.parent(steps[:-1])
        found = sobject.field(steps[-1])
        if found is None:
            raise _no_column(steps[-1], sobject)
        return Column(f'{table_name}."{found.name}"', found)

    def parent(self, steps: tuple[str, ...]) -> tuple[str, SObject]:
        """Return (SQL alias, object) of the parent at the end of `steps`; of the object itself for none."""
        if not steps:
            return self.name, self.sobject
        key = tuple(step.lower() for step in steps)
        if key not in self.joins:
            nearer, owner = self.parent(steps[:-1])
            reference = owner.relation(steps[-1])
            if reference is None:
                raise Refusal(
                    400,
                    "INVALID_FIELD",
                    f"Didn't understand relationship '{steps[-1]}' in field path.",
                )
            parent = self.schema.objects[reference.refers_to]
            alias = f"{self.name}_{len(self.joins) + 1}"
            self.joined.append(
                f'LEFT JOIN {table(parent)} {alias} ON {alias}."Id" = {nearer}."{reference.name}"'
            )
            self.joins[key] = alias, parent
        return self.joins[key]


@dataclass(slots=True)
class Compiler:
    """Compiles one query and its semi-joins; `parameters` grows as values are met."""

    schema: Schema
    today: date
    deleted: bool = False
    parameters: list[Any] = field(default_factory=list)
    scopes: int = 0

    def scope(self, query: Query, sobject: SObject | None = None) -> Scope:
        found = sobject or self.schema.find(query.source)
        if found is None:
            raise Refusal(400, "INVALID_TYPE", f"sObject type '{query.source}' is not supported.")
        self.scopes += 1
        return Scope(self.schema, found, query.alias, f"t{self.scopes}")

    def bind(self, value: Any) -> str:
        self.parameters.append(value)
        return f"${len(self.parameters)}"

    def tail(self, query: Query, scope: Scope, *extra: str) -> str:
        """Return everything from FROM to HAVING. `extra` conditions are SQL already."""
        conditions = list(extra)
        if not self.deleted:
            conditions.append(f'NOT {scope.name}."IsDeleted"')
        if query.where is not None:
            conditions.append(self.condition(query.where, scope))
        grouped = [self.operand(each, scope).sql for each in query.group]
        having = f" HAVING {self.condition(query.having, scope)}" if query.having else ""
        group = f" GROUP BY {', '.join(grouped)}" if grouped else ""
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        source = " ".join([f"{table(scope.sobject)} {scope.name}", *scope.joined])
        return f" FROM {source}{where}{group}{having}"

    def page(self, query: Query) -> str:
        if query.offset is not None and query.offset > MOST_SKIPPED:
            raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        limit = "" if query.limit is None else f" LIMIT {query.limit}"
        return limit + ("" if query.offset is None else f" OFFSET {query.offset}")

    def order(self, query: Query, scope: Scope) -> str:
        terms = [self._ordering(each, scope) for each in query.order]
        return f" ORDER BY {', '.join(terms)}" if terms else ""

    def operand(self, operand: Operand, scope: Scope) -> Column:
        if isinstance(operand, Path):
            return scope.column(operand)
        return self._function(operand, scope)

    def condition(self, condition: Condition, scope: Scope) -> str:
        match condition:
            case Junction(word, terms):
                return "(" + f" {word} ".join(self.condition(term, scope) for term in terms) + ")"
            case Not(term):
                return f"({self.condition(term, scope)}) IS NOT TRUE"
            case Comparison(operand, operator, value):
                column = self.operand(operand, scope)
                return Comparer(self.bind, self.today).compare(column.sql, column.field, operator, value)
            case Membership():
                return self._membership(condition, scope)

    def _membership(self, membership: Membership, scope: Scope) -> str:
        column = self.operand(membership.operand, scope)
        if isinstance(membership.among, Query):
            test = f"{column.sql} IN ({self._semi_join(membership.among)})"
        else:
            folded = f"lower({column.sql})" if column.field.type in TEXT_TYPES else column.sql
            values = [constant(column.field, value) for value in membership.among]
            test = f"{folded} = ANY({self.bind([each for each in values if each is not None])})"
            if None in values:
                test = f"({test} OR {column.sql} IS NULL)"
        return f"({test}) IS NOT TRUE" if membership.negated else f"({test})"

    def _semi_join(self, query: Query) -> str:
        if len(query.items) != 1 or query.children:
            raise malformed("a semi-join sub-select must select exactly one field")
        scope = self.scope(query)
        selected = self.operand(query.items[0].operand, scope)
        if selected.field.type not in {"id", "reference"}:
            raise malformed(f"a semi-join must select an id or a reference, not {selected.field.name}")
        return f"SELECT {selected.sql}{self.tail(query, scope)}{self.page(query)}"

    def _function(self, function: Function, scope: Scope) -> Column:
        if function.name == "COUNT" and function.path is None:
            return Column("count(*)", aggregate_field(function.name, None))
        if function.path is None or function.name not in FUNCTIONS:
            raise malformed(f"unexpected token: '{function.name}('")
        inner = scope.column(function.path)
        sql = FUNCTIONS[function.name].format(inner.sql)
        return Column(sql, aggregate_field(function.name, inner.field))

    def _ordering(self, ordering: Ordering, scope: Scope) -> str:
        column = self.operand(ordering.operand, scope)
        sql = f"lower({column.sql})" if column.field.type in TEXT_TYPES else column.sql
        direction = " DESC" if ordering.descending else ""
        own = isinstance(ordering.operand, Path) and len(ordering.operand.steps) == 1
        if own and not column.field.nillable:
            return sql + direction  # never null, so the index's own order will do
        return f"{sql}{direction} NULLS {'LAST' if ordering.nulls_last else 'FIRST'}"


def is_aggregate(query: Query) -> bool:
    calls = (each.operand for each in query.items if isinstance(each.operand, Function))
    return bool(query.group) or any(call.name in AGGREGATES for call in calls)


def _no_column(name: str, sobject: SObject) -> Refusal:
    message = (
        f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use a custom field,"
        " be sure to append the '__c' after the custom field name."
    )
    return Refusal(400, "INVALID_FIELD", message)
