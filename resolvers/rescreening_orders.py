"""Screening a waiting order again: after an answer, or once screening works again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from commerce.access import Scope
from commerce.case_moves import found_again, not_found_again, resumed
from commerce.orders import Actor, Order, OrderStatus
from commerce.parties import Subject
from commerce.screening import Decision
from commerce.screening_cases import CaseDraft, ScreeningCase, drafts_of
from commerce.screening_questions import PartyFact, informed
from commerce.subjects import subjects_of
from datasources.postgres import screening_audit
from datasources.postgres.database import Transaction
from datasources.sources import Sources
from resolvers.opening_cases import SYSTEM, case_record, open_cases, tell_account_owners
from resolvers.releasing_orders import WAITING, deny_order, hold_order, release_order, tell_of_decision
from resolvers.screening_parties import Screened, screened


@dataclass(frozen=True, slots=True)
class Rescreening:
    """A fresh decision on the parties of an order, with a draft for each that stands out."""

    order: Order
    subjects: list[Subject]
    found: Screened
    drafts: list[CaseDraft]
    at: datetime
    facts: Sequence[PartyFact]

    def draft_of(self, case: ScreeningCase) -> CaseDraft | None:
        """What is held against the party of a case now."""
        key = (case.party_role, case.party_reference)
        return next((one for one in self.drafts if (one.subject.role, one.subject.reference) == key), None)


async def rescreened(
    sources: Sources, order: Order, at: datetime, facts: Sequence[PartyFact] = ()
) -> Rescreening:
    """Screen all parties of an order as they are on record, and with facts that are not written yet."""
    scope = Scope(order.partner_id, order.environment)
    customer = (await sources.customers.by_id(scope, [order.customer_id]))[order.customer_id]
    contacts = (await sources.customers.contacts_of(scope, [customer.id])).get(customer.id, [])
    asked = [one for one in (order.partner_id, order.trading_partner_id) if one]
    partners, distributor = await sources.partners.of_order(scope, asked)
    parties = [customer.id, *(contact.id for contact in contacts)]
    said = [*await sources.party_facts.of_parties(scope, parties), *facts]
    sellers = [*(partners[one] for one in asked if one in partners), *([distributor] if distributor else [])]
    subjects = informed(subjects_of(customer, contacts, sellers), said)
    workflow = partners[order.partner_id].screening_policy
    found = await screened(sources, scope, subjects, workflow, at)
    drafts = drafts_of(found.outcome, subjects, found.policy, at)
    return Rescreening(order, subjects, found, drafts, at, facts)


async def settle(
    sources: Sources,
    transaction: Transaction,
    again: Rescreening,
    cases: Sequence[ScreeningCase],
    *,
    actor: Actor,
    note: str,
    may_clear: bool = True,
) -> None:
    """Write a rescreening: these locked open cases close where their party no longer stands out.

    What stands out and has no case gets one. Then the order goes on, ends, or waits for an officer.
    `may_clear=False` leaves it to an officer in any case.
    """
    order, at = again.order, again.at
    screening_id = await sources.screenings.add(
        transaction, order, again.subjects, again.found.outcome, at, cleared=again.found.cleared
    )
    await tell_of_decision(transaction, order, screening_id, again.found.outcome, at)
    for case in cases:
        draft = again.draft_of(case)
        if draft:
            changed = found_again(case, draft, screening_id, at)
        elif may_clear:
            changed = not_found_again(case, note, at)
        else:
            changed = for_officer(case, again)
        await _write(sources, transaction, changed, at, note)
    known = {(case.party_role, case.party_reference) for case in cases}
    known |= await _weighed_already(sources, transaction, again)
    fresh = [one for one in again.drafts if (one.subject.role, one.subject.reference) not in known]
    await open_cases(sources, transaction, order, screening_id=screening_id, drafts=fresh, at=at)
    await _move(sources, transaction, again, actor)
    for waiting in await _others(sources, transaction, cases, order):
        other = await rescreened(sources, waiting, at, again.facts)
        screening_id = await sources.screenings.add(
            transaction, waiting, other.subjects, other.found.outcome, at, cleared=other.found.cleared
        )
        await tell_of_decision(transaction, waiting, screening_id, other.found.outcome, at)
        await _move(sources, transaction, other, actor)


async def _others(
    sources: Sources, transaction: Transaction, cases: Sequence[ScreeningCase], order: Order
) -> list[Order]:
    """The other orders that wait for these cases."""
    waiting = {
        one for case in cases for one in await sources.screening_cases.waiting_for(transaction, case.id)
    } - {order.id}
    found = await sources.orders.by_id(Scope(order.partner_id, order.environment), sorted(waiting))
    return [one for one in found.values() if one.status in WAITING - {OrderStatus.DENIED}]


def for_officer(case: ScreeningCase, again: Rescreening) -> ScreeningCase:
    """The case back in the queue as it was found."""
    return resumed(case, again.at) or case


async def _write(
    sources: Sources, transaction: Transaction, case: ScreeningCase, at: datetime, note: str
) -> None:
    await sources.screening_cases.change(transaction, case)
    record = case_record("case.rescreened", case, SYSTEM, at, why=note)
    await screening_audit.record(
        transaction, partner_id=case.partner_id, environment=case.environment, records=[record]
    )
    await tell_account_owners(transaction, [case])


async def _weighed_already(
    sources: Sources, transaction: Transaction, again: Rescreening
) -> set[tuple[str, str]]:
    """Parties whose hits an officer looks at, or has cleared as they are."""
    found = set()
    for case in await sources.screening_cases.of_order(transaction, again.order.id):
        draft = again.draft_of(case)
        if case.is_open or (draft and draft.hits == case.hits):
            found.add((case.party_role, case.party_reference))
    return found


async def _move(sources: Sources, transaction: Transaction, again: Rescreening, actor: Actor) -> None:
    order, decision = again.order, again.found.outcome.decision
    if decision is Decision.DENY:
        await hold_order(sources, transaction, order.id, actor=actor, at=again.at)
        await deny_order(sources, transaction, order.id, decided_by=None, actor=Actor.SYSTEM, at=again.at)
        return
    is_clear = decision is Decision.CLEAR
    released = await release_order(
        sources, transaction, order.id, actor=Actor.SYSTEM, at=again.at, is_clear=is_clear
    )
    if released is None:
        await hold_order(sources, transaction, order.id, actor=actor, at=again.at)
