"""Bearer tokens: JWT access tokens in the profile of RFC 9068, signed with Ed25519 and nothing else."""

import hashlib
import os
import secrets
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from commerce.access import Environment, Permission, Role, Viewer
from datasources.settings import Settings

ISSUER = "portico"
AUDIENCE = "portico"
LIFETIME = timedelta(hours=12)
REMEMBERED = 4096
"""Verified tokens kept: one signature check costs more than a look-up of an order."""

_SEED_BYTES = 32


class InvalidToken(Exception):
    """The token is not one of ours, or its time is over. Says nothing of what was in it."""


class Tokens:
    """Mints and verifies the tokens of one signing key."""

    def __init__(self, seed: bytes) -> None:
        private = Ed25519PrivateKey.from_private_bytes(seed)
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._key = OKPKey.import_key(pem)
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._verified: OrderedDict[bytes, tuple[Viewer, float]] = OrderedDict()

    @classmethod
    def open(cls, settings: Settings) -> "Tokens":
        """The key of the settings' secret, or the one kept under the home directory (made when absent)."""
        if settings.token_secret:
            secret = settings.token_secret.get_secret_value().encode()
            return cls(HKDF(hashes.SHA256(), _SEED_BYTES, None, b"portico token key").derive(secret))
        return cls(_kept_seed(settings.keys / "token-signing.seed"))

    def mint(self, viewer: Viewer, lifetime: timedelta = LIFETIME) -> str:
        now = datetime.now(UTC)
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": viewer.subject,
            "jti": secrets.token_hex(12),
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "environment": viewer.environment.value,
            "scope": " ".join(sorted(viewer.permissions)),
        }
        if viewer.partner_id:
            claims["partner"] = viewer.partner_id
        if viewer.role:
            claims["role"] = viewer.role.value
        return jwt.encode({"alg": "Ed25519", "typ": "at+jwt"}, claims, self._key, algorithms=["Ed25519"])

    def viewer(self, token: str, now: datetime) -> Viewer:
        """Who bears the token. Raises InvalidToken."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is None:
            known = self._verified[digest] = self._read(token)
            if len(self._verified) > REMEMBERED:
                self._verified.popitem(last=False)
        viewer, expires = known
        if now.timestamp() >= expires:
            del self._verified[digest]
            raise InvalidToken("This token has expired.")
        return viewer

    def _read(self, token: str) -> tuple[Viewer, float]:
        try:
            decoded = jwt.decode(token, self._key, algorithms=["Ed25519"])
            if decoded.header.get("typ") != "at+jwt":
                raise InvalidToken("This is not an access token.")
            self._claims.validate(decoded.claims)
            return _viewer(decoded.claims), float(decoded.claims["exp"])
        except (JoseError, ValueError, KeyError, TypeError):
            raise InvalidToken("This token is not valid.") from None


def mint(
    settings: Settings,
    *,
    partner: str | None = None,
    role: str | None = None,
    environment: str = "PRODUCTION",
    subject: str | None = None,
) -> str:
    """A token for a partner (`par_…`, with every permission) or for a member of staff with a role.

    Raises ValueError unless exactly one of the two is named.
    """
    if (partner is None) is (role is None):
        raise ValueError("name a partner or a role")
    viewer = Viewer(
        subject=subject or (f"client of {partner}" if partner else f"staff {role}"),
        environment=Environment(environment.upper()),
        partner_id=partner,
        role=Role(role.upper()) if role else None,
        permissions=frozenset(Permission) if partner else frozenset(),
    )
    return Tokens.open(settings).mint(viewer)


def _viewer(claims: dict[str, Any]) -> Viewer:
    partner, role = claims.get("partner"), claims.get("role")
    if (partner is None) is (role is None):
        raise InvalidToken("This token is not valid.")
    return Viewer(
        subject=claims["sub"],
        environment=Environment(claims["environment"]),
        partner_id=partner,
        role=Role(role) if role else None,
        permissions=frozenset(Permission(scope) for scope in claims.get("scope", "").split()),
    )


def _kept_seed(path: Path) -> bytes:
    """The key's seed, made once: of two processes that begin together one creates it and both read it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_suffix(f".{os.getpid()}")
        beside.touch(mode=0o600)
        beside.write_bytes(os.urandom(_SEED_BYTES))
        try:
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return path.read_bytes()
