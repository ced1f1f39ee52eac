"""Claiming a case, so that two officers do not do the same work; and giving it back."""

from commerce.case_moves import claimed, unclaimed
from resolvers.case_changes import (
    CLAIMED,
    CLOSED,
    NO_CASE,
    CaseChange,
    answering_races,
    change_case,
    held_case,
)
from resolvers.context import Context


@answering_races
async def claim_case(context: Context, *, case_id: str) -> CaseChange:
    """Claim an open case for half an hour; claiming again extends it."""
    async with held_case(context, case_id) as held:
        if held is None:
            return CaseChange(None, (NO_CASE,))
        changed = claimed(held.case, held.officer, context.now)
        if changed is None:
            return CaseChange(held.case, (CLAIMED if held.case.is_open else CLOSED,))
        return CaseChange(await change_case(context, held, changed, "case.claimed"))


@answering_races
async def unclaim_case(context: Context, *, case_id: str) -> CaseChange:
    """Give a case of one's own back to the queue; safe to repeat."""
    async with held_case(context, case_id) as held:
        if held is None:
            return CaseChange(None, (NO_CASE,))
        if held.case.claimed_by_another(held.officer, context.now):
            return CaseChange(held.case, (CLAIMED,))
        if held.case.claimed_by is None:
            return CaseChange(held.case)
        return CaseChange(await change_case(context, held, unclaimed(held.case), "case.unclaimed"))
