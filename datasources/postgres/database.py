"""The pools of connections, how values travel, and the one way to begin a tenant's transaction."""

from collections.abc import AsyncIterator, Hashable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import asyncpg
import orjson

from commerce.access import Scope
from datasources.errors import Conflict, SourceUnavailable
from datasources.postgres.inserts import Insert, Inserts
from datasources.postgres.pool import Connection, Pool, Row
from datasources.postgres.signals import Feed, Signals
from datasources.postgres.statements import ScopedStatement, Statement

__all__ = ["Connection", "Database", "Row", "Transaction", "open_database"]

_OUT_OF_REACH = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver says of a connection that broke while it was being used
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
)


class Role(StrEnum):
    """Whom a connection acts as: PostgreSQL shows each of them other rows (row-level security)."""

    APPLICATION = "portico_app"
    STAFF = "portico_staff"
    WORKER = "portico_worker"


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open transaction, bound to a scope. Everything written through it commits or vanishes together.

    Inserted rows wait, to travel together, until a statement could see them; so a Conflict may surface later
    than the insert that causes it, at the latest when the transaction ends.
    """

    connection: Connection
    scope: Scope | None
    stirred: set[Feed] = field(default_factory=set)
    """Whose feeds it adds to, and whether it leaves work: those who wait are woken once it has committed."""
    _inserts: Inserts = field(default_factory=Inserts)

    async def fetch(self, statement: Statement, **values: Any) -> list[Row]:
        await self.flush()
        return await self.connection.fetch(statement.sql, *statement.arguments(values))

    async def fetch_scoped(self, statement: ScopedStatement, **values: Any) -> list[Row]:
        """Run a statement within the scope that the transaction acts for."""
        assert self.scope is not None  # noqa: S101  the worker's transactions have none
        values["partner_id"] = self.scope.partner_id
        values["environment"] = self.scope.environment
        return await self.fetch(statement.within(self.scope), **values)

    async def row(self, statement: Statement, **values: Any) -> Row | None:
        await self.flush()
        return await self.connection.fetchrow(statement.sql, *statement.arguments(values))

    async def run(self, statement: Statement, **values: Any) -> int:
        """Run a statement; the number of rows it touched."""
        await self.flush()
        status = await self.connection.execute(statement.sql, *statement.arguments(values))
        return int(status.rpartition(" ")[2])

    async def insert(
        self, insert: Insert, rows: Iterable[Mapping[str, Any]], *, group: Hashable = None
    ) -> None:
        """Write new rows, with whatever else waits to be written."""
        self._inserts.add(insert, rows, group)
        if self._inserts.is_full:
            await self.flush()

    async def flush(self) -> None:
        """Send the rows that wait, in one statement."""
        if self._inserts:
            sql, arguments = self._inserts.taken()
            await self.connection.execute(sql, *arguments)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part of the transaction that can fail on its own, with the rows that were inserted in it."""
        await self.flush()
        async with self.connection.transaction():
            try:
                yield
                await self.flush()
            except BaseException:
                self._inserts.forget()
                raise


class Database:
    """Pools on one PostgreSQL database, one a role. Faults surface as SourceUnavailable and Conflict."""

    def __init__(self, pools: Mapping[Role, Pool]) -> None:
        self._pools = pools
        self._pool = pools[Role.APPLICATION]
        self.signals = Signals()

    async def fetch(self, statement: ScopedStatement, scope: Scope, **values: Any) -> list[Row]:
        """Read within a scope: as the application for a partner, in the role of staff for everybody."""
        values["partner_id"] = scope.partner_id
        values["environment"] = scope.environment
        role = Role.STAFF if scope.partner_id is None else Role.APPLICATION
        return await self.fetch_as(role, statement.within(scope), values)

    async def fetch_public(self, statement: Statement, **values: Any) -> list[Row]:
        """Read what is the same for everybody, such as the catalogue: rows of partners do not show."""
        return await self.fetch_as(Role.APPLICATION, statement, values)

    async def fetch_everywhere(self, statement: Statement, **values: Any) -> list[Row]:
        """Read rows of any partner: for a job, or before it is known who asks. Never for an answer."""
        return await self.fetch_as(Role.WORKER, statement, values)

    async def fetch_as(self, role: Role, statement: Statement, values: Mapping[str, Any]) -> list[Row]:
        """Run one statement in a role, outside any transaction of ours."""
        with _faults():
            return await self._pools[role].fetch(statement.sql, *statement.arguments(values))

    async def fetch_apart(
        self, statement: Statement, *, role: Role = Role.APPLICATION, **values: Any
    ) -> list[Row]:
        """Run what belongs to no answer, such as drawing on an allowance, or asking what was revoked."""
        with _faults():
            return await self._pools[role].fetch(statement.sql, *statement.arguments(values))

    async def ping(self) -> None:
        """Raise SourceUnavailable unless the database answers."""
        with _faults():
            await self._pool.fetch("SELECT 1")

    @asynccontextmanager
    async def tenant(self, scope: Scope) -> AsyncIterator[Transaction]:
        """A transaction that acts for the scope's partner; one of staff reaches every partner's rows."""
        if scope.partner_id is None:
            async with self._transaction(Role.WORKER, scope) as transaction:
                yield transaction
            return
        async with self._transaction(Role.APPLICATION, scope) as transaction:
            await transaction.connection.execute(
                "SELECT set_config('app.partner', $1, true), set_config('app.environment', $2, true)",
                scope.partner_id[-32:],
                scope.environment.value,
            )
            yield transaction

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Transaction]:
        """A transaction of the worker, which serves every partner."""
        async with self._transaction(Role.WORKER, None) as transaction:
            yield transaction

    @asynccontextmanager
    async def _transaction(self, role: Role, scope: Scope | None) -> AsyncIterator[Transaction]:
        with _faults():
            async with self._pools[role].connection() as connection, connection.transaction():
                transaction = Transaction(connection, scope)
                yield transaction
                await transaction.flush()
        if transaction.stirred:
            self.signals.tell(transaction.stirred)


@asynccontextmanager
async def open_database(
    url: str,
    *,
    others: Mapping[Role, str] = MappingProxyType({}),
    smallest: int = 2,
    largest: int = 16,
    statement_timeout: float = 15.0,
) -> AsyncIterator[Database]:
    """A database whose pools live as long as the block. `statement_timeout` is in seconds.

    `url` signs in as the application. For every other role it signs in by a URL of its own in `others`, else
    as the application, which then takes the role on (it must be a member). Those pools open when first used.
    """

    async def opened(role: Role) -> Pool:
        takes_on = {} if role is Role.APPLICATION or role in others else {"role": role.value}
        settings = _SETTINGS | takes_on | {"statement_timeout": str(int(statement_timeout * 1000))}

        async def connect() -> Connection:
            where = others.get(role, url)
            patience = statement_timeout + 1
            connection = await asyncpg.connect(
                where, command_timeout=patience, timeout=5, server_settings=settings
            )
            await _teach(connection)
            return connection

        pool = Pool(connect, largest)
        if role is Role.APPLICATION:
            await pool.warm(smallest)
        return pool

    async with AsyncExitStack() as stack:
        pools: dict[Role, Pool] = {}
        for role in Role:
            pools[role] = await opened(role)
            stack.push_async_callback(pools[role].close)
        yield Database(pools)


_SETTINGS = {
    "application_name": "portico",
    "timezone": "UTC",
    "jit": "off",  # every statement here is short; compiling one costs more than it saves
    # Nearly all statements take one path whatever their values are. Planning each anew, as PostgreSQL does
    # where it guesses that to be cheaper, costs as much as running it, and more under row-level security.
    "plan_cache_mode": "force_generic_plan",
}


class _faults:  # noqa: N801  reads as a statement where it is used
    """Turns what the driver raises into the errors that callers know."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(
            error, asyncpg.UniqueViolationError | asyncpg.SerializationError | asyncpg.DeadlockDetectedError
        ):
            raise Conflict(getattr(error, "constraint_name", None) or type(error).__name__) from error
        if isinstance(error, _OUT_OF_REACH):
            raise SourceUnavailable("postgres", retryable=True, code=type(error).__name__) from error


async def _teach(connection: Connection) -> None:
    """How values travel: ids as 32 hex digits (an id's prefix is cut off on its way in), JSON by orjson."""
    await connection.set_type_codec(
        "uuid", schema="pg_catalog", encoder=_uuid_bytes, decoder=bytes.hex, format="binary"
    )
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_jsonb, decoder=_from_jsonb, format="binary"
    )


def _uuid_bytes(identifier: str) -> bytes:
    return bytes.fromhex(identifier[-32:])


_JSONB_VERSION = b"\x01"


def _jsonb(value: Any) -> bytes:
    return _JSONB_VERSION + orjson.dumps(value)


def _from_jsonb(raw: bytes) -> Any:
    return orjson.loads(raw[1:])
