"""Webhook secrets. They must be read again to sign with, so they are sealed, each for its own id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import and_, any_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import UUID

from commerce.access import Scope
from commerce.ids import Prefix
from commerce.webhooks import WebhookEndpoint, WebhookSecret
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.records import Records, identifier
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import webhook_secrets
from datasources.postgres.tables.columns import MOMENT
from datasources.sealing import Seal

SECRETS = Records(
    WebhookSecret,
    webhook_secrets,
    id=identifier(Prefix.WEBHOOK_SECRET, webhook_secrets.c.id),
    endpoint_id=identifier(Prefix.WEBHOOK_ENDPOINT, webhook_secrets.c.endpoint_id),
)

_OF_ENDPOINT = and_(
    webhook_secrets.c.partner_id == bindparam("partner_id", type_=UUID()),
    webhook_secrets.c.endpoint_id == bindparam("endpoint", type_=UUID()),
)
_NOW = bindparam("now", type_=MOMENT)
_LIVE = or_(webhook_secrets.c.expires_at.is_(None), webhook_secrets.c.expires_at > _NOW)

INSERT = Insert(webhook_secrets)
BY_ID = ScopedStatement(
    lambda tenant: select(
        webhook_secrets.c.endpoint_id, webhook_secrets.c.sealed, webhook_secrets.c.created_at
    ).where(tenant(webhook_secrets), webhook_secrets.c.id == any_(ids()))
)
LIVE = Statement(
    select(webhook_secrets.c.id, webhook_secrets.c.sealed)
    .where(_OF_ENDPOINT, _LIVE)
    .order_by(webhook_secrets.c.id.desc())
)
LIVE_BELOW = ScopedStatement(
    lambda tenant: (
        select(*SECRETS.columns)
        .where(tenant(webhook_secrets), webhook_secrets.c.endpoint_id == any_(ids()), _LIVE)
        .order_by(webhook_secrets.c.endpoint_id, webhook_secrets.c.id.desc())
    )
)
RETIRE = Statement(
    update(webhook_secrets)
    .where(_OF_ENDPOINT, _LIVE)
    .values(
        expires_at=func.least(
            webhook_secrets.c.expires_at,
            bindparam("until", type_=MOMENT),
        )
    )
)
RETIRE_OLDER = Statement(
    update(webhook_secrets).where(_OF_ENDPOINT, webhook_secrets.c.expires_at > _NOW).values(expires_at=_NOW)
)


@dataclass(frozen=True, slots=True, repr=False)
class KeptSecret:
    """A secret with where and when it was made. It has no repr, so that no log can carry it."""

    secret: bytes
    endpoint_id: str
    created_at: datetime


class WebhookSecrets:
    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def live_below(
        self, scope: Scope, endpoint_ids: Sequence[str], now: datetime
    ) -> Mapping[str, list[WebhookSecret]]:
        """The secrets that sign for each endpoint, newest first."""
        rows = await self._database.fetch(LIVE_BELOW, scope, ids=endpoint_ids, now=now)
        found = SECRETS.many(rows)
        return {key: list(some) for key, some in groupby(found, key=lambda one: one.endpoint_id)}

    async def kept(self, scope: Scope, secret_id: str) -> KeptSecret | None:
        """One secret, whether it still signs or not."""
        rows = await self._database.fetch(BY_ID, scope, ids=[secret_id])
        if not rows:
            return None
        endpoint_id = f"{Prefix.WEBHOOK_ENDPOINT}_{rows[0]['endpoint_id']}"
        secret = self._seal.open(_purpose(secret_id), rows[0]["sealed"])
        return KeptSecret(secret, endpoint_id, rows[0]["created_at"])

    async def live(self, endpoint: WebhookEndpoint, now: datetime) -> list[bytes]:
        """What signs for an endpoint, newest first."""
        rows = await self._database.fetch_everywhere(
            LIVE, partner_id=endpoint.partner_id, endpoint=endpoint.id, now=now
        )
        return [self._seal.open(_purpose(row["id"]), row["sealed"]) for row in rows]

    async def add(
        self,
        transaction: Transaction,
        endpoint: WebhookEndpoint,
        secret_id: str,
        secret: bytes,
        now: datetime,
    ) -> None:
        row = {
            "id": secret_id,
            "partner_id": endpoint.partner_id,
            "environment": endpoint.environment,
            "endpoint_id": endpoint.id,
            "sealed": self._seal.close(_purpose(secret_id), secret),
            "created_at": now,
            "expires_at": None,
        }
        await transaction.insert(INSERT, [row])

    async def retire(
        self, transaction: Transaction, endpoint: WebhookEndpoint, now: datetime, until: datetime
    ) -> None:
        """Let the present secret sign until then, and one that was to end already sign no more."""
        of = {"partner_id": endpoint.partner_id, "endpoint": endpoint.id, "now": now}
        await transaction.run(RETIRE_OLDER, **of)
        await transaction.run(RETIRE, **of, until=until)


def _purpose(secret_id: str) -> str:
    """What a secret is sealed for: a sealed secret that is moved to another row opens nothing."""
    return f"webhook secret {secret_id[-32:]}"
