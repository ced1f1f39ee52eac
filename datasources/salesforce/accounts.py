"""Accounts and their owners, by the customers they stand for."""

from collections.abc import Mapping, Sequence

from commerce.crm import AccountOwner, CrmAccount
from datasources.salesforce.client import Row, SalesforceClient
from datasources.salesforce.last_known import Answers, LastKnown
from datasources.salesforce.reading import PATIENCE, TTL, moment, rows_among
from datasources.salesforce.soql import select

FIELDS = (
    "Id",
    "Portico_Id__c",
    "Name",
    "Website",
    "Industry",
    "Portico_Partner_Sourced__c",
    "Portico_Partner_Name__c",
    "SystemModstamp",
    "Owner.Id",
    "Owner.Name",
    "Owner.Email",
    "Owner.Title",
)


class Accounts:
    """Live accounts; `patience` is how many seconds a caller waits for Salesforce."""

    def __init__(self, client: SalesforceClient, *, ttl: float = TTL, patience: float = PATIENCE) -> None:
        self._client = client
        self._patience = patience
        self._answers = LastKnown(self._fetch, ttl, patience, client.breaker.failed)

    async def by_customer_ids(self, customer_ids: Sequence[str]) -> Answers[CrmAccount]:
        """Return the account of each customer (`cus_…`) that has one, stale ones where nobody answers.

        Raises `SourceUnavailable` when Salesforce cannot be asked and nothing is known of any of them.
        """
        return await self._answers.of(customer_ids)

    async def _fetch(self, customer_ids: list[str]) -> Mapping[str, CrmAccount]:
        rows = await rows_among(self._client, _query, "Portico_Id__c", customer_ids, self._patience)
        return {row["Portico_Id__c"]: _account(row) for row in rows}


def _query(where: str) -> str:
    return select(FIELDS, "Account", where=where, order="Id")


def _account(row: Row) -> CrmAccount:
    return CrmAccount(
        id=row["Id"],
        customer_id=row["Portico_Id__c"],
        name=row["Name"],
        website=row["Website"],
        industry=row["Industry"],
        owner=_owner(row["Owner"]),
        partner_sourced=row["Portico_Partner_Sourced__c"],
        partner_name=row["Portico_Partner_Name__c"],
        modified_at=moment(row["SystemModstamp"]),
    )


def _owner(row: Row | None) -> AccountOwner | None:
    if row is None:
        return None
    return AccountOwner(id=row["Id"], name=row["Name"], email=row["Email"], title=row["Title"])
