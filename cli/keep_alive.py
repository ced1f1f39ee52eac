"""The cheapest HTTP client that will do: one connection, one request at a time, JSON both ways.

Those who measure a server share its processors: what the client spends, the server does not have.
"""

import asyncio
from contextlib import suppress
from typing import Any, Self

import orjson

LOST = (OSError, EOFError, asyncio.IncompleteReadError, TimeoutError)
"""What a request raises when the server dies under it: whether it was carried out is not known."""


class KeepAlive:
    """A connection to a server on the loopback, opened when it is needed and again when it was lost."""

    def __init__(self, port: int, token: str, *, timeout: float = 30.0) -> None:
        self._port = port
        self._head = (
            f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nAccept: application/graphql-response+json\r\n"
        ).encode()
        self._timeout = timeout
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, document: str, **variables: Any) -> tuple[int, Any]:
        """The status and the answer. Raises one of LOST."""
        body = orjson.dumps({"query": document, "variables": variables})
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(b"%sContent-Length: %d\r\n\r\n%s" % (self._head, len(body), body))
        except BaseException:
            await self.close()
            raise

    async def _exchange(self, request: bytes) -> tuple[int, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head[9:12])
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        answer = orjson.loads(await reader.readexactly(length))
        return status, answer

    async def close(self) -> None:
        if self._streams is not None:
            writer = self._streams[1]
            self._streams = None
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
