"""Webhook endpoints: kept for partners, and claimed by workers, one worker an endpoint at a time.

A claim is a lease with a token. Whoever changes an endpoint takes the claim away, and what its worker then
writes meets a token that is gone: a try that was under way is made again by the next claim, under the new
settings.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, any_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import Integer

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from commerce.webhooks import DeliveryState, DisabledReason, EndpointState, WebhookEndpoint
from datasources.identifiers import new_id
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.records import Records, identifier, listed, member
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import event_sequences, webhook_deliveries, webhook_endpoints
from datasources.postgres.tables.columns import MOMENT

ENDPOINTS = Records(
    WebhookEndpoint,
    webhook_endpoints,
    id=identifier(Prefix.WEBHOOK_ENDPOINT, webhook_endpoints.c.id),
    partner_id=identifier(Prefix.PARTNER, webhook_endpoints.c.partner_id),
    environment=member(Environment, webhook_endpoints.c.environment),
    held_by=identifier(Prefix.WEBHOOK_DELIVERY, webhook_endpoints.c.held_by),
    event_types=listed(webhook_endpoints.c.event_types),
    state=member(EndpointState, webhook_endpoints.c.state),
    disabled_reason=member(DisabledReason, webhook_endpoints.c.disabled_reason),
)

_PROGRESS = (
    "position",
    "sent",
    "held_by",
    "parked",
    "failing_since",
    "last_failed_at",
    "state",
    "disabled_reason",
    "disabled_at",
)
"""What changes as things are sent."""

_SETTINGS = ("url", "description", "event_types", "updated_at")


def _values(*names: str) -> dict[str, Any]:
    return {name: bindparam(name, type_=webhook_endpoints.c[name].type) for name in names}


_MINE = and_(
    webhook_endpoints.c.partner_id == bindparam("partner_id", type_=UUID()),
    webhook_endpoints.c.id == bindparam("endpoint", type_=UUID()),
)
_CLAIMED = and_(_MINE, webhook_endpoints.c.claim == bindparam("claimed", type_=UUID()))
_NOW = bindparam("now", type_=MOMENT)
_HAS_NEW_EVENTS = and_(
    webhook_endpoints.c.held_by.is_(None),
    exists().where(
        event_sequences.c.partner_id == webhook_endpoints.c.partner_id,
        event_sequences.c.environment == webhook_endpoints.c.environment,
        event_sequences.c.last > webhook_endpoints.c.position,
    ),
)
_HAS_DUE = exists().where(
    webhook_deliveries.c.partner_id == webhook_endpoints.c.partner_id,
    webhook_deliveries.c.endpoint_id == webhook_endpoints.c.id,
    webhook_deliveries.c.state == DeliveryState.WAITING,
    webhook_deliveries.c.next_try_at <= _NOW,
)
_WITH_WORK = (
    select(webhook_endpoints.c.partner_id, webhook_endpoints.c.id)
    .where(
        webhook_endpoints.c.state == EndpointState.ENABLED,
        or_(webhook_endpoints.c.claimed_until.is_(None), webhook_endpoints.c.claimed_until <= _NOW),
        or_(_HAS_NEW_EVENTS, _HAS_DUE),
    )
    .order_by(webhook_endpoints.c.claimed_until.nulls_first())
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True, of=webhook_endpoints)
    .cte("with_work")
)

CLAIM = Statement(
    update(webhook_endpoints)
    .where(
        webhook_endpoints.c.partner_id == _WITH_WORK.c.partner_id,
        webhook_endpoints.c.id == _WITH_WORK.c.id,
    )
    .values(claim=bindparam("token", type_=UUID()), claimed_until=bindparam("until", type_=MOMENT))
    .returning(*ENDPOINTS.columns)
)
SETTLE = Statement(
    update(webhook_endpoints)
    .where(_CLAIMED)
    .values(claimed_until=bindparam("until", type_=MOMENT), **_values(*_PROGRESS))
)
RELEASE = Statement(
    update(webhook_endpoints)
    .where(_CLAIMED)
    .values(claim=None, claimed_until=bindparam("until", type_=MOMENT), **_values("position"))
)
BY_ID = ScopedStatement(
    lambda tenant: select(*ENDPOINTS.columns).where(
        tenant(webhook_endpoints), webhook_endpoints.c.id == any_(ids())
    )
)
ALL = ScopedStatement(
    lambda tenant: (
        select(*ENDPOINTS.columns).where(tenant(webhook_endpoints)).order_by(webhook_endpoints.c.id.desc())
    )
)
LOCK = ScopedStatement(
    lambda tenant: (
        select(*ENDPOINTS.columns)
        .where(tenant(webhook_endpoints), webhook_endpoints.c.id == any_(ids()))
        .with_for_update()
    )
)
CHANGE = Statement(
    update(webhook_endpoints)
    .where(_MINE)
    .values(claim=None, claimed_until=None, **_values(*_SETTINGS, *_PROGRESS))
)
DELETE = Statement(delete(webhook_endpoints).where(_MINE))
INSERT = Insert(webhook_endpoints, except_for={"claim", "claimed_until"})
COUNT = ScopedStatement(
    lambda tenant: (
        select(func.count().label("total")).select_from(webhook_endpoints).where(tenant(webhook_endpoints))
    )
)
BACKLOG = ScopedStatement(
    lambda tenant: (
        select(
            webhook_endpoints.c.id,
            (event_sequences.c.last - webhook_endpoints.c.position).label("behind"),
        )
        .select_from(
            webhook_endpoints.join(
                event_sequences,
                and_(
                    event_sequences.c.partner_id == webhook_endpoints.c.partner_id,
                    event_sequences.c.environment == webhook_endpoints.c.environment,
                ),
            )
        )
        .where(tenant(webhook_endpoints), tenant(event_sequences), webhook_endpoints.c.id == any_(ids()))
    )
)


class LostClaim(Exception):
    """Another worker has the endpoint now, or its settings changed."""


class WebhookEndpoints:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, scope: Scope, endpoint_ids: Sequence[str]) -> Mapping[str, WebhookEndpoint]:
        rows = await self._database.fetch(BY_ID, scope, ids=endpoint_ids)
        return {endpoint.id: endpoint for endpoint in ENDPOINTS.many(rows)}

    async def all(self, scope: Scope) -> list[WebhookEndpoint]:
        """Every endpoint in scope, newest first."""
        return ENDPOINTS.many(await self._database.fetch(ALL, scope))

    async def behind(self, scope: Scope, endpoint_ids: Sequence[str]) -> Mapping[str, int]:
        """How many events of the log each endpoint has still to look at."""
        rows = await self._database.fetch(BACKLOG, scope, ids=endpoint_ids)
        return {f"{Prefix.WEBHOOK_ENDPOINT}_{row['id']}": row["behind"] for row in rows}

    async def locked(self, transaction: Transaction, endpoint_id: str) -> WebhookEndpoint | None:
        """An endpoint in the transaction's scope, held against every other writer until it ends."""
        rows = await transaction.fetch_scoped(LOCK, ids=[endpoint_id])
        return ENDPOINTS.one(rows[0]) if rows else None

    async def count(self, transaction: Transaction) -> int:
        return int((await transaction.fetch_scoped(COUNT))[0]["total"])

    async def add(self, transaction: Transaction, endpoint: WebhookEndpoint) -> None:
        await transaction.insert(INSERT, [ENDPOINTS.row(endpoint)])

    async def change(self, transaction: Transaction, endpoint: WebhookEndpoint) -> None:
        """Write a locked endpoint as it is now, and take it from the worker that has it."""
        await transaction.run(CHANGE, endpoint=endpoint.id, **ENDPOINTS.row(endpoint))

    async def delete(self, transaction: Transaction, endpoint: WebhookEndpoint) -> None:
        """Remove a locked endpoint with its secrets and its log."""
        await transaction.run(DELETE, endpoint=endpoint.id, partner_id=endpoint.partner_id)

    async def claim(
        self, transaction: Transaction, now: datetime, lease: timedelta, most: int
    ) -> tuple[str, list[WebhookEndpoint]]:
        """A token, and the endpoints taken with it that have something to send, of every partner."""
        token = new_id(Prefix.WEBHOOK_ENDPOINT)
        rows = await transaction.fetch(CLAIM, now=now, until=now + lease, most=most, token=token)
        return token, ENDPOINTS.many(rows)

    async def settle(
        self, transaction: Transaction, claim: str, endpoint: WebhookEndpoint, until: datetime
    ) -> None:
        """Write how far a claimed endpoint has come, and keep it until then. Raises LostClaim."""
        values = ENDPOINTS.row(endpoint)
        if not await transaction.run(SETTLE, endpoint=endpoint.id, claimed=claim, until=until, **values):
            raise LostClaim

    async def release(
        self, transaction: Transaction, claim: str, endpoint: WebhookEndpoint, now: datetime
    ) -> None:
        """Let others claim it again; those that were served longest ago go first."""
        values = ENDPOINTS.row(endpoint)
        await transaction.run(RELEASE, endpoint=endpoint.id, claimed=claim, until=now, **values)
