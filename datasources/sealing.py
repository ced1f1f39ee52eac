"""Sealing: secrets that must be read again are kept encrypted, under a key that is not kept beside them.

AES-256-GCM under a key derived for each purpose (HKDF-SHA-256), so that what was sealed for one cannot be
opened for another. The secret comes from the settings; without one it is made once under the home directory.
"""

import os
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from datasources.settings import Settings

SECRET_FILE = "sealing.secret"  # noqa: S105  a file's name
_KEY_BYTES = 32
_NONCE_BYTES = 12


class WrongSeal(Exception):
    """It was sealed under another secret or for another purpose, or was altered. Says nothing of it."""


class Seal:
    """Seals and opens under one secret. It has no repr that could tell it."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _KEY_BYTES:
            raise ValueError(f"a sealing secret has {_KEY_BYTES} bytes or more")
        self._secret = secret

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The seal of the settings' secret, or of the one kept under the home directory."""
        if settings.sealing_secret:
            return cls(settings.sealing_secret.get_secret_value().encode())
        return cls(kept_secret(settings.home / SECRET_FILE))

    def close(self, purpose: str, plain: bytes) -> bytes:
        """Sealed bytes; every call gives others."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher(purpose).encrypt(nonce, plain, purpose.encode())

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """What was sealed. Raises WrongSeal."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher(purpose).decrypt(nonce, rest, purpose.encode())
        except (InvalidTag, ValueError):
            raise WrongSeal("This was sealed under another secret, or was altered.") from None

    def _cipher(self, purpose: str) -> AESGCM:
        info = f"portico {purpose}".encode()
        return AESGCM(HKDF(hashes.SHA256(), _KEY_BYTES, None, info).derive(self._secret))


def kept_secret(path: Path) -> bytes:
    """The secret, made once: of two processes that begin together one creates it and both read it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}")
        beside.touch(mode=0o600)
        beside.write_bytes(os.urandom(_KEY_BYTES))
        try:
            path.hardlink_to(beside)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return path.read_bytes()
