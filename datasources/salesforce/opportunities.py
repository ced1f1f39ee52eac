"""Opportunities, by the accounts they belong to; the latest to close come first."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from commerce.crm import Opportunity
from commerce.money import Money, money
from datasources.salesforce.client import Row, SalesforceClient
from datasources.salesforce.last_known import Answers, LastKnown
from datasources.salesforce.reading import PATIENCE, TTL, rows_among
from datasources.salesforce.soql import select

FIELDS = (
    "Id",
    "AccountId",
    "Portico_Id__c",
    "Name",
    "StageName",
    "Amount",
    "CurrencyIsoCode",
    "CloseDate",
    "IsClosed",
    "IsWon",
    "Portico_Order_Status__c",
)


class Opportunities:
    """Live opportunities; `patience` is how many seconds a caller waits for Salesforce."""

    def __init__(self, client: SalesforceClient, *, ttl: float = TTL, patience: float = PATIENCE) -> None:
        self._client = client
        self._patience = patience
        self._answers = LastKnown(self._fetch, ttl, patience, client.breaker.failed)

    async def of_accounts(self, account_ids: Sequence[str]) -> Answers[list[Opportunity]]:
        """Return the opportunities of each account (Salesforce ids), an empty list for those without.

        Raises `SourceUnavailable` when Salesforce cannot be asked and nothing is known of any of them.
        """
        return await self._answers.of(account_ids)

    async def _fetch(self, account_ids: list[str]) -> Mapping[str, list[Opportunity]]:
        rows = await rows_among(self._client, _query, "AccountId", account_ids, self._patience)
        found: dict[str, list[Opportunity]] = {account_id: [] for account_id in account_ids}
        for row in rows:
            found[row["AccountId"]].append(_opportunity(row))
        return found


def _query(where: str) -> str:
    return select(FIELDS, "Opportunity", where=where, order="CloseDate DESC, Id")


def _opportunity(row: Row) -> Opportunity:
    return Opportunity(
        id=row["Id"],
        account_id=row["AccountId"],
        order_id=row["Portico_Id__c"],
        name=row["Name"],
        stage=row["StageName"],
        amount=_amount(row),
        closes_on=date.fromisoformat(row["CloseDate"]),
        is_closed=row["IsClosed"],
        is_won=row["IsWon"],
        order_status=row["Portico_Order_Status__c"],
    )


def _amount(row: Row) -> Money | None:
    if row["Amount"] is None:
        return None
    return money(Decimal(str(row["Amount"])), row["CurrencyIsoCode"] or "USD")
