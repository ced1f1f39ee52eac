"""What was read a moment ago and need not be read again, where being a moment behind does no harm."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key, each forgotten after some seconds; the oldest goes first when there are too many."""

    def __init__(
        self, seconds: float, *, most: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def known(self, key: K) -> V | None:
        """The value, if it is recent."""
        kept = self._kept.get(key)
        return kept[1] if kept and self._clock() < kept[0] else None

    def keep(self, key: K, value: V) -> V:
        """Remember a value that was just read."""
        self._kept[key] = (self._clock() + self._seconds, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value
