"""Examining a database: which invariants hold, and what breaks the others."""

from dataclasses import dataclass

import asyncpg

from datasources.postgres.invariants import INVARIANTS, Invariant
from datasources.postgres.pool import Connection

SHOWN = 20
"""Offending ids that a finding names."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What examining an invariant gave: how many rows break it, the first of their ids.

    `fault` says why it could not be examined at all; it is then unknown whether it holds.
    """

    invariant: Invariant
    count: int
    ids: tuple[str, ...]
    fault: str | None = None

    @property
    def holds(self) -> bool:
        return self.count == 0 and self.fault is None


async def examine(url: str, *, statement_timeout: float = 60.0) -> list[Finding]:
    """Examine every invariant on one snapshot of a database; reads only. The timeout is each one's."""
    connection = await asyncpg.connect(
        url,
        timeout=10,
        server_settings={
            "application_name": "portico doctor",
            "default_transaction_read_only": "on",
            "statement_timeout": str(int(statement_timeout * 1000)),
            "jit": "off",
            "row_security": "off",  # a role that is not shown every row must fail, not find all well
        },
    )
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await findings(connection)
    finally:
        await connection.close()


async def findings(connection: Connection) -> list[Finding]:
    """Examine every invariant within the connection's transaction."""
    return [await _finding(connection, invariant) for invariant in INVARIANTS]


async def _finding(connection: Connection, invariant: Invariant) -> Finding:
    select = f"SELECT id, count(*) OVER () FROM ({invariant.offenders}) AS offender LIMIT {SHOWN}"  # noqa: S608  texts of our own
    try:
        async with connection.transaction():  # a savepoint: one that is too slow must not end the others
            rows = await connection.fetch(select)
    except asyncpg.QueryCanceledError as slow:
        return Finding(invariant, 0, (), str(slow))
    return Finding(invariant, rows[0]["count"] if rows else 0, tuple(row["id"] for row in rows))
