"""A partner's webhook receiver in raw bytes, so that it can misbehave in every way a server can."""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

HANG = "hang"
RESET = "reset"
DRIP = "drip"
FOREVER = 3_600.0


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(slots=True)
class Receiver:
    """Answers what `script` says, one entry a request, and then `usual`.

    An entry is a status, raw bytes, or one of HANG, RESET and DRIP.
    """

    usual: int | bytes | str = 200
    script: list[int | bytes | str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def url(self, path: str = "/hooks") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.received]

    async def until(self, count: int, seconds: float = 20) -> None:
        """Return when so many requests have come."""
        async with asyncio.timeout(seconds):
            while len(self.received) < count:
                await asyncio.sleep(0.005)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                self.received.append(await _request(reader))
                await self._answer(self.next_answer(), writer)
        finally:
            writer.close()

    def next_answer(self) -> int | bytes | str:
        """What the request that came last is answered with."""
        return self.script.pop(0) if self.script else self.usual

    async def _answer(self, what: int | bytes | str, writer: asyncio.StreamWriter) -> None:
        if what == HANG:
            await asyncio.sleep(FOREVER)
        elif what == RESET:
            raw: socket.socket = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST, not FIN
            writer.transport.abort()
        elif what == DRIP:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while True:
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.2)
        else:
            writer.write(what if isinstance(what, bytes) else response(what))
            await writer.drain()


def response(status: int, body: str = "", **headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Word",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body]).encode()


@asynccontextmanager
async def listening(
    receiver: Receiver, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """The receiver on a free port for as long as the block lasts; what hangs is cut at its end."""
    under_way: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(receiver.serve(reader, writer))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    server = await asyncio.start_server(accept, host, receiver.port, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(under_way):
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(first.split()[1], headers, body)
