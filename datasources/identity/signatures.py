"""Signed texts (JWS) that others made, read with every choice taken from them.

The algorithms are pinned by the key, never by the text's own header. The text has one spelling: base64url
without padding and without stray bits, so that no two texts say the same. A header may not bring a key along,
nor say where to fetch one.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

LONGEST = 8_192
"""Characters of a signed text."""
SMALLEST_RSA = 2_048

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_FORBIDDEN = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64"})
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_BY_CURVE: Mapping[tuple[str, str | None], tuple[str, ...]] = {
    ("OKP", "Ed25519"): ("Ed25519", "EdDSA"),
    ("EC", "P-256"): ("ES256",),
    ("RSA", None): ("RS256", "PS256"),
}
"""What may be signed by which kind of key. No key of a shared secret is among them."""


class InvalidSignature(Exception):
    """The text is not signed by the key, or not spelt as it must be. Says nothing of what was in it."""


class InvalidKey(Exception):
    """The key is not one that we take: the message says why."""


class _Registry(jws.JWSRegistry):
    """joserfc's, but for EdDSA: the name that older signers give to what RFC 9864 calls Ed25519."""

    algorithms = jws.JWSRegistry.algorithms | {"EdDSA": jws.JWSRegistry.algorithms["Ed25519"]}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies, and the algorithms that it may be used with."""

    kid: str | None
    key: OKPKey | ECKey | RSAKey
    algorithms: tuple[str, ...]

    @classmethod
    def of(cls, jwk: Mapping[str, Any]) -> Self:
        """A key from its JWK. Raises InvalidKey for one that is private, weak, or made for something else."""
        kind = (str(jwk.get("kty")), jwk.get("crv"))
        algorithms = _BY_CURVE.get(kind)
        if algorithms is None:
            raise InvalidKey("A key is Ed25519, P-256 or RSA.")
        if _PRIVATE & jwk.keys():
            raise InvalidKey("This is a private key: send its public half, and make a new one.")
        if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ["verify"]):
            raise InvalidKey("This key is not made for signatures.")
        wanted = jwk.get("alg")
        if wanted is not None and wanted not in algorithms:
            raise InvalidKey(f"alg of such a key is {' or '.join(algorithms)}.")
        _check_size(jwk)
        key = _imported(jwk)
        kid = jwk.get("kid")
        return cls(str(kid) if kid is not None else None, key, (wanted,) if wanted else algorithms)

    def verified(self, text: str) -> tuple[Mapping[str, Any], bytes]:
        """The header and payload of a signed text. Raises InvalidSignature."""
        _check_spelling(text)
        try:
            registry = _Registry(algorithms=self.algorithms)
            found = jws.deserialize_compact(text.encode(), self.key, registry=registry)
        except (JoseError, ValueError, TypeError, KeyError):
            raise InvalidSignature("The signature is not valid.") from None
        header = found.headers()
        if _FORBIDDEN & header.keys():
            raise InvalidSignature("The header says what it may not.")
        return header, found.payload

    def claims(self, text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The header of a signed text and its payload as claims. Raises InvalidSignature."""
        header, payload = self.verified(text)
        return header, _object(payload)


def unverified(text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What a signed text says of itself, to choose the key by; nothing of it may be believed.

    Raises InvalidSignature where it is not spelt as a JWS with claims.
    """
    header, payload, _ = _check_spelling(text)
    return _object(_decoded(header)), _object(_decoded(payload))


def _check_spelling(text: str) -> list[str]:
    segments = text.split(".") if len(text) <= LONGEST else []
    if len(segments) != 3 or not all(map(_is_canonical, segments)):  # noqa: PLR2004  header, payload, signature
        raise InvalidSignature("This is not a signed text.")
    return segments


def _is_canonical(segment: str) -> bool:
    """Whether a segment is the one spelling of its bytes."""
    if not _SEGMENT.fullmatch(segment) or len(segment) % 4 == 1:
        return False
    return urlsafe_b64encode(_decoded(segment)).rstrip(b"=") == segment.encode()


def _decoded(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _object(text: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidSignature("This is not a signed text.") from None
    if not isinstance(value, dict):
        raise InvalidSignature("This is not a signed text.")
    return value


def _imported(jwk: Mapping[str, Any]) -> OKPKey | ECKey | RSAKey:
    try:
        key = import_key(dict(jwk))
        key.raw_value  # noqa: B018  it is made when first read; a key that is none shows then
    except (JoseError, ValueError, TypeError, KeyError):
        raise InvalidKey("This is not a public key as a JWK.") from None
    assert isinstance(key, OKPKey | ECKey | RSAKey)  # noqa: S101  its kty is one of theirs
    return key


def _check_size(jwk: Mapping[str, Any]) -> None:
    """Raise InvalidKey for an RSA key that is too short."""
    if jwk["kty"] == "RSA":
        modulus = str(jwk.get("n", ""))
        if not _is_canonical(modulus) or int.from_bytes(_decoded(modulus)).bit_length() < SMALLEST_RSA:
            raise InvalidKey(f"An RSA key has {SMALLEST_RSA} bits or more.")
