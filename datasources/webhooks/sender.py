"""Sends to partners' endpoints, and reaches nothing else.

The name is looked up for every try, every address it gives is judged, and the connection goes to the address
that was judged: there is no second look-up that could answer otherwise. TLS still verifies the name.
Redirects are not followed, a response is read for 64 KB at most, and everything has a time.
"""

import asyncio
import ssl
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from commerce.addresses import is_loopback, special
from commerce.webhook_urls import InvalidUrl, Target, UrlRules, target_of
from commerce.webhooks import Answer, Outcome, outcome_of, retry_after
from datasources.webhooks.http import MalformedResponse, Response, exchange, request
from datasources.webhooks.resolving import Resolve, Resolver

MOST_ADDRESSES = 4
"""Of a name, tried one after the other: the first may be of a family that is not routed here."""

Connect = Callable[..., Awaitable[tuple[StreamReader, StreamWriter]]]
"""Opens a connection to an address, as `asyncio.open_connection` does."""


class ForbiddenAddress(Exception):
    """The name leads where no partner's server can stand."""


@dataclass(frozen=True, slots=True)
class Sending:
    """An answer, and how many milliseconds it took."""

    answer: Answer
    duration_ms: int


class WebhookSender:
    """Posts to endpoints. `timeout` and `connect_timeout` are seconds for a whole try and for connecting."""

    def __init__(
        self,
        rules: UrlRules,
        *,
        timeout: float = 15.0,
        connect_timeout: float = 5.0,
        resolve: Resolve | None = None,
        connect: Connect = asyncio.open_connection,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.rules = rules
        self.timeout = timeout
        self._connect_timeout = connect_timeout
        self._resolver = Resolver()
        self._resolve = resolve or self._resolver
        self._connect = connect
        self._tls = tls or ssl.create_default_context()

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Sending:
        """Try once. What goes wrong is an outcome, never an exception."""
        began = time.monotonic()
        response = Response()
        outcome: Outcome | None = None
        try:
            async with asyncio.timeout(self.timeout):
                await self._post(target_of(url, self.rules), body, headers, response)
        except Exception as fault:  # noqa: BLE001  whatever an endpoint does is its outcome, and ends here
            outcome = _outcome_of_fault(fault)
        answer = _answer(response, outcome)
        return Sending(answer, round((time.monotonic() - began) * 1000))

    async def _post(
        self, target: Target, body: bytes, headers: Mapping[str, str], response: Response
    ) -> None:
        async with asyncio.timeout(self._connect_timeout):
            reader, writer = await self._connected(target, await self._addresses(target))
        try:
            await exchange(reader, writer, request(target, body, headers), response)
        finally:
            with suppress(Exception):
                writer.transport.abort()

    async def _connected(self, target: Target, addresses: Sequence[str]) -> tuple[StreamReader, StreamWriter]:
        """A connection to the first address that takes one. Raises OSError where none does."""
        *others, last = addresses[:MOST_ADDRESSES]
        for address in others:
            with suppress(OSError):
                return await self._connect(address, target.port, **self._secured(target))
        return await self._connect(last, target.port, **self._secured(target))

    async def _addresses(self, target: Target) -> list[str]:
        """The addresses of the target, each of which is allowed. Raises ForbiddenAddress and _Unresolved."""
        try:
            found = await self._resolve(target.host, target.port)
        except OSError:
            raise _Unresolved from None
        if not found:
            raise _Unresolved
        for address in found:  # one that is special is enough: the rest may be bait
            self._check(address)
        return found

    def _check(self, address: str) -> None:
        try:
            allowed = special(address) is None or (self.rules.loopback and is_loopback(address))
        except ValueError:
            allowed = False
        if not allowed:
            raise ForbiddenAddress

    def _secured(self, target: Target) -> dict[str, Any]:
        return {"ssl": self._tls, "server_hostname": target.host} if target.secure else {}

    def close(self) -> None:
        self._resolver.close()


class _Unresolved(Exception):
    """The name has no address."""


def _answer(response: Response, fault: Outcome | None) -> Answer:
    """Where the status came, it counts, whatever happened to the rest."""
    if not response.status:
        return Answer(fault or Outcome.MALFORMED)
    return Answer(
        outcome_of(response.status),
        response.status,
        response.excerpt.decode("utf-8", "replace").replace("\0", "\ufffd"),
        retry_after(response.headers.get("retry-after"), datetime.now(UTC)),
    )


def _outcome_of_fault(fault: Exception) -> Outcome:
    for kinds, outcome in _OUTCOMES:
        if isinstance(fault, kinds):
            return outcome
    return Outcome.UNREACHABLE


_OUTCOMES: tuple[tuple[tuple[type[Exception], ...], Outcome], ...] = (
    ((ForbiddenAddress, InvalidUrl), Outcome.FORBIDDEN_ADDRESS),
    ((_Unresolved,), Outcome.UNRESOLVED),
    ((TimeoutError,), Outcome.TIMED_OUT),
    ((ssl.SSLError, ssl.CertificateError), Outcome.TLS_FAILED),
    ((MalformedResponse,), Outcome.MALFORMED),
)
