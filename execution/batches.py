"""Batch functions: called at once by the plan, through a DataLoader by the stock executor."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from inspect import isawaitable
from typing import Any, Protocol

from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema
from strawberry.dataloader import DataLoader

BATCH = "portico-batch"
"""The key of a field's `metadata` under which its `Batch` is kept."""

STRAWBERRY = "strawberry-definition"
"""The key of a graphql-core element's `extensions` under which Strawberry keeps its own definition."""


class Scope(StrEnum):
    """What keeps a batch function from answering with somebody else's records."""

    VIEWER = "viewer"
    """The read is filtered by the tenant scope of the viewer in the context."""
    PARENT = "parent"
    """Nothing is read: the answer is computed from parents that were already allowed."""
    PUBLIC = "public"
    """The answer is the same for everybody."""


class Context(Protocol):
    """What the engine asks of a request's context: a dictionary that lives as long as the request."""

    @property
    def loaders(self) -> dict[Hashable, Any]: ...


class AnswersError(Exception):
    """A batch function answered with more or fewer values than it was given parents."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """The one declaration of a field that reaches for something.

    `function(parents, context, **arguments)` answers for every parent, in order; an answer that is an
    exception is that parent's error. `cost` is kept for the cost rule.
    """

    function: Callable[..., Sequence[Any] | Awaitable[Sequence[Any]]]
    scope: Scope
    takes_selection: bool = False
    cost: int | None = None

    async def ask(self, parents: Sequence[Any], context: Any, arguments: Mapping[str, Any]) -> Sequence[Any]:
        """Call the function once for all parents.

        Raises whatever the function raises, and `AnswersError`.
        """
        answers = self.function(parents, context, **arguments)
        if isawaitable(answers):
            answers = await answers
        return self.checked(answers, parents)

    def checked(self, answers: Sequence[Any], parents: Sequence[Any]) -> Sequence[Any]:
        if len(answers) == len(parents):
            return answers
        name = getattr(self.function, "__qualname__", repr(self.function))
        raise AnswersError(f"{name} gave {len(answers)} answers for {len(parents)} parents")


class Identity:
    """A dictionary key that is equal to nothing but itself and keeps its value alive."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


def loader_of(batch: Batch, context: Context, arguments: Mapping[str, Any]) -> DataLoader[Any, Any]:
    """The request's loader for this function and these arguments; its keys are parents, by identity."""
    key = (batch.function, frozen(arguments))
    loader = context.loaders.get(key)
    if loader is None:

        async def load(parents: list[Any]) -> Sequence[Any]:
            return await batch.ask(parents, context, arguments)

        loader = context.loaders[key] = DataLoader(load, cache_key_fn=Identity)
    return loader


def frozen(value: Any) -> Hashable:
    """A hashable stand-in for an argument value: equal for equal values of equal types."""
    if isinstance(value, Mapping):
        return dict, tuple((name, frozen(item)) for name, item in sorted(value.items()))
    if isinstance(value, list | tuple):
        return list, tuple(frozen(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), tuple(frozen(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Hashable):
        return type(value), value
    return Identity(value)


def batch_of(field: GraphQLField) -> Batch | None:
    """The batch declared for a field of the built schema, or None for any other field."""
    definition = field.extensions.get(STRAWBERRY)
    batch = definition.metadata.get(BATCH) if definition is not None else None
    return batch if isinstance(batch, Batch) else None


def batches(schema: GraphQLSchema) -> dict[str, Batch]:
    """Every batched field of a schema by its coordinate (`Order.lines`), sorted."""

    def declared(named: GraphQLNamedType) -> dict[str, Batch]:
        found = {name: batch_of(field) for name, field in getattr(named, "fields", {}).items()}
        return {f"{named.name}.{name}": batch for name, batch in found.items() if batch is not None}

    return {
        coordinate: batch
        for _, named in sorted(schema.type_map.items())
        for coordinate, batch in declared(named).items()
    }
