"""How much of the org's daily API calls is spent, as every answer tells in `Sforce-Limit-Info`."""

import time
from collections.abc import Callable, Mapping
from typing import Any

_RESERVE = 0.1  # of the day's calls are kept for orders: live reads stop short of them
_LOOK_AGAIN = 60.0  # seconds after which one read may find out whether the window has moved


class ApiUsage:
    """The last word of the org on its limit; before the first answer nothing is known and all is allowed."""

    def __init__(self, *, reserve: float = _RESERVE, clock: Callable[[], float] = time.monotonic) -> None:
        self.used = 0
        self.total = 0
        self._reserve = reserve
        self._clock = clock
        self._noted_at = 0.0

    def note(self, api_usage: Mapping[str, Any]) -> None:
        """Take over what simple-salesforce read from the last answer's header."""
        seen = api_usage.get("api-usage")
        if seen is not None:
            self.used, self.total, self._noted_at = seen.used, seen.total, self._clock()

    def allows_reading(self) -> bool:
        """Tell whether a live read leaves the reserve alone."""
        if self.used < self.total * (1 - self._reserve) or self.total == 0:
            return True
        if self._clock() - self._noted_at < _LOOK_AGAIN:
            return False
        self._noted_at = self._clock()
        return True
