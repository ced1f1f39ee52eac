"""Subscriptions: read by customer or order, written when an order is provisioned."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from itertools import groupby
from typing import Literal

from sqlalchemy import any_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import Boolean, Date, Integer

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from commerce.paging import PageRequest
from commerce.subscriptions import Subscription, SubscriptionState
from datasources.errors import Conflict
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.newest import Newest
from datasources.postgres.records import Records, identifier, member
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import subscriptions

SUBSCRIPTIONS = Records(
    Subscription,
    subscriptions,
    id=identifier(Prefix.SUBSCRIPTION, subscriptions.c.id),
    partner_id=identifier(Prefix.PARTNER, subscriptions.c.partner_id),
    environment=member(Environment, subscriptions.c.environment),
    customer_id=identifier(Prefix.CUSTOMER, subscriptions.c.customer_id),
    order_id=identifier(Prefix.ORDER, subscriptions.c.order_id),
    order_line_id=identifier(Prefix.ORDER_LINE, subscriptions.c.order_line_id),
    sku_id=identifier(Prefix.SKU, subscriptions.c.sku_id),
    state=member(SubscriptionState, subscriptions.c.state),
    pending_order_id=identifier(Prefix.ORDER, subscriptions.c.pending_order_id),
)

Owner = Literal["customer_id", "order_id"]

BY_ID = ScopedStatement(
    lambda tenant: select(*SUBSCRIPTIONS.columns).where(
        tenant(subscriptions), subscriptions.c.id == any_(ids())
    )
)
INSERT = Insert(subscriptions)
CLAIM = ScopedStatement(
    lambda tenant: (
        update(subscriptions)
        .where(
            tenant(subscriptions),
            subscriptions.c.id == any_(ids()),
            subscriptions.c.pending_order_id.is_(None),
        )
        .values(pending_order_id=bindparam("order_id", type_=UUID()))
    )
)
RELEASE = Statement(
    update(subscriptions)
    .where(subscriptions.c.pending_order_id == bindparam("order_id", type_=UUID()))
    .values(pending_order_id=None)
)
LOCK = Statement(
    select(*SUBSCRIPTIONS.columns)
    .where(subscriptions.c.id == bindparam("id", type_=UUID()))
    .with_for_update()
)
CHANGE = Statement(
    update(subscriptions)
    .where(subscriptions.c.id == bindparam("subscription", type_=UUID()))
    .values(
        {
            name: bindparam(name, type_=subscriptions.c[name].type)
            for name in ("sku_id", "seats", "ends_on", "term_starts_on", "auto_renew", "state")
        }
    )
)
DUE_FOR_RENEWAL = Statement(
    select(*SUBSCRIPTIONS.columns)
    .where(
        subscriptions.c.state == SubscriptionState.ACTIVE,
        subscriptions.c.auto_renew,
        subscriptions.c.pending_order_id.is_(None),
        subscriptions.c.ends_on <= bindparam("today", type_=Date()),
    )
    .order_by(subscriptions.c.ends_on, subscriptions.c.id)
    .limit(bindparam("most", type_=Integer()))
)
EXPIRE = Statement(
    update(subscriptions)
    .where(
        subscriptions.c.state == SubscriptionState.ACTIVE,
        subscriptions.c.pending_order_id.is_(None),
        subscriptions.c.ends_on <= bindparam("ended_by", type_=Date()),
        or_(~subscriptions.c.auto_renew, subscriptions.c.ends_on < bindparam("ended_by", type_=Date())),
    )
    .values(state=SubscriptionState.EXPIRED)
    .returning(*SUBSCRIPTIONS.columns)
)
SET_AUTO_RENEW = ScopedStatement(
    lambda tenant: (
        update(subscriptions)
        .where(
            tenant(subscriptions),
            subscriptions.c.id == any_(ids()),
            subscriptions.c.auto_renew != bindparam("auto_renew", type_=Boolean()),
        )
        .values(auto_renew=bindparam("auto_renew"))
        .returning(*SUBSCRIPTIONS.columns)
    )
)
NEWEST = Newest(SUBSCRIPTIONS, subscriptions)


@cache
def below(owner: Owner) -> ScopedStatement:
    """All subscriptions of each owner, newest first."""
    column = subscriptions.c[owner]
    return ScopedStatement(
        lambda tenant: (
            select(*SUBSCRIPTIONS.columns)
            .where(tenant(subscriptions), column == any_(ids()))
            .order_by(column, subscriptions.c.id.desc())
        )
    )


class Subscriptions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, scope: Scope, subscription_ids: Sequence[str]) -> Mapping[str, Subscription]:
        rows = await self._database.fetch(BY_ID, scope, ids=subscription_ids)
        return {subscription.id: subscription for subscription in SUBSCRIPTIONS.many(rows)}

    async def below(
        self, scope: Scope, owner: Owner, owner_ids: Sequence[str]
    ) -> Mapping[str, list[Subscription]]:
        """The subscriptions of each customer or order, newest first."""
        rows = SUBSCRIPTIONS.many(await self._database.fetch(below(owner), scope, ids=owner_ids))
        return {key: list(group) for key, group in groupby(rows, key=lambda one: getattr(one, owner))}

    async def page_of_customers(
        self, scope: Scope, customer_ids: Sequence[str], wanted: PageRequest
    ) -> Mapping[str, list[Subscription]]:
        """The same page below each customer, newest first."""
        return await NEWEST.page_below(self._database, scope, "customer_id", customer_ids, wanted)

    async def count_of_customers(self, scope: Scope, customer_ids: Sequence[str]) -> Mapping[str, int]:
        return await NEWEST.count_below(self._database, scope, "customer_id", customer_ids)

    async def claim(self, transaction: Transaction, subscription_ids: Sequence[str], order_id: str) -> None:
        """Make an order the only one to change these. Raises Conflict where another was first."""
        assert transaction.scope is not None  # noqa: S101  partners claim, never the worker
        statement = CLAIM.within(transaction.scope)
        scope = transaction.scope
        claimed = await transaction.run(
            statement,
            partner_id=scope.partner_id,
            environment=scope.environment,
            ids=subscription_ids,
            order_id=order_id,
        )
        if claimed != len(subscription_ids):
            raise Conflict("subscriptions_pending_order")

    async def due_for_renewal(self, transaction: Transaction, today: date, most: int) -> list[Subscription]:
        """Subscriptions that renew by themselves and have come to their end, of every partner."""
        return SUBSCRIPTIONS.many(await transaction.fetch(DUE_FOR_RENEWAL, today=today, most=most))

    async def expire(self, transaction: Transaction, today: date) -> list[Subscription]:
        """End what has come to its end and was not renewed; those that renew by themselves, a day later."""
        return SUBSCRIPTIONS.many(await transaction.fetch(EXPIRE, ended_by=today))

    async def release(self, transaction: Transaction, order_id: str) -> None:
        """Let others change what an order had claimed."""
        await transaction.run(RELEASE, order_id=order_id)

    async def locked(self, transaction: Transaction, subscription_id: str) -> Subscription | None:
        """A subscription, held against every other writer until the transaction ends."""
        row = await transaction.row(LOCK, id=subscription_id)
        return SUBSCRIPTIONS.one(row) if row else None

    async def change(self, transaction: Transaction, changed: Subscription) -> None:
        """Write the present SKU, seats, term and state of a locked subscription."""
        await transaction.run(
            CHANGE,
            subscription=changed.id,
            sku_id=changed.sku_id,
            seats=changed.seats,
            ends_on=changed.ends_on,
            term_starts_on=changed.term_starts_on,
            auto_renew=changed.auto_renew,
            state=changed.state,
        )

    async def set_auto_renew(
        self, transaction: Transaction, subscription_id: str, *, auto_renew: bool
    ) -> Subscription | None:
        """Switch the renewal; None where it was set like that already, or there is no such subscription."""
        rows = await transaction.fetch_scoped(SET_AUTO_RENEW, ids=[subscription_id], auto_renew=auto_renew)
        return SUBSCRIPTIONS.one(rows[0]) if rows else None

    async def add(self, transaction: Transaction, subscription: Subscription) -> None:
        await transaction.insert(INSERT, [SUBSCRIPTIONS.row(subscription)])
