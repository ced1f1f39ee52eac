"""What a client may spend: points that all processes share, drawn from PostgreSQL in leases.

A process draws more than one request needs, and spends what it holds without asking anybody: a statement
for each second of a busy client's allowance, not for each request. What it has not used for a while it gives
back. No client ever gets more than its allowance; one may be told of less, by what other processes hold.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog

from commerce.rate_limits import Bucket
from datasources.errors import SourceUnavailable
from datasources.postgres.buckets import Draw
from edge.errors import Code, RequestRefused

CAPACITY = 40_000
"""Points a client may spend at once."""
RESTORE_RATE = 2_000
"""Points given back each second: the largest operation there is, once a second."""
MOST_CLIENTS = 10_000
"""Leases kept; the one that was used longest ago goes first, with what it holds."""
LEASE_SECONDS = 1.0
"""A lease is what comes back in so long, unless there is little."""
IDLE_SECONDS = 60.0
LOOK_SECONDS = 15.0
FORGET_SECONDS = 3_600.0
ADDRESS = "address "
"""How the client of the anonymous begins: strangers are counted here alone, and cost no statement."""

_log = structlog.get_logger(__name__)


class Shared(Protocol):
    """Buckets that others draw on as well."""

    async def draw(
        self, key: str, *, capacity: float, restore_rate: float, needed: float, wanted: float
    ) -> Draw: ...

    async def give_back(self, key: str, points: float, *, capacity: float) -> None: ...

    async def forget_the_full(self) -> None: ...


@dataclass(slots=True)
class Lease:
    """Points `held` here and not spent; what was `left` for everybody at a time, when last heard of."""

    held: float
    left: float
    at: float
    used_at: float


class Throttle:
    """Takes points before an operation and gives back what it did not use."""

    def __init__(
        self,
        capacity: float = CAPACITY,
        restore_rate: float = RESTORE_RATE,
        clock: Callable[[], float] = time.monotonic,
        shared: Shared | None = None,
    ) -> None:
        self._capacity = capacity
        self._rate = restore_rate
        self._clock = clock
        self._own = OwnBuckets(clock)
        self.shared: Shared = shared or self._own
        self._leases: OrderedDict[str, Lease] = OrderedDict()

    def of(self, client: str) -> Bucket:
        """What the client has, as far as this process knows."""
        now = self._clock()
        lease = self._leases.get(client)
        points = (
            self._capacity if lease is None else min(self._capacity, lease.held + self._there(lease, now))
        )
        return Bucket(self._capacity, self._rate, points, now)

    def turn_away(self, client: str) -> None:
        """Refuse a client that has spent everything, before its document is read. Raises RequestRefused."""
        lease = self._leases.get(client)
        if lease is not None and lease.held < 1:
            self._check(lease, 1, self._clock())

    async def take(self, client: str, points: float) -> Bucket:
        """Take points, and answer with what is left. Raises RequestRefused when there are too few."""
        lease = self._leases.get(client)
        if lease is None or lease.held < points:
            lease = await self._drawn(client, points)
        lease.held -= points
        lease.used_at = self._clock()
        return self.of(client)

    def give_back(self, client: str, points: float) -> Bucket:
        """Return what an operation did not use: to the lease, for the client's next one."""
        lease = self._leases.get(client)
        if lease is not None:
            lease.held += points
        return self.of(client)

    async def _drawn(self, client: str, points: float) -> Lease:
        """The client's lease, holding so many points or more. Raises RequestRefused."""
        now = self._clock()
        lease = self._leases.setdefault(client, Lease(0.0, self._capacity, now, now))
        self._leases.move_to_end(client)
        if len(self._leases) > MOST_CLIENTS:
            self._leases.popitem(last=False)
        self._check(lease, points, now)
        needed = points - lease.held
        draw = await self._draw(client, needed, max(needed, self._rate * LEASE_SECONDS))
        lease.held += draw.granted
        lease.left, lease.at = draw.left, self._clock()
        if lease.held < points:
            raise self._refusal(lease, points, lease.at)
        return lease

    async def _draw(self, client: str, needed: float, wanted: float) -> Draw:
        buckets = self._own if client.startswith(ADDRESS) else self.shared
        try:
            return await buckets.draw(
                client, capacity=self._capacity, restore_rate=self._rate, needed=needed, wanted=wanted
            )
        except SourceUnavailable:
            _log.warning("points could not be drawn; the operation runs without")
            return Draw(needed, self._capacity)

    def _there(self, lease: Lease, now: float) -> float:
        """What the shared bucket has at most: what was left, and what came back since."""
        return min(self._capacity, lease.left + max(0.0, now - lease.at) * self._rate)

    def _check(self, lease: Lease, points: float, now: float) -> None:
        """Refuse without asking where there cannot be enough. Raises RequestRefused."""
        if lease.held + self._there(lease, now) < points:
            raise self._refusal(lease, points, now)

    def _refusal(self, lease: Lease, points: float, now: float) -> RequestRefused:
        there = lease.held + self._there(lease, now)
        wait = max(0.0, (min(points, self._capacity) - there) / self._rate)
        return RequestRefused(
            Code.THROTTLED,
            f"This needs {points:,.0f} points and {max(0.0, there):,.0f} are left.",
            headers={"Retry-After": str(max(1, math.ceil(wait)))},
            also={"retryAfterMs": math.ceil(wait * 1000)},
        )

    async def keep_leases_short(self, stop: asyncio.Event) -> None:
        """Give back what clients have not used for a while, until told to stop; then all of it."""
        looked = self._clock()
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
            await self._release(0.0 if stop.is_set() else IDLE_SECONDS)
            if self._clock() - looked > FORGET_SECONDS:
                looked = self._clock()
                with suppress(SourceUnavailable):
                    await self.shared.forget_the_full()

    async def _release(self, idle: float) -> None:
        now = self._clock()
        for client, lease in list(self._leases.items()):
            if now - lease.used_at < idle:
                continue
            del self._leases[client]
            if lease.held > 0 and not client.startswith(ADDRESS):
                with suppress(SourceUnavailable):
                    await self.shared.give_back(client, lease.held, capacity=self._capacity)


class OwnBuckets:
    """The same in this process alone: for strangers, and where there is no other process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    async def draw(
        self, key: str, *, capacity: float, restore_rate: float, needed: float, wanted: float
    ) -> Draw:
        now = self._clock()
        bucket = self._buckets.get(key) or Bucket(capacity, restore_rate, capacity, now)
        bucket = bucket.now(now)
        granted = min(bucket.points, wanted) if bucket.points >= needed else 0.0
        self._keep(key, bucket.less(granted))
        return Draw(granted, bucket.points - granted)

    async def give_back(self, key: str, points: float, *, capacity: float) -> None:  # noqa: ARG002
        if key in self._buckets:
            self._keep(key, self._buckets[key].less(-points))

    async def forget_the_full(self) -> None:
        """Nothing: those used longest ago are forgotten as others come."""

    def _keep(self, key: str, bucket: Bucket) -> None:
        self._buckets[key] = bucket
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
