"""Activation codes: one current code a subscription, known by its digest; sealed until it was handed out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import DateTime, LargeBinary, Text

from commerce import activation_codes as codes
from commerce.access import Environment, Scope
from commerce.ids import Prefix
from datasources.identifiers import new_id, random_bytes
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import activation_codes
from datasources.sealing import Seal

PURPOSE = "activation code"

_IS_CURRENT = activation_codes.c.replaced_at.is_(None)
_OF_SUBSCRIPTION = activation_codes.c.subscription_id == bindparam("subscription", type_=UUID())

LAST_FIVE_OF = ScopedStatement(
    lambda tenant: select(activation_codes.c.subscription_id, activation_codes.c.last_five).where(
        tenant(activation_codes), activation_codes.c.subscription_id == any_(ids()), _IS_CURRENT
    )
)
_UNREAD = (
    select(activation_codes.c.id, activation_codes.c.sealed)
    .where(_OF_SUBSCRIPTION, _IS_CURRENT, activation_codes.c.sealed.is_not(None))
    .with_for_update()
    .cte("unread")
)
TAKE = Statement(
    update(activation_codes)
    .where(activation_codes.c.id == _UNREAD.c.id)
    .values(
        sealed=None,
        retrieved_at=bindparam("at", type_=DateTime(timezone=True)),
        retrieved_by=bindparam("by", type_=Text()),
    )
    .returning(_UNREAD.c.sealed)
)
SEALED = Statement(select(activation_codes.c.sealed).where(_OF_SUBSCRIPTION, _IS_CURRENT))
REPLACE = Statement(
    update(activation_codes)
    .where(_OF_SUBSCRIPTION, _IS_CURRENT)
    .values(replaced_at=bindparam("at", type_=DateTime(timezone=True)), sealed=None)
)
BY_DIGEST = Statement(
    select(
        activation_codes.c.partner_id, activation_codes.c.environment, activation_codes.c.subscription_id
    ).where(activation_codes.c.digest == bindparam("digest", type_=LargeBinary()), _IS_CURRENT)
)
INSERT = Insert(activation_codes)


@dataclass(frozen=True, slots=True)
class Holder:
    """What a code stands for."""

    partner_id: str
    environment: Environment
    subscription_id: str


class ActivationCodes:
    """Codes of subscriptions. The text of one exists in the answer that hands it out, and nowhere else."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def issue(self, transaction: Transaction, scope: Scope, subscription_id: str, at: datetime) -> None:
        """Make the first code of a subscription, or another after `replace`."""
        code = codes.code_of(random_bytes(codes.RANDOM_BYTES))
        row = {
            "id": new_id(Prefix.ACTIVATION_CODE),
            "partner_id": scope.partner_id,
            "environment": scope.environment,
            "subscription_id": subscription_id,
            "digest": codes.digest(code),
            "last_five": code[-5:],
            "sealed": self._seal.close(PURPOSE, code.encode()),
            "issued_at": at,
            "retrieved_at": None,
            "retrieved_by": None,
            "replaced_at": None,
        }
        await transaction.insert(INSERT, [row])

    async def replace(self, transaction: Transaction, subscription_id: str, at: datetime) -> None:
        """End the current code of a subscription: it opens nothing any more."""
        await transaction.run(REPLACE, subscription=subscription_id, at=at)

    async def take(
        self, transaction: Transaction, subscription_id: str, *, by: str, at: datetime
    ) -> str | None:
        """The code of a subscription, the first time; None ever after, and where it has none."""
        row = await transaction.row(TAKE, subscription=subscription_id, by=by, at=at)
        return self._opened(row["sealed"]) if row else None

    async def unread(self, transaction: Transaction, subscription_id: str) -> str | None:
        """The code while nobody has taken it, to be sent to the contact."""
        row = await transaction.row(SEALED, subscription=subscription_id)
        return self._opened(row["sealed"]) if row and row["sealed"] else None

    async def masked_of(self, scope: Scope, subscription_ids: Sequence[str]) -> Mapping[str, str]:
        """The current code of each subscription, masked but for its last five symbols."""
        rows = await self._database.fetch(LAST_FIVE_OF, scope, ids=subscription_ids)
        return {
            f"{Prefix.SUBSCRIPTION}_{row['subscription_id']}": codes.masked(row["last_five"]) for row in rows
        }

    async def holder_of(self, transaction: Transaction, code: str) -> Holder | None:
        """What a normalised code stands for, whoever shows it."""
        row = await transaction.row(BY_DIGEST, digest=codes.digest(code))
        if row is None:
            return None
        return Holder(
            f"{Prefix.PARTNER}_{row['partner_id']}",
            Environment(row["environment"]),
            f"{Prefix.SUBSCRIPTION}_{row['subscription_id']}",
        )

    def _opened(self, sealed: bytes) -> str:
        return self._seal.open(PURPOSE, sealed).decode()
