"""How benches measure: contenders take turns, and what counts is the CPU time their processes spend.

Wall time on a shared machine measures the neighbours. CPU time per operation, read from `/proc/<pid>/stat`
with all children, is what an operation costs wherever it runs. Contenders alternate round by round, so that
a slow minute is everybody's, and a ratio is the median of the ratios of single rounds.
"""

import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

TICKS = os.sysconf("SC_CLK_TCK")
QUICK_SECONDS = 35.0
"""What a quick bench may spend on rounds; with starting and ending it stays within 50 s."""

LEAST_CPU = 0.05
"""CPU seconds of a round below which the kernel's count is too coarse to compare."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure: rounds at most, and seconds for all of them (None: as long as they take)."""

    rounds: int
    seconds: float | None

    @classmethod
    def of(cls, *, quick: bool) -> Self:
        return cls(rounds=3, seconds=QUICK_SECONDS) if quick else cls(rounds=9, seconds=None)


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one contender."""

    operations: int
    cpu: float
    wall: float

    @property
    def cpu_each(self) -> float:
        return self.cpu / self.operations


class Meter:
    """Sums CPU and wall seconds of what happens inside its `with` blocks."""

    def __init__(self, pids: Sequence[int]) -> None:
        self.cpu = 0.0
        self.wall = 0.0
        self._pids = pids

    def __enter__(self) -> None:
        self._cpu_before = cpu_seconds(self._pids)
        self._began = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wall += time.perf_counter() - self._began
        self.cpu += cpu_seconds(self._pids) - self._cpu_before


@dataclass(frozen=True, slots=True)
class Contender:
    """Something to measure. `round` does its work, metered, and says how many operations that was.

    A round should keep its processes busy for half a second or more: the kernel counts in hundredths.
    """

    label: str
    round: Callable[[Meter], Awaitable[int]]
    pids: Sequence[int] = field(default_factory=lambda: (os.getpid(),))


@dataclass(frozen=True, slots=True)
class Report:
    """What a bench found; `ratios` are by stable label."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    ratios: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Samples = Mapping[str, Sequence[Sample]]


async def alternate(contenders: Sequence[Contender], plan: Plan) -> Samples:
    """Measure every contender in every round, each round beginning with the next one.

    Ends early rather than overrun the plan's seconds, but never before one whole round.
    """
    samples: dict[str, list[Sample]] = {contender.label: [] for contender in contenders}
    began = time.perf_counter()
    for turn in range(plan.rounds):
        first = turn % len(contenders)
        for contender in [*contenders[first:], *contenders[:first]]:
            samples[contender.label].append(await _measured(contender))
        spent = time.perf_counter() - began
        if plan.seconds is not None and spent * (turn + 2) / (turn + 1) > plan.seconds:
            break
    return samples


def report(name: str, unit: str, samples: Samples, ratios: Mapping[str, tuple[str, str]]) -> Report:
    """The table of all contenders, and the ratios wanted: a label to (costlier, cheaper)."""
    rows = [_row(label, unit, of) for label, of in samples.items()]
    found = {label: ratio(samples[over], samples[under]) for label, (over, under) in ratios.items()}
    return Report(name, rows, found)


def ratio(over: Sequence[Sample], under: Sequence[Sample]) -> float:
    """The median, round by round, of CPU per operation of one contender over that of another."""
    return round(median(a.cpu_each / b.cpu_each for a, b in zip(over, under, strict=True)), 3)


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU seconds that processes and all their descendants have spent, those that ended included."""
    family: set[int] = set()
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in family:
            family.add(pid)
            waiting += _children(pid)
    return sum(map(_spent, family)) / TICKS


async def _measured(contender: Contender) -> Sample:
    meter = Meter(contender.pids)
    operations = await contender.round(meter)
    if meter.cpu < LEAST_CPU:
        raise RuntimeError(f"{contender.label} spent {meter.cpu:.2f} s of CPU: make its round longer")
    return Sample(operations, meter.cpu, meter.wall)


def _row(label: str, unit: str, of: Sequence[Sample]) -> dict[str, Any]:
    return {
        "contender": label,
        f"cpu µs/{unit}": round(median(sample.cpu_each for sample in of) * 1e6, 2),
        f"{unit}s/s": round(median(sample.operations / sample.wall for sample in of)),
        "rounds": len(of),
    }


def _children(pid: int) -> list[int]:
    """The children of all threads of a process; none where it is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        return [int(child) for text in lists for child in text.split()]
    return []


def _spent(pid: int) -> int:
    """Ticks in user and kernel mode, and those of children that were waited for; 0 where it is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        # Fields 14 to 17; the command, field 2, is in parentheses and alone may hold spaces.
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return 0
