"""What was sent to webhook endpoints, what is still to be sent, and how each try ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, any_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, UUID, insert
from sqlalchemy.types import BigInteger, Text

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from commerce.paging import PageRequest
from commerce.webhooks import (
    DeliveryFilter,
    DeliveryState,
    Outcome,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.newest import Newest
from datasources.postgres.records import Records, identifier, member
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import webhook_attempts, webhook_deliveries
from datasources.postgres.tables.columns import MOMENT

DELIVERIES = Records(
    WebhookDelivery,
    webhook_deliveries,
    id=identifier(Prefix.WEBHOOK_DELIVERY, webhook_deliveries.c.id),
    partner_id=identifier(Prefix.PARTNER, webhook_deliveries.c.partner_id),
    environment=member(Environment, webhook_deliveries.c.environment),
    endpoint_id=identifier(Prefix.WEBHOOK_ENDPOINT, webhook_deliveries.c.endpoint_id),
    event_id=identifier(Prefix.EVENT, webhook_deliveries.c.event_id),
    state=member(DeliveryState, webhook_deliveries.c.state),
)
ATTEMPTS = Records(
    WebhookAttempt,
    webhook_attempts,
    id=identifier(Prefix.WEBHOOK_ATTEMPT, webhook_attempts.c.id),
    delivery_id=identifier(Prefix.WEBHOOK_DELIVERY, webhook_attempts.c.delivery_id),
    outcome=member(Outcome, webhook_attempts.c.outcome),
)

_AT_ENDPOINT = and_(
    webhook_deliveries.c.partner_id == bindparam("partner_id", type_=UUID()),
    webhook_deliveries.c.endpoint_id == bindparam("endpoint", type_=UUID()),
)
_WAITS = and_(_AT_ENDPOINT, webhook_deliveries.c.state == DeliveryState.WAITING)
_WAITS_IN_ORDER = and_(_WAITS, webhook_deliveries.c.in_order)
_OF_SUBJECT = and_(_WAITS_IN_ORDER, webhook_deliveries.c.subject_id == bindparam("subject", type_=Text()))
_SEQUENCE = bindparam("sequence", type_=BigInteger())
_NOW = bindparam("now", type_=MOMENT)

NEXT_DUE = Statement(
    select(*DELIVERIES.columns)
    .where(_WAITS, webhook_deliveries.c.next_try_at <= _NOW)
    .order_by(webhook_deliveries.c.sequence.nulls_first(), webhook_deliveries.c.id)
    .limit(1)
)
AROUND = Statement(
    select(*DELIVERIES.columns).where(
        _AT_ENDPOINT,
        or_(
            webhook_deliveries.c.event_id == any_(ids()),
            and_(webhook_deliveries.c.state == DeliveryState.WAITING, webhook_deliveries.c.in_order),
        ),
    )
)
_NEW = {column.name: bindparam(column.name, type_=column.type) for column in webhook_deliveries.c}
_CHANGING = (*("previous_sequence", "in_order", "state", "tries", "attempts", "next_try_at", "settled_at"),)
SAVE = Statement(
    insert(webhook_deliveries)
    .values(_NEW)
    .on_conflict_do_update(index_elements=["partner_id", "id"], set_={name: _NEW[name] for name in _CHANGING})
)
HOLD_BEHIND = Statement(
    update(webhook_deliveries)
    .where(_OF_SUBJECT, webhook_deliveries.c.sequence > _SEQUENCE)
    .values(next_try_at=None)
)
_NEXT_OF_SUBJECT = select(func.min(webhook_deliveries.c.sequence)).where(_OF_SUBJECT).scalar_subquery()
LET_NEXT_GO = Statement(
    update(webhook_deliveries)
    .where(_OF_SUBJECT, webhook_deliveries.c.sequence == _NEXT_OF_SUBJECT)
    .values(next_try_at=_NOW)
)
HURRY = Statement(
    update(webhook_deliveries).where(_WAITS, webhook_deliveries.c.next_try_at > _NOW).values(next_try_at=_NOW)
)
REVIVE = Statement(
    update(webhook_deliveries)
    .where(
        _AT_ENDPOINT,
        webhook_deliveries.c.state == DeliveryState.DEAD,
        webhook_deliveries.c.sequence.is_not(None),
        webhook_deliveries.c.settled_at >= bindparam("since", type_=MOMENT),
    )
    .values(state=DeliveryState.WAITING, tries=0, next_try_at=_NOW, settled_at=None)
)
GIVE_UP_FROM = Statement(
    update(webhook_deliveries)
    .where(_WAITS, webhook_deliveries.c.sequence >= _SEQUENCE)
    .values(state=DeliveryState.DEAD, next_try_at=None, settled_at=_NOW)
)
FORGET = Statement(
    delete(webhook_deliveries).where(webhook_deliveries.c.settled_at < bindparam("before", type_=MOMENT))
)
LOCK = ScopedStatement(
    lambda tenant: (
        select(*DELIVERIES.columns)
        .where(tenant(webhook_deliveries), webhook_deliveries.c.id == any_(ids()))
        .with_for_update()
    )
)
BY_ID = ScopedStatement(
    lambda tenant: select(*DELIVERIES.columns).where(
        tenant(webhook_deliveries), webhook_deliveries.c.id == any_(ids())
    )
)
ATTEMPTS_OF = ScopedStatement(
    lambda tenant: (
        select(*ATTEMPTS.columns)
        .where(tenant(webhook_attempts), webhook_attempts.c.delivery_id == any_(ids()))
        .order_by(webhook_attempts.c.delivery_id, webhook_attempts.c.number)
    )
)
WAITING_AT = ScopedStatement(
    lambda tenant: (
        select(webhook_deliveries.c.endpoint_id, func.count().label("total"))
        .where(
            tenant(webhook_deliveries),
            webhook_deliveries.c.endpoint_id == any_(ids()),
            webhook_deliveries.c.state == DeliveryState.WAITING,
        )
        .group_by(webhook_deliveries.c.endpoint_id)
    )
)
INSERT_ATTEMPT = Insert(webhook_attempts)

NEWEST = Newest(
    DELIVERIES,
    webhook_deliveries,
    {
        "endpoint_id": webhook_deliveries.c.endpoint_id == bindparam("of_endpoint_id", type_=UUID()),
        "event_id": webhook_deliveries.c.event_id == bindparam("of_event_id", type_=UUID()),
        "states": webhook_deliveries.c.state == any_(bindparam("of_states", type_=ARRAY(Text()))),
    },
)


class WebhookDeliveries:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, scope: Scope, delivery_ids: Sequence[str]) -> Mapping[str, WebhookDelivery]:
        rows = await self._database.fetch(BY_ID, scope, ids=delivery_ids)
        return {delivery.id: delivery for delivery in DELIVERIES.many(rows)}

    async def page(self, scope: Scope, wanted: DeliveryFilter, request: PageRequest) -> list[WebhookDelivery]:
        """The deliveries of a page in the direction of travel, and one more where there are more."""
        return await NEWEST.page(self._database, scope, request, wanted)

    async def count(self, scope: Scope, wanted: DeliveryFilter) -> int:
        return await NEWEST.count(self._database, scope, wanted)

    async def attempts_of(
        self, scope: Scope, delivery_ids: Sequence[str]
    ) -> Mapping[str, list[WebhookAttempt]]:
        """The tries of each delivery, the first one first."""
        found = ATTEMPTS.many(await self._database.fetch(ATTEMPTS_OF, scope, ids=delivery_ids))
        return {key: list(some) for key, some in groupby(found, key=lambda one: one.delivery_id)}

    async def waiting_at(self, scope: Scope, endpoint_ids: Sequence[str]) -> Mapping[str, int]:
        """How many deliveries each endpoint has that were tried, or held back, and are not settled."""
        rows = await self._database.fetch(WAITING_AT, scope, ids=endpoint_ids)
        return {f"{Prefix.WEBHOOK_ENDPOINT}_{row['endpoint_id']}": row["total"] for row in rows}

    async def locked(self, transaction: Transaction, delivery_id: str) -> WebhookDelivery | None:
        """A delivery in the transaction's scope, held until it ends."""
        rows = await transaction.fetch_scoped(LOCK, ids=[delivery_id])
        return DELIVERIES.one(rows[0]) if rows else None

    async def next_due(self, endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery | None:
        """The first delivery, by sequence, that is to be tried again; tests come before it."""
        rows = await self._database.fetch_everywhere(NEXT_DUE, **_of(endpoint), now=now)
        return DELIVERIES.one(rows[0]) if rows else None

    async def around(self, endpoint: WebhookEndpoint, event_ids: Sequence[str]) -> list[WebhookDelivery]:
        """What is known of events at an endpoint, and whatever waits there in its order."""
        return DELIVERIES.many(await self._database.fetch_everywhere(AROUND, **_of(endpoint), ids=event_ids))

    async def save(self, transaction: Transaction, delivery: WebhookDelivery) -> None:
        """Write a delivery as it is now, whether it was there before or not."""
        await transaction.run(SAVE, **DELIVERIES.row(delivery))

    async def add_attempt(
        self, transaction: Transaction, delivery: WebhookDelivery, attempt: WebhookAttempt
    ) -> None:
        row = ATTEMPTS.row(attempt)
        row |= {"partner_id": delivery.partner_id, "environment": delivery.environment}
        await transaction.insert(INSERT_ATTEMPT, [row])

    async def hold_behind(self, transaction: Transaction, failed: WebhookDelivery) -> None:
        """What comes later of the same subject waits for a delivery that failed."""
        await transaction.run(HOLD_BEHIND, **_in(failed), sequence=failed.sequence)

    async def let_next_go(self, transaction: Transaction, done: WebhookDelivery, now: datetime) -> None:
        """The next delivery of a subject is due once the one before it is settled."""
        await transaction.run(LET_NEXT_GO, **_in(done), now=now)

    async def hurry(self, transaction: Transaction, endpoint: WebhookEndpoint, now: datetime) -> None:
        """Whatever waits for its next try is due at once."""
        await transaction.run(HURRY, **_of(endpoint), now=now)

    async def revive(
        self, transaction: Transaction, endpoint: WebhookEndpoint, since: datetime, now: datetime
    ) -> None:
        """What has died since then is to be tried again."""
        await transaction.run(REVIVE, **_of(endpoint), since=since, now=now)

    async def give_up_from(
        self, transaction: Transaction, endpoint: WebhookEndpoint, sequence: int, now: datetime
    ) -> None:
        """What waits from a sequence on is not tried by itself: the log will be read from there again."""
        await transaction.run(GIVE_UP_FROM, **_of(endpoint), sequence=sequence, now=now)

    async def forget(self, transaction: Transaction, before: datetime) -> int:
        """Remove what was settled before then, with its tries; how many deliveries that were."""
        return await transaction.run(FORGET, before=before)


def _of(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {"partner_id": endpoint.partner_id, "endpoint": endpoint.id}


def _in(delivery: WebhookDelivery) -> dict[str, Any]:
    return {
        "partner_id": delivery.partner_id,
        "endpoint": delivery.endpoint_id,
        "subject": delivery.subject_id,
    }
