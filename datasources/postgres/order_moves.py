"""Moving an order and telling everybody: the one way in which a status changes after acceptance."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from commerce.events import order_event, order_snapshot
from commerce.orders import Actor, Order, OrderStatus
from datasources.postgres import events, outbox
from datasources.postgres.database import Transaction
from datasources.postgres.orders import Orders
from datasources.postgres.outbox import Destination


async def move(
    orders: Orders,
    transaction: Transaction,
    order: Order,
    status: OrderStatus,
    *,
    actor: Actor,
    at: datetime,
    reason: str | None = None,
    tell: Sequence[Destination] = (Destination.SALESFORCE,),
) -> Order:
    """Move a locked order; write the transition, the event and the messages. The order as it now stands.

    Raises IllegalTransition.
    """
    await orders.move(transaction, order, status, actor=actor, at=at, reason=reason)
    moved = replace(
        order,
        status=status,
        status_since=at,
        status_reason=reason,
        updated_at=at,
        fulfilled_at=at if status is OrderStatus.FULFILLED else order.fulfilled_at,
    )
    await events.record(
        transaction,
        partner_id=order.partner_id,
        environment=order.environment,
        at=at,
        happened={order_event(status): order_snapshot(moved)},
    )
    await outbox.tell_of(transaction, tell, moved)
    return moved
