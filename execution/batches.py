"""Batch functions: the one declaration of a field that reaches for something."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from inspect import isawaitable
from typing import Any, Protocol

from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema

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
    """What the engine asks of a request's context.

    `loaders` is a dictionary that lives as long as the request. `admits` judges what a field declares as its
    access: true, its batch function is asked; false, every parent's answer is null; raised, every parent's
    error.
    """

    @property
    def loaders(self) -> dict[Hashable, Any]: ...

    def admits(self, access: Any, /) -> bool: ...


class AnswersError(Exception):
    """A batch function answered with more or fewer values than it was given parents."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """The one declaration of a field that reaches for something.

    `function(parents, context, **arguments)` answers for every parent, in order; an answer that is an
    exception is that parent's error. `cost` is kept for the cost rule. `access` says who may ask, in whatever
    form the context understands; it is looked at once for all parents.
    """

    function: Callable[..., Sequence[Any] | Awaitable[Sequence[Any]]]
    scope: Scope
    takes_selection: bool = False
    cost: int | None = None
    access: Any = None

    async def ask(self, parents: Sequence[Any], context: Any, arguments: Mapping[str, Any]) -> Sequence[Any]:
        """Call the function once for all parents.

        Raises whatever the function raises, what the context raises for those who may not ask, and
        `AnswersError`.
        """
        if self.access is not None and not context.admits(self.access):
            return [None] * len(parents)
        answers = self.function(parents, context, **arguments)
        if isawaitable(answers):
            answers = await answers
        return self.checked(answers, parents)

    def checked(self, answers: Sequence[Any], parents: Sequence[Any]) -> Sequence[Any]:
        if len(answers) == len(parents):
            return answers
        name = getattr(self.function, "__qualname__", repr(self.function))
        raise AnswersError(f"{name} gave {len(answers)} answers for {len(parents)} parents")


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
