"""Customers and their contacts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import any_, bindparam, func, literal_column, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import REAL, Integer, Text

from commerce.access import Environment, Scope
from commerce.customers import Contact, Customer
from commerce.ids import Prefix
from commerce.paging import COUNTED_AT_MOST, PageRequest
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.newest import Newest
from datasources.postgres.records import MOST_NARROWED, Records, identifier, member
from datasources.postgres.statements import ScopedStatement, Statement, TenantPredicate, ids
from datasources.postgres.tables import contacts, customers

_HANGING_ON_CUSTOMERS = ("contacts", "crm", "orders", "subscriptions", "licenses")
CUSTOMERS = Records(
    Customer,
    customers,
    always={"id"},
    needs={
        "address": {"street", "city", "region", "postal_code", "country"},
        "partner": {"partner_id"},
        **dict.fromkeys(_HANGING_ON_CUSTOMERS, ()),
    },
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


@lru_cache(MOST_NARROWED)
def by_id(records: Records[Customer]) -> ScopedStatement:
    """Customers by their ids, with the columns of these records."""
    return ScopedStatement(
        lambda tenant: select(*records.columns).where(tenant(customers), customers.c.id == any_(ids()))
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


SEARCHED: Any = literal_column(
    "(legal_name || ' ' || coalesce(domain, '') || ' ' || external_reference)", Text()
)
"""What a search looks at: the expression of the trigram index."""

_WANTED = bindparam("wanted", type_=Text())
_NEARNESS = func.word_similarity(_WANTED, SEARCHED)


_FOUND = or_(SEARCHED.op("%>")(_WANTED), SEARCHED.icontains(_WANTED, autoescape=False))


@cache
def search(*, continues: bool) -> ScopedStatement:
    """Customers whose name, domain or reference contains the words or comes near them, the nearest first."""

    def build(tenant: TenantPredicate) -> Any:
        rows = select(*CUSTOMERS.columns, _NEARNESS.label("nearness")).where(tenant(customers), _FOUND)
        if continues:
            here = tuple_(-_NEARNESS, customers.c.id)
            there = tuple_(-bindparam("at", type_=REAL()), bindparam("at_id", type_=UUID()))
            rows = rows.where(here > there)
        return rows.order_by(_NEARNESS.desc(), customers.c.id).limit(bindparam("size", type_=Integer()))

    return ScopedStatement(build)


def _count_found(tenant: TenantPredicate) -> Any:
    some: Any = select(literal_column("1")).select_from(customers).where(tenant(customers), _FOUND)
    return select(func.count().label("total")).select_from(some.limit(COUNTED_AT_MOST + 1).subquery())


COUNT_FOUND = ScopedStatement(_count_found)
NEWEST = Newest(CUSTOMERS, customers)
INSERT = Insert(customers)
INSERT_CONTACT = Insert(contacts)
STOP_RECEIVING = Statement(
    update(contacts)
    .where(
        contacts.c.partner_id == bindparam("partner_id", type_=UUID()),
        contacts.c.environment == bindparam("environment", type_=Text()),
        contacts.c.customer_id == bindparam("customer", type_=UUID()),
        contacts.c.receives_licenses,
    )
    .values(receives_licenses=False)
)


@dataclass(frozen=True, slots=True)
class Found:
    """A customer that a search found; `nearness` is 0 to 1."""

    customer: Customer
    nearness: float


class Customers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(
        self, scope: Scope, customer_ids: Sequence[str], selected: Collection[str] | None = None
    ) -> Mapping[str, Customer]:
        """Customers by id, with no more than the selected fields where there is a selection."""
        records = CUSTOMERS.narrowed(selected)
        rows = await self._database.fetch(by_id(records), scope, ids=customer_ids)
        return {customer.id: customer for customer in records.many(rows)}

    async def by_reference(self, scope: Scope, reference: str) -> Customer | None:
        """The customer of the partner's own key; None for staff where several partners use it."""
        found = CUSTOMERS.many(await self._database.fetch(BY_REFERENCE, scope, reference=reference))
        return found[0] if len(found) == 1 else None

    async def page(self, scope: Scope, wanted: PageRequest) -> list[Customer]:
        return await NEWEST.page(self._database, scope, wanted)

    async def count(self, scope: Scope) -> int:
        return await NEWEST.count(self._database, scope)

    async def search(self, scope: Scope, words: str, wanted: PageRequest) -> list[Found]:
        """The customers nearest to the words, forwards only, and one more where there are more."""
        position = {}
        if wanted.position:
            nearness, last = wanted.position
            position = {"at": float(nearness), "at_id": last}
        statement = search(continues=wanted.position is not None)
        rows = await self._database.fetch(statement, scope, wanted=words, size=wanted.size + 1, **position)
        return [Found(CUSTOMERS.one(row), row["nearness"]) for row in rows]

    async def count_found(self, scope: Scope, words: str) -> int:
        """How many customers a search finds, counted to one beyond the limit."""
        return int((await self._database.fetch(COUNT_FOUND, scope, wanted=words))[0]["total"])

    async def contacts_of(self, scope: Scope, customer_ids: Sequence[str]) -> Mapping[str, list[Contact]]:
        rows = CONTACTS.many(await self._database.fetch(CONTACTS_OF, scope, ids=customer_ids))
        return {key: list(group) for key, group in groupby(rows, key=lambda contact: contact.customer_id)}

    async def name_license_contact(self, transaction: Transaction, contact: Contact) -> None:
        """Write a contact who receives the customer's licences from now on, in place of whoever did."""
        await transaction.run(
            STOP_RECEIVING,
            partner_id=contact.partner_id,
            environment=contact.environment,
            customer=contact.customer_id,
        )
        await transaction.insert(INSERT_CONTACT, [CONTACTS.row(contact)])

    async def add(self, transaction: Transaction, customer: Customer, people: Sequence[Contact]) -> None:
        """Write a new customer. Raises Conflict where its reference is taken."""
        await transaction.insert(INSERT, [CUSTOMERS.row(customer)])
        await transaction.insert(INSERT_CONTACT, map(CONTACTS.row, people))
