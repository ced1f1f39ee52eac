"""Provisioning: accepted orders change what customers hold, and are fulfilled."""

from datetime import UTC, datetime, timedelta

import structlog

from commerce.access import Scope
from commerce.deliveries import DeliveryReason
from commerce.events import EventType, subscription_snapshot
from commerce.license_changes import revoked
from commerce.licenses import License
from commerce.order_progress import SUBSCRIPTION_ENDED
from commerce.orders import Actor, Order, OrderKind, OrderLine, OrderStatus
from commerce.provisioning import (
    Recipient,
    SubscriptionEnded,
    amended,
    license_of,
    licensee_among,
    new_subscription,
)
from commerce.subscriptions import Subscription, SubscriptionState
from datasources.identifiers import new_id
from datasources.postgres import events, outbox
from datasources.postgres.database import Transaction
from datasources.postgres.order_moves import move
from datasources.postgres.outbox import Destination
from datasources.sources import Sources
from resolvers.issuing_licenses import Issue, Issued, issue_first, issue_next, tell

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
    if locked is None:
        return
    order, lines = locked
    now = datetime.now(UTC)
    if order.status is OrderStatus.SCHEDULED:
        order = await _moved(sources, transaction, order, OrderStatus.PROVISIONING, now)
    if order.status is not OrderStatus.PROVISIONING:
        return  # canceled or held since, or provisioned by an earlier message
    recipient = await _recipient(sources, order)
    if recipient is None:  # what the order had claimed stays claimed: it can be tried again
        await _moved(sources, transaction, order, OrderStatus.FAILED, now, reason=NO_LICENSEE)
        return
    try:
        async with transaction.savepoint():
            for line in lines:
                await _fulfil(sources, transaction, order, line, recipient, now)
    except SubscriptionEnded:
        await _moved(sources, transaction, order, OrderStatus.FAILED, now, reason=SUBSCRIPTION_ENDED)
        for line in lines:
            if line.returns_line_id:
                await sources.sold_lines.give_back(transaction, line)
    else:
        await _moved(sources, transaction, order, OrderStatus.FULFILLED, now)
        _log.info("order fulfilled", order=order.id, partner=order.partner_id, lines=len(lines))
    await sources.subscriptions.release(transaction, order.id)


async def _fulfil(  # noqa: PLR0917  the whole of one line's story
    sources: Sources,
    transaction: Transaction,
    order: Order,
    line: OrderLine,
    recipient: Recipient,
    now: datetime,
) -> None:
    sku = (await sources.catalog.skus_by_id([line.sku_id]))[line.sku_id]
    if order.kind is OrderKind.NEW:
        subscription = new_subscription(order, line, sku, new_id, now)
        await sources.subscriptions.add(transaction, subscription)
        await sources.orders.name_subscription(transaction, line, subscription)
        happened = EventType.SUBSCRIPTION_CREATED
    else:
        subscription = await _amended(sources, transaction, order, line, now)
        await sources.subscriptions.change(transaction, subscription)
        happened = EventType.SUBSCRIPTION_CHANGED
    if subscription.state is SubscriptionState.CANCELED:
        told = [
            (EventType.LICENSE_REVOKED, one) for one in await _revoke(sources, transaction, subscription, now)
        ]
        happened = EventType.SUBSCRIPTION_CANCELED
    else:
        fresh = license_of(subscription, order, sku, recipient, new_id=new_id, now=now)
        told = (await _issue(sources, transaction, order, fresh, recipient)).told
    await events.record(
        transaction,
        partner_id=order.partner_id,
        environment=order.environment,
        at=now,
        happened={happened: subscription_snapshot(subscription)},
    )
    await tell(transaction, now, told)


async def _issue(
    sources: Sources, transaction: Transaction, order: Order, fresh: License, recipient: Recipient
) -> Issued:
    """Sign and send a licence; the first of its subscription, or one that supersedes what there was."""
    issue = Issue(DeliveryReason.ISSUED, order.id, fresh.issued_at)
    if order.kind is OrderKind.NEW:
        return await issue_first(sources, transaction, fresh, recipient.partner, issue)
    older = await sources.licenses.current_of(transaction, fresh.subscription_id)
    return await issue_next(sources, transaction, fresh, recipient.partner, issue, older=older)


async def _revoke(
    sources: Sources, transaction: Transaction, subscription: Subscription, now: datetime
) -> list[License]:
    """End what proves a subscription that is no more, and its activation code; what was revoked."""
    current = await sources.licenses.current_of(transaction, subscription.id)
    ended = [revoked(license_, now) for license_ in current]
    for license_ in ended:
        await sources.licenses.change(transaction, license_)
    await sources.activation_codes.replace(transaction, subscription.id, now)
    installed = await sources.activations.held(transaction, subscription.id)
    await sources.activations.end(transaction, installed, now)
    return ended


async def _amended(
    sources: Sources, transaction: Transaction, order: Order, line: OrderLine, now: datetime
) -> Subscription:
    """The subscription of a line as it will be. Raises SubscriptionEnded."""
    held = await sources.subscriptions.locked(transaction, line.subscription_id or "")
    if held is None:
        raise SubscriptionEnded
    sold = None
    if line.returns_line_id:
        scope = Scope(order.partner_id, order.environment)
        sold = (await sources.sold_lines.by_id(scope, [line.returns_line_id])).get(line.returns_line_id)
    return amended(order.kind, held, line, sold, now.date())


async def _recipient(sources: Sources, order: Order) -> Recipient | None:
    """Who receives the licences; None where nobody at the customer does."""
    scope = Scope(order.partner_id, order.environment)
    customers = await sources.customers.by_id(scope, [order.customer_id])
    contacts = await sources.customers.contacts_of(scope, [order.customer_id])
    contact = licensee_among(contacts.get(order.customer_id, ()))
    if contact is None:
        return None
    partners = await sources.partners.by_id(scope, [order.partner_id])
    return Recipient(customers[order.customer_id], contact, partners[order.partner_id])


async def _moved(
    sources: Sources,
    transaction: Transaction,
    order: Order,
    status: OrderStatus,
    now: datetime,
    *,
    reason: str | None = None,
) -> Order:
    return await move(sources.orders, transaction, order, status, actor=Actor.SYSTEM, at=now, reason=reason)
