"""The owner of a Salesforce account hears of compliance cases on it: those of sales-assisted partners.

Like an order, a case is sent as it stands now, outside any transaction, keyed by our id; its account goes
first, because Salesforce may not have heard of a customer whose only order is held or denied.
"""

from collections.abc import Mapping

from commerce.access import Environment
from commerce.crm import UpsertOutcome, UpsertStatus
from commerce.crm_records import account_of, case_of
from commerce.ids import Prefix
from datasources.postgres import outbox
from datasources.postgres.outbox import Destination
from datasources.sources import Sources
from jobs.sync_salesforce import BATCH, EVERYTHING, LEASE, order_facts, settle_messages


async def sync_cases(sources: Sources) -> int:
    """Tell Salesforce of the cases that are due; how many messages were handled."""
    async with sources.database.system() as transaction:
        messages = await outbox.take(transaction, Destination.SALESFORCE_CASES, BATCH, LEASE)
        if not messages:
            return 0
    real = [message for message in messages if message.environment is Environment.PRODUCTION]
    outcomes = await _send(sources, [f"{Prefix.CASE}_{message.key}" for message in real])
    await settle_messages(sources, messages, outcomes)
    return len(messages)


async def _send(sources: Sources, case_ids: list[str]) -> Mapping[str, UpsertOutcome]:
    """Upsert accounts, then cases; the worse outcome of each case by its hex id."""
    cases = await sources.screening_cases.by_id(EVERYTHING, case_ids)
    waiting = await sources.screening_cases.orders_of(EVERYTHING, list(cases))
    first = {case_id: orders[0] for case_id, orders in waiting.items()}
    facts = {one.order.id: one for one in await order_facts(sources, sorted(set(first.values())))}
    pairs = [(case, facts[first[case.id]]) for case in cases.values() if case.id in first]
    accounts = await sources.crm_sync.upsert_accounts([account_of(order) for _, order in pairs])
    sent = await sources.crm_sync.upsert_cases([case_of(case, order) for case, order in pairs])
    return {
        case.id.removeprefix(f"{Prefix.CASE}_"): account if account.status is not UpsertStatus.OK else outcome
        for (case, _), account, outcome in zip(pairs, accounts, sent, strict=True)
    }
