"""A bucket of points for each client, kept in this process."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from commerce.rate_limits import Bucket
from edge.errors import Code, RequestRefused

CAPACITY = 100_000
"""Points a client may spend at once."""
RESTORE_RATE = 10_000
"""Points given back each second."""
MOST_CLIENTS = 10_000
"""Buckets kept; the one that was used longest ago goes first, and would be full again by then."""


class Throttle:
    """Takes points before an operation and gives back what it did not use."""

    def __init__(
        self,
        capacity: float = CAPACITY,
        restore_rate: float = RESTORE_RATE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._full = Bucket(capacity, restore_rate, capacity, 0.0)
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def of(self, client: str) -> Bucket:
        """The client's bucket as it is now."""
        now = self._clock()
        bucket = self._buckets.get(client)
        return bucket.now(now) if bucket is not None else self._full.now(now)

    def take(self, client: str, points: float) -> Bucket:
        """Take points, and answer with what is left. Raises RequestRefused when there are too few."""
        bucket = self.of(client)
        if points > bucket.points:
            wait = bucket.wait_for(points)
            raise RequestRefused(
                Code.THROTTLED,
                f"This needs {points:,.0f} points and {max(0.0, bucket.points):,.0f} are left.",
                headers={"Retry-After": str(math.ceil(wait))},
                also={"retryAfterMs": math.ceil(wait * 1000)},
            )
        return self._keep(client, bucket.less(points))

    def give_back(self, client: str, points: float) -> Bucket:
        return self._keep(client, self.of(client).less(-points))

    def _keep(self, client: str, bucket: Bucket) -> Bucket:
        self._buckets[client] = bucket
        self._buckets.move_to_end(client)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return bucket
