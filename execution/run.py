"""Running a plan: complete a region, ask its steps, complete their regions, until nothing waits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import ExecutionResult, GraphQLError
from graphql.execution import Executor
from graphql.pyutils import Path

from execution.asking import ask, call, together
from execution.careful import Careful
from execution.places import landing, put_null, standing
from execution.plan import Objects, Plan, Region, Selection, Sinks, Step


@dataclass(slots=True)
class Run:
    """One execution of a plan. graphql-core's executor is made when it is needed: for errors, mostly."""

    plan: Plan
    root: Any
    context: Any
    variables: Mapping[str, Any]
    build: Callable[[], Executor[Any]]
    data: dict[str, Any] | None = field(default=None)
    _executor: Executor[Any] | None = field(default=None)

    @property
    def executor(self) -> Executor[Any]:
        if self._executor is None:
            self._executor = self.build()
        return self._executor

    async def run(self) -> ExecutionResult:
        """The response."""
        region = self.plan.root
        region.use()
        completed = completed_fast(region, [self.root])
        if completed is not None:
            [self.data], sinks = completed
        else:
            sinks = region.sinks()
            await self._root_carefully(region, sinks)
        if self.data is not None and region.waiting:
            await self._steps(region, sinks)
        errors = self._executor.collected_errors.errors if self._executor is not None else None
        return ExecutionResult(self.data, errors or None)

    async def _root_carefully(self, region: Region, sinks: Sinks) -> None:
        assert isinstance(region.shape, Objects)  # noqa: S101  the root is an object
        careful = Careful(self.executor, region, sinks)
        try:
            self.data = await careful.root(region.shape.selection, self.root)
        except GraphQLError as error:
            self.executor.collected_errors.add(error, None)

    async def _steps(self, region: Region, sinks: Sinks) -> None:
        works = [
            (selection, step, sources, targets)
            for selection, (sources, targets) in zip(region.waiting, sinks, strict=True)
            if sources
            for step in selection.steps
        ]
        if self.plan.serial and region is self.plan.root:
            for work in works:
                if self.data is not None:
                    await self._step(*work)
        else:
            await together([self._step(*work) for work in works])

    async def _step(
        self, selection: Selection, step: Step, sources: list[Any], targets: list[dict[str, Any]]
    ) -> None:
        answers: Sequence[Any]
        if step.batch is not None:
            answers = await ask(self, step.batch, step, sources)
        else:
            parents = self._parents(selection)
            alive = [pair for pair in zip(sources, targets, strict=True) if id(pair[1]) in parents]
            targets = [target for _, target in alive]
            places = [(source, parents[id(target)]) for source, target in alive]
            answers = await call(self.executor, step, places)
        region, key = step.region, step.chosen.key
        region.use()
        completed = completed_fast(region, answers)
        if completed is not None:
            values, sinks = completed
            for target, value in zip(targets, values, strict=True):
                target[key] = value
        else:
            sinks = await self._one_by_one(selection, step, answers, targets)
        if region.waiting:
            await self._steps(region, sinks)

    async def _one_by_one(
        self, selection: Selection, step: Step, answers: Sequence[Any], targets: list[dict[str, Any]]
    ) -> Sinks:
        """Complete each parent's answer by itself: only those that are unusual are completed carefully."""
        sinks = step.region.sinks()
        parents = self._parents(selection)
        for target, answer in zip(targets, answers, strict=True):
            if id(target) not in parents:
                continue
            more = await self._one(selection, step, answer, target, parents[id(target)])
            for (sources, parts), (more_sources, more_parts) in zip(sinks, more, strict=True):
                sources.extend(more_sources)
                parts.extend(more_parts)
        return sinks

    async def _one(
        self, selection: Selection, step: Step, answer: Any, target: dict[str, Any], parent: Path | None
    ) -> Sinks:
        chosen, region = step.chosen, step.region
        completed = completed_fast(region, [answer])
        if completed is not None:
            [target[chosen.key]], sinks = completed
            return sinks
        sinks = region.sinks()
        careful = Careful(self.executor, region, sinks)
        try:
            path = Path(parent, chosen.key, chosen.owner.name)
            target[chosen.key] = await careful.answer(chosen, answer, path)
        except GraphQLError as error:
            self._propagate(error, parent, selection)
        return sinks

    def _parents(self, selection: Selection) -> dict[int, Path | None]:
        """The paths of a selection's objects, as far as they are still a part of the response."""
        return {id(part): path for path, part in standing(self.data, selection.positions)}

    def _propagate(self, error: GraphQLError, parent: Path | None, selection: Selection) -> None:
        """Null the nearest position above that may be null, unless an earlier error did so."""
        path = landing(parent, selection.positions)
        if self.data is None or self.executor.collected_errors.has_nulled_position(path):
            return
        self.executor.collected_errors.add(error, path)
        if path is None:
            self.data = None
        else:
            put_null(self.data, path)


def completed_fast(region: Region, values: Sequence[Any]) -> tuple[list[Any], Sinks] | None:
    """The response values by generated code, or None where they have to be completed carefully."""
    if region.complete is None:
        return None
    sinks = region.sinks()
    try:
        return region.complete(values, sinks), sinks
    except Exception:  # noqa: BLE001 - whatever it was, the careful completion meets it again and tells
        return None
