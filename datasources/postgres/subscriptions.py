"""Subscriptions: read by customer or order, written when an order is provisioned."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Literal

from sqlalchemy import any_, select

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from commerce.paging import PageRequest
from commerce.subscriptions import Subscription, SubscriptionState
from datasources.postgres.database import Database, Transaction
from datasources.postgres.newest import Newest
from datasources.postgres.records import Records, identifier, member
from datasources.postgres.statements import ScopedStatement, ids, row_of
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
)

Owner = Literal["customer_id", "order_id"]

BY_ID = ScopedStatement(
    lambda tenant: select(*SUBSCRIPTIONS.columns).where(
        tenant(subscriptions), subscriptions.c.id == any_(ids())
    )
)
INSERT = row_of(subscriptions)
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

    async def page_below(
        self, scope: Scope, owner: Owner, owner_ids: Sequence[str], wanted: PageRequest
    ) -> Mapping[str, list[Subscription]]:
        return await NEWEST.page_below(self._database, scope, owner, owner_ids, wanted)

    async def count_below(self, scope: Scope, owner: Owner, owner_ids: Sequence[str]) -> Mapping[str, int]:
        return await NEWEST.count_below(self._database, scope, owner, owner_ids)

    async def add(self, transaction: Transaction, subscription: Subscription) -> None:
        await transaction.run(INSERT, **SUBSCRIPTIONS.row(subscription))
