"""Cursor connections over any record."""

from typing import Generic, TypeVar

import strawberry

from commerce import paging
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import paging as resolvers

T = TypeVar("T")

PAGE_ARGUMENTS = {
    "first": "How many from the start of the list, 1 to 100; 20 when neither first nor last is given.",
    "after": "Continue after this cursor; goes with first.",
    "last": "How many from the end of the list, 1 to 100.",
    "before": "Continue before this cursor; goes with last.",
}


@view(of=paging.PageInfo, description="What lies on either side of a page.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows.")
    has_previous_page: bool = strawberry.field(description="Whether something comes before.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first edge; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge; null on an empty page.")


@view(of=paging.Edge, description="A record in a list, and where it stands there.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The record.")
    cursor: str = strawberry.field(
        description="Opaque; belongs to this list with this sort and these filters."
    )


@view(of=paging.Page, description="One page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The records with their cursors.")
    nodes: list[T] = strawberry.field(description="The records alone.")
    page_info: PageInfo = strawberry.field(description="What lies on either side.")
    total_count: int = batched(
        resolvers.total_counts,
        scope=Scope.PARENT,
        description="How many records the list has in all, counted up to 10,000 and only when asked for.",
    )
    total_count_is_exact: bool = batched(
        resolvers.total_counts_are_exact,
        scope=Scope.PARENT,
        description="False where the count stopped at its limit.",
    )
