"""Activations of licences: which installations use how many seats of a subscription."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import DateTime, Integer, Text

from commerce.access import Environment, Scope
from commerce.activations import Activation
from commerce.ids import Prefix
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.records import Records, identifier, member
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import license_activations

ACTIVATIONS = Records(
    Activation,
    license_activations,
    id=identifier(Prefix.ACTIVATION, license_activations.c.id),
    partner_id=identifier(Prefix.PARTNER, license_activations.c.partner_id),
    environment=member(Environment, license_activations.c.environment),
    subscription_id=identifier(Prefix.SUBSCRIPTION, license_activations.c.subscription_id),
    license_id=identifier(Prefix.LICENSE, license_activations.c.license_id),
)

_MOMENT = DateTime(timezone=True)
_OF_SUBSCRIPTION = license_activations.c.subscription_id == bindparam("subscription", type_=UUID())
_GOES_ON = license_activations.c.ended_at.is_(None)

OF_SUBSCRIPTIONS = ScopedStatement(
    lambda tenant: (
        select(*ACTIVATIONS.columns)
        .where(tenant(license_activations), license_activations.c.subscription_id == any_(ids()), _GOES_ON)
        .order_by(license_activations.c.subscription_id, license_activations.c.id)
    )
)
HELD = Statement(
    select(*ACTIVATIONS.columns).where(_OF_SUBSCRIPTION, _GOES_ON).order_by(license_activations.c.id)
)
RENEW = Statement(
    update(license_activations)
    .where(license_activations.c.id == bindparam("activation", type_=UUID()))
    .values(
        license_id=bindparam("license", type_=UUID()),
        seats=bindparam("seats", type_=Integer()),
        file=bindparam("file", type_=Text()),
        renewed_at=bindparam("at", type_=_MOMENT),
    )
)
END = Statement(
    update(license_activations)
    .where(license_activations.c.id == any_(ids()), _GOES_ON)
    .values(ended_at=bindparam("at", type_=_MOMENT))
)
INSERT = Insert(license_activations)


class Activations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_subscriptions(
        self, scope: Scope, subscription_ids: Sequence[str]
    ) -> Mapping[str, list[Activation]]:
        """The activations of each subscription that go on, in the order in which they were made."""
        rows = ACTIVATIONS.many(await self._database.fetch(OF_SUBSCRIPTIONS, scope, ids=subscription_ids))
        return {key: list(group) for key, group in groupby(rows, key=lambda one: one.subscription_id)}

    async def held(self, transaction: Transaction, subscription_id: str) -> list[Activation]:
        """The same of a subscription that is held."""
        return ACTIVATIONS.many(await transaction.fetch(HELD, subscription=subscription_id))

    async def keep(self, transaction: Transaction, activation: Activation) -> None:
        """Write a new activation, or the new file and seats of one that is there."""
        if activation.activated_at == activation.renewed_at:
            await transaction.insert(INSERT, [ACTIVATIONS.row(activation)])
            return
        await transaction.run(
            RENEW,
            activation=activation.id,
            license=activation.license_id,
            seats=activation.seats,
            file=activation.file,
            at=activation.renewed_at,
        )

    async def end(self, transaction: Transaction, activations: Sequence[Activation], at: datetime) -> None:
        """Give back the seats of activations."""
        if activations:
            await transaction.run(END, ids=[one.id for one in activations], at=at)
