"""How the stock executor reaches batch functions: a DataLoader, keyed by the parents themselves."""

from asyncio import CancelledError, current_task
from collections.abc import Awaitable, Generator, Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader

from execution.batches import Batch, Context


class Identity:
    """A dictionary key that is equal to nothing but itself and keeps its value alive."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


class Loader(DataLoader[Any, Any]):
    """Strawberry's loader, which would put a key into a batch that was cancelled and never answer it."""

    def load(self, key: Any) -> Awaitable[Any]:
        batch = self.batch
        if batch is not None and all(task.future.cancelled() for task in batch.tasks):
            self.batch = None
        return super().load(key)


class Asked:
    """The answer to come for one place of the response.

    A loader has one future for a parent, however many places it stands in. The stock executor cancels a
    place when a null spreads over it; the others then ask again, instead of being cancelled with it.
    """

    __slots__ = ("future", "loader", "parent")

    def __init__(self, loader: Loader, parent: Any) -> None:
        self.loader = loader
        self.parent = parent
        self.future = loader.load(parent)

    def __await__(self) -> Generator[Any, None, Any]:
        while True:
            try:
                return (yield from self.future.__await__())
            except CancelledError:
                task = current_task()
                if task is None or task.cancelling():
                    raise
                self.future = self.loader.load(self.parent)


def loader_of(batch: Batch, context: Context, arguments: Mapping[str, Any]) -> Loader:
    """The request's loader for this function and these arguments; its keys are parents, by identity."""
    key = (batch.function, frozen(arguments))
    loader: Loader | None = context.loaders.get(key)
    if loader is None:

        async def load(parents: list[Any]) -> Sequence[Any]:
            return await batch.ask(parents, context, arguments)

        loader = context.loaders[key] = Loader(load, cache_key_fn=Identity)
    return loader


def frozen(value: Any) -> Hashable:
    """A hashable stand-in for an argument value: equal for equal values of equal types."""
    if isinstance(value, Mapping):
        return dict, tuple((name, frozen(item)) for name, item in sorted(value.items()))
    if isinstance(value, list | tuple):
        return list, tuple(frozen(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), tuple(frozen(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, strawberry.Some):  # says that it is hashable, and is as its value is
        return strawberry.Some, frozen(value.value)
    if isinstance(value, Hashable):
        return type(value), value
    return Identity(value)
