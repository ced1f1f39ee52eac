"""An order screened again because a list has changed under one of its parties."""

from datetime import datetime

from commerce.access import Scope
from commerce.orders import Actor, Order, OrderStatus
from commerce.screening import Decision
from commerce.screening_cases import CaseDraft
from datasources.postgres.database import Transaction
from datasources.postgres.order_moves import move
from datasources.sources import Sources
from resolvers.opening_cases import open_cases
from resolvers.releasing_orders import deny_order, tell_of_decision
from resolvers.rescreening_orders import Rescreening, rescreened, settle

LISTS_CHANGED = "LISTS_CHANGED"
_HELD = frozenset({OrderStatus.ON_HOLD, OrderStatus.AWAITING_PARTNER})


async def screen_for_changed_lists(sources: Sources, scope: Scope, order_id: str, at: datetime) -> bool:
    """Decide anew on an order's parties; whether anything is held against them now.

    A held order stays with its officers, who see what is found now; one that was to be provisioned later is
    held; one that was provisioned already gets cases and stays as it is. Nothing is written twice for one
    state of the lists.
    """
    order = (await sources.orders.by_id(scope, [order_id])).get(order_id)
    if order is None or await _done(sources, order):
        return False
    again = await rescreened(sources, order, at)
    decision = again.found.outcome.decision
    async with sources.database.tenant(scope) as transaction:
        if order.status in _HELD:
            await _tell_officers(sources, transaction, again)
        elif decision is not Decision.CLEAR:
            await _hold(sources, transaction, again)
    return decision is not Decision.CLEAR


async def _done(sources: Sources, order: Order) -> bool:
    scope = Scope(order.partner_id, order.environment)
    newest = (await sources.screenings.newest_of_orders(scope, [order.id])).get(order.id)
    return newest is not None and newest.snapshot_id == sources.watchlists.snapshot.id


async def _tell_officers(sources: Sources, transaction: Transaction, again: Rescreening) -> None:
    """Let the open cases of a held order show what is found now; only an officer lets it go on."""
    cases = await sources.screening_cases.of_order(transaction, again.order.id)
    held = await sources.screening_cases.locked(transaction, [case.id for case in cases if case.is_open])
    still = [case for case in held if case.is_open]
    await settle(sources, transaction, again, still, actor=Actor.SYSTEM, note=LISTS_CHANGED, may_clear=False)


async def _hold(sources: Sources, transaction: Transaction, again: Rescreening) -> None:
    """Keep the decision, open a case for each party that has none like it, and stop what can be stopped."""
    order, outcome, at = again.order, again.found.outcome, again.at
    screening_id = await sources.screenings.add(
        transaction, order, again.subjects, outcome, at, cleared=again.found.cleared
    )
    await tell_of_decision(transaction, order, screening_id, outcome, at)
    fresh = await _unknown(sources, transaction, again)
    await open_cases(sources, transaction, order, screening_id=screening_id, drafts=fresh, at=at)
    if not fresh or not outcome.blocks(order.kind, again.found.policy):
        return
    found = await sources.orders.locked(transaction, order.id)
    if found and found[0].status is OrderStatus.SCHEDULED:
        await move(
            sources.orders,
            transaction,
            found[0],
            OrderStatus.ON_HOLD,
            actor=Actor.SYSTEM,
            at=at,
            reason=LISTS_CHANGED,
        )
        if outcome.decision is Decision.DENY:
            await deny_order(sources, transaction, order.id, decided_by=None, actor=Actor.SYSTEM, at=at)


async def _unknown(sources: Sources, transaction: Transaction, again: Rescreening) -> list[CaseDraft]:
    """Drafts that no officer has closed a case on just as they are."""
    cases = await sources.screening_cases.of_order(transaction, again.order.id)
    known = {(case.party_role, case.party_reference, case.hits) for case in cases}
    return [one for one in again.drafts if (one.subject.role, one.subject.reference, one.hits) not in known]
