"""What bridges need to know: how the newest renewal of a subscription stands, and which bridges it ends."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.types import Date, Integer, Text

from commerce.ids import Prefix
from commerce.licenses import LicenseKind, LicenseState
from commerce.orders import OrderKind, OrderStatus
from commerce.subscriptions import SubscriptionState
from datasources.postgres.database import Row, Transaction
from datasources.postgres.statements import Statement
from datasources.postgres.tables import licenses, order_lines, orders, subscriptions


def _word(word: LicenseKind | LicenseState) -> Any:
    """A word written out: a parameter would keep the partial indexes from use."""
    return literal_column(f"'{word.value}'", Text())


_RENEWS = (
    orders.c.partner_id == order_lines.c.partner_id,
    orders.c.id == order_lines.c.order_id,
    orders.c.kind == OrderKind.RENEWAL,
)

NEWEST_RENEWAL = Statement(
    select(orders.c.status)
    .select_from(order_lines)
    .join(orders, (_RENEWS[0]) & (_RENEWS[1]) & (_RENEWS[2]))
    .where(order_lines.c.subscription_id == bindparam("subscription", type_=UUID()))
    .order_by(orders.c.id.desc())
    .limit(1)
)
_NEWEST = (
    select(orders.c.status)
    .where(*_RENEWS, order_lines.c.subscription_id == licenses.c.subscription_id)
    .order_by(orders.c.id.desc())
    .limit(1)
    .correlate(licenses)
    .scalar_subquery()
)
DENIED = Statement(
    select(licenses.c.id, licenses.c.subscription_id)
    .where(
        licenses.c.kind == _word(LicenseKind.BRIDGE),
        licenses.c.state == any_(bindparam("states", type_=ARRAY(Text()))),
        _NEWEST == OrderStatus.DENIED,
    )
    .limit(bindparam("most", type_=Integer()))
)
BEGINNING = Statement(
    select(licenses.c.id, licenses.c.subscription_id)
    .where(
        licenses.c.state == _word(LicenseState.SCHEDULED),
        licenses.c.starts_on <= bindparam("today", type_=Date()),
    )
    .limit(bindparam("most", type_=Integer()))
)
ENDED = Statement(
    select(licenses.c.id, licenses.c.subscription_id)
    .join(
        subscriptions,
        (subscriptions.c.partner_id == licenses.c.partner_id)
        & (subscriptions.c.id == licenses.c.subscription_id),
    )
    .where(
        licenses.c.state == _word(LicenseState.ACTIVE),
        licenses.c.expires_on <= bindparam("today", type_=Date()),
        licenses.c.expires_on + licenses.c.grace_days <= bindparam("today", type_=Date()),
        subscriptions.c.state != SubscriptionState.ACTIVE,
    )
    .limit(bindparam("most", type_=Integer()))
)

Due = list[tuple[str, str]]
"""Licences with their subscriptions, by id."""


async def newest_renewal(transaction: Transaction, subscription_id: str) -> OrderStatus | None:
    """Where the newest renewal of a subscription stands; None where none was ever placed."""
    row = await transaction.row(NEWEST_RENEWAL, subscription=subscription_id)
    return OrderStatus(row["status"]) if row else None


async def after_denial(transaction: Transaction, most: int) -> Due:
    """Bridges to renewals that were denied."""
    states = [LicenseState.ACTIVE, LicenseState.SCHEDULED]
    return _due(await transaction.fetch(DENIED, states=states, most=most))


async def beginning(transaction: Transaction, today: date, most: int) -> Due:
    """Licences whose day has come."""
    return _due(await transaction.fetch(BEGINNING, today=today, most=most))


async def ended(transaction: Transaction, today: date, most: int) -> Due:
    """Licences whose term and grace are over, of subscriptions that do not go on."""
    return _due(await transaction.fetch(ENDED, today=today, most=most))


def _due(rows: Sequence[Row]) -> Due:
    return [
        (f"{Prefix.LICENSE}_{row['id']}", f"{Prefix.SUBSCRIPTION}_{row['subscription_id']}") for row in rows
    ]
