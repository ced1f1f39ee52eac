"""Orders, their lines and their history."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby

from sqlalchemy import any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import UUID, insert
from sqlalchemy.types import Text

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from commerce.orders import (
    Actor,
    Order,
    OrderKind,
    OrderLine,
    OrderStatus,
    OrderTransition,
    check_transition,
)
from commerce.subscriptions import Subscription
from datasources.identifiers import new_id
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.records import MOST_NARROWED, Part, Records, identifier, member
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import order_lines, order_transitions, orders, purchase_order_numbers
from datasources.postgres.tables.columns import MOMENT

_HANGING_ON_ORDERS = ("lines", "subscriptions", "licenses", "screening", "timeline")
ORDERS = Records(
    Order,
    orders,
    always={"id"},
    needs={
        "list_total": {"list_amount", "currency"},
        "discount_total": {"discount_amount", "currency"},
        "credit_total": {"credit_amount", "currency"},
        "total": {"total_amount", "currency"},
        "customer": {"customer_id"},
        "partner": {"partner_id"},
        "trading_partner": {"trading_partner_id"},
        **dict.fromkeys(_HANGING_ON_ORDERS, ()),
    },
    id=identifier(Prefix.ORDER, orders.c.id),
    partner_id=identifier(Prefix.PARTNER, orders.c.partner_id),
    environment=member(Environment, orders.c.environment),
    kind=member(OrderKind, orders.c.kind),
    status=member(OrderStatus, orders.c.status),
    customer_id=identifier(Prefix.CUSTOMER, orders.c.customer_id),
    trading_partner_id=identifier(Prefix.PARTNER, orders.c.trading_partner_id),
    list_amount=Part(orders.c.list_total),
    discount_amount=Part(orders.c.discount_total),
    credit_amount=Part(orders.c.credit_total),
    total_amount=Part(orders.c.total),
)
LINES = Records(
    OrderLine,
    order_lines,
    always={"id", "order_id"},
    needs={
        "unit_price": {"unit_amount", "currency"},
        "list_price": {"list_amount", "currency"},
        "discount": {"discount_amount", "currency"},
        "credit": {"credit_amount", "currency"},
        "net": {"net_amount", "currency"},
        "covered_days": {"starts_on", "ends_on"},
        "sku": {"sku_id"},
    },
    id=identifier(Prefix.ORDER_LINE, order_lines.c.id),
    partner_id=identifier(Prefix.PARTNER, order_lines.c.partner_id),
    environment=member(Environment, order_lines.c.environment),
    order_id=identifier(Prefix.ORDER, order_lines.c.order_id),
    sku_id=identifier(Prefix.SKU, order_lines.c.sku_id),
    subscription_id=identifier(Prefix.SUBSCRIPTION, order_lines.c.subscription_id),
    returns_line_id=identifier(Prefix.ORDER_LINE, order_lines.c.returns_line_id),
    status=member(OrderStatus, order_lines.c.status),
    unit_amount=Part(order_lines.c.unit_price),
)
TRANSITIONS = Records(
    OrderTransition,
    order_transitions,
    id=identifier(Prefix.TRANSITION, order_transitions.c.id),
    partner_id=identifier(Prefix.PARTNER, order_transitions.c.partner_id),
    environment=member(Environment, order_transitions.c.environment),
    order_id=identifier(Prefix.ORDER, order_transitions.c.order_id),
    from_status=member(OrderStatus, order_transitions.c.from_status),
    to_status=member(OrderStatus, order_transitions.c.to_status),
    actor=member(Actor, order_transitions.c.actor),
)

BY_ID = ScopedStatement(
    lambda tenant: select(*ORDERS.columns).where(tenant(orders), orders.c.id == any_(ids()))
)
BY_REFERENCE = ScopedStatement(
    lambda tenant: (
        select(*ORDERS.columns)
        .where(tenant(orders), orders.c.external_order_reference == bindparam("reference", type_=Text()))
        .limit(2)
    )
)
BY_PURCHASE_ORDER = ScopedStatement(
    lambda tenant: select(purchase_order_numbers.c.order_id.label("id")).where(
        tenant(purchase_order_numbers),
        purchase_order_numbers.c.number == bindparam("number", type_=Text()),
    )
)


@lru_cache(MOST_NARROWED)
def lines_of(records: Records[OrderLine]) -> ScopedStatement:
    """The lines of orders, with the columns of these records."""
    return ScopedStatement(
        lambda tenant: (
            select(*records.columns)
            .where(tenant(order_lines), order_lines.c.order_id == any_(ids()))
            .order_by(order_lines.c.order_id, order_lines.c.line_number)
        )
    )


TIMELINE_OF = ScopedStatement(
    lambda tenant: (
        select(*TRANSITIONS.columns)
        .where(tenant(order_transitions), order_transitions.c.order_id == any_(ids()))
        .order_by(order_transitions.c.order_id, order_transitions.c.position)
    )
)

INSERT = Insert(orders)
INSERT_LINE = Insert(order_lines)
INSERT_TRANSITION = Insert(order_transitions)
LOCK = Statement(
    select(*ORDERS.columns).where(orders.c.id == bindparam("order_id", type_=UUID())).with_for_update()
)
LINES_TO_WRITE = Statement(
    select(*LINES.columns)
    .where(order_lines.c.order_id == bindparam("order_id", type_=UUID()))
    .order_by(order_lines.c.line_number)
)
MOVE = Statement(
    update(orders)
    .where(orders.c.partner_id == bindparam("partner_id"), orders.c.id == bindparam("order_id"))
    .values(
        status=bindparam("to_status"),
        status_since=bindparam("at"),
        status_reason=bindparam("reason"),
        updated_at=bindparam("at"),
        fulfilled_at=bindparam("fulfilled_at"),
    )
)
USE_NUMBER = Insert(purchase_order_numbers)
USE_NUMBER_AGAIN = Statement(
    insert(purchase_order_numbers)
    .values({column.name: bindparam(column.name, type_=column.type) for column in purchase_order_numbers.c})
    .on_conflict_do_nothing()
)
RENAME = Statement(
    update(orders)
    .where(orders.c.id == bindparam("order_id", type_=UUID()))
    .values(
        purchase_order_number=bindparam("number", type_=Text()),
        end_customer_purchase_order_number=bindparam("end_customer_number", type_=Text()),
        updated_at=bindparam("at", type_=MOMENT),
    )
)
NAME_SUBSCRIPTION = Statement(
    update(order_lines)
    .where(
        order_lines.c.partner_id == bindparam("owner", type_=UUID()),
        order_lines.c.id == bindparam("line_id", type_=UUID()),
    )
    .values(subscription_id=bindparam("subscription", type_=UUID()))
)
MOVE_LINES = Statement(
    update(order_lines)
    .where(
        order_lines.c.partner_id == bindparam("partner_id"), order_lines.c.order_id == bindparam("order_id")
    )
    .values(status=bindparam("to_status"), reason=bindparam("reason"))
)
LAST_POSITION = Statement(
    select(order_transitions.c.position)
    .where(
        order_transitions.c.partner_id == bindparam("partner_id"),
        order_transitions.c.order_id == bindparam("order_id"),
    )
    .order_by(order_transitions.c.position.desc())
    .limit(1)
)


class Orders:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, scope: Scope, order_ids: Sequence[str]) -> Mapping[str, Order]:
        rows = await self._database.fetch(BY_ID, scope, ids=order_ids)
        return {order.id: order for order in ORDERS.many(rows)}

    async def by_reference(self, scope: Scope, reference: str) -> Order | None:
        """The order of the partner's own reference; None for staff where several partners use it."""
        found = ORDERS.many(await self._database.fetch(BY_REFERENCE, scope, reference=reference))
        return found[0] if len(found) == 1 else None

    async def with_purchase_order(self, scope: Scope, number: str) -> str | None:
        """The id of the order that used this purchase order number first."""
        rows = await self._database.fetch(BY_PURCHASE_ORDER, scope, number=number)
        return f"{Prefix.ORDER}_{rows[0]['id']}" if rows else None

    async def lines_of(
        self, scope: Scope, order_ids: Sequence[str], selected: Collection[str] | None = None
    ) -> Mapping[str, list[OrderLine]]:
        """The lines of each order, with no more than the selected fields where there is a selection."""
        records = LINES.narrowed(selected)
        rows = records.many(await self._database.fetch(lines_of(records), scope, ids=order_ids))
        return {key: list(group) for key, group in groupby(rows, key=lambda line: line.order_id)}

    async def timeline_of(
        self, scope: Scope, order_ids: Sequence[str]
    ) -> Mapping[str, list[OrderTransition]]:
        rows = TRANSITIONS.many(await self._database.fetch(TIMELINE_OF, scope, ids=order_ids))
        return {key: list(group) for key, group in groupby(rows, key=lambda step: step.order_id)}

    async def add(
        self,
        transaction: Transaction,
        order: Order,
        lines: Sequence[OrderLine],
        history: Sequence[OrderTransition],
    ) -> None:
        """Write a new order. Raises Conflict where its reference is taken."""
        await transaction.insert(INSERT, [ORDERS.row(order)])
        await transaction.insert(INSERT_LINE, map(LINES.row, lines))
        await transaction.insert(INSERT_TRANSITION, map(TRANSITIONS.row, history))

    async def locked(self, transaction: Transaction, order_id: str) -> tuple[Order, list[OrderLine]] | None:
        """The order and its lines, held against every other writer until the transaction ends."""
        row = await transaction.row(LOCK, order_id=order_id)
        if row is None:
            return None
        return ORDERS.one(row), LINES.many(await transaction.fetch(LINES_TO_WRITE, order_id=order_id))

    async def use_number(self, transaction: Transaction, order: Order, *, again: bool) -> None:
        """Remember that the partner has used the order's purchase order number.

        Raises Conflict where another order was first, unless it may be used `again`.
        """
        row = {
            "partner_id": order.partner_id,
            "environment": order.environment,
            "number": order.purchase_order_number,
            "order_id": order.id,
        }
        if again:
            await transaction.run(USE_NUMBER_AGAIN, **row)
        else:
            await transaction.insert(USE_NUMBER, [row])

    async def rename(self, transaction: Transaction, order: Order) -> None:
        """Write the purchase order numbers of a locked order."""
        await transaction.run(
            RENAME,
            order_id=order.id,
            number=order.purchase_order_number,
            end_customer_number=order.end_customer_purchase_order_number,
            at=order.updated_at,
        )

    async def name_subscription(
        self, transaction: Transaction, line: OrderLine, subscription: Subscription
    ) -> None:
        """Remember which subscription a line of a NEW order made."""
        await transaction.run(
            NAME_SUBSCRIPTION, owner=line.partner_id, line_id=line.id, subscription=subscription.id
        )

    async def move(
        self,
        transaction: Transaction,
        order: Order,
        to_status: OrderStatus,
        *,
        actor: Actor,
        at: datetime,
        reason: str | None = None,
    ) -> None:
        """Move a locked order and its lines to a status. Raises IllegalTransition."""
        check_transition(order.status, to_status)
        key = {"partner_id": order.partner_id, "order_id": order.id}
        fulfilled_at = at if to_status is OrderStatus.FULFILLED else order.fulfilled_at
        moved = {"to_status": to_status, "reason": reason}
        await transaction.run(MOVE, **key, **moved, at=at, fulfilled_at=fulfilled_at)
        await transaction.run(MOVE_LINES, **key, **moved)
        last = await transaction.row(LAST_POSITION, **key)
        step = OrderTransition(
            id=new_id(Prefix.TRANSITION),
            partner_id=order.partner_id,
            environment=order.environment,
            order_id=order.id,
            position=last["position"] + 1 if last else 1,
            from_status=order.status,
            to_status=to_status,
            actor=actor,
            reason=reason,
            at=at,
        )
        await transaction.insert(INSERT_TRANSITION, [TRANSITIONS.row(step)])
