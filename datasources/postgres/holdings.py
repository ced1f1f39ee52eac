"""What a partner has with us, in few words: orders and subscriptions by status and seats, to compare."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import DateTime, Integer, Text

from commerce.access import Scope
from commerce.ids import Prefix
from commerce.reconciliation import Kept
from datasources.postgres.database import Database
from datasources.postgres.statements import ScopedStatement, TenantPredicate, ids
from datasources.postgres.tables import order_lines, orders, subscriptions


def _orders(tenant: TenantPredicate) -> Any:
    left = (
        select(func.sum(order_lines.c.remaining_quantity))
        .where(
            tenant(order_lines),
            order_lines.c.partner_id == orders.c.partner_id,
            order_lines.c.order_id == orders.c.id,
        )
        .scalar_subquery()
    )
    return select(
        orders.c.id,
        orders.c.external_order_reference.label("reference"),
        orders.c.status,
        func.coalesce(left, 0).label("seats"),
        orders.c.status_since.label("since"),
    ).where(tenant(orders))


def _subscriptions(tenant: TenantPredicate) -> Any:
    return select(
        subscriptions.c.id,
        literal_column("NULL").label("reference"),
        subscriptions.c.state.label("status"),
        subscriptions.c.seats,
        subscriptions.c.created_at.label("since"),
    ).where(tenant(subscriptions))


_SINCE = bindparam("since", type_=DateTime(timezone=True))
_MOST = bindparam("most", type_=Integer())
_NAMED = select(func.unnest(ids()))
_REFERENCES = select(func.unnest(bindparam("references", type_=ARRAY(Text()))))
"""As rows, which are hashed: each row of ours would be compared with each element of an array."""

ORDERS_NAMED = ScopedStatement(
    lambda tenant: _orders(tenant).where(
        or_(
            orders.c.external_order_reference.in_(_REFERENCES),
            orders.c.id.in_(_NAMED),
        )
    )
)
OTHER_ORDERS = ScopedStatement(
    lambda tenant: (
        _orders(tenant)
        .where(orders.c.id.not_in(_NAMED), or_(_SINCE.is_(None), orders.c.placed_at >= _SINCE))
        .order_by(orders.c.id)
        .limit(_MOST)
    )
)
SUBSCRIPTIONS_NAMED = ScopedStatement(
    lambda tenant: _subscriptions(tenant).where(subscriptions.c.id.in_(_NAMED))
)
OTHER_SUBSCRIPTIONS = ScopedStatement(
    lambda tenant: (
        _subscriptions(tenant)
        .where(
            subscriptions.c.id.not_in(_NAMED),
            or_(_SINCE.is_(None), subscriptions.c.created_at >= _SINCE),
        )
        .order_by(subscriptions.c.id)
        .limit(_MOST)
    )
)


class Holdings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def orders_named(
        self, scope: Scope, references: Sequence[str], order_ids: Sequence[str]
    ) -> list[Kept]:
        """The orders that have one of these references or ids."""
        rows = await self._database.fetch(ORDERS_NAMED, scope, references=references, ids=order_ids)
        return _kept(Prefix.ORDER, rows)

    async def other_orders(
        self, scope: Scope, order_ids: Sequence[str], *, since: datetime | None, most: int
    ) -> list[Kept]:
        """Orders that are none of these, placed since a time."""
        rows = await self._database.fetch(OTHER_ORDERS, scope, ids=order_ids, since=since, most=most)
        return _kept(Prefix.ORDER, rows)

    async def subscriptions_named(self, scope: Scope, subscription_ids: Sequence[str]) -> list[Kept]:
        rows = await self._database.fetch(SUBSCRIPTIONS_NAMED, scope, ids=subscription_ids)
        return _kept(Prefix.SUBSCRIPTION, rows)

    async def other_subscriptions(
        self, scope: Scope, subscription_ids: Sequence[str], *, since: datetime | None, most: int
    ) -> list[Kept]:
        """Subscriptions that are none of these, provisioned since a time."""
        rows = await self._database.fetch(
            OTHER_SUBSCRIPTIONS, scope, ids=subscription_ids, since=since, most=most
        )
        return _kept(Prefix.SUBSCRIPTION, rows)


def _kept(prefix: Prefix, rows: Iterable[Any]) -> list[Kept]:
    return [
        Kept(f"{prefix}_{row['id']}", row["reference"], row["status"], row["seats"], row["since"])
        for row in rows
    ]
