"""Closed-loop clients over kept-alive connections, which spend as little as they can.

The clients share a core with PostgreSQL: an answer is counted and looked at no further than its head.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from typing import cast

PATIENCE = 60.0
"""Seconds an answer may take beyond the time in which requests are sent."""

_HEAD_END = b"\r\n\r\n"
_OK = b"HTTP/1.1 200"
_LENGTH = b"content-length:"


class Client(asyncio.Protocol):
    """One connection that asks and asks again until it is told to end."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._expected = 0
        self._asked_at = 0.0
        self._questions: Iterator[bytes] = iter(())
        self._until = 0.0
        self._latencies: list[float] = []
        self._done: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(error or ConnectionError("the server closed the connection"))

    def ask(
        self, questions: Iterator[bytes], seconds: float, latencies: list[float]
    ) -> asyncio.Future[bytes]:
        """Ask for so many seconds, one question at least; the last answer's body."""
        self._questions, self._latencies = questions, latencies
        self._until = time.perf_counter() + seconds
        self._done = asyncio.get_running_loop().create_future()
        self._next()
        return self._done

    def _next(self) -> None:
        assert self._transport is not None  # noqa: S101  it is connected
        self._asked_at = time.perf_counter()
        self._transport.write(next(self._questions))

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        if not self._expected:
            end = received.find(_HEAD_END)
            if end < 0:
                return
            head = bytes(received[:end])
            length = int(head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0])
            self._expected = end + len(_HEAD_END) + length
        if len(received) >= self._expected:
            self._answered()

    def _answered(self) -> None:
        now = time.perf_counter()
        self._latencies.append(now - self._asked_at)
        head, _, body = bytes(self._received).partition(_HEAD_END)
        self._received.clear()
        self._expected = 0
        assert self._done is not None  # noqa: S101  something was asked
        if not head.startswith(_OK) or b'"errors"' in body[:200]:
            self._done.set_exception(RuntimeError(f"not an answer: {head[:80]!r} {body[:400]!r}"))
        elif now >= self._until:
            self._done.set_result(body)
        else:
            self._next()


class Clients:
    """Connections to one server, kept open from round to round."""

    def __init__(self, connections: Sequence[Client]) -> None:
        self._connections = connections

    async def run(self, questions: Sequence[bytes], count: int, seconds: float) -> list[float]:
        """Let `count` clients ask in a loop; the seconds that each answer took."""
        latencies: list[float] = []
        shared = cycle(questions)
        async with asyncio.timeout(seconds + PATIENCE):
            await asyncio.gather(
                *(client.ask(shared, seconds, latencies) for client in self._connections[:count])
            )
        return latencies

    async def answer(self, question: bytes) -> bytes:
        """The body of the answer to one question."""
        async with asyncio.timeout(PATIENCE):
            return await self._connections[0].ask(iter([question]), 0.0, [])


@asynccontextmanager
async def connected(port: int, count: int) -> AsyncIterator[Clients]:
    """So many connections to a port of the loopback."""
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(Client, "127.0.0.1", port) for _ in range(count)]
    try:
        yield Clients([client for _, client in opened])
    finally:
        for transport, _ in opened:
            transport.close()
