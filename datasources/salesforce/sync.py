"""What Portico writes: accounts, contacts, products, opportunities with their lines, keyed by our own ids.

Every write is an upsert by external id of up to 200 records, so that a call which is repeated, or was done
and never answered, changes nothing. Batches go one after another, sorted by the account they hang on: two
calls at once on one parent wait for its row lock.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from commerce.crm import (
    AccountUpsert,
    CaseUpsert,
    ContactUpsert,
    OpportunityUpsert,
    ProductUpsert,
    UpsertOutcome,
    UpsertStatus,
)
from datasources.errors import SourceUnavailable
from datasources.salesforce import payloads
from datasources.salesforce.client import Row, SalesforceClient
from datasources.salesforce.faults import is_passing, record_fault
from datasources.salesforce.soql import compared, select

MOST_RECORDS = 200
KEY = "Portico_Id__c"
R = TypeVar("R")


class Sync:
    """Upserts by external id. Each method answers one outcome for each record, in order, and never raises
    for what Salesforce did or did not do; of several records with one key, the last wins.
    """

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._price_book: str | None = None

    async def upsert_accounts(self, records: Sequence[AccountUpsert]) -> list[UpsertOutcome]:
        rows = [payloads.account(record) for record in records]
        return await self._upsert("Account", rows)

    async def upsert_contacts(self, records: Sequence[ContactUpsert]) -> list[UpsertOutcome]:
        rows = [payloads.contact(record) for record in records]
        return await self._upsert("Contact", rows, lambda row: str(row["Account"][KEY]))

    async def upsert_cases(self, records: Sequence[CaseUpsert]) -> list[UpsertOutcome]:
        rows = [payloads.case(record) for record in records]
        return await self._upsert("Case", rows, lambda row: str(row["Account"][KEY]))

    async def upsert_products(self, records: Sequence[ProductUpsert]) -> list[UpsertOutcome]:
        """Products and their entries in the standard price book; the outcome is the worse of the two."""
        try:
            price_book = await self._standard_price_book()
        except SourceUnavailable as fault:
            return [UpsertOutcome(record.sku_id, UpsertStatus.RETRY, fault.code) for record in records]
        products = await self._upsert("Product2", [payloads.product(record) for record in records])
        full = [payloads.price_book_entry(record, price_book) for record in records]
        entries = await self._upsert_below(
            "PricebookEntry", full, payloads.PRICE_BOOK_ENTRY_FIXED, [each.created for each in products]
        )
        return [_worse(product, [entry]) for product, entry in zip(products, entries, strict=True)]

    async def upsert_opportunities(self, records: Sequence[OpportunityUpsert]) -> list[UpsertOutcome]:
        """Opportunities, then the lines of those written; the outcome is the worst of each order."""
        rows = [payloads.opportunity(record) for record in records]
        outcomes = await self._upsert("Opportunity", rows, lambda row: str(row["Account"][KEY]))
        written = [
            (record, outcome)
            for record, outcome in zip(records, outcomes, strict=True)
            if outcome.status is UpsertStatus.OK
        ]
        lines = [payloads.line_item(record, line) for record, _ in written for line in record.lines]
        new = [outcome.created for record, outcome in written for _ in record.lines]
        below = await self._upsert_below("OpportunityLineItem", lines, payloads.LINE_ITEM_FIXED, new)
        by_line = {outcome.key: outcome for outcome in below}
        return [
            _worse(outcome, [by_line[line.line_id] for line in record.lines if line.line_id in by_line])
            for record, outcome in zip(records, outcomes, strict=True)
        ]

    async def _upsert_below(
        self, sobject: str, full: list[Row], fixed: frozenset[str], new: list[bool]
    ) -> list[UpsertOutcome]:
        """Upsert records some of whose fields may be given only at creation.

        Those whose parent is `new` are sent in full, the others without the `fixed` fields; one refused
        for that reason is sent the other way.
        """
        first = [row if is_new else _without(row, fixed) for row, is_new in zip(full, new, strict=True)]
        outcomes = await self._upsert(sobject, first)
        wrong = {"REQUIRED_FIELD_MISSING": False, "INVALID_FIELD_FOR_INSERT_UPDATE": True}
        again = [
            (place, _without(full[place], fixed) if wrong[str(outcome.code)] else full[place])
            for place, outcome in enumerate(outcomes)
            if outcome.code in wrong
        ]
        second = await self._upsert(sobject, [row for _, row in again])
        for (place, _), outcome in zip(again, second, strict=True):
            outcomes[place] = outcome
        return outcomes

    async def _upsert(
        self, sobject: str, rows: Sequence[Row], parent: Callable[[Row], str] = lambda row: str(row[KEY])
    ) -> list[UpsertOutcome]:
        newest = {str(row[KEY]): row for row in rows}
        outcomes: dict[str, UpsertOutcome] = {}
        for batch in _batches(sorted(newest.values(), key=parent)):
            for outcome in await self._upsert_batch(sobject, batch):
                outcomes[outcome.key] = outcome
        return [outcomes[str(row[KEY])] for row in rows]

    async def _upsert_batch(self, sobject: str, batch: list[Row]) -> list[UpsertOutcome]:
        keys = [str(row[KEY]) for row in batch]
        try:
            results = await self._client.upsert(sobject, KEY, batch)
        except SourceUnavailable as fault:
            return [UpsertOutcome(key, UpsertStatus.RETRY, fault.code) for key in keys]
        return [_outcome(key, result) for key, result in zip(keys, results, strict=True)]

    async def _standard_price_book(self) -> str:
        if self._price_book is None:
            standard = compared("IsStandard", "=", value=True)
            rows = await self._client.query(select(["Id"], "Pricebook2", where=standard, limit=1))
            if not rows:
                raise SourceUnavailable("salesforce", retryable=False, code="NO_STANDARD_PRICE_BOOK")
            self._price_book = str(rows[0]["Id"])
        return self._price_book


def _outcome(key: str, result: Row) -> UpsertOutcome:
    if result["success"]:
        return UpsertOutcome(key, UpsertStatus.OK, crm_id=result["id"], created=bool(result.get("created")))
    code = record_fault(result["errors"][0])
    return UpsertOutcome(key, UpsertStatus.RETRY if is_passing(code) else UpsertStatus.DEAD, code)


def _worse(parent: UpsertOutcome, children: Iterable[UpsertOutcome]) -> UpsertOutcome:
    ranks = {UpsertStatus.OK: 0, UpsertStatus.RETRY: 1, UpsertStatus.DEAD: 2}
    worst = max([parent, *children], key=lambda outcome: ranks[outcome.status])
    return replace(parent, status=worst.status, code=worst.code)


def _batches(rows: list[Row]) -> Iterable[list[Row]]:
    return (rows[start : start + MOST_RECORDS] for start in range(0, len(rows), MOST_RECORDS))


def _without(row: Row, fixed: frozenset[str]) -> Row:
    return {name: value for name, value in row.items() if name not in fixed}
