"""Idempotency keys: which resource a key of a partner made, and from which input. They are kept for ever."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.types import Text

from commerce.access import Scope
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.statements import ScopedStatement
from datasources.postgres.tables import idempotency_keys


@dataclass(frozen=True, slots=True)
class UsedKey:
    """What a key was used for. `resource_id` is 32 hex digits; the mutation says of which kind."""

    fingerprint: bytes
    resource_id: str


OF_KEY = ScopedStatement(
    lambda tenant: select(idempotency_keys.c.fingerprint, idempotency_keys.c.resource_id).where(
        tenant(idempotency_keys),
        idempotency_keys.c.mutation == bindparam("mutation", type_=Text()),
        idempotency_keys.c.key == bindparam("key", type_=Text()),
    )
)
INSERT = Insert(idempotency_keys, except_for={"created_at"})


class IdempotencyKeys:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def use_of(self, scope: Scope, mutation: str, key: str) -> UsedKey | None:
        """What this partner's key made, if anything."""
        rows = await self._database.fetch(OF_KEY, scope, mutation=mutation, key=key)
        return UsedKey(rows[0]["fingerprint"], rows[0]["resource_id"]) if rows else None

    async def used_in(self, transaction: Transaction, mutation: str, key: str) -> UsedKey | None:
        """The same, read in a transaction that acts for the partner."""
        scope = transaction.scope
        assert scope is not None  # noqa: S101  keys belong to partners, never to the worker
        row = await transaction.row(
            OF_KEY.within(scope),
            partner_id=scope.partner_id,
            environment=scope.environment,
            mutation=mutation,
            key=key,
        )
        return UsedKey(row["fingerprint"], row["resource_id"]) if row else None

    async def claim(
        self, transaction: Transaction, mutation: str, key: str, *, fingerprint: bytes, resource_id: str
    ) -> None:
        """Take a key for a resource of the same transaction.

        Raises Conflict where it is taken; a rival that is still writing is waited for.
        """
        scope = transaction.scope
        assert scope is not None  # noqa: S101  keys belong to partners, never to the worker
        row = {
            "partner_id": scope.partner_id,
            "environment": scope.environment,
            "mutation": mutation,
            "key": key,
            "fingerprint": fingerprint,
            "resource_id": resource_id,
        }
        await transaction.insert(INSERT, [row])
