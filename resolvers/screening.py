"""Screening decisions: a partner reads the outcome, staff the evidence."""

from collections.abc import Sequence

from commerce.access import Role
from commerce.screenings import Screening, ScreeningMatch
from resolvers.batching import many_each
from resolvers.context import Context

READERS_OF_EVIDENCE = frozenset({Role.COMPLIANCE, Role.OPERATOR, Role.REP, Role.PARTNER_OPS})


async def matches_of(
    screenings: Sequence[Screening], context: Context
) -> Sequence[list[ScreeningMatch] | None]:
    """The listed parties a decision rests on; null for those who may not know them."""
    if context.signed_in().role not in READERS_OF_EVIDENCE:
        return [None] * len(screenings)
    read = context.sources.screenings.matches_of
    return await many_each(read, context.scope, [screening.id for screening in screenings])


async def lists_of(screenings: Sequence[Screening], context: Context) -> list[list[str] | None]:
    """The lists in force, each with its content hash; null for those who may not know them."""
    if context.signed_in().role not in READERS_OF_EVIDENCE:
        return [None] * len(screenings)
    return [[f"{one['source']}@{one['sha256'][:12]}" for one in screening.lists] for screening in screenings]
