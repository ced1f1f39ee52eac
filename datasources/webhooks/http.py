"""Just enough of HTTP/1.1: one POST on a fresh connection, and the beginning of its response.

Made by hand on llhttp because a client library follows redirects, pools connections, looks names up again and
reads bodies without end unless each of these is forbidden; here there is nothing to forbid.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from dataclasses import dataclass, field

import httptools

from commerce.webhook_urls import Target
from commerce.webhooks import EXCERPT

MOST_BYTES = 65_536
"""Read of a response, headers and all."""

BODY_PATIENCE = 2.0
"""Seconds for the body once the status is there: it decides nothing, so it holds up little."""

_CHUNK = 16_384
_INTERIM = 200


class MalformedResponse(Exception):
    """What came back is not an HTTP response, or ended before it was one."""


@dataclass(slots=True)
class Response:
    """What has come of a response so far. `status` is 0 until its headers are complete."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    excerpt: bytearray = field(default_factory=bytearray)
    complete: bool = False


def request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes of the POST."""
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        "User-Agent: Portico-Webhooks/1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Accept-Encoding: identity",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


async def exchange(reader: StreamReader, writer: StreamWriter, sent: bytes, response: Response) -> None:
    """Send a request and read into the response until it is complete, or `MOST_BYTES` of it were read.

    Raises MalformedResponse, OSError where the connection breaks, TimeoutError where the body takes too long.
    """
    writer.write(sent)
    await writer.drain()
    reading = _Reading(response)
    read = 0
    async with asyncio.timeout(None) as patience:
        while not response.complete and read < MOST_BYTES and (data := await reader.read(_CHUNK)):
            read += len(data)
            reading.feed(data)
            if response.status and patience.when() is None:
                patience.reschedule(asyncio.get_running_loop().time() + BODY_PATIENCE)
    if not response.status:
        raise MalformedResponse


class _Reading:
    """What llhttp calls as it understands more of a response."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Read on. Raises MalformedResponse, unless the status was understood before."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if not self._response.status:
                raise MalformedResponse from None
            self._response.complete = True

    def on_header(self, name: bytes, value: bytes) -> None:
        self._response.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < _INTERIM:  # 100 Continue and its like announce the response
            self._response.headers.clear()
        else:
            self._response.status = status

    def on_body(self, body: bytes) -> None:
        self._response.excerpt += body[: EXCERPT - len(self._response.excerpt)]

    def on_message_complete(self) -> None:
        self._response.complete = self._response.status != 0
