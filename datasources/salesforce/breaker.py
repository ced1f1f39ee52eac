"""A circuit breaker: after some failures in a row nobody asks for a while, then one caller tries."""

import time
from collections.abc import Callable


class Breaker:
    """Counts failures in a row. `threshold` of them open it for `cooldown` seconds.

    After the cool-down one caller is let through; until it reports, or for another cool-down, all others are
    refused. Its success closes the breaker, its failure opens it again. For one event loop: it takes no lock.
    """

    def __init__(
        self, *, threshold: int = 5, cooldown: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threshold = threshold
        self._cooldown = cooldown
        self._clock = clock
        self._failures = 0
        self._shut_until: float | None = None

    @property
    def is_open(self) -> bool:
        return self._shut_until is not None and self._clock() < self._shut_until

    def admits(self) -> bool:
        """Tell whether a call may be made now; the first one after a cool-down is the trial."""
        if self.is_open:
            return False
        if self._shut_until is not None:
            self._shut_until = self._clock() + self._cooldown
        return True

    def succeeded(self) -> None:
        self._failures = 0
        self._shut_until = None

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self._threshold:
            self._shut_until = self._clock() + self._cooldown

    def open_for(self, seconds: float) -> None:
        """Open at once, as when the org says that its calls for the day are spent."""
        self._failures = self._threshold
        self._shut_until = self._clock() + seconds
