"""Provisioning: accepted orders become subscriptions and licences, and the orders fulfilled."""

from datetime import UTC, datetime, timedelta

import structlog

from commerce.access import Scope
from commerce.events import license_snapshot, order_event, order_snapshot, subscription_snapshot
from commerce.orders import Actor, Order, OrderLine, OrderStatus
from commerce.provisioning import Holding, holdings_of, licensee_among
from datasources.identifiers import new_id
from datasources.postgres import events, outbox
from datasources.postgres.database import Transaction
from datasources.postgres.outbox import Destination
from datasources.sources import Sources

BATCH = 20
AGAIN_AFTER = timedelta(seconds=5)
NO_LICENSEE = "NO_LICENSE_CONTACT"
_log = structlog.get_logger(__name__)


async def provision_orders(sources: Sources) -> int:
    """Provision what is due, one transaction an order; how many were handled.

    The message leaves the outbox in the transaction that fulfils the order: a worker killed at any point
    leaves either both or neither.
    """
    handled = 0
    while handled < BATCH and await _provision_next(sources):
        handled += 1
    return handled


async def _provision_next(sources: Sources) -> bool:
    async with sources.database.system() as transaction:
        messages = await outbox.claim(transaction, Destination.PROVISIONING, 1)
        if not messages:
            return False
        try:
            async with transaction.savepoint():
                await _provision(sources, transaction, messages[0].key)
        except Exception as fault:  # noqa: BLE001  one order's fault must not hold up the others
            _log.exception("provisioning failed", order=messages[0].key)
            await outbox.lease(transaction, messages, AGAIN_AFTER)
            await outbox.retry(transaction, messages, AGAIN_AFTER, type(fault).__name__)
        else:
            await outbox.done(transaction, messages)
        return True


async def _provision(sources: Sources, transaction: Transaction, order_key: str) -> None:
    locked = await sources.orders.locked(transaction, order_key)
    if locked is None or locked[0].status is not OrderStatus.PROVISIONING:
        return  # canceled, or provisioned by an earlier message
    order, lines = locked
    now = datetime.now(UTC)
    holdings = await _holdings(sources, order, lines, now)
    if holdings is None:
        await _move(sources, transaction, order, OrderStatus.FAILED, now, reason=NO_LICENSEE)
        return
    for holding in holdings:
        await sources.subscriptions.add(transaction, holding.subscription)
        await sources.licenses.add(transaction, sources.license_keys.issue(holding.license))
    await _tell(transaction, order, holdings, now)
    await _move(sources, transaction, order, OrderStatus.FULFILLED, now)
    _log.info("order fulfilled", order=order.id, partner=order.partner_id, licenses=len(holdings))


async def _holdings(
    sources: Sources, order: Order, lines: list[OrderLine], now: datetime
) -> list[Holding] | None:
    """What the order gives; None where nobody could receive it."""
    scope = Scope(order.partner_id, order.environment)
    customers = await sources.customers.by_id(scope, [order.customer_id])
    contacts = await sources.customers.contacts_of(scope, [order.customer_id])
    skus = await sources.catalog.skus_by_id([line.sku_id for line in lines])
    licensee = licensee_among(contacts.get(order.customer_id, ()))
    if licensee is None:
        return None
    return holdings_of(order, lines, skus, customers[order.customer_id], licensee, new_id=new_id, now=now)


async def _tell(transaction: Transaction, order: Order, holdings: list[Holding], now: datetime) -> None:
    for holding in holdings:
        await events.record(
            transaction,
            partner_id=order.partner_id,
            environment=order.environment,
            subject_id=holding.subscription.id,
            at=now,
            happened={
                "subscription.created": subscription_snapshot(holding.subscription),
                "license.issued": license_snapshot(holding.license),
            },
        )


async def _move(
    sources: Sources,
    transaction: Transaction,
    order: Order,
    status: OrderStatus,
    now: datetime,
    *,
    reason: str | None = None,
) -> None:
    """Move the order, and write it down for the partner's feed and for Salesforce."""
    await sources.orders.move(transaction, order, status, actor=Actor.SYSTEM, at=now, reason=reason)
    await events.record(
        transaction,
        partner_id=order.partner_id,
        environment=order.environment,
        subject_id=order.id,
        at=now,
        happened={order_event(status): order_snapshot(order, status)},
    )
    await outbox.tell(
        transaction,
        [Destination.SALESFORCE],
        partner_id=order.partner_id,
        environment=order.environment,
        key=order.id,
        payload={"order": order.id},
    )
