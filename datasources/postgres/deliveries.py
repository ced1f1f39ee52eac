"""Deliveries of licences: what was sent to whom, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.types import DateTime, Text

from commerce.access import Environment, Scope
from commerce.deliveries import Delivery, DeliveryReason, DeliveryStatus, Recipient
from commerce.ids import Prefix
from datasources.postgres import outbox
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.outbox import Destination
from datasources.postgres.pool import Row
from datasources.postgres.records import Records, identifier, member
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import license_deliveries

DELIVERIES = Records(
    Delivery,
    license_deliveries,
    id=identifier(Prefix.DELIVERY, license_deliveries.c.id),
    partner_id=identifier(Prefix.PARTNER, license_deliveries.c.partner_id),
    environment=member(Environment, license_deliveries.c.environment),
    license_id=identifier(Prefix.LICENSE, license_deliveries.c.license_id),
    recipient=member(Recipient, license_deliveries.c.recipient),
    reason=member(DeliveryReason, license_deliveries.c.reason),
    status=member(DeliveryStatus, license_deliveries.c.status),
)

OF_LICENSES = ScopedStatement(
    lambda tenant: (
        select(*DELIVERIES.columns)
        .where(tenant(license_deliveries), license_deliveries.c.license_id == any_(ids()))
        .order_by(license_deliveries.c.license_id, license_deliveries.c.id.desc())
    )
)
TO_SEND = Statement(
    select(*DELIVERIES.columns)
    .where(license_deliveries.c.id == any_(ids()), license_deliveries.c.status == DeliveryStatus.QUEUED)
    .order_by(license_deliveries.c.id)
)
SETTLE = Statement(
    update(license_deliveries)
    .where(
        license_deliveries.c.id == bindparam("delivery", type_=UUID()),
        license_deliveries.c.status == any_(bindparam("before", type_=ARRAY(Text()))),
    )
    .values(
        status=bindparam("status", type_=Text()),
        failure=bindparam("failure", type_=Text()),
        sent_at=func.coalesce(license_deliveries.c.sent_at, bindparam("sent", type_=DateTime(timezone=True))),
        ended_at=bindparam("ended", type_=DateTime(timezone=True)),
    )
    .returning(*DELIVERIES.columns)
)
INSERT = Insert(license_deliveries)


class Deliveries:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_licenses(self, scope: Scope, license_ids: Sequence[str]) -> Mapping[str, list[Delivery]]:
        """The deliveries of each licence, the newest first."""
        rows = DELIVERIES.many(await self._database.fetch(OF_LICENSES, scope, ids=license_ids))
        return {key: list(group) for key, group in groupby(rows, key=lambda one: one.license_id)}

    async def add(self, transaction: Transaction, delivery: Delivery) -> None:
        """Keep a delivery and, where it is to be sent, tell the mail job."""
        await transaction.insert(INSERT, [DELIVERIES.row(delivery)])
        if delivery.status is DeliveryStatus.QUEUED:
            await outbox.tell(
                transaction,
                [Destination.MAIL],
                partner_id=delivery.partner_id,
                environment=delivery.environment,
                key=delivery.id,
                payload={"delivery": delivery.id},
            )

    async def to_send(self, transaction: Transaction, delivery_ids: Sequence[str]) -> list[Delivery]:
        """Those of these that are still queued."""
        return DELIVERIES.many(await transaction.fetch(TO_SEND, ids=delivery_ids))

    async def sent(self, transaction: Transaction, delivery_id: str, at: datetime) -> Delivery | None:
        """A mail server has taken the message. None where it was settled before."""
        return await self._settled(transaction, delivery_id, DeliveryStatus.SENT, sent=at)

    async def bounced(
        self, transaction: Transaction, delivery_id: str, failure: str, at: datetime
    ) -> Delivery | None:
        """The message came back, at once or later. None where it had come back before, or never left."""
        return await self._settled(
            transaction, delivery_id, DeliveryStatus.BOUNCED, failure=failure, ended=at
        )

    async def failed(
        self, transaction: Transaction, delivery_id: str, failure: str, at: datetime
    ) -> Delivery | None:
        """No mail server took the message, and it is tried no more."""
        return await self._settled(transaction, delivery_id, DeliveryStatus.FAILED, failure=failure, ended=at)

    @staticmethod
    async def _settled(
        transaction: Transaction,
        delivery_id: str,
        status: DeliveryStatus,
        *,
        failure: str | None = None,
        sent: datetime | None = None,
        ended: datetime | None = None,
    ) -> Delivery | None:
        before = [DeliveryStatus.QUEUED]
        if status is DeliveryStatus.BOUNCED:
            before.append(DeliveryStatus.SENT)
        row: Row | None = await transaction.row(
            SETTLE,
            delivery=delivery_id,
            before=before,
            status=status,
            failure=failure,
            sent=sent,
            ended=ended,
        )
        return DELIVERIES.one(row) if row else None
