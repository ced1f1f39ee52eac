"""Where things stand in the response. Nobody keeps paths while all is well; they are found when needed."""

from collections.abc import Sequence
from typing import Any

from graphql.pyutils import Path

from execution.plan import Position

Place = tuple[Path | None, Any]


def standing(data: dict[str, Any] | None, positions: Sequence[Position]) -> list[Place]:
    """Every value that stands at these positions of the response so far, with its path, in response order.

    What was nulled by an error is not found: it is no longer a part of the response.
    """
    found: list[Place] = [(None, data)]
    for position in positions:
        below: list[Place] = []
        if position.owner is None:
            for path, value in found:
                if isinstance(value, list):
                    below += [(Path(path, index, None), item) for index, item in enumerate(value)]
        else:
            key, owner = position.key, position.owner
            for path, value in found:
                if isinstance(value, dict) and key in value:
                    below.append((Path(path, key, owner), value[key]))  # type: ignore[arg-type]
        found = below
    return found


def landing(path: Path | None, positions: Sequence[Position]) -> Path | None:
    """The nearest position, from this path up, that may be null; None is the whole response."""
    for position in reversed(positions):
        if position.nullable or path is None:
            break
        path = path.prev
    return path


def put_null(data: dict[str, Any], path: Path) -> None:
    """Null one position of the response."""
    *above, last = path.as_list()
    container: Any = data
    for key in above:
        container = container[key]
    container[last] = None
