"""Keyset pages: cursors that name the last row seen and belong to one question (sort and filters)."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")

MOST_PER_PAGE = 100
DEFAULT_PER_PAGE = 20
COUNTED_AT_MOST = 10_000


class InvalidPage(Exception):
    """The paging arguments cannot be served. `argument` is the one to change."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


@dataclass(frozen=True, slots=True)
class PageArguments:
    """What a client asks of a connection, as it came."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`size` rows from a keyset position (None: from the end of the list), forwards or backwards."""

    size: int
    backwards: bool
    position: tuple[str, ...] | None
    question: str


@dataclass(frozen=True, slots=True)
class Edge(Generic[Row]):
    """A row of a page, and the cursor that continues after it."""

    node: Row
    cursor: str


@dataclass(frozen=True, slots=True)
class PageInfo:
    """What lies on either side of a page."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are in all, counted up to `COUNTED_AT_MOST`."""

    total: int
    is_exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class Page(Generic[Row]):
    """The rows of one page. Cursors are made when they are asked for: most pages are read for their rows.

    `counter` counts all pages of the same question at once; `parent` is whose rows they are.
    """

    nodes: list[Row]
    question: str
    position: Callable[[Row], tuple[str, ...]]
    has_next_page: bool
    has_previous_page: bool
    counter: Any
    parent: str | None = None

    @property
    def edges(self) -> list[Edge[Row]]:
        return [Edge(row, self._cursor(row)) for row in self.nodes]

    @property
    def page_info(self) -> PageInfo:
        return PageInfo(
            has_next_page=self.has_next_page,
            has_previous_page=self.has_previous_page,
            start_cursor=self._cursor(self.nodes[0]) if self.nodes else None,
            end_cursor=self._cursor(self.nodes[-1]) if self.nodes else None,
        )

    def _cursor(self, row: Row) -> str:
        return cursor_of(self.position(row), self.question)


def page_request(arguments: PageArguments, question: str) -> PageRequest:
    """The page asked for. `question` says the sort and filters; cursors of another question are refused.

    Raises InvalidPage.
    """
    backwards = arguments.last is not None
    if backwards and arguments.first is not None:
        raise InvalidPage("last", "Give first or last, not both.")
    if arguments.after is not None and arguments.before is not None:
        raise InvalidPage("before", "Give after or before, not both.")
    if backwards and arguments.after is not None:
        raise InvalidPage("after", "after goes with first; use before with last.")
    if not backwards and arguments.before is not None:
        raise InvalidPage("before", "before goes with last; use after with first.")
    argument = "last" if backwards else "first"
    size = arguments.last if backwards else arguments.first
    size = DEFAULT_PER_PAGE if size is None else size
    if not 1 <= size <= MOST_PER_PAGE:
        raise InvalidPage(argument, f"{argument} must be between 1 and {MOST_PER_PAGE}.")
    cursor, named = (arguments.before, "before") if backwards else (arguments.after, "after")
    return PageRequest(size, backwards, _position(cursor, named, question), question)


def page_of(
    rows: Sequence[Row],
    request: PageRequest,
    position: Callable[[Row], tuple[str, ...]],
    counter: Any,
    parent: str | None = None,
) -> Page[Row]:
    """The page made of rows read in the direction of travel, one more than its size where there are more."""
    more = len(rows) > request.size
    shown = list(rows[: request.size])
    if request.backwards:
        shown.reverse()
    came_from_somewhere = request.position is not None
    return Page(
        nodes=shown,
        question=request.question,
        position=position,
        has_next_page=came_from_somewhere if request.backwards else more,
        has_previous_page=more if request.backwards else came_from_somewhere,
        counter=counter,
        parent=parent,
    )


def cursor_of(position: tuple[str, ...], question: str) -> str:
    """The opaque cursor of a keyset position."""
    text = json.dumps([_digest(question), *position], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(cursor: str | None, argument: str, question: str) -> tuple[str, ...] | None:
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        digest, *position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error):
        raise InvalidPage(argument, "This is not a cursor of this API.") from None
    if digest != _digest(question):
        raise InvalidPage(argument, "This cursor belongs to another sort, filter or list.")
    if not position or not all(isinstance(part, str) for part in position):
        raise InvalidPage(argument, "This is not a cursor of this API.")
    return tuple(position)


def _digest(question: str) -> str:
    return hashlib.blake2b(question.encode(), digest_size=6).hexdigest()
