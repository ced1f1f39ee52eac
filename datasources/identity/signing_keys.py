"""The keys that sign access tokens: one in use, and the one before it while its tokens live."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.jwk import OKPKey
from pydantic import SecretStr

from datasources.identity.signatures import PublicKey

ALGORITHM = "Ed25519"
"""EdDSA over Curve25519, by the name that RFC 9864 gives it."""

_SEED_BYTES = 32


class SigningKeys:
    """Signs by the first key, and verifies by all of them. It shows nothing of the private ones."""

    def __init__(self, seeds: list[bytes]) -> None:
        pairs = [_pair(seed) for seed in seeds]
        self._kid, self._private = pairs[0]
        self._public = {kid: PublicKey.of(_published(kid, key)) for kid, key in pairs}
        self._published = [_published(kid, key) for kid, key in pairs]

    @classmethod
    def open(cls, directory: Path, name: str, secret: SecretStr | None, previous: SecretStr | None) -> Self:
        """The keys of the settings' secrets, or those kept in a directory; the first is made when absent.

        The key before is read from `NAME.previous.seed`.
        """
        if secret is not None:
            secrets = [secret] if previous is None else [secret, previous]
            return cls([_derived(one, name) for one in secrets])
        current, before = directory / f"{name}.seed", directory / f"{name}.previous.seed"
        return cls([_kept_seed(current), *([before.read_bytes()] if before.exists() else [])])

    def sign(self, claims: Mapping[str, Any]) -> str:
        """An access token of these claims, in the profile of RFC 9068."""
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": self._kid}
        return jwt.encode(header, dict(claims), self._private, algorithms=[ALGORITHM])

    def public(self, kid: object) -> PublicKey | None:
        return self._public.get(kid) if isinstance(kid, str) else None

    def public_key_set(self) -> dict[str, Any]:
        """The document of `/.well-known/jwks.json`."""
        return {"keys": self._published}


def _pair(seed: bytes) -> tuple[str, OKPKey]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = Ed25519PrivateKey.from_private_bytes(seed)
    key = OKPKey.import_key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key.thumbprint(), key


def _published(kid: str, key: OKPKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}


def _derived(secret: SecretStr, name: str) -> bytes:
    derive = HKDF(hashes.SHA256(), _SEED_BYTES, None, f"portico {name}".encode()).derive
    return derive(secret.get_secret_value().encode())


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
