"""A short cache in front of live reads, and behind it the last known answers for when nobody answers.

Keys asked for by several callers at once are fetched once. A fetch that takes longer than its callers will
wait goes on without them, and its answer serves whoever asks next.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from commerce.crm import Source
from datasources.errors import SourceUnavailable
from datasources.salesforce.faults import SYSTEM

T = TypeVar("T")
_KEPT = 50_000  # answers; the oldest go first
_STALE_PATIENCE = 0.2  # seconds to wait for news when every key already has an answer


@dataclass(frozen=True, slots=True)
class Answers(Mapping[str, T], Generic[T]):
    """What was found, by key. `sources` also names keys that were looked for and are not there.

    `fault` says why the keys without a source have no answer, and why others are stale.
    """

    found: Mapping[str, T]
    sources: Mapping[str, Source]
    fault: SourceUnavailable | None = None

    def __getitem__(self, key: str) -> T:
        return self.found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def source_of(self, key: str) -> Source | None:
        """Return where the answer for `key` comes from; None where there is none, `fault` then says why."""
        return self.sources.get(key)


@dataclass(slots=True)
class LastKnown(Generic[T]):
    """Answers by key. `fetch` is asked for keys whose answer is older than `ttl` seconds.

    `patience`: seconds a caller waits for it; `on_late` is told when that was not enough.
    """

    fetch: Callable[[list[str]], Awaitable[Mapping[str, T]]]
    ttl: float
    patience: float
    on_late: Callable[[], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _known: OrderedDict[str, tuple[T | None, datetime]] = field(default_factory=OrderedDict)
    _under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def of(self, keys: Iterable[str]) -> Answers[T]:
        """Return the answers for `keys`; raise `SourceUnavailable` if there is not one to give."""
        wanted = list(dict.fromkeys(keys))
        oldest = self.now() - timedelta(seconds=self.ttl)
        overdue = [key for key in wanted if key not in self._known or self._known[key][1] < oldest]
        fault = await self._renew(overdue)
        known = {key: self._known[key] for key in wanted if key in self._known}
        if fault is not None and not known:
            raise fault
        return Answers(
            found={key: value for key, (value, _) in known.items() if value is not None},
            sources={key: Source(SYSTEM, at, stale=at < oldest) for key, (_, at) in known.items()},
            fault=fault,
        )

    async def _renew(self, keys: list[str]) -> SourceUnavailable | None:
        if not keys:
            return None
        new = [key for key in keys if key not in self._under_way]
        if new:
            task = asyncio.create_task(self._fetch(new))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._under_way.update(dict.fromkeys(new, task))
        patience = _STALE_PATIENCE if all(key in self._known for key in keys) else self.patience
        tasks = {self._under_way[key] for key in keys if key in self._under_way}
        done, late = await asyncio.wait(tasks, timeout=min(patience, self.patience))
        if late:
            self.on_late()
            return SourceUnavailable(SYSTEM, retryable=True, code="DEADLINE")
        return next(filter(None, map(_fault, done)), None)

    async def _fetch(self, keys: list[str]) -> None:
        try:
            found = await self.fetch(keys)
            at = self.now()
            for key in keys:
                self._known[key] = found.get(key), at
                self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        finally:
            for key in keys:
                self._under_way.pop(key, None)


def _fault(done: asyncio.Task[None]) -> SourceUnavailable | None:
    error = done.exception()
    if error is None or isinstance(error, SourceUnavailable):
        return error
    raise error
