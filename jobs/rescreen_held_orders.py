"""Orders held because screening could not run, or had no lists to trust, are screened again by themselves."""

import time
from datetime import UTC, datetime

import structlog

from commerce.access import Scope
from commerce.orders import Actor, Order
from commerce.screening_cases import CaseState, ScreeningCase
from datasources.errors import Conflict
from datasources.sources import Sources
from resolvers.rescreening_orders import rescreened, settle

EVERY = 30.0
BATCH = 50
SCREENED_AGAIN = "screening works again"

_last: dict[int, float] = {}
_log = structlog.get_logger(__name__)


async def rescreen_held_orders(sources: Sources) -> int:
    """Look twice a minute; never asks to be called again at once."""
    now = time.monotonic()
    if now - _last.get(id(sources), -EVERY) >= EVERY:
        _last[id(sources)] = now
        await screen_again(sources, datetime.now(UTC))
    return 0


async def screen_again(sources: Sources, now: datetime) -> int:
    """Screen the parties again that only a fault of ours holds; how many cases that settled."""
    async with sources.database.system() as transaction:
        cases = await sources.screening_cases.passing(transaction, BATCH)
    settled = 0
    for case in cases:
        try:
            settled += await _settle(sources, case, now)
        except Conflict:
            _log.info("a rival settles the case", case=case.id)
    if settled:
        sources.work.set()
    return settled


async def _settle(sources: Sources, case: ScreeningCase, now: datetime) -> bool:
    """Settle a case by a fresh decision; False where the fault lasts or an officer was first."""
    scope = Scope(case.partner_id, case.environment)
    order = await _order_of(sources, scope, case)
    if order is None:
        return False
    again = await rescreened(sources, order, now)
    draft = again.draft_of(case)
    if draft and draft.is_passing:
        return False
    async with sources.database.tenant(scope) as transaction:
        held = [
            one
            for one in await sources.screening_cases.locked(transaction, [case.id])
            if one.state is CaseState.OPEN and one.is_passing
        ]
        if held:
            await settle(sources, transaction, again, held, actor=Actor.SYSTEM, note=SCREENED_AGAIN)
        return bool(held)


async def _order_of(sources: Sources, scope: Scope, case: ScreeningCase) -> Order | None:
    """One of the orders that wait for the case, the first to have been placed."""
    ids = (await sources.screening_cases.orders_of(scope, [case.id])).get(case.id, [])
    orders = await sources.orders.by_id(scope, ids)
    return min(orders.values(), key=lambda order: order.placed_at, default=None)
