"""Clearing cases: the parties are not those listed. Each is cleared for itself, and frees its orders once."""

from collections.abc import Sequence
from dataclasses import dataclass

from commerce.case_moves import cleared, is_first_officer
from commerce.cleared_hits import cleared_hits
from commerce.orders import Actor
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import text_problems
from commerce.screening_cases import CaseState, ScreeningCase
from datasources.identifiers import new_id
from resolvers.case_changes import (
    CLAIMED,
    CLOSED,
    LONGEST_NOTE,
    NO_CASE,
    CaseChange,
    HeldCase,
    answering_races,
    change_case,
    held_case,
)
from resolvers.context import Context
from resolvers.releasing_orders import release_order

MOST_CASES = 500


@dataclass(frozen=True, slots=True)
class CaseChanges:
    """Several cases, each changed or not for itself, in the order of the ids; and what was wrong with all."""

    changes: tuple[CaseChange, ...]
    problems: tuple[Problem, ...] = ()


async def clear_cases(
    context: Context, *, case_ids: Sequence[str], note: str, identical: bool = False
) -> CaseChanges:
    """Clear cases with a note; with `identical`, all open cases with the very same hits besides."""
    if problems := tuple(text_problems(note, ("input", "note"), LONGEST_NOTE)):
        return CaseChanges((), problems)
    wanted = list(dict.fromkeys(case_ids))
    if identical:
        cases = await context.sources.screening_cases.by_id(context.scope, wanted)
        for hits in {case.hits for case in cases.values()}:
            wanted += await context.sources.screening_cases.identical(context.scope, hits, MOST_CASES)
        wanted = list(dict.fromkeys(wanted))
    if len(wanted) > MOST_CASES:
        message = f"At most {MOST_CASES} cases are cleared in one call."
        return CaseChanges((), (Problem(ProblemCode.TOO_MANY_CASES, message, ("input", "caseIds")),))
    changes = tuple([await clear_case(context, case_id=case_id, note=note) for case_id in wanted])
    context.sources.work.set()
    return CaseChanges(changes)


@answering_races
async def clear_case(context: Context, *, case_id: str, note: str) -> CaseChange:
    """Clear one case: what it matched is proposed for the cleared list, and its orders go on."""
    async with held_case(context, case_id) as held:
        if held is None:
            return CaseChange(None, (NO_CASE,))
        if problem := _in_the_way(context, held):
            return CaseChange(held.case, (problem,))
        changed = cleared(held.case, held.officer, note, context.now)
        if changed is None:
            return CaseChange(held.case, (CLOSED,))
        first = held.case.first_officer if held.case.state is CaseState.AWAITING_SECOND else None
        kind = "case.cleared" if changed.state is CaseState.CLEARED else "case.first_clearance"
        case = await change_case(context, held, changed, kind, first_officer=first)
        if case.state is CaseState.CLEARED:
            await _remember(context, held, case, first)
            await _release(context, held, case)
    return CaseChange(case)


def _in_the_way(context: Context, held: HeldCase) -> Problem | None:
    if held.case.claimed_by_another(held.officer, context.now):
        return CLAIMED
    if is_first_officer(held.case, held.officer):
        message = "You have cleared this case; it takes another officer."
        return Problem(ProblemCode.SECOND_OFFICER_NEEDED, message, ("input", "caseId"))
    return None


async def _remember(context: Context, held: HeldCase, case: ScreeningCase, first: str | None) -> None:
    """Propose every hit for the cleared list; where two officers have spoken it is in force at once."""
    sources = context.sources
    found = await sources.screenings.matches_of(held.scope, [case.screening_id])
    policy = await sources.screening_policies.in_force(case.workflow)
    hits = cleared_hits(
        case,
        [one for one in found.get(case.screening_id, []) if one.subject_reference == case.party_reference],
        note=case.note or "",
        proposed_by=first or held.officer,
        confirmed_by=held.officer if first else None,
        now=context.now,
        lasts=policy.cleared_for,
        new_id=new_id,
    )
    await sources.clearances.add(held.transaction, hits)


async def _release(context: Context, held: HeldCase, case: ScreeningCase) -> None:
    """Every order that waits for the case goes on, unless another case holds it."""
    sources = context.sources
    for order_id in await sources.screening_cases.waiting_for(held.transaction, case.id):
        await release_order(sources, held.transaction, order_id, actor=Actor.STAFF, at=context.now)
