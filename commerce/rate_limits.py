"""How much a client may ask: a bucket of points that refills steadily."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What a client has left, and what this request asks of it. Points; the rate is points per second."""

    cost: int
    limit: int
    remaining: int
    restore_rate: int
    reset_at: datetime

    @property
    def used(self) -> int:
        return self.limit - self.remaining


class Bucket(NamedTuple):
    """Points left at a time, in seconds of any clock that does not go back. Each request makes a few."""

    capacity: float
    restore_rate: float
    points: float
    at: float

    def now(self, seconds: float) -> "Bucket":
        """The bucket at a later time."""
        points = min(self.capacity, self.points + max(0.0, seconds - self.at) * self.restore_rate)
        return Bucket(self.capacity, self.restore_rate, points, seconds)

    def less(self, points: float) -> "Bucket":
        """The bucket after points were taken; negative points are given back."""
        left = min(self.capacity, self.points - points)
        return Bucket(self.capacity, self.restore_rate, left, self.at)

    def wait_for(self, points: float) -> float:
        """Seconds until so many points are there; for more than it holds, until it is full."""
        missing = min(points, self.capacity) - self.points
        return max(0.0, missing / self.restore_rate)

    def shown(self, cost: int, now: datetime) -> RateLimit:
        """What a client is told."""
        full = now + timedelta(seconds=self.wait_for(self.capacity))
        left = int(max(0.0, self.points))
        return RateLimit(cost, int(self.capacity), left, int(self.restore_rate), full)
