"""The rows of one accepted order, to be written again by raw SQL: the same columns and sizes, new ids."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import asyncpg

from commerce.ids import Prefix
from datasources.identifiers import new_id

Rows = Sequence[asyncpg.Record]
Call = tuple[str, list[Any]]
"""A statement and its arguments."""

READ = {
    "idempotency_keys": "resource_id = $1",
    "orders": "id = $1",
    "order_lines": "order_id = $1",
    "order_transitions": "order_id = $1",
    "screenings": "order_id = $1",
    "events": "coalesce(snapshot ->> 'orderId', subject_id) = 'ord_' || encode(uuid_send($1), 'hex')",
    "outbox": "key = $1",
}
"""What Portico writes when it accepts an order for a customer it knows, besides the sequence of events."""

TAKE = """
WITH taken AS (
    INSERT INTO event_sequences (partner_id, environment, last) VALUES ($1, $2, $3)
    ON CONFLICT (partner_id, environment) DO UPDATE SET last = event_sequences.last + $3 RETURNING last
)
"""
MADE_BY_THE_DATABASE = {"outbox": {"id"}}


@dataclass(frozen=True, slots=True)
class OrderRows:
    """What an order consists of, as five statements that write such an order once more."""

    order_id: UUID
    tables: Mapping[str, Rows]

    @classmethod
    async def of_partner(cls, connection: "asyncpg.Connection[asyncpg.Record]", partner_id: str) -> Self:
        """The rows of the partner's newest order."""
        newest = "SELECT id FROM orders WHERE partner_id = $1 ORDER BY id DESC LIMIT 1"
        order_id = await connection.fetchval(newest, UUID(partner_id[-32:]))
        read = {
            table: await connection.fetch(f"SELECT * FROM {table} WHERE {where}", order_id)  # noqa: S608  words of this file
            for table, where in READ.items()
        }
        return cls(order_id, read)

    def again(self) -> Iterator[Call]:
        """The five statements, with ids that nobody has used."""
        order_id = _fresh()
        yield self._written(order_id, "idempotency_keys", "orders")
        yield self._written(order_id, "order_lines", "order_transitions")
        yield self._written(order_id, "screenings")
        yield self._events(order_id)
        yield self._written(order_id, "outbox")

    def _written(self, order_id: UUID, *tables: str) -> Call:
        """One statement that inserts into the last table, and into those before it as CTEs."""
        arguments: list[Any] = []
        inserts = [self._insert(table, order_id, arguments) for table in tables]
        *earlier, last = inserts
        ctes = ", ".join(f"part_{number} AS ({insert})" for number, insert in enumerate(earlier))
        return (f"WITH {ctes} {last}" if earlier else last), arguments

    def _insert(self, table: str, order_id: UUID, arguments: list[Any]) -> str:
        columns = self._columns(table)
        tuples = []
        for row in self.tables[table]:
            first = len(arguments) + 1
            arguments += [self._value(name, row[name], order_id) for name in columns]
            tuples.append(f"({', '.join(f'${first + offset}' for offset in range(len(columns)))})")
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(tuples)}"  # noqa: S608  words of this file

    def _columns(self, table: str) -> list[str]:
        by_database = MADE_BY_THE_DATABASE.get(table, set())
        return [name for name in self.tables[table][0].keys() if name not in by_database]  # noqa: SIM118  a Record iterates over values

    def _value(self, name: str, value: Any, order_id: UUID) -> Any:
        if value == self.order_id:
            return order_id
        if name == "id":
            return _fresh()
        return f"again-{order_id}" if name == "key" else value

    def _events(self, order_id: UUID) -> Call:
        """The events under the next numbers of their partner's sequence."""
        rows = self.tables["events"]
        arguments: list[Any] = [rows[0]["partner_id"], rows[0]["environment"], len(rows)]
        selects = []
        for back, row in enumerate(reversed(rows)):
            first = len(arguments) + 1
            subject = f"{Prefix.ORDER}_{order_id.hex}"
            arguments += [_fresh(), row["type"], subject, row["occurred_at"], row["snapshot"]]
            values = f"${first}::uuid, ${first + 1}::text, ${first + 2}::text, ${first + 3}::timestamptz"
            selects.append(f"SELECT $1, $2, last - {back}, {values}, ${first + 4}::jsonb FROM taken")  # noqa: S608  words of this file
        columns = "partner_id, environment, sequence, id, type, subject_id, occurred_at, snapshot"
        return f"{TAKE} INSERT INTO events ({columns}) {' UNION ALL '.join(selects)}", arguments


def _fresh() -> UUID:
    return UUID(new_id(Prefix.ORDER)[-32:])
