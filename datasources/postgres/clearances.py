"""The cleared list: hits that two officers have found to be somebody else."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from commerce.access import Environment, Scope
from commerce.cleared_hits import ClearedHit
from commerce.ids import Prefix
from commerce.matches import EntryKey
from commerce.parties import ListCode
from commerce.screening import Clearance
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.records import Part, Records, identifier, member
from datasources.postgres.statements import ScopedStatement, ids
from datasources.postgres.tables import screening_clearances
from datasources.postgres.tables.columns import MOMENT

_C = screening_clearances.c
CLEARANCES = Records(
    ClearedHit,
    screening_clearances,
    id=identifier(Prefix.CLEARANCE, _C.id),
    partner_id=identifier(Prefix.PARTNER, _C.partner_id),
    environment=member(Environment, _C.environment),
    case_id=identifier(Prefix.CASE, _C.case_id),
    list_code=Part(_C.list),
)
INSERT = Insert(screening_clearances)
IN_FORCE = ScopedStatement(
    lambda tenant: (
        select(_C.id, _C.party_fingerprint, _C.list, _C.entry_id, _C.entry_hash, _C.expires_at)
        .where(
            tenant(screening_clearances),
            _C.party_fingerprint == any_(bindparam("parties", type_=ARRAY(Text()))),
            _C.confirmed_at.is_not(None),
            _C.revoked_at.is_(None),
            _C.expires_at > bindparam("now", type_=MOMENT),
        )
        .order_by(_C.id)
    )
)
BY_ID = ScopedStatement(
    lambda tenant: select(*CLEARANCES.columns).where(tenant(screening_clearances), _C.id == any_(ids()))
)
OF_CASES = ScopedStatement(
    lambda tenant: (
        select(*CLEARANCES.columns)
        .where(tenant(screening_clearances), _C.case_id == any_(ids()))
        .order_by(_C.case_id, _C.id)
    )
)
CONFIRM = ScopedStatement(
    lambda tenant: (
        update(screening_clearances)
        .where(
            tenant(screening_clearances),
            _C.id == any_(ids()),
            _C.confirmed_at.is_(None),
            _C.revoked_at.is_(None),
            _C.proposed_by != bindparam("officer", type_=Text()),
        )
        .values(confirmed_by=bindparam("officer", type_=Text()), confirmed_at=bindparam("at", type_=MOMENT))
        .returning(*CLEARANCES.columns)
    )
)
REVOKE = ScopedStatement(
    lambda tenant: (
        update(screening_clearances)
        .where(tenant(screening_clearances), _C.id == any_(ids()), _C.revoked_at.is_(None))
        .values(revoked_by=bindparam("officer", type_=Text()), revoked_at=bindparam("at", type_=MOMENT))
        .returning(*CLEARANCES.columns)
    )
)


class Clearances:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def in_force(self, scope: Scope, parties: Sequence[str], now: datetime) -> list[Clearance]:
        """What is cleared of these parties (fingerprints) of the scope's partner."""
        rows = await self._database.fetch(IN_FORCE, scope, parties=list(parties), now=now)
        return [
            Clearance(
                f"{Prefix.CLEARANCE}_{row['id']}",
                row["party_fingerprint"],
                EntryKey(ListCode(row["list"]), row["entry_id"], row["entry_hash"]),
                row["expires_at"],
            )
            for row in rows
        ]

    async def by_id(self, scope: Scope, clearance_ids: Sequence[str]) -> Mapping[str, ClearedHit]:
        rows = await self._database.fetch(BY_ID, scope, ids=clearance_ids)
        return {one.id: one for one in CLEARANCES.many(rows)}

    async def of_cases(self, scope: Scope, case_ids: Sequence[str]) -> Mapping[str, list[ClearedHit]]:
        found: dict[str, list[ClearedHit]] = {}
        for one in CLEARANCES.many(await self._database.fetch(OF_CASES, scope, ids=case_ids)):
            found.setdefault(one.case_id, []).append(one)
        return found

    async def add(self, transaction: Transaction, hits: Sequence[ClearedHit]) -> None:
        await transaction.insert(INSERT, map(CLEARANCES.row, hits))

    async def confirm(
        self, transaction: Transaction, scope: Scope, clearance_id: str, *, officer: str, at: datetime
    ) -> ClearedHit | None:
        """The second person's word; None where there is nothing to confirm, or the same person asks."""
        return await self._decided(CONFIRM, transaction, scope, clearance_id, officer, at)

    async def revoke(
        self, transaction: Transaction, scope: Scope, clearance_id: str, *, officer: str, at: datetime
    ) -> ClearedHit | None:
        """Take a clearance back; None where there is none to take."""
        return await self._decided(REVOKE, transaction, scope, clearance_id, officer, at)

    async def _decided(  # noqa: PLR0917  private, and named by its callers
        self,
        statement: ScopedStatement,
        transaction: Transaction,
        scope: Scope,
        clearance_id: str,
        officer: str,
        at: datetime,
    ) -> ClearedHit | None:
        row = await transaction.row(
            statement.within(scope),
            partner_id=scope.partner_id,
            environment=scope.environment,
            ids=[clearance_id],
            officer=officer,
            at=at,
        )
        return CLEARANCES.one(row) if row else None
