"""One HTTP request as ASGI hands it over, and the reply to it.

Starlette's request and response would cost more than the order's status that is asked for; what is needed of
them here is little.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]


class TooLong(Exception):
    """The body is longer than it may be."""


class Call:
    """A request. Header names are in lower case; of several headers of one name the last counts."""

    __slots__ = ("_receive", "headers", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._receive = receive

    def header(self, name: bytes) -> str:
        """A header's value; empty where it was not sent."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def parameters(self) -> Mapping[str, str]:
        """What stands behind the question mark; of several parameters of one name the last counts."""
        return dict(parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True))

    async def body(self, most: int) -> bytes:
        """The body, read no further than it may be long. Raises TooLong and ClientDisconnect."""
        told = self.headers.get(b"content-length", b"")
        if told.isdigit() and int(told[:20]) > most:
            raise TooLong
        body = b""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += bytes(message.get("body", b""))
            if len(body) > most:
                raise TooLong
            if not message.get("more_body", False):
                return body


class Reply:
    """A whole answer: an ASGI application that sends it."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self._status = status
        self._headers = [*headers, (b"content-length", b"%d" % len(body))]
        self._body = body

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})


def encoded(headers: Mapping[str, str]) -> Headers:
    """Headers as ASGI takes them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
