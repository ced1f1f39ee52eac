"""Asking for the answers of a step: one call of a batch function, or a resolver's call for each parent.

Whatever goes wrong here is an answer too: an exception in a parent's place becomes the error of its field.
"""

from asyncio import CancelledError, TaskGroup, current_task, gather
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

from graphql.execution import Executor
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.types.arguments import convert_arguments

from execution.batches import STRAWBERRY, Batch
from execution.loading import loader_of
from execution.plan import Step

_IMMUTABLE = (type(None), str, int, float, bool, Enum, frozenset)


class Work(Protocol):
    """What is asked for: by which request, with which variables; an executor for what is out of the usual."""

    @property
    def context(self) -> Any: ...
    @property
    def variables(self) -> Mapping[str, Any]: ...
    @property
    def executor(self) -> Executor[Any]: ...


class WorkCancelled(Exception):
    """What a field waited for was cancelled by somebody other than the request."""


async def ask(work: Work, batch: Batch, step: Step, sources: list[Any]) -> Sequence[Any]:
    """One call of the batch function; each parent is in it once, however often the response shows it."""
    context = work.context
    try:
        arguments = _arguments(work, step)
    except Exception as fault:  # noqa: BLE001 - an argument that cannot be coerced is every parent's error
        return [fault] * len(sources)
    if step.repeated:
        loader = loader_of(batch, context, arguments)
        return await gather(*(outcome(loader.load(source)) for source in sources))
    if len(set(map(id, sources))) == len(sources):
        answers = await outcome(batch.ask(sources, context, arguments))
        return [answers] * len(sources) if isinstance(answers, Exception) else answers
    distinct = {id(source): source for source in sources}
    answers = await outcome(batch.ask(list(distinct.values()), context, arguments))
    if isinstance(answers, Exception):
        return [answers] * len(sources)
    by_identity = dict(zip(distinct, answers, strict=True))
    return [by_identity[id(source)] for source in sources]


async def call(executor: Executor[Any], step: Step, places: Sequence[tuple[Any, Path | None]]) -> list[Any]:
    """One call of the field's resolver for each parent, given with its path."""
    answers = [_resolved(executor, step, source, parent) for source, parent in places]
    waiting = [index for index, answer in enumerate(answers) if executor.is_awaitable(answer)]

    async def settle(index: int) -> None:
        answers[index] = await outcome(answers[index])

    await together([settle(index) for index in waiting])
    return answers


async def outcome(work: Awaitable[Any]) -> Any:
    """What the work gives, or the exception that it ends in; being cancelled oneself is neither."""
    try:
        return await work
    except CancelledError as fault:
        task = current_task()
        if task is None or task.cancelling():
            raise
        return WorkCancelled("The work was cancelled.").with_traceback(fault.__traceback__)
    except Exception as fault:  # noqa: BLE001 - it is handed on as an answer
        return fault


async def together(works: list[Coroutine[Any, Any, None]]) -> None:
    """Run works concurrently; the first runs in the task at hand. Cancelling it cancels them all."""
    if len(works) == 1:
        await works[0]
    elif works:
        async with TaskGroup() as group:
            for work in works[1:]:
                group.create_task(work)
            await works[0]


def _resolved(executor: Executor[Any], step: Step, source: Any, parent: Path | None) -> Any:
    chosen = step.chosen
    path = Path(parent, chosen.key, chosen.owner.name)
    info = executor.build_resolve_info(chosen.definition, chosen.nodes, chosen.owner, path)
    try:
        arguments = _coerced(executor, step) if chosen.definition.args else {}
        return (chosen.definition.resolve or executor.field_resolver)(source, info, **arguments)
    except Exception as fault:  # noqa: BLE001 - it is handed on as an answer
        return fault


def _arguments(work: Work, step: Step) -> Mapping[str, Any]:
    """The arguments as Python values, converted as Strawberry converts them."""
    if step.constants is not None:
        return step.constants
    values = step.read(work.variables) if step.read is not None else None
    if values is None:
        values = _converted(work.executor, step) if step.chosen.definition.args else {}
    if step.selected is not None:
        values["selection"] = step.selected
    if not step.varies and all(isinstance(value, _IMMUTABLE) for value in values.values()):
        step.constants = values
    return values


def _converted(executor: Executor[Any], step: Step) -> dict[str, Any]:
    strawberry = executor.schema.extensions[STRAWBERRY]
    declared = step.chosen.definition.extensions[STRAWBERRY].arguments
    registry = strawberry.schema_converter.scalar_registry
    return convert_arguments(_coerced(executor, step), declared, registry, strawberry.config)


def _coerced(executor: Executor[Any], step: Step) -> dict[str, Any]:
    node = step.chosen.details[0].node
    variables, hide = executor.variable_values, executor.hide_suggestions
    return get_argument_values(step.chosen.definition, node, variables, None, hide)
