"""Salesforce hears of orders: accounts, contacts, products and opportunities, upserted by our ids.

Messages of one order are squashed: what is sent is the order as it stands now. Nothing is sent inside a
transaction; a message is leased, and leaves the outbox when Salesforce has taken its records.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from commerce.access import Environment, Scope
from commerce.crm import UpsertOutcome, UpsertStatus
from commerce.crm_records import OrderFacts, account_of, contacts_of, opportunity_of, products_of
from commerce.ids import Prefix
from datasources.postgres import outbox
from datasources.postgres.outbox import Destination, Message
from datasources.sources import Sources

BATCH = 200
LEASE = timedelta(minutes=2)
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)

EVERYTHING = Scope(None, Environment.PRODUCTION)
_WORST = {UpsertStatus.OK: 0, UpsertStatus.RETRY: 1, UpsertStatus.DEAD: 2}
_log = structlog.get_logger(__name__)


async def sync_salesforce(sources: Sources) -> int:
    """Tell Salesforce of the orders that are due; how many messages were handled."""
    async with sources.database.system() as transaction:
        messages = await outbox.take(transaction, Destination.SALESFORCE, BATCH, LEASE)
        if not messages:
            return 0
    real = [message for message in messages if message.environment is Environment.PRODUCTION]
    outcomes = await _send(sources, {message.key for message in real})
    await settle_messages(sources, messages, outcomes)
    return len(messages)


async def _send(sources: Sources, keys: set[str]) -> Mapping[str, UpsertOutcome]:
    """Upsert everything the orders need, parents first; the worst outcome of each order by its hex id."""
    orders = await order_facts(sources, [f"{Prefix.ORDER}_{key}" for key in keys])
    sync = sources.crm_sync
    accounts = await sync.upsert_accounts([account_of(facts) for facts in orders])
    people = [(facts, contact) for facts in orders for contact in contacts_of(facts)]
    contacts = await sync.upsert_contacts([contact for _, contact in people])
    products = [(facts, product) for facts in orders for product in products_of(facts)]
    priced = await sync.upsert_products([product for _, product in products])
    opportunities = await sync.upsert_opportunities([opportunity_of(facts) for facts in orders])
    worst: dict[str, UpsertOutcome] = {}
    for facts, outcome in [
        *zip(orders, accounts, strict=True),
        *zip([facts for facts, _ in people], contacts, strict=True),
        *zip([facts for facts, _ in products], priced, strict=True),
        *zip(orders, opportunities, strict=True),
    ]:
        key = facts.order.id.removeprefix(f"{Prefix.ORDER}_")
        if key not in worst or _WORST[outcome.status] > _WORST[worst[key].status]:
            worst[key] = outcome
    return worst


async def order_facts(sources: Sources, order_ids: Sequence[str]) -> list[OrderFacts]:
    """Orders of any partner with everything around them."""
    orders = await sources.orders.by_id(EVERYTHING, order_ids)
    lines = await sources.orders.lines_of(EVERYTHING, list(orders))
    customer_ids = list({order.customer_id for order in orders.values()})
    customers = await sources.customers.by_id(EVERYTHING, customer_ids)
    contacts = await sources.customers.contacts_of(EVERYTHING, customer_ids)
    partners = await sources.partners.by_id(EVERYTHING, list({o.partner_id for o in orders.values()}))
    skus = await sources.catalog.skus_by_id(list({line.sku_id for some in lines.values() for line in some}))
    return [
        OrderFacts(
            order=order,
            lines=tuple(lines.get(order.id, ())),
            customer=customers[order.customer_id],
            contacts=tuple(contacts.get(order.customer_id, ())),
            partner=partners[order.partner_id],
            skus=skus,
        )
        for order in orders.values()
    ]


async def settle_messages(
    sources: Sources, messages: Sequence[Message], outcomes: Mapping[str, UpsertOutcome]
) -> None:
    """Remove what arrived, put back what may arrive later, bury what was refused."""
    async with sources.database.system() as transaction:
        arrived = []
        for message in messages:
            outcome = outcomes.get(message.key)
            if outcome is None or outcome.status is UpsertStatus.OK:
                arrived.append(message)
            elif outcome.status is UpsertStatus.RETRY:
                await outbox.retry(transaction, [message], _wait(message.attempts), outcome.code or "")
            else:
                _log.error("salesforce refused an order", order=message.key, code=outcome.code)
                await outbox.bury(transaction, [message], outcome.code or "")
        await outbox.done(transaction, arrived)


def _wait(attempts: int) -> timedelta:
    """Full jitter over a doubling wait, so that many messages do not come back at once."""
    longest = min(FIRST_WAIT * (1 << min(attempts, 10)), LONGEST_WAIT)
    return FIRST_WAIT + (longest - FIRST_WAIT) * random.random()  # noqa: S311  spreads load, keeps no secret
