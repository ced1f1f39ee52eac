"""Asking the partner for a fact about a party: a named field, and the question in neutral words."""

from commerce.case_moves import asked, resumed
from commerce.orders import Actor, OrderStatus
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import text_problems
from commerce.screening_questions import QuestionField, question_for
from datasources.postgres.order_moves import move
from resolvers.case_changes import (
    CLAIMED,
    CLOSED,
    NO_CASE,
    CaseChange,
    HeldCase,
    answering_races,
    change_case,
    held_case,
)
from resolvers.context import Context
from resolvers.releasing_orders import hold_order

LONGEST_QUESTION = 500
QUESTION_OPEN = "QUESTION_OPEN"


@answering_races
async def ask_partner(
    context: Context, *, case_id: str, field: QuestionField, message: str | None = None
) -> CaseChange:
    """Ask for a field of the party; its orders wait for the partner."""
    async with held_case(context, case_id) as held:
        if held is None:
            return CaseChange(None, (NO_CASE,))
        if message is not None and (
            problems := tuple(text_problems(message, ("input", "message"), LONGEST_QUESTION))
        ):
            return CaseChange(held.case, problems)
        if held.case.claimed_by_another(held.officer, context.now):
            return CaseChange(held.case, (CLAIMED,))
        changed = asked(held.case, field, message or question_for(field), context.now)
        if changed is None:
            return CaseChange(held.case, (CLOSED,))
        if not await _wait_for_partner(context, held):
            message = "No order waits for this case where its partner could be asked."
            return CaseChange(
                held.case, (Problem(ProblemCode.CASE_NOT_ASKABLE, message, ("input", "caseId")),)
            )
        case = await change_case(context, held, changed, "case.asked", question=changed.question)
    return CaseChange(case)


@answering_races
async def resume_case(context: Context, *, case_id: str) -> CaseChange:
    """Take a question, or a first officer's clearance, back: the case is open again."""
    async with held_case(context, case_id) as held:
        if held is None:
            return CaseChange(None, (NO_CASE,))
        changed = resumed(held.case, context.now)
        if changed is None:
            return CaseChange(held.case, (CLOSED,))
        case = await change_case(context, held, changed, "case.resumed")
        for order_id in await context.sources.screening_cases.waiting_for(held.transaction, case.id):
            await hold_order(context.sources, held.transaction, order_id, actor=Actor.STAFF, at=context.now)
    return CaseChange(case)


async def _wait_for_partner(context: Context, held: HeldCase) -> int:
    """Let the held orders of a case wait for their partner; how many now do."""
    sources, waiting = context.sources, 0
    for order_id in await sources.screening_cases.waiting_for(held.transaction, held.case.id):
        found = await sources.orders.locked(held.transaction, order_id)
        if found and found[0].status is OrderStatus.ON_HOLD:
            await move(
                sources.orders,
                held.transaction,
                found[0],
                OrderStatus.AWAITING_PARTNER,
                actor=Actor.STAFF,
                at=context.now,
                reason=QUESTION_OPEN,
            )
        waiting += found is not None and found[0].status in {
            OrderStatus.ON_HOLD,
            OrderStatus.AWAITING_PARTNER,
        }
    return waiting
