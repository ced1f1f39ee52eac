"""Chance that falls the same way every time: seeded generators, and UUIDv7 ids made of them."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import TypeVar

T = TypeVar("T")


def chance(*key: object) -> Random:
    """A generator of its own for whatever the key names."""
    return Random(" ".join(map(str, key)))  # noqa: S311  sample data, and it must repeat


def one_of(choices: Sequence[T], random: Random) -> T:
    """One of the choices; `random.choice` takes four times as long."""
    return choices[int(random.random() * len(choices))]


def happens(share: float, random: Random) -> bool:
    """Whether something happens that happens in this share of all cases."""
    return random.random() < share


def uuid7(moment: datetime, random: Random) -> str:
    """An id of that moment: the 32 hex digits that follow a prefix outside, as COPY takes them."""
    bits = random.getrandbits(74)
    milliseconds = int(moment.timestamp() * 1000)
    return f"{milliseconds << 16 | 0x7000 | bits >> 62:016x}{1 << 63 | bits & 0x3FFF_FFFF_FFFF_FFFF:016x}"
