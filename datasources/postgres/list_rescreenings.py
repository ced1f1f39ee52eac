"""Rescreenings after a change of the lists: one at a time, and all parties on record, read in pages."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, any_, bindparam, insert, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, UUID, distinct_on
from sqlalchemy.types import ARRAY, BigInteger, Integer, Text

from commerce.access import Environment, Scope
from commerce.customers import Contact, Customer
from commerce.ids import Prefix
from commerce.orders import OrderStatus
from commerce.parties import ListedParty
from commerce.partners import Partner
from commerce.screening import ListVersion, Snapshot
from commerce.screening_questions import PartyFact
from datasources.postgres.customers import CONTACTS, CUSTOMERS
from datasources.postgres.database import Database, Row, Transaction
from datasources.postgres.partners import PARTNERS
from datasources.postgres.party_facts import FACTS
from datasources.postgres.statements import Statement, ids
from datasources.postgres.tables import (
    contacts,
    customers,
    list_rescreenings,
    orders,
    partners,
    party_facts,
    screening_matches,
    screenings,
)
from datasources.postgres.tables.columns import MOMENT

STANDING = (OrderStatus.ON_HOLD, OrderStatus.AWAITING_PARTNER, OrderStatus.SCHEDULED)
"""Orders that have not been provisioned and can still be kept from it."""
LEASE = timedelta(minutes=15)

_L = list_rescreenings.c
NEWEST = Statement(select(*_L).order_by(_L.id.desc()).limit(1))
BEGIN = Statement(
    insert(list_rescreenings)
    .values(
        snapshot_id=bindparam("snapshot_id", type_=Text()),
        lists=bindparam("lists", type_=JSONB()),
        previous_lists=bindparam("previous_lists", type_=JSONB()),
        started_at=bindparam("now", type_=MOMENT),
        leased_until=bindparam("until", type_=MOMENT),
    )
    .returning(_L.id)
)
TAKE_OVER = Statement(
    update(list_rescreenings)
    .where(
        _L.id == bindparam("old", type_=BigInteger()),
        _L.finished_at.is_(None),
        _L.leased_until < bindparam("now", type_=MOMENT),
    )
    .values(
        snapshot_id=bindparam("new_snapshot_id", type_=Text()),
        lists=bindparam("new_lists", type_=JSONB()),
        leased_until=bindparam("until", type_=MOMENT),
    )
    .returning(_L.id)
)
FINISH = Statement(
    update(list_rescreenings)
    .where(_L.id == bindparam("old", type_=BigInteger()))
    .values(
        finished_at=bindparam("now", type_=MOMENT),
        **{
            name: bindparam(f"new_{name}", type_=Integer())
            for name in ("changed_entries", "parties", "touched", "orders")
        },
    )
)

CUSTOMERS_AFTER = Statement(
    select(*CUSTOMERS.columns)
    .where(customers.c.id > bindparam("after", type_=UUID()))
    .order_by(customers.c.id)
    .limit(bindparam("size", type_=Integer()))
)
CONTACTS_OF_ANY = Statement(
    select(*CONTACTS.columns).where(contacts.c.customer_id == any_(ids())).order_by(contacts.c.id)
)
FACTS_OF_ANY = Statement(
    select(*FACTS.columns).where(
        party_facts.c.party_reference == any_(bindparam("parties", type_=ARRAY(Text())))
    )
)
EVERY_PARTNER = Statement(select(*PARTNERS.columns).order_by(partners.c.id))

_KEY = (orders.c.id, orders.c.partner_id, orders.c.environment)
_STANDS = orders.c.status == any_(bindparam("statuses", type_=ARRAY(Text())))
_SOLD_BY = or_(orders.c.partner_id == any_(ids()), orders.c.trading_partner_id == any_(ids()))
STANDING_OF_CUSTOMERS = Statement(select(*_KEY).where(orders.c.customer_id == any_(ids()), _STANDS))
NEWEST_OF_CUSTOMERS = Statement(
    select(*_KEY)
    .where(orders.c.customer_id == any_(ids()))
    .ext(distinct_on(orders.c.customer_id))
    .order_by(orders.c.customer_id, orders.c.id.desc())
)
STANDING_OF_PARTNERS = Statement(select(*_KEY).where(_SOLD_BY, _STANDS))
NEWEST_OF_PARTNERS = Statement(
    select(*_KEY)
    .where(orders.c.partner_id == any_(ids()))
    .ext(distinct_on(orders.c.partner_id))
    .order_by(orders.c.partner_id, orders.c.id.desc())
)
_OF_ENTRY = screening_matches.c.list + " " + screening_matches.c.entry_id
STANDING_MATCHED = Statement(
    select(*_KEY)
    .select_from(
        orders.join(
            screenings,
            and_(screenings.c.partner_id == orders.c.partner_id, screenings.c.order_id == orders.c.id),
        ).join(
            screening_matches,
            and_(
                screening_matches.c.partner_id == screenings.c.partner_id,
                screening_matches.c.screening_id == screenings.c.id,
            ),
        )
    )
    .where(_STANDS, any_(bindparam("entries", type_=ARRAY(Text()))) == _OF_ENTRY)
    .distinct()
)


@dataclass(frozen=True, slots=True)
class ListRescreening:
    """A run over all parties: from which lists to which, and until when it is somebody's."""

    id: int
    snapshot_id: str
    lists: Snapshot
    previous_lists: Snapshot | None
    leased_until: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run came to; `orders` are those against which something is held now."""

    changed_entries: int = 0
    parties: int = 0
    touched: int = 0
    orders: int = 0

    def with_page(self, parties: int, touched: int, orders: int) -> "Counts":
        return Counts(
            self.changed_entries, self.parties + parties, self.touched + touched, self.orders + orders
        )


@dataclass(frozen=True, slots=True)
class OrderKey:
    id: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Customers with everybody who is screened with them."""

    customers: list[Customer]
    contacts: list[Contact]
    facts: list[PartyFact]


class ListRescreenings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self) -> ListRescreening | None:
        async with self._database.system() as transaction:
            row = await transaction.row(NEWEST)
        return _rescreening(row) if row else None

    async def begin(self, snapshot: Snapshot, last: ListRescreening | None, now: datetime) -> int | None:
        """Take on the lists in force, or what another began and let lie; None where somebody is at it.

        Raises Conflict where a rival begins at the same moment.
        """
        facts = {"now": now, "until": now + LEASE}
        lists = lists_of(snapshot)
        async with self._database.system() as transaction:
            if last and last.finished_at is None:
                row = await transaction.row(
                    TAKE_OVER, old=last.id, new_snapshot_id=snapshot.id, new_lists=lists, **facts
                )
            else:
                previous = lists_of(last.lists) if last else None
                row = await transaction.row(
                    BEGIN, snapshot_id=snapshot.id, lists=lists, previous_lists=previous, **facts
                )
        return row["id"] if row else None

    async def finish(self, run: int, counts: Counts, now: datetime) -> None:
        async with self._database.system() as transaction:
            values = {f"new_{name}": value for name, value in asdict(counts).items()}
            await transaction.run(FINISH, old=run, now=now, **values)

    async def customers_after(self, after: str, size: int) -> CustomerPage:
        """The next customers of all partners by id, with their contacts and what was said of either."""
        async with self._database.system() as transaction:
            found = CUSTOMERS.many(await transaction.fetch(CUSTOMERS_AFTER, after=after, size=size))
            people = CONTACTS.many(
                await transaction.fetch(CONTACTS_OF_ANY, ids=[customer.id for customer in found])
            )
            parties = [*(customer.id for customer in found), *(contact.id for contact in people)]
            facts = FACTS.many(await transaction.fetch(FACTS_OF_ANY, parties=parties))
        return CustomerPage(found, people, facts)

    async def partners(self) -> list[Partner]:
        async with self._database.system() as transaction:
            return PARTNERS.many(await transaction.fetch(EVERY_PARTNER))

    async def orders_of_customers(self, customer_ids: Sequence[str]) -> list[OrderKey]:
        """Their orders that can still be stopped, and the newest of each: cases belong to an order."""
        return await self._orders(STANDING_OF_CUSTOMERS, NEWEST_OF_CUSTOMERS, customer_ids)

    async def orders_of_partners(self, partner_ids: Sequence[str]) -> list[OrderKey]:
        """The same of all that a partner sells."""
        return await self._orders(STANDING_OF_PARTNERS, NEWEST_OF_PARTNERS, partner_ids)

    async def orders_matched(self, entries: Sequence[ListedParty]) -> list[OrderKey]:
        """Orders that can still be stopped and were once matched with one of these."""
        keys = [f"{entry.list} {entry.entry_id}" for entry in entries]
        async with self._database.system() as transaction:
            rows = await _keys(transaction, STANDING_MATCHED, entries=keys, statuses=list(STANDING))
        return [rows[key] for key in sorted(rows)]

    async def _orders(self, standing: Statement, newest: Statement, of: Sequence[str]) -> list[OrderKey]:
        if not of:
            return []
        async with self._database.system() as transaction:
            rows = await _keys(transaction, standing, ids=of, statuses=list(STANDING))
            rows |= await _keys(transaction, newest, ids=of)
        return [rows[key] for key in sorted(rows)]


async def _keys(transaction: Transaction, statement: Statement, **values: Any) -> dict[str, OrderKey]:
    rows = await transaction.fetch(statement, **values)
    return {row["id"]: _key(row) for row in rows}


def _key(row: Row) -> OrderKey:
    scope = Scope(f"{Prefix.PARTNER}_{row['partner_id']}", Environment(row["environment"]))
    return OrderKey(f"{Prefix.ORDER}_{row['id']}", scope)


def lists_of(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What it takes to read the lists of a snapshot again."""
    return [{name: getattr(one, name) for name in _KEPT} for one in snapshot.versions]


_KEPT = ("source", "sha256", "is_sample")


def _snapshot(stored: list[dict[str, Any]]) -> Snapshot:
    return Snapshot(
        tuple(ListVersion(**one, published_on=None, checked_at=None, entries=0) for one in stored)
    )


def _rescreening(row: Row) -> ListRescreening:
    return ListRescreening(
        id=row["id"],
        snapshot_id=row["snapshot_id"],
        lists=_snapshot(row["lists"]),
        previous_lists=_snapshot(row["previous_lists"]) if row["previous_lists"] is not None else None,
        leased_until=row["leased_until"],
        finished_at=row["finished_at"],
    )
