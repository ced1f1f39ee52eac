"""New ids. UUIDv7, so that the newest rows lie together at the end of every index."""

import os
import time

from commerce.ids import Prefix


def new_id(prefix: Prefix) -> str:
    """A fresh id: 48 bits of milliseconds since 1970, version, variant and 74 random bits (RFC 9562, 5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (
        milliseconds << 80
        | 0x7 << 76
        | (random >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | random & 0x3FFF_FFFF_FFFF_FFFF
    )
    return f"{prefix.value}_{value:032x}"


def random_bytes(count: int) -> bytes:
    """Random bytes that nobody can guess."""
    return os.urandom(count)
