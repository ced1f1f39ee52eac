"""Denying a case: the party is who is listed. Its orders end, unless two officers find otherwise later."""

from commerce.case_moves import denied
from commerce.orders import Actor
from commerce.request_problems import text_problems
from resolvers.case_changes import (
    CLAIMED,
    CLOSED,
    LONGEST_NOTE,
    NO_CASE,
    CaseChange,
    answering_races,
    change_case,
    held_case,
)
from resolvers.context import Context
from resolvers.releasing_orders import deny_order


@answering_races
async def deny_case(context: Context, *, case_id: str, note: str) -> CaseChange:
    """Close a case as a true match, and stop every order that waits for it."""
    async with held_case(context, case_id) as held:
        if held is None:
            return CaseChange(None, (NO_CASE,))
        if problems := tuple(text_problems(note, ("input", "note"), LONGEST_NOTE)):
            return CaseChange(held.case, problems)
        if held.case.claimed_by_another(held.officer, context.now):
            return CaseChange(held.case, (CLAIMED,))
        changed = denied(held.case, held.officer, note, context.now)
        if changed is None:
            return CaseChange(held.case, (CLOSED,))
        case = await change_case(context, held, changed, "case.denied")
        for order_id in await context.sources.screening_cases.waiting_for(held.transaction, case.id):
            await deny_order(
                context.sources,
                held.transaction,
                order_id,
                decided_by=held.officer,
                actor=Actor.STAFF,
                at=context.now,
            )
    return CaseChange(case)
