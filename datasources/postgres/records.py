"""Rows become records: one declaration gives the columns to select and the function that reads a row."""

from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from dataclasses import MISSING, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Table

from commerce.ids import Prefix

R = TypeVar("R")

MOST_NARROWED = 200
"""Selections remembered for each kind of record; beyond them records are read whole."""


class Part:
    """How one field of a record is read: a column, and a Python expression over its value `{0}`."""

    def __init__(self, column: ColumnElement[Any], expression: str = "{0}", **names: Any) -> None:
        self.column = column
        self.expression = expression
        self.names = names


def identifier(prefix: Prefix, column: ColumnElement[Any]) -> Part:
    """A uuid column (read as hex, see `database`) as a prefixed id; null stays None."""
    text = f"'{prefix.value}_' + {{0}}"
    return Part(column, f"{{0}} and {text}" if getattr(column, "nullable", True) else text)


def member(kind: type[StrEnum], column: ColumnElement[Any]) -> Part:
    """A text column as a member of an enum; null stays None."""
    names = {kind.__name__: {item.value: item for item in kind}}
    nullable = getattr(column, "nullable", True)
    return Part(column, f"{kind.__name__}{'.get({0})' if nullable else '[{0}]'}", **names)


def listed(column: ColumnElement[Any]) -> Part:
    """An array column as a tuple."""
    return Part(column, "tuple({0})")


class Records(Generic[R]):
    """The columns of a record and how a row becomes one.

    Fields that are not named take the column of their own name in `table`; a field that the table does not
    have keeps its default, and so does one that is omitted, because it is large and seldom asked for. Raises
    TypeError where a field has neither.
    """

    def __init__(
        self,
        record: type[R],
        table: Table,
        *,
        omit: Collection[str] = (),
        always: Collection[str] = (),
        needs: Mapping[str, Collection[str]] = MappingProxyType({}),
        **parts: Part,
    ) -> None:
        chosen: dict[str, Part] = {}
        for field in fields(cast("Any", record)):
            if field.name in omit:
                continue
            if field.name in parts:
                chosen[field.name] = parts[field.name]
            elif field.name in table.c:
                chosen[field.name] = Part(table.c[field.name])
            elif field.default is MISSING:
                raise TypeError(f"{record.__name__}.{field.name} has no column in {table.name}")
        self._choose(record, chosen)
        self._always = frozenset(always)
        self._needs = {name: frozenset([name]) for name in chosen} | {
            name: frozenset(needed) for name, needed in needs.items()
        }
        self._narrowed: dict[frozenset[str], Records[R]] = {}

    def _choose(self, record: type[R], chosen: dict[str, Part]) -> None:
        self._record = record
        self._chosen = chosen
        self.columns = [part.column.label(name) for name, part in chosen.items()]
        self.many = _reader(record, chosen)
        self._names = [(name, part.column.name) for name, part in chosen.items()]

    def narrowed(self, selected: Collection[str] | None) -> "Records[R]":
        """These records with no more fields than a selection reads, besides those that are `always` there.

        `needs` says which fields a property, or what hangs on the record, reads; a selection that names
        anything else gets whole records. Reading a field that is not there raises AttributeError.
        """
        if selected is None or not all(name in self._needs for name in selected):
            return self
        wanted = self._always.union(*(self._needs[name] for name in selected))
        known = self._narrowed.get(wanted)
        if known is None and len(self._narrowed) < MOST_NARROWED:
            known = self._narrowed[wanted] = copy(self)
            known._choose(  # noqa: SLF001  another of the same
                self._record, {name: part for name, part in self._chosen.items() if name in wanted}
            )
        return known or self

    def one(self, row: Any) -> R:
        return self.many([row])[0]

    def row(self, record: R) -> dict[str, Any]:
        """The values of the record's row, by column."""
        return {column: getattr(record, name) for name, column in self._names}


def _reader(record: type[R], parts: dict[str, Part]) -> Callable[[Iterable[Any]], list[R]]:
    """A generated function from rows to records: one loop that calls nothing of ours.

    A frozen dataclass sets its fields one by one behind its own guard, which costs more than the row; so the
    values are put in place all at once. Records that are read in numbers therefore have no `__slots__`.
    """
    names: dict[str, Any] = {"record": record, "new": record.__new__, "put": object.__setattr__}
    values = []
    for position, (name, part) in enumerate(parts.items()):
        names |= part.names
        values.append(f"{name!r}: {part.expression.format(f'v{position}')}")
    fields_ = f"{{{', '.join(values)}}}"
    made = ["made = new(record)", f"put(made, '__dict__', {fields_})"]
    if hasattr(record, "__slots__"):
        made = [f"made = record(**{fields_})"]
    lines = [
        "def many(rows):",
        "    records = []",
        f"    for {''.join(f'v{position}, ' for position in range(len(parts)))}*more in rows:",
        *(f"        {line}" for line in made),
        "        records.append(made)",
        "    return records",
    ]
    exec("\n".join(lines), names)  # noqa: S102  made of our own column names
    read: Callable[[Iterable[Any]], list[R]] = names["many"]
    return read
