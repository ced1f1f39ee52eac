"""Customers and their contacts."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import any_, bindparam, func, literal_column, select
from sqlalchemy.types import Text

from commerce.access import Environment, Scope
from commerce.customers import Contact, Customer
from commerce.ids import Prefix
from datasources.postgres.database import Database, Transaction
from datasources.postgres.records import Records, identifier, member
from datasources.postgres.statements import ScopedStatement, ids, row_of
from datasources.postgres.tables import contacts, customers

CUSTOMERS = Records(
    Customer,
    customers,
    id=identifier(Prefix.CUSTOMER, customers.c.id),
    partner_id=identifier(Prefix.PARTNER, customers.c.partner_id),
    environment=member(Environment, customers.c.environment),
)
CONTACTS = Records(
    Contact,
    contacts,
    id=identifier(Prefix.CONTACT, contacts.c.id),
    partner_id=identifier(Prefix.PARTNER, contacts.c.partner_id),
    customer_id=identifier(Prefix.CUSTOMER, contacts.c.customer_id),
    environment=member(Environment, contacts.c.environment),
)

BY_ID = ScopedStatement(
    lambda tenant: select(*CUSTOMERS.columns).where(tenant(customers), customers.c.id == any_(ids()))
)
BY_REFERENCE = ScopedStatement(
    lambda tenant: (
        select(*CUSTOMERS.columns)
        .where(tenant(customers), customers.c.external_reference == bindparam("reference", type_=Text()))
        .order_by(customers.c.id)
        .limit(2)
    )
)
CONTACTS_OF = ScopedStatement(
    lambda tenant: (
        select(*CONTACTS.columns)
        .where(tenant(contacts), contacts.c.customer_id == any_(ids()))
        .order_by(contacts.c.customer_id, contacts.c.id)
    )
)


def _search(tenant: Any) -> Any:
    """Names, domains and references that contain the words, or come near them; the nearest first."""
    text: Any = literal_column(
        "(legal_name || ' ' || coalesce(domain, '') || ' ' || external_reference)", Text()
    )
    wanted = bindparam("wanted", type_=Text())
    return (
        select(*CUSTOMERS.columns)
        .where(tenant(customers), text.op("%>")(wanted))
        .order_by(func.word_similarity(wanted, text).desc(), customers.c.id)
        .limit(bindparam("most"))
    )


SEARCH = ScopedStatement(_search)
INSERT = row_of(customers)
INSERT_CONTACT = row_of(contacts)


class Customers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, scope: Scope, customer_ids: Sequence[str]) -> Mapping[str, Customer]:
        rows = await self._database.fetch(BY_ID, scope, ids=customer_ids)
        return {customer.id: customer for customer in CUSTOMERS.many(rows)}

    async def by_reference(self, scope: Scope, reference: str) -> Customer | None:
        """The customer of the partner's own key; None for staff where several partners use it."""
        found = CUSTOMERS.many(await self._database.fetch(BY_REFERENCE, scope, reference=reference))
        return found[0] if len(found) == 1 else None

    async def search(self, scope: Scope, wanted: str, most: int) -> list[Customer]:
        return CUSTOMERS.many(await self._database.fetch(SEARCH, scope, wanted=wanted, most=most))

    async def contacts_of(self, scope: Scope, customer_ids: Sequence[str]) -> Mapping[str, list[Contact]]:
        rows = CONTACTS.many(await self._database.fetch(CONTACTS_OF, scope, ids=customer_ids))
        return {key: list(group) for key, group in groupby(rows, key=lambda contact: contact.customer_id)}

    async def add(self, transaction: Transaction, customer: Customer, people: Sequence[Contact]) -> None:
        """Write a new customer. Raises Conflict where its reference is taken."""
        await transaction.run(INSERT, **CUSTOMERS.row(customer))
        await transaction.run_many(INSERT_CONTACT, [CONTACTS.row(contact) for contact in people])
