"""The Salesforce view of a customer. Fed by a remote: nullable, and told how fresh it is."""

from datetime import date, datetime

import strawberry

from commerce import crm
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import crm as resolvers
from schema.scalars import Money


@view(of=crm.Source, description="Where a section comes from, and how old it is.")
class Source:
    system: str = strawberry.field(description="The system asked.")
    fetched_at: datetime = strawberry.field(description="When it answered, UTC.")
    stale: bool = strawberry.field(description="True where it could not be asked just now.")


@view(of=crm.AccountOwner, description="Who looks after an account at the vendor.")
class AccountOwner:
    name: str = strawberry.field(description="Full name.")
    email: str = strawberry.field(description="E-mail address.")
    title: str | None = strawberry.field(description="Job title, where known.")


@view(of=crm.Opportunity, description="A deal on an account.")
class Opportunity:
    id: strawberry.ID = strawberry.field(description="Salesforce's id, 18 characters.")
    order_id: strawberry.ID | None = strawberry.field(
        description="The order it stands for, where there is one."
    )
    name: str = strawberry.field(description="Its name.")
    stage: str = strawberry.field(description="Its stage, in the org's words.")
    amount: Money | None = strawberry.field(description="Its amount, where known.")
    closes_on: date = strawberry.field(description="When it closes or closed.")
    is_closed: bool = strawberry.field(description="Whether it is closed.")
    is_won: bool = strawberry.field(description="Whether it was won.")


@view(of=crm.SupportCase, description="A support case on an account.")
class SupportCase:
    id: strawberry.ID = strawberry.field(description="Salesforce's id, 18 characters.")
    number: str = strawberry.field(description="The number people quote.")
    subject: str | None = strawberry.field(description="What it is about.")
    category: str | None = strawberry.field(description="Its category, such as licence delivery.")
    status: str = strawberry.field(description="Its status, in the org's words.")
    priority: str | None = strawberry.field(description="Its priority, in the org's words.")
    is_closed: bool = strawberry.field(description="Whether it is closed.")
    opened_at: datetime = strawberry.field(description="When it was opened, UTC.")
    closed_at: datetime | None = strawberry.field(description="When it was closed, UTC; null while open.")
    license_id: strawberry.ID | None = strawberry.field(description="The licence it names, if any.")
    order_id: strawberry.ID | None = strawberry.field(description="The order it names, if any.")


@view(of=crm.CrmAccount, description="The Salesforce account of a customer.")
class CrmAccount:
    id: strawberry.ID = strawberry.field(description="Salesforce's id, 18 characters.")
    name: str = strawberry.field(description="The account's name there.")
    website: str | None = strawberry.field(description="Its website, where known.")
    industry: str | None = strawberry.field(description="Its industry, where known.")
    owner: AccountOwner | None = strawberry.field(description="Who looks after it.")
    partner_sourced: bool = strawberry.field(description="Whether a partner brought it.")
    partner_name: str | None = strawberry.field(description="The partner that brought it.")
    modified_at: datetime = strawberry.field(description="When Salesforce last changed it, UTC.")
    opportunities: list[Opportunity] | None = batched(
        resolvers.opportunities_of,
        scope=Scope.PARENT,
        description="Deals, in the order of their close.",
        cost=10,
    )
    cases: list[SupportCase] | None = batched(
        resolvers.cases_of,
        scope=Scope.PARENT,
        description="Support cases, the newest first.",
        cost=10,
    )


@view(of=resolvers.CustomerCrm, description="What Salesforce says of a customer.")
class CustomerCrm:
    account: CrmAccount | None = strawberry.field(description="Its account; null where Salesforce has none.")
    source: Source = strawberry.field(description="How fresh this is.")
