"""Letting a held order go on once no case holds it: under its lock, so that it goes exactly once."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from commerce.events import Decided, screening_event, screening_snapshot
from commerce.orders import Actor, Order, OrderLine, OrderStatus
from commerce.screening import Decision, ReasonCode, Ruling
from commerce.screening_cases import CaseState, ScreeningCase
from commerce.screening_policies import PARTNER_WORDS
from datasources.postgres import events, outbox
from datasources.postgres.database import Transaction
from datasources.postgres.order_moves import move
from datasources.postgres.outbox import Destination
from datasources.sources import Sources

WAITING = frozenset({OrderStatus.ON_HOLD, OrderStatus.AWAITING_PARTNER, OrderStatus.DENIED})
"""Where an order stands while a case keeps it from going on."""

REVIEWED = "COMPLIANCE_CLEARED"
DENIED = "COMPLIANCE_DENIED"


async def release_order(
    sources: Sources,
    transaction: Transaction,
    order_id: str,
    *,
    actor: Actor,
    at: datetime,
    is_clear: bool = False,
) -> Order | None:
    """Let an order go on from where it stood; None where it has gone on, ended, or another case holds it.

    What the engine found is overruled in the name of the officers who closed the cases; where its newest
    decision is CLEAR (`is_clear`) there is nothing to overrule.
    Of two who close its last two cases at once, the second to take the order's lock sees both closed.
    Raises Conflict where what a denied order would change has been changed by another since.
    """
    found = await sources.orders.locked(transaction, order_id)
    if found is None or found[0].status not in WAITING:
        return None
    order, lines = found
    cases = await sources.screening_cases.of_order(transaction, order_id)
    if any(case.state is not CaseState.CLEARED for case in cases):
        return None
    if order.status is OrderStatus.DENIED:
        await _claim_again(sources, transaction, order, lines)
    if not is_clear:
        await _overrule(
            sources, transaction, order, Ruling(Decision.CLEAR), decided_by=_officers(cases), at=at
        )
    if order.status is OrderStatus.AWAITING_PARTNER:
        order = await move(sources.orders, transaction, order, OrderStatus.ON_HOLD, actor=actor, at=at)
    starts_later = order.starts_on is not None and order.starts_on > at.date()
    status = OrderStatus.SCHEDULED if starts_later else OrderStatus.PROVISIONING
    released = await move(sources.orders, transaction, order, status, actor=actor, at=at, reason=REVIEWED)
    due_at = datetime.combine(order.starts_on, time(), UTC) if starts_later and order.starts_on else None
    await outbox.tell_of(transaction, [Destination.PROVISIONING], released, due_at=due_at)
    return released


def _officers(cases: Sequence[ScreeningCase]) -> str:
    named = {name for case in cases for name in (case.first_officer, case.closed_by) if name}
    return " and ".join(sorted(named))


async def hold_order(
    sources: Sources, transaction: Transaction, order_id: str, *, actor: Actor, at: datetime
) -> None:
    """Take an order back from its partner to the officers, unless it waits for another answer too."""
    found = await sources.orders.locked(transaction, order_id)
    cases = await sources.screening_cases.of_order(transaction, order_id)
    if found is None or any(case.state is CaseState.AWAITING_PARTNER for case in cases):
        return
    if found[0].status is OrderStatus.AWAITING_PARTNER:
        await move(sources.orders, transaction, found[0], OrderStatus.ON_HOLD, actor=actor, at=at)


async def deny_order(
    sources: Sources,
    transaction: Transaction,
    order_id: str,
    *,
    decided_by: str | None,
    actor: Actor,
    at: datetime,
) -> Order | None:
    """Stop a waiting order and let go of what it had claimed; None where it does not wait."""
    found = await sources.orders.locked(transaction, order_id)
    if found is None or found[0].status not in WAITING - {OrderStatus.DENIED}:
        return None
    order, lines = found
    if decided_by:
        ruling = Ruling(Decision.DENY, (PARTNER_WORDS[ReasonCode.LISTED_PARTY],))
        await _overrule(sources, transaction, order, ruling, decided_by=decided_by, at=at)
    await sources.subscriptions.release(transaction, order.id)
    for line in lines:
        if line.returns_line_id:
            await sources.sold_lines.give_back(transaction, line)
    return await move(
        sources.orders, transaction, order, OrderStatus.DENIED, actor=actor, at=at, reason=DENIED
    )


async def _overrule(
    sources: Sources,
    transaction: Transaction,
    order: Order,
    ruling: Ruling,
    *,
    decided_by: str,
    at: datetime,
) -> None:
    """Keep what officers decided, and let the partner know."""
    overrule = sources.screenings.overrule
    screening_id = await overrule(transaction, order, ruling, decided_by=decided_by, at=at)
    await tell_of_decision(transaction, order, screening_id, ruling, at)


async def tell_of_decision(
    transaction: Transaction, order: Order, screening_id: str, decided: Decided, at: datetime
) -> None:
    """The event of a decision on an order."""
    await events.record(
        transaction,
        partner_id=order.partner_id,
        environment=order.environment,
        at=at,
        happened={screening_event(decided.decision): screening_snapshot(screening_id, order.id, decided, at)},
    )


async def _claim_again(
    sources: Sources, transaction: Transaction, order: Order, lines: list[OrderLine]
) -> None:
    """Take what the order had let go of when it was denied."""
    claims = sorted({line.subscription_id for line in lines if line.subscription_id})
    if claims:
        await sources.subscriptions.claim(transaction, claims, order.id)
    for line in lines:
        if line.returns_line_id:
            await sources.sold_lines.take_back(transaction, line)
