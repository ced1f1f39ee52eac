"""Support cases, by the accounts they belong to; the newest come first."""

from collections.abc import Mapping, Sequence

from commerce.crm import SupportCase
from datasources.salesforce.client import Row, SalesforceClient
from datasources.salesforce.last_known import Answers, LastKnown
from datasources.salesforce.reading import PATIENCE, TTL, moment, optional_moment, rows_among
from datasources.salesforce.soql import select

FIELDS = (
    "Id",
    "AccountId",
    "CaseNumber",
    "Subject",
    "Portico_Category__c",
    "Status",
    "Priority",
    "IsClosed",
    "CreatedDate",
    "ClosedDate",
    "Portico_License_Id__c",
    "Portico_Order_Id__c",
)


class SupportCases:
    """Live support cases; `patience` is how many seconds a caller waits for Salesforce."""

    def __init__(self, client: SalesforceClient, *, ttl: float = TTL, patience: float = PATIENCE) -> None:
        self._client = client
        self._patience = patience
        self._answers = LastKnown(self._fetch, ttl, patience, client.breaker.failed)

    async def of_accounts(self, account_ids: Sequence[str]) -> Answers[list[SupportCase]]:
        """Return the cases of each account (Salesforce ids), an empty list for those without.

        Raises `SourceUnavailable` when Salesforce cannot be asked and nothing is known of any of them.
        """
        return await self._answers.of(account_ids)

    async def _fetch(self, account_ids: list[str]) -> Mapping[str, list[SupportCase]]:
        rows = await rows_among(self._client, _query, "AccountId", account_ids, self._patience)
        found: dict[str, list[SupportCase]] = {account_id: [] for account_id in account_ids}
        for row in rows:
            found[row["AccountId"]].append(_case(row))
        return found


def _query(where: str) -> str:
    return select(FIELDS, "Case", where=where, order="CreatedDate DESC, Id")


def _case(row: Row) -> SupportCase:
    return SupportCase(
        id=row["Id"],
        account_id=row["AccountId"],
        number=row["CaseNumber"],
        subject=row["Subject"],
        category=row["Portico_Category__c"],
        status=row["Status"],
        priority=row["Priority"],
        is_closed=row["IsClosed"],
        opened_at=moment(row["CreatedDate"]),
        closed_at=optional_moment(row["ClosedDate"]),
        license_id=row["Portico_License_Id__c"],
        order_id=row["Portico_Order_Id__c"],
    )
