"""Statements: SQLAlchemy Core writes them once, asyncpg runs them.

Running SQLAlchemy per request costs four times the query; so each statement is compiled to text when its
module is loaded, and only its text and the order of its parameters are kept.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Insert,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Boolean, Text, TypeDecorator

from commerce.access import Scope

_DIALECT = dialect()  # type: ignore[no-untyped-call]

TenantPredicate = Callable[[Any], ColumnElement[bool]]
"""Makes the predicate that keeps a tenant table (or alias) to the rows of a scope."""


class Statement:
    """The text of one statement and the names of its parameters, in order."""

    __slots__ = ("_defaults", "_ids", "_names", "sql")

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)  # noqa: S101  narrows for mypy; compile() of Core gives no other
        self.sql = compiled.string
        if "POSTCOMPILE" in self.sql:
            raise TypeError(f"a list must travel as an array (= ANY), not be written out: {self.sql}")
        self._names = tuple(compiled.positiontup or ())
        self._defaults = {
            name: compiled.params[name] for bound, name in compiled.bind_names.items() if not bound.required
        }
        self._ids = {name for bound, name in compiled.bind_names.items() if isinstance(bound.type, _Ids)}

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the text. KeyError where one is missing."""
        defaults = self._defaults
        if self._ids:
            values = {**values, **{name: _joined(values[name]) for name in self._ids}}
        return [values[name] if name in values else defaults[name] for name in self._names]


class ScopedStatement:
    """A statement over tenant tables, written twice: for one partner, and for all (staff).

    `build` receives the tenant predicate and must apply it to every tenant table it reads. The statement for
    one partner also tells PostgreSQL whose it is, so that the policies of row-level security hold it to the
    same rows without a transaction of its own (docs/decisions/row-level-security.md).
    """

    __slots__ = ("everyone", "one_partner")

    def __init__(self, build: Callable[[TenantPredicate], Executable]) -> None:
        self.one_partner = Statement(_entering_scope(build(_of_partner)))
        self.everyone = Statement(build(_of_environment))

    def within(self, scope: Scope) -> Statement:
        """The statement for a scope."""
        return self.everyone if scope.partner_id is None else self.one_partner


def _entering_scope(statement: Any) -> Executable:
    """The statement with a condition that is checked first, and tells PostgreSQL the scope when it is."""
    if isinstance(statement, Insert):  # it has no condition, and runs in a transaction, which has told
        return statement
    partner, environment = bindparam("partner_id", type_=UUID()), bindparam("environment", type_=Text())
    entered: Executable = statement.where(func.enter_scope(partner, environment, type_=Boolean()))
    return entered


def _of_environment(table: Any) -> ColumnElement[bool]:
    columns: Any = table.c
    if "environment" not in columns:  # partners and their prices are the same in both
        return true()
    predicate: ColumnElement[bool] = columns.environment == bindparam("environment")
    return predicate


def _of_partner(table: Any) -> ColumnElement[bool]:
    columns: Any = table.c
    viewer = bindparam("partner_id", type_=UUID())
    if table.name == "partners":
        return or_(
            columns.id == viewer,
            and_(columns.parent_id == viewer, columns.relationship != literal_column("'ENDED'")),
        )
    return and_(columns.partner_id == viewer, _of_environment(table))


class _Ids(TypeDecorator[Any]):
    """A list of ids on its way, as one text: writing an array of them would take asyncpg 2 µs for each."""

    impl = Text
    cache_ok = True


def ids(name: str = "ids") -> Any:
    """A parameter that is a list of ids, as an array for `= ANY`."""
    return cast(func.string_to_array(bindparam(name, type_=_Ids()), literal_column("','")), ARRAY(UUID()))


def _joined(identifiers: Iterable[str]) -> str:
    """Ids without their prefixes, as `_Ids` travel."""
    return ",".join([identifier[-32:] for identifier in identifiers])
