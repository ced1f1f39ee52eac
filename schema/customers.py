"""End customers: the account view."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from commerce import customers
from commerce.access import Environment, Permission, reads, staff
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import crm as crm_resolvers
from resolvers import customers as resolvers
from resolvers import orders as order_resolvers
from schema.connections import PAGE_ARGUMENTS, Connection
from schema.crm import CustomerCrm
from schema.licenses import License, Subscription
from schema.nodes import Node
from schema.partners import Partner

if TYPE_CHECKING:
    from schema.orders import Order


@view(of=customers.Address, description="Where a customer is.")
class Address:
    street: str = strawberry.field(description="Street and number.")
    city: str = strawberry.field(description="City.")
    region: str = strawberry.field(description="State, province or region.")
    postal_code: str = strawberry.field(description="Postal code.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")


@view(of=customers.Contact, description="A person at a customer.")
class Contact:
    id: strawberry.ID = strawberry.field(description="Opaque, prefixed and stable for ever.")
    name: str = strawberry.field(description="Full name.")
    email: str = strawberry.field(description="E-mail address.")
    receives_licenses: bool = strawberry.field(description="Whether licences go to this person.")


@view(of=customers.Customer, description="An end customer of one partner.")
class Customer(Node):
    environment: Environment = strawberry.field(description="Production or sandbox.")
    external_reference: str = strawberry.field(description="The partner's own key, unique per partner.")
    legal_name: str = strawberry.field(description="Legal name.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    address: Address = strawberry.field(description="Postal address.")
    tax_id: str | None = strawberry.field(description="Tax id, where given.")
    domain: str | None = strawberry.field(description="Internet domain, where given.")
    created_at: datetime = strawberry.field(description="When it was created, UTC.")
    partner: Partner | None = batched(
        order_resolvers.partners_of, scope=Scope.VIEWER, description="Whose customer it is."
    )
    contacts: list[Contact] = batched(
        resolvers.contacts_of,
        scope=Scope.VIEWER,
        access=reads(Permission.CUSTOMERS_READ),
        description="The people Portico knows there.",
    )
    crm: CustomerCrm | None = batched(
        crm_resolvers.crm_of,
        scope=Scope.VIEWER,
        access=staff(else_null=True),
        description="The Salesforce account. Staff only; null for partners, and null with one coded error "
        "while Salesforce cannot be asked and nothing is known.",
        cost=10,
    )
    orders: Connection[Annotated["Order", strawberry.lazy("schema.orders")]] = batched(
        resolvers.orders_of,
        scope=Scope.VIEWER,
        access=reads(Permission.ORDERS_READ),
        description="Orders placed for it, newest first.",
        arguments=PAGE_ARGUMENTS,
    )
    subscriptions: Connection[Subscription] = batched(
        resolvers.subscriptions_of,
        scope=Scope.VIEWER,
        access=reads(Permission.ORDERS_READ),
        description="What it holds, newest first.",
        arguments=PAGE_ARGUMENTS,
    )
    licenses: Connection[License] = batched(
        resolvers.licenses_of,
        scope=Scope.VIEWER,
        access=reads(Permission.LICENSES_READ),
        description="The licences it was issued, newest first.",
        arguments=PAGE_ARGUMENTS,
    )
