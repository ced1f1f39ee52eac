"""Inserts of one transaction travel together: one statement, one round trip, whatever the tables.

An order is a dozen rows in eight tables. Written one by one they would cost eight round trips, and the time
on the way would be most of what an order takes. So a transaction keeps its new rows until something must see
them (the next statement, or the commit), and sends them as the parts of one `WITH`. References between them
are checked when the statement ends.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

Row = Mapping[str, Any]
"""The values of a row, by column."""

MOST_PARAMETERS = 20_000
"""The protocol allows 32,767 to a statement."""


class Insert:
    """Rows for a table, each column given by its name, except for those left to their defaults.

    `expressions` wrap the parameters of single columns: `due_at="coalesce({}, now())"`.
    """

    def __init__(self, table: Table, *, except_for: Collection[str] = (), **expressions: str) -> None:
        self.table = table.name
        self.columns = tuple(column.name for column in table.c if column.name not in except_for)
        self._expressions = expressions

    def width(self, count: int) -> int:
        """How many parameters so many rows take."""
        return count * len(self.columns)

    def arguments(self, rows: Sequence[Row]) -> list[Any]:
        """The values of the parameters, in order."""
        return [row[name] for row in rows for name in self.columns]

    def parts(self, name: str, count: int, first: int) -> list[tuple[str, str]]:
        """The named parts of a `WITH` that insert so many rows; parameters are numbered from `first`."""
        rows = [self._row(first + self.width(before)) for before in range(count)]
        return [(name, f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES {', '.join(rows)}")]  # noqa: S608  our own names

    def _row(self, first: int) -> str:
        shown = (self._expressions.get(name, "{}") for name in self.columns)
        return f"({', '.join(text.format(f'${number}') for number, text in enumerate(shown, start=first))})"


class Inserts:
    """Rows that wait to be written, in the order in which they were given."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[Insert, Hashable], list[Row]] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether they must be written before more can be kept."""
        parameters = sum(insert.width(len(rows)) for (insert, _), rows in self._waiting.items())
        return parameters > MOST_PARAMETERS

    def add(self, insert: Insert, rows: Iterable[Row], group: Hashable = None) -> None:
        """Keep rows; those of a group come from one part of the statement, each group from its own."""
        if added := list(rows):
            self._waiting.setdefault((insert, group), []).extend(added)

    def forget(self) -> None:
        """Let go of what waits: its transaction failed."""
        self._waiting.clear()

    def taken(self) -> tuple[str, list[Any]]:
        """The statement that writes everything that waits, and its arguments; nothing waits afterwards."""
        waiting, self._waiting = self._waiting, {}
        sql = _together(tuple((insert, len(rows)) for (insert, _), rows in waiting.items()))
        return sql, [value for (insert, _), rows in waiting.items() for value in insert.arguments(rows)]


@lru_cache(maxsize=500)
def _together(wanted: tuple[tuple[Insert, int], ...]) -> str:
    """One statement for so many rows into each table. The same shapes come again and again.

    PostgreSQL runs parts that nothing refers to from the last to the first, so they stand in reverse: rivals
    for several unique values then wait for them in one order, and not for each other. Were it to change its
    ways, a deadlock would be found, answered as a conflict and tried again.
    """
    parts: list[str] = []
    first = 1
    for number, (insert, count) in enumerate(wanted):
        named = insert.parts(f"{insert.table}_{number}", count, first)
        parts = [*(f"{name} AS ({sql})" for name, sql in named), *parts]
        first += insert.width(count)
    return f"WITH {', '.join(parts)} SELECT 1"
