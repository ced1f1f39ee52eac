"""The review queue as officers read it, and the questions that partners have to answer."""

from collections.abc import Mapping, Sequence

from commerce.case_records import CaseRecord
from commerce.cleared_hits import ClearedHit
from commerce.ids import Prefix, names
from commerce.orders import Order
from commerce.paging import Page, PageArguments, page_of, page_request
from commerce.partners import Partner
from commerce.screening_cases import CaseFilter, CaseState, ScreeningCase
from commerce.screening_questions import OpenQuestion
from commerce.screenings import Screening, ScreeningMatch
from datasources.postgres.screening_case_pages import position_of
from resolvers.batching import many_each, one_each
from resolvers.context import Context, InvalidArgument


async def screening_cases(
    context: Context, wanted: CaseFilter, arguments: PageArguments
) -> Page[ScreeningCase]:
    """A page of the queue, what is due first comes first. Raises InvalidArgument and InvalidPage."""
    if wanted.partner_id is not None and not names(Prefix.PARTNER, wanted.partner_id):
        raise InvalidArgument("filter.partnerId is not the id of a partner.")
    request = page_request(arguments, f"cases {wanted}")
    pages, scope = context.sources.screening_case_pages, context.scope

    async def count(_root: Sequence[str]) -> Mapping[str, int]:
        return {"": await pages.count(scope, wanted, context.now)}

    rows = await pages.page(scope, wanted, request, context.now)
    return page_of(rows, request, position_of, count)


async def screening_case(context: Context, *, id: str) -> ScreeningCase | None:
    """One case; None where there is none."""
    if not names(Prefix.CASE, id):
        return None
    return (await context.sources.screening_cases.by_id(context.scope, [id])).get(id)


def are_overdue(cases: Sequence[ScreeningCase], context: Context) -> list[bool]:
    return [case.is_overdue(context.now) for case in cases]


async def partners_of(cases: Sequence[ScreeningCase], context: Context) -> list[Partner | None]:
    return await one_each(context.sources.partners.by_id, context.scope, [case.partner_id for case in cases])


async def orders_of(cases: Sequence[ScreeningCase], context: Context) -> list[list[Order]]:
    """The orders that wait, or waited, for each case."""
    waiting = await context.sources.screening_cases.orders_of(context.scope, [case.id for case in cases])
    ids = list(dict.fromkeys(one for some in waiting.values() for one in some))
    orders = await context.sources.orders.by_id(context.scope, ids)
    return [[orders[one] for one in waiting.get(case.id, []) if one in orders] for case in cases]


async def screenings_of(cases: Sequence[ScreeningCase], context: Context) -> list[Screening | None]:
    read = context.sources.screenings.by_id
    return await one_each(read, context.scope, [case.screening_id for case in cases])


async def matches_of(cases: Sequence[ScreeningCase], context: Context) -> list[list[ScreeningMatch]]:
    """The matches of each case's own party, the nearest first."""
    read = context.sources.screenings.matches_of
    found = await many_each(read, context.scope, [case.screening_id for case in cases])
    return [
        [
            one
            for one in matches
            if (one.subject_role, one.subject_reference) == (case.party_role, case.party_reference)
        ]
        for case, matches in zip(cases, found, strict=True)
    ]


async def cleared_hits_of(cases: Sequence[ScreeningCase], context: Context) -> list[list[ClearedHit]]:
    return await many_each(context.sources.clearances.of_cases, context.scope, [case.id for case in cases])


async def histories_of(cases: Sequence[ScreeningCase], context: Context) -> list[list[CaseRecord]]:
    """Everything the audit trail says of each case, the first first."""
    read = context.sources.screening_audit.of_subjects
    found = await many_each(read, context.scope, [case.id for case in cases])
    return [
        [CaseRecord(one.kind, one.actor, one.at, one.facts.get("note")) for one in some] for some in found
    ]


async def questions_of(orders: Sequence[Order], context: Context) -> list[list[OpenQuestion]]:
    """What the partner is asked about the parties of each order."""
    cases = await many_each(
        context.sources.screening_cases.of_orders, context.scope, [order.id for order in orders]
    )
    return [
        [
            OpenQuestion(
                case_id=case.id,
                order_id=order.id,
                field=case.asked_for,
                about=case.party_name,
                message=case.question or "",
                asked_at=case.asked_at,
            )
            for case in some
            if case.state is CaseState.AWAITING_PARTNER and case.asked_for and case.asked_at
        ]
        for order, some in zip(orders, cases, strict=True)
    ]
