"""Batches of parties to screen: written by staff, worked off by the worker, read while they go on."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.types import Integer, Text

from commerce.access import Environment
from commerce.ids import Prefix
from commerce.parties import Subject
from commerce.screening import Outcome
from commerce.screening_batches import BatchParty, ScreeningBatch
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.records import Part, Records, identifier, member
from datasources.postgres.statements import Statement
from datasources.postgres.tables import screening_batch_parties, screening_batches
from datasources.postgres.tables.columns import MOMENT

_B, _P = screening_batches.c, screening_batch_parties.c
BATCHES = Records(
    ScreeningBatch,
    screening_batches,
    id=identifier(Prefix.BATCH, _B.id),
    environment=member(Environment, _B.environment),
)
PARTIES = Records(
    BatchParty,
    screening_batch_parties,
    id=Part(_P.batch_id, f"'{Prefix.BATCH}_' + {{0}}"),
)
_ID = _B.id == bindparam("batch_id", type_=UUID())
INSERT = Insert(screening_batches)
INSERT_PARTY = Insert(screening_batch_parties)
BY_ID = Statement(
    select(*BATCHES.columns).where(_ID, _B.environment == bindparam("environment", type_=Text()))
)
LOCK = Statement(select(*BATCHES.columns).where(_ID).with_for_update())
GROW = Statement(
    update(screening_batches)
    .where(_ID)
    .values(parties=_B.parties + bindparam("more", type_=Integer()), finished_at=None)
)
NEXT = Statement(
    select(*BATCHES.columns)
    .where(_B.finished_at.is_(None))
    .order_by(_B.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
WAITING = Statement(
    select(*PARTIES.columns)
    .where(_P.batch_id == bindparam("batch_id", type_=UUID()), _P.decision.is_(None))
    .order_by(_P.position)
    .limit(bindparam("most", type_=Integer()))
)
DECIDE = Statement(
    update(screening_batch_parties)
    .where(
        _P.batch_id == bindparam("batch_id", type_=UUID()), _P.position == bindparam("place", type_=Integer())
    )
    .values(
        {name: bindparam(f"new_{name}", type_=_P[name].type) for name in ("decision", "reasons", "matches")}
    )
)
ADVANCE = Statement(
    update(screening_batches)
    .where(_ID)
    .values(
        done=_B.done + bindparam("more", type_=Integer()),
        finished_at=bindparam("finished", type_=MOMENT),
    )
)
RESULTS = Statement(
    select(*PARTIES.columns)
    .where(
        _P.batch_id == bindparam("batch_id", type_=UUID()),
        _P.position > bindparam("after", type_=Integer()),
        _P.decision == any_(bindparam("decisions", type_=ARRAY(Text()))),
    )
    .order_by(_P.position)
    .limit(bindparam("most", type_=Integer()))
)
COUNTS = Statement(
    select(_P.decision, func.count().label("count"))
    .where(_P.batch_id == bindparam("batch_id", type_=UUID()), _P.decision.is_not(None))
    .group_by(_P.decision)
)


class ScreeningBatches:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, environment: Environment, batch_id: str) -> ScreeningBatch | None:
        rows = await self._database.fetch_public(BY_ID, batch_id=batch_id, environment=environment)
        return BATCHES.one(rows[0]) if rows else None

    async def counts(self, batch_id: str) -> dict[str, int]:
        """How many parties were decided which way."""
        rows = await self._database.fetch_public(COUNTS, batch_id=batch_id)
        return {row["decision"]: row["count"] for row in rows}

    async def results(
        self, batch_id: str, decisions: Sequence[str], *, after: int, most: int
    ) -> list[BatchParty]:
        """Parties decided in one of these ways, by their place in the batch."""
        rows = await self._database.fetch_public(
            RESULTS, batch_id=batch_id, decisions=list(decisions), after=after, most=most
        )
        return PARTIES.many(rows)

    async def add(self, transaction: Transaction, batch: ScreeningBatch) -> None:
        await transaction.insert(INSERT, [BATCHES.row(batch)])

    async def locked(self, transaction: Transaction, batch_id: str) -> ScreeningBatch | None:
        row = await transaction.row(LOCK, batch_id=batch_id)
        return BATCHES.one(row) if row else None

    async def add_parties(
        self, transaction: Transaction, batch: ScreeningBatch, subjects: Sequence[Subject]
    ) -> None:
        """Put parties behind those of a locked batch."""
        undecided = {"decision": None, "reasons": None, "matches": None}
        rows = (
            {"batch_id": batch.id, "position": place, "subject": subject, **undecided}
            for place, subject in enumerate(subjects, start=batch.parties + 1)
        )
        await transaction.insert(INSERT_PARTY, rows)
        await transaction.run(GROW, batch_id=batch.id, more=len(subjects))

    async def next(self, transaction: Transaction) -> ScreeningBatch | None:
        """The oldest unfinished batch that no other worker holds."""
        row = await transaction.row(NEXT)
        return BATCHES.one(row) if row else None

    async def waiting(self, transaction: Transaction, batch_id: str, most: int) -> list[BatchParty]:
        return PARTIES.many(await transaction.fetch(WAITING, batch_id=batch_id, most=most))

    async def decide(self, transaction: Transaction, decided: Sequence[tuple[BatchParty, Outcome]]) -> None:
        for party, outcome in decided:
            await transaction.run(
                DECIDE,
                batch_id=party.id,
                place=party.position,
                new_decision=outcome.decision,
                new_reasons=outcome.reasons,
                new_matches=outcome.matches,
            )

    async def advance(
        self, transaction: Transaction, batch_id: str, more: int, finished: datetime | None
    ) -> None:
        await transaction.run(ADVANCE, batch_id=batch_id, more=more, finished=finished)
