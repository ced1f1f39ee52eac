"""Connections to one PostgreSQL. The one used last is taken first, and keeps every statement prepared.

asyncpg's own pool wraps each connection for each use, and looks every statement up again: 30 µs of a read
that takes 25. Here a free connection is an element of a list, and a read is the execution of a statement that
its connection has prepared.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

Row = asyncpg.Record
Connection: TypeAlias = "asyncpg.Connection[Row]"

MOST_PREPARED = 200
"""Statements that one connection keeps prepared; beyond them it begins anew."""
GOODBYE = 5.0
"""Seconds that a connection has to cancel what it runs and to take its leave."""


class Session:
    """An open connection with the statements that it has prepared, by their text."""

    __slots__ = ("connection", "prepared")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.prepared: dict[str, PreparedStatement[Row]] = {}

    async def fetch(self, sql: str, *arguments: object) -> list[Row]:
        """Run a statement, prepared on its first use. Raises what asyncpg raises."""
        statement = self.prepared.get(sql)
        if statement is None:
            if len(self.prepared) >= MOST_PREPARED:
                self.prepared.clear()
            statement = self.prepared[sql] = await self.connection.prepare(sql)
        try:
            return await statement.fetch(*arguments)
        except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError):
            self.prepared.clear()  # a migration has changed what the statement stands for
            return await self.connection.fetch(sql, *arguments)


class Pool:
    """So many connections at most, opened when they are needed. Those who find none free wait in line."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], largest: int) -> None:
        self._connect = connect
        self._largest = largest
        self._open = 0
        self._free: list[Session] = []
        self._waiting: deque[asyncio.Future[Session | None]] = deque()
        self._leaving: set[asyncio.Task[None]] = set()

    async def fetch(self, sql: str, *arguments: object) -> list[Row]:
        """Run one statement on a connection of its own. Raises what asyncpg raises."""
        session = self._free.pop() if self._free else await self._taken()
        try:
            rows = await session.fetch(sql, *arguments)
        except BaseException as fault:
            self._give_back(session, sound=not _is_cut_short(fault))
            raise
        self._give_back(session)
        return rows

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for as long as the block. One that was cut short in its work is not used again."""
        session = await self._taken()
        try:
            yield session.connection
        except BaseException as fault:
            self._give_back(session, sound=not _is_cut_short(fault))
            raise
        self._give_back(session)

    async def warm(self, count: int) -> None:
        """Open so many connections. Raises what asyncpg raises."""
        sessions = [await self._taken() for _ in range(count)]
        for session in sessions:
            self._give_back(session)

    async def close(self) -> None:
        """Close every connection as it comes free."""
        while self._open:
            session = await self._taken()
            self._open -= 1
            await _close(session.connection)
        await asyncio.gather(*self._leaving)

    async def _taken(self) -> Session:
        while True:
            while self._free:
                session = self._free.pop()
                if not session.connection.is_closed():
                    return session
                self._open -= 1
            if self._open < self._largest:
                return await self._opened()
            given = await self._waited()
            if given is not None:
                return given

    async def _opened(self) -> Session:
        self._open += 1
        try:
            return Session(await self._connect())
        except BaseException:
            self._lost_one()
            raise

    async def _waited(self) -> Session | None:
        """What somebody gives back, or None where a connection may be opened instead."""
        waiting: asyncio.Future[Session | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled():  # it was given something in the same moment
                session = waiting.result()
                self._wake(None) if session is None else self._give_back(session)
            raise

    def _give_back(self, session: Session, *, sound: bool = True) -> None:
        connection = session.connection
        if connection.is_closed():
            self._lost_one()
        elif not sound:
            leaving = asyncio.get_running_loop().create_task(_close(connection))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
            self._lost_one()
        elif not self._wake(session):
            self._free.append(session)

    def _lost_one(self) -> None:
        self._open -= 1
        self._wake(None)

    def _wake(self, session: Session | None) -> bool:
        """Give a session, or leave to open one, to whoever has waited longest."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(session)
                return True
        return False


def _is_cut_short(fault: BaseException) -> bool:
    """Whether a fault, a cancellation above all, may leave the driver in the middle of something."""
    return not isinstance(fault, Exception) or isinstance(
        fault, TimeoutError | OSError | asyncpg.InternalClientError
    )


async def _close(connection: Connection) -> None:
    with suppress(Exception):
        await connection.close(timeout=GOODBYE)
