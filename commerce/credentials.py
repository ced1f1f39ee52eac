"""Client secrets: how they are spelt, so that a scanner of leaked secrets can tell one without asking us.

A secret is `pcs_`, 43 characters of base 62 (256 bits by chance), and 6 that are the CRC-32 of those 43. What
is kept of it is its SHA-256: of 256 random bits nothing can be guessed, so a slow hash has nothing to slow.
"""

import zlib
from hashlib import sha256

PREFIX = "pcs_"
MOST_LIVE = 2
"""Secrets that a client may have at a time: the one in use, and the one it is being replaced by."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY, _CHECKSUM = 43, 6
RANDOM_BYTES = 32


def secret_of(random: bytes) -> str:
    """The secret that 32 random bytes spell. Raises ValueError for another number of them."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a secret takes {RANDOM_BYTES} random bytes")
    body = _base62(int.from_bytes(random), _BODY)
    return f"{PREFIX}{body}{_checksum(body)}"


def is_well_formed(secret: str) -> bool:
    """Whether a text can be a secret of ours: a slip of the pen is found without looking anything up."""
    if not secret.startswith(PREFIX) or len(secret) != len(PREFIX) + _BODY + _CHECKSUM:
        return False
    body, checksum = secret[len(PREFIX) : -_CHECKSUM], secret[-_CHECKSUM:]
    return set(body) <= set(_ALPHABET) and checksum == _checksum(body)


def digest(secret: str) -> bytes:
    """What is stored of a secret."""
    return sha256(secret.encode()).digest()


def hint(secret: str) -> str:
    """What may be shown of a secret, to tell two apart: its prefix and four characters."""
    return f"{secret[: len(PREFIX) + 4]}…"


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))
