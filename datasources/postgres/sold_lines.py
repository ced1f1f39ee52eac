"""Lines of earlier orders, as later ones ask after them: what can be returned, what was paid for days."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import any_, exists, func, select, update
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.sql import bindparam
from sqlalchemy.types import Integer

from commerce.access import Scope
from commerce.order_facts import SoldLine
from commerce.orders import OrderKind, OrderLine, OrderStatus
from commerce.pricing import Purchase
from datasources.errors import Conflict
from datasources.postgres.database import Database, Transaction
from datasources.postgres.orders import LINES
from datasources.postgres.pool import Row
from datasources.postgres.statements import ScopedStatement, Statement, TenantPredicate, ids
from datasources.postgres.tables import order_lines, orders

_LATER = order_lines.alias("later")
_LATER_ORDER = orders.alias("later_order")
_RETURNED = order_lines.alias("returned")


def _later(tenant: TenantPredicate, kind: OrderKind) -> Any:
    """Whether an order of a kind changed the line's subscription after the line, and still counts."""
    joined = _LATER.join(_LATER_ORDER, _LATER_ORDER.c.id == _LATER.c.order_id)
    return exists(
        select(1)
        .select_from(joined)
        .where(
            tenant(_LATER),
            tenant(_LATER_ORDER),
            _LATER.c.subscription_id == order_lines.c.subscription_id,
            _LATER.c.id > order_lines.c.id,
            _LATER.c.status == OrderStatus.FULFILLED,
            _LATER.c.remaining_quantity > 0,
            _LATER_ORDER.c.kind == kind,
        )
    )


def _sold(tenant: TenantPredicate, chosen: Any) -> Any:
    return (
        select(
            *LINES.columns,
            orders.c.kind,
            orders.c.fulfilled_at,
            _later(tenant, OrderKind.SWITCH).label("is_switched_away"),
            _later(tenant, OrderKind.RENEWAL).label("is_renewed"),
        )
        .join(
            orders,
            (orders.c.partner_id == order_lines.c.partner_id) & (orders.c.id == order_lines.c.order_id),
        )
        .where(tenant(order_lines), tenant(orders), chosen == any_(ids()))
        .order_by(order_lines.c.id)
    )


def _purchases(tenant: TenantPredicate) -> Any:
    refunds = (
        select(func.coalesce(func.sum(_RETURNED.c.credit_amount), 0))
        .where(
            tenant(_RETURNED),
            _RETURNED.c.returns_line_id == order_lines.c.id,
            _RETURNED.c.status == OrderStatus.FULFILLED,
        )
        .scalar_subquery()
    )
    charged = order_lines.c.list_amount - order_lines.c.discount_amount
    return (
        select(
            order_lines.c.subscription_id,
            (charged - refunds).label("amount"),
            order_lines.c.starts_on,
            order_lines.c.ends_on,
        )
        .where(
            tenant(order_lines),
            order_lines.c.subscription_id == any_(ids()),
            order_lines.c.status == OrderStatus.FULFILLED,
            order_lines.c.ends_on.is_not(None),
            ~_later(tenant, OrderKind.SWITCH),
        )
        .order_by(order_lines.c.subscription_id, order_lines.c.id)
    )


BY_ID = ScopedStatement(lambda tenant: _sold(tenant, order_lines.c.id))
OF_ORDERS = ScopedStatement(lambda tenant: _sold(tenant, order_lines.c.order_id))
PURCHASES = ScopedStatement(_purchases)
TAKE_BACK = Statement(
    update(order_lines)
    .where(
        order_lines.c.partner_id == bindparam("owner", type_=UUID()),
        order_lines.c.id == bindparam("line_id", type_=UUID()),
        order_lines.c.remaining_quantity + bindparam("change", type_=Integer()) >= 0,
    )
    .values(remaining_quantity=order_lines.c.remaining_quantity + bindparam("change", type_=Integer()))
)


def _sold_line(row: Row) -> SoldLine:
    return SoldLine(
        LINES.one(row),
        OrderKind(row["kind"]),
        row["fulfilled_at"],
        is_switched_away=row["is_switched_away"],
        is_renewed=row["is_renewed"],
    )


class SoldLines:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, scope: Scope, line_ids: Sequence[str]) -> Mapping[str, SoldLine]:
        rows = await self._database.fetch(BY_ID, scope, ids=line_ids)
        return {one.line.id: one for one in map(_sold_line, rows)}

    async def of_orders(self, scope: Scope, order_ids: Sequence[str]) -> Mapping[str, list[SoldLine]]:
        found: dict[str, list[SoldLine]] = {}
        for one in map(_sold_line, await self._database.fetch(OF_ORDERS, scope, ids=order_ids)):
            found.setdefault(one.line.order_id, []).append(one)
        return found

    async def purchases_of(
        self, scope: Scope, subscription_ids: Sequence[str]
    ) -> Mapping[str, tuple[Purchase, ...]]:
        """What was paid for days of each subscription since it last changed its SKU, less refunds."""
        rows = await self._database.fetch(PURCHASES, scope, ids=subscription_ids)
        return {
            f"sub_{key}": tuple(Purchase(row["amount"], row["starts_on"], row["ends_on"]) for row in group)
            for key, group in groupby(rows, key=lambda row: row["subscription_id"])
        }

    async def take_back(self, transaction: Transaction, returning: OrderLine) -> None:
        """Lower what remains of the line that is returned. Raises Conflict where too little remains."""
        if not await self._change(transaction, returning, -returning.quantity):
            raise Conflict("order_lines_remaining_quantity")

    async def give_back(self, transaction: Transaction, returning: OrderLine) -> None:
        """Undo `take_back`, for a return that came to nothing."""
        await self._change(transaction, returning, returning.quantity)

    async def _change(self, transaction: Transaction, returning: OrderLine, change: int) -> int:
        return await transaction.run(
            TAKE_BACK, owner=returning.partner_id, line_id=returning.returns_line_id, change=change
        )
