"""Running a plan: complete a region, ask its steps, complete their regions, until nothing waits."""

from asyncio import TaskGroup, gather
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphql import GraphQLError
from graphql.execution import Executor
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.types.arguments import convert_arguments

from execution.batches import STRAWBERRY, Batch, loader_of
from execution.careful import Careful
from execution.places import landing, places, put_null
from execution.plan import Objects, Plan, Region, Selection, Sinks, Step

_VALUES = (type(None), str, int, float, bool, Enum)


@dataclass(slots=True)
class Run:
    """One execution of a plan."""

    executor: Executor[Any]
    plan: Plan
    data: dict[str, Any] | None = field(default=None)

    async def run(self) -> dict[str, Any] | None:
        """The response data; errors are in the executor's collected errors."""
        region, executor = self.plan.root, self.executor
        sinks = region.sinks()
        try:
            [self.data] = region.complete([executor.root_value], sinks)
        except Exception:  # noqa: BLE001 - whatever it was, the careful completion meets it again and tells
            sinks = region.sinks()
            await self._root_carefully(region, sinks)
        if self.data is not None and region.waiting:
            await self._steps(region, sinks)
        return self.data

    async def _root_carefully(self, region: Region, sinks: Sinks) -> None:
        assert isinstance(region.shape, Objects)  # noqa: S101  the root is an object
        careful = Careful(self.executor, region, sinks)
        try:
            self.data = await careful.root(region.shape.selection, self.executor.root_value)
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
            answers = await self._ask(step.batch, step, sources)
        else:
            sources, targets, answers = await self._call(selection, step, sources, targets)
        region, key = step.region, step.chosen.key
        sinks = region.sinks()
        try:
            for target, value in zip(targets, region.complete(answers, sinks), strict=True):
                target[key] = value
        except Exception:  # noqa: BLE001 - as above
            sinks = await self._one_by_one(selection, step, answers, targets)
        if region.waiting:
            await self._steps(region, sinks)

    async def _ask(self, batch: Batch, step: Step, sources: list[Any]) -> Sequence[Any]:
        """One call of the batch function; each parent is in it once, however often the response shows it."""
        context = self.executor.context_value
        try:
            arguments = self._arguments(step)
            if step.repeated:
                loader = loader_of(batch, context, arguments)
                return await gather(*map(loader.load, sources), return_exceptions=True)
            distinct = {id(source): source for source in sources}
            if len(distinct) == len(sources):
                return await batch.ask(sources, context, arguments)
            answers = await batch.ask(list(distinct.values()), context, arguments)
        except Exception as fault:  # noqa: BLE001 - what a batch function raises is the error of every parent
            return [fault] * len(sources)
        by_identity = dict(zip(distinct, answers, strict=True))
        return [by_identity[id(source)] for source in sources]

    def _arguments(self, step: Step) -> Mapping[str, Any]:
        if step.constants is not None:
            return step.constants
        values: dict[str, Any] = {}
        definition = step.chosen.definition
        if definition.args:
            values = self._coerced(step)
            strawberry = self.executor.schema.extensions[STRAWBERRY]
            declared = definition.extensions[STRAWBERRY]
            converter = strawberry.schema_converter
            values = convert_arguments(
                values, declared.arguments, converter.scalar_registry, strawberry.config
            )
        if step.selected is not None:
            values["selection"] = step.selected
        if not _has_variables(step) and all(isinstance(value, _VALUES) for value in values.values()):
            step.constants = values
        return values

    def _coerced(self, step: Step) -> dict[str, Any]:
        node = step.chosen.details[0].node
        executor = self.executor
        return get_argument_values(
            step.chosen.definition, node, executor.variable_values, None, executor.hide_suggestions
        )

    async def _call(
        self, selection: Selection, step: Step, sources: list[Any], targets: list[dict[str, Any]]
    ) -> tuple[list[Any], list[dict[str, Any]], list[Any]]:
        """One call of the field's resolver for each parent that is still a part of the response."""
        parents = {id(part): path for path, part in places(self.data, selection.positions)}
        alive = [
            (source, target) for source, target in zip(sources, targets, strict=True) if id(target) in parents
        ]
        answers = [self._resolved(step, source, parents[id(target)]) for source, target in alive]
        is_awaitable = self.executor.is_awaitable
        waiting = [index for index, answer in enumerate(answers) if is_awaitable(answer)]

        async def settle(index: int) -> None:
            try:
                answers[index] = await answers[index]
            except Exception as fault:  # noqa: BLE001 - becomes the error of this field
                answers[index] = fault

        await together([settle(index) for index in waiting])
        return [source for source, _ in alive], [target for _, target in alive], answers

    def _resolved(self, step: Step, source: Any, parent: Path | None) -> Any:
        chosen, executor = step.chosen, self.executor
        path = Path(parent, chosen.key, chosen.owner.name)
        info = executor.build_resolve_info(chosen.definition, chosen.nodes, chosen.owner, path)
        try:
            arguments = self._coerced(step) if chosen.definition.args else {}
            return (chosen.definition.resolve or executor.field_resolver)(source, info, **arguments)
        except Exception as fault:  # noqa: BLE001 - becomes the error of this field
            return fault

    async def _one_by_one(
        self, selection: Selection, step: Step, answers: Sequence[Any], targets: list[dict[str, Any]]
    ) -> Sinks:
        """Complete each parent's answer by itself: only those that are unusual are completed carefully."""
        region, chosen = step.region, step.chosen
        sinks = region.sinks()
        parents = {id(part): path for path, part in places(self.data, selection.positions)}
        for target, answer in zip(targets, answers, strict=True):
            if id(target) not in parents:
                continue
            own = region.sinks()
            try:
                [target[chosen.key]] = region.complete([answer], own)
            except Exception:  # noqa: BLE001 - as above
                own = region.sinks()
                path = Path(parents[id(target)], chosen.key, chosen.owner.name)
                try:
                    target[chosen.key] = await Careful(self.executor, region, own).answer(
                        chosen, answer, path
                    )
                except GraphQLError as error:
                    self._propagate(error, path.prev, selection)
            for (sources, parts), (more_sources, more_parts) in zip(sinks, own, strict=True):
                sources.extend(more_sources)
                parts.extend(more_parts)
        return sinks

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


async def together(works: list[Coroutine[Any, Any, None]]) -> None:
    """Run works concurrently; the first runs in the task at hand. Cancelling it cancels them all."""
    if len(works) == 1:
        await works[0]
    elif works:
        async with TaskGroup() as group:
            for work in works[1:]:
                group.create_task(work)
            await works[0]


def _has_variables(step: Step) -> bool:
    from graphql import VariableNode, Visitor, visit

    class Variables(Visitor):
        found = False

        def enter_variable(self, _node: VariableNode, *_: Any) -> None:
            self.found = True

    seen = Variables()
    for argument in step.chosen.details[0].node.arguments or ():
        visit(argument, seen)
    return seen.found
