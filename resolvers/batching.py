"""One read for all parents, and an answer for each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from commerce.access import Scope

T = TypeVar("T")


async def one_each(
    read: Callable[[Scope, Sequence[str]], Awaitable[Mapping[str, T]]],
    scope: Scope,
    keys: Sequence[str | None],
) -> list[T | None]:
    """The record of each key, None where there is none."""
    wanted = list(dict.fromkeys(key for key in keys if key is not None))
    found = await read(scope, wanted) if wanted else {}
    return [found.get(key) if key is not None else None for key in keys]


async def many_each(
    read: Callable[[Scope, Sequence[str]], Awaitable[Mapping[str, list[T]]]],
    scope: Scope,
    keys: Sequence[str],
) -> list[list[T]]:
    """The records below each key."""
    found = await read(scope, list(dict.fromkeys(keys)))
    return [found.get(key, []) for key in keys]
