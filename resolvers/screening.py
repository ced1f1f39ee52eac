"""Screening decisions: a partner reads the outcome, staff the evidence."""

from collections.abc import Sequence

from commerce.screenings import ListInForce, Screening, ScreeningMatch
from resolvers.batching import many_each
from resolvers.context import Context


async def matches_of(screenings: Sequence[Screening], context: Context) -> list[list[ScreeningMatch]]:
    """The listed parties a decision rests on."""
    read = context.sources.screenings.matches_of
    return await many_each(read, context.scope, [screening.id for screening in screenings])


async def lists_of(screenings: Sequence[Screening], context: Context) -> list[list[str]]:  # noqa: ARG001
    """The lists in force, each with its content hash."""
    return [[f"{one['source']}@{one['sha256'][:12]}" for one in screening.lists] for screening in screenings]


async def list_versions_of(
    screenings: Sequence[Screening],
    context: Context,  # noqa: ARG001
) -> list[list[ListInForce]]:
    """The lists in force when each was decided."""
    return [screening.list_versions for screening in screenings]
