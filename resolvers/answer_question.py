"""Answering a question about a party: the answer is kept, the order is screened again and goes on."""

from commerce.ids import Prefix, names
from commerce.orders import Actor
from commerce.problems import Path, Problem, ProblemCode
from commerce.screening_answers import answer_problems, contradicts
from commerce.screening_cases import CaseState, ScreeningCase
from commerce.screening_questions import Answer, PartyFact, QuestionField
from datasources.identifiers import new_id
from datasources.postgres import audit
from resolvers.context import Context
from resolvers.order_changes import NO_ORDER, OrderChange, answering_races
from resolvers.rescreening_orders import rescreened, settle

ANSWERED = "answer of the partner"
_PATH: Path = ("input", "answer")


@answering_races
async def answer_question(
    context: Context, *, order_id: str, field: QuestionField, answer: Answer
) -> OrderChange:
    """Answer the open question for a field of a party of an order.

    An answer that adds a fact may let the order go on at once; one that contradicts what was said before,
    or that only a person can weigh, goes to an officer.
    """
    scope, sources = context.scope, context.sources
    found = await sources.orders.by_id(scope, [order_id]) if names(Prefix.ORDER, order_id) else {}
    if order_id not in found:
        return OrderChange(None, (NO_ORDER,))
    if problems := tuple(answer_problems(field, answer, _PATH)):
        return OrderChange(found[order_id], problems)
    asked = (await sources.screening_cases.of_orders(scope, [order_id])).get(order_id, [])
    about = [case.id for case in asked if _asks(case, field)]
    if not about:
        return OrderChange(found[order_id], (_NOT_ASKED,))
    facts = [_fact(context, case, field, answer) for case in asked if case.id in about]
    again = await rescreened(sources, found[order_id], context.now, facts)
    async with sources.database.tenant(scope) as transaction:
        cases = [
            case for case in await sources.screening_cases.locked(transaction, about) if _asks(case, field)
        ]
        if not cases:
            return OrderChange(found[order_id], (_NOT_ASKED,))
        await sources.party_facts.add(transaction, facts)
        may_clear = not any(contradicts(case.subject, field, answer) for case in cases)
        details = {"field": field}
        await audit.record(
            transaction, context.acting, "question.answered", subject_id=order_id, details=details
        )
        await settle(
            sources, transaction, again, cases, actor=Actor.PARTNER, note=ANSWERED, may_clear=may_clear
        )
    sources.work.set()
    return OrderChange((await sources.orders.by_id(scope, [order_id]))[order_id])


_NOT_ASKED = Problem(
    ProblemCode.NO_OPEN_QUESTION, "The order does not wait for an answer to this.", ("input", "field")
)


def _asks(case: ScreeningCase, field: QuestionField) -> bool:
    return case.state is CaseState.AWAITING_PARTNER and case.asked_for is field


def _fact(context: Context, case: ScreeningCase, field: QuestionField, answer: Answer) -> PartyFact:
    return PartyFact(
        id=new_id(Prefix.PARTY_FACT),
        partner_id=case.partner_id,
        environment=case.environment,
        party_reference=case.party_reference,
        field=field,
        answer=answer,
        given_by=context.signed_in().subject,
        given_at=context.now,
    )
