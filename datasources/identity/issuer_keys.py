"""The public keys of an OpenID Connect issuer: fetched ahead of need, kept while it is out of reach.

Nobody's request waits for the issuer but one whose token names a key never seen before, and that at most once
in a while: an unknown key id costs a stranger nothing to make up.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog

from datasources.identity.signatures import InvalidKey, PublicKey

CONNECT_TIMEOUT, READ_TIMEOUT = 3.05, 5.0
REFRESH_SECONDS = 600.0
"""How often keys are asked for, so that a key is known before it is first used."""
RETRY_SECONDS = 30.0
"""How soon they are asked for again after a failure, or because of a key that is not known."""
LONGEST_USE_SECONDS = 24 * 3600.0
"""How long keys are trusted while the issuer does not answer."""
MOST_BYTES = 256 * 1024
MOST_KEYS = 50

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_log = structlog.get_logger(__name__)


class IssuerUnreachable(Exception):
    """The issuer did not answer, or not with what OpenID Connect Discovery asks for."""


class IssuerKeys:
    """The keys of one issuer, by their ids."""

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer.rstrip("/")
        self._clock = clock
        self._keys: Mapping[str, PublicKey] = {}
        self._fetched_at = self._tried_at = -LONGEST_USE_SECONDS
        self._lock = asyncio.Lock()

    def by_id(self, kid: object) -> PublicKey | None:
        """A key, while it may be trusted."""
        if self._clock() - self._fetched_at > LONGEST_USE_SECONDS or not isinstance(kid, str):
            return None
        return self._keys.get(kid)

    @property
    def is_due(self) -> bool:
        now = self._clock()
        wait = RETRY_SECONDS if self._fetched_at < self._tried_at else REFRESH_SECONDS
        return now - self._tried_at >= wait

    async def refresh(self) -> None:
        """Ask for the keys, unless that was done a moment ago. A failure is logged, and the old keys stay."""
        async with self._lock:
            if self._clock() - self._tried_at < RETRY_SECONDS:
                return
            self._tried_at = self._clock()
            try:
                self._keys = await asyncio.to_thread(fetch_keys, self.issuer)
            except IssuerUnreachable as why:
                _log.warning("staff issuer unreachable", issuer=self.issuer, reason=str(why))
            else:
                self._fetched_at = self._tried_at


def fetch_keys(issuer: str) -> dict[str, PublicKey]:
    """The issuer's keys by OpenID Connect Discovery. Raises IssuerUnreachable."""
    document = _fetched(f"{issuer}/.well-known/openid-configuration")
    if str(document.get("issuer", "")).rstrip("/") != issuer:
        raise IssuerUnreachable("its configuration names another issuer")
    published = _fetched(str(document.get("jwks_uri", ""))).get("keys")
    if not isinstance(published, list):
        raise IssuerUnreachable("its key set has no keys")
    keys = {}
    for jwk in published[:MOST_KEYS]:
        try:
            key = PublicKey.of(jwk)
        except (InvalidKey, AttributeError, TypeError):
            continue  # a key for encryption, or of a kind that we do not take
        if key.kid is not None:
            keys[key.kid] = key
    if not keys:
        raise IssuerUnreachable("its key set has no key that we take")
    return keys


def _fetched(url: str) -> dict[str, Any]:
    """A JSON object from an address, without following it elsewhere. Raises IssuerUnreachable."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise IssuerUnreachable("an address is not https")
    timeout = (CONNECT_TIMEOUT, READ_TIMEOUT)
    try:
        with requests.get(url, timeout=timeout, allow_redirects=False, stream=True) as answer:
            if answer.status_code != requests.codes.ok:
                raise IssuerUnreachable(f"it answered {answer.status_code}")
            text = answer.raw.read(MOST_BYTES + 1, decode_content=True)
            if len(text) > MOST_BYTES:
                raise IssuerUnreachable("its answer is too long")
            return _object(text)
    except (requests.RequestException, OSError) as fault:
        raise IssuerUnreachable(type(fault).__name__) from None


def _object(text: bytes) -> dict[str, Any]:
    import json

    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise IssuerUnreachable("its answer is not a JSON object")
    return value
