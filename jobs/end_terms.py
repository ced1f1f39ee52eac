"""The ends of terms: what renews by itself is renewed by an order of its own, the rest expires."""

import time
from datetime import UTC, datetime

import structlog

from commerce.access import Permission, Viewer
from commerce.events import EventType, subscription_snapshot
from commerce.order_requests import OrderRequest, Renewal, RenewalLine
from commerce.orders import Actor
from commerce.subscriptions import Subscription
from datasources.postgres import events
from datasources.sources import Sources
from resolvers.context import Context
from resolvers.place_order import place_order

EVERY = 60.0
BATCH = 50

_last: dict[int, float] = {}
_log = structlog.get_logger(__name__)


async def end_terms(sources: Sources) -> int:
    """Look once a minute; never asks to be called again at once."""
    now = time.monotonic()
    if now - _last.get(id(sources), -EVERY) >= EVERY:
        _last[id(sources)] = now
        await renew_and_expire(sources, datetime.now(UTC))
    return 0


async def renew_and_expire(sources: Sources, now: datetime) -> None:
    """Renew what is due, then expire what has ended."""
    async with sources.database.system() as transaction:
        due = await sources.subscriptions.due_for_renewal(transaction, now.date(), BATCH)
    for subscription in due:
        await _renew(sources, subscription, now)
    async with sources.database.system() as transaction:
        for ended in await sources.subscriptions.expire(transaction, now.date()):
            await events.record(
                transaction,
                partner_id=ended.partner_id,
                environment=ended.environment,
                at=now,
                happened={EventType.SUBSCRIPTION_EXPIRED: subscription_snapshot(ended)},
            )


async def _renew(sources: Sources, ending: Subscription, now: datetime) -> None:
    """Place the renewal as the partner would; the key makes that one order, however often this runs."""
    viewer = Viewer(
        subject="automatic renewal",
        environment=ending.environment,
        partner_id=ending.partner_id,
        permissions=frozenset({Permission.ORDERS_WRITE}),
    )
    request = OrderRequest(
        idempotency_key=f"auto-renew {ending.id} {ending.ends_on}",
        details=Renewal((RenewalLine(ending.id),)),
    )
    placed = await place_order(Context(sources, viewer, now), request, actor=Actor.SYSTEM)
    if placed.problems:
        codes = [problem.code.value for problem in placed.problems]
        _log.warning("automatic renewal refused", subscription=ending.id, problems=codes)
