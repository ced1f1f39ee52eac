"""The customer as Salesforce knows it. Staff only: the CRM is the vendor's own notebook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commerce.crm import CrmAccount, Opportunity, Source, SupportCase
from commerce.customers import Customer
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class CustomerCrm:
    """What Salesforce says of a customer; `account` is None where it has none."""

    account: CrmAccount | None
    source: Source


async def crm_of(customers: Sequence[Customer], context: Context) -> Sequence[CustomerCrm | Exception | None]:
    """The accounts of customers. An unavailable Salesforce costs this section alone."""
    answers = await context.sources.accounts.by_customer_ids([customer.id for customer in customers])
    return [_crm(answers, customer.id) for customer in customers]


def _crm(answers: Any, customer_id: str) -> CustomerCrm | Exception | None:
    source: Source | None = answers.source_of(customer_id)
    if source is None:
        fault: Exception | None = answers.fault
        return fault
    return CustomerCrm(answers.get(customer_id), source)


async def opportunities_of(
    accounts: Sequence[CrmAccount], context: Context
) -> list[list[Opportunity] | Exception]:
    answers = await context.sources.opportunities.of_accounts([account.id for account in accounts])
    return [_below(answers, account.id, answers.fault) for account in accounts]


async def cases_of(accounts: Sequence[CrmAccount], context: Context) -> list[list[SupportCase] | Exception]:
    answers = await context.sources.cases.of_accounts([account.id for account in accounts])
    return [_below(answers, account.id, answers.fault) for account in accounts]


def _below(answers: Mapping[str, list[Any]], account_id: str, fault: Exception | None) -> Any:
    found = answers.get(account_id)
    return found if found is not None else (fault or [])
