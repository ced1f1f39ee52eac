"""The audit trail of screening: append-only, each record sealed with the hash of all before it.

A partner has one chain in each environment. The hash of a record is SHA-256 over the hash before it and the
SHA-256 of the record's own text, so that a record that is changed, left out or put in shows in every record
after it, and the last hash, kept elsewhere, vouches for all. PostgreSQL computes it while it writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import DateTime, Integer, Text

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from commerce.matching import INDEX_VERSION
from commerce.screening import Clearance, Outcome, Snapshot, Subject
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert, Row
from datasources.postgres.statements import ScopedStatement
from datasources.postgres.tables import screening_audit, screening_chains

DECIDED = "decision"
"""The kind of record that holds a whole decision, as it can be replayed."""

RULED = "ruling"
"""The kind of record that holds what officers decided in the engine's place."""

START = bytes(32)
"""The hash before the first record."""

_AT = "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
LINE = f"concat_ws(E'\\n', kind, subject_id, actor, {_AT}, body)"
"""The text of a record in SQL, as `Record.line` gives it."""


@dataclass(frozen=True, slots=True)
class Record:
    """Something that was decided or done. `body` is canonical JSON: keys sorted, no spaces."""

    kind: str
    subject_id: str
    actor: str
    at: datetime
    body: str

    @property
    def line(self) -> str:
        """What is hashed."""
        at = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return f"{self.kind}\n{self.subject_id}\n{self.actor}\n{at}\n{self.body}"

    @property
    def facts(self) -> dict[str, Any]:
        """The body as values."""
        facts: dict[str, Any] = orjson.loads(self.body)
        return facts

    @property
    def digest(self) -> bytes:
        return sha256(self.line.encode()).digest()


def canonical(body: Any) -> str:
    """Records, enums, times and plain values as the one JSON text that stands for them."""
    return orjson.dumps(body, option=_CANONICAL).decode()


_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


@lru_cache(16)
def lists_as_json(snapshot: Snapshot) -> orjson.Fragment:
    """The lists of a snapshot, written once for all decisions that rest on them."""
    return orjson.Fragment(orjson.dumps(snapshot.versions, option=_CANONICAL))


def decision_body(
    subjects: Sequence[Subject], outcome: Outcome, cleared: Sequence[Clearance], at: datetime
) -> str:
    """Everything that a decision follows from, and the decision: what a replay gives again, to the byte."""
    return canonical(
        {
            "at": at,
            "cleared": cleared,
            "index_version": INDEX_VERSION,
            "outcome": outcome,
            "subjects": subjects,
        }
    )


class _ChainedInsert(Insert):
    """Records of one partner and environment, sealed one after another.

    The row of the chain stays locked until the transaction ends: no record comes between, and partners do
    not wait for one another.
    """

    _OF_CHAIN = 3

    def width(self, count: int) -> int:
        return self._OF_CHAIN + count + super().width(count) if count else 0

    def arguments(self, rows: Sequence[Row]) -> list[Any]:
        """The owner and how many; their digests; then the rows, each with its distance from the last."""
        owner = [rows[0]["partner_id"], rows[0]["environment"], len(rows)]
        distances = [
            row | {"sequence": len(rows) - place} for place, row in enumerate(map(dict, rows), start=1)
        ]
        return [*owner, *(row["digest"] for row in rows), *super().arguments(distances)]

    def parts(self, name: str, count: int, first: int) -> list[tuple[str, str]]:
        taken, digest = f"{name}_taken", first + self._OF_CHAIN
        start = f"'\\x{START.hex()}'::bytea"
        chain = (
            "INSERT INTO screening_chains AS chain (partner_id, environment, last, hash, previous)"  # noqa: S608  numbers of parameters
            f" VALUES (${first}, ${first + 1}, ${first + 2}, {_sealed(start, digest, count)}, {start})"
            " ON CONFLICT (partner_id, environment) DO UPDATE SET last = chain.last + excluded.last,"
            f" hash = {_sealed('chain.hash', digest, count)}, previous = chain.hash RETURNING last, previous"
        )
        before = f"(SELECT previous FROM {taken})"  # noqa: S608  a name of ours
        columns = ", ".join([*self.columns, "hash"])
        rows = (
            self._sealed_row(
                taken,
                digest + count + super(_ChainedInsert, self).width(place),
                _sealed(before, digest, place + 1),
            )
            for place in range(count)
        )
        return [(taken, chain), (name, f"INSERT INTO {self.table} ({columns}) VALUES {', '.join(rows)}")]  # noqa: S608  our own names

    def _sealed_row(self, taken: str, first: int, seal: str) -> str:
        shown = (
            f"(SELECT last FROM {taken}) - ${number}" if name == "sequence" else f"${number}"  # noqa: S608  a name of ours
            for number, name in enumerate(self.columns, start=first)
        )
        return f"({', '.join(shown)}, {seal})"


def _sealed(before: str, digest: int, count: int) -> str:
    """The hash after so many records, in SQL."""
    sealed = before
    for number in range(digest, digest + count):
        sealed = f"sha256({sealed} || ${number})"
    return sealed


INSERT = _ChainedInsert(screening_audit, except_for={"hash"})


async def record(
    transaction: Transaction, *, partner_id: str, environment: Environment, records: Sequence[Record]
) -> None:
    """Write records behind those of the partner, in the transaction of what they tell."""
    rows = [
        {
            "partner_id": partner_id,
            "environment": environment,
            "kind": one.kind,
            "subject_id": one.subject_id,
            "actor": one.actor,
            "at": one.at,
            "body": one.body,
            "digest": one.digest,
        }
        for one in records
    ]
    await transaction.insert(INSERT, rows, group=(partner_id, environment))


_COLUMNS = (
    screening_audit.c.kind,
    screening_audit.c.subject_id,
    screening_audit.c.actor,
    screening_audit.c.at,
    screening_audit.c.body,
)
OF_SUBJECTS = ScopedStatement(
    lambda tenant: (
        select(*_COLUMNS)
        .where(
            tenant(screening_audit),
            screening_audit.c.subject_id == any_(bindparam("subjects", type_=ARRAY(Text()))),
        )
        .order_by(screening_audit.c.sequence)
    )
)
DECISIONS = ScopedStatement(
    lambda tenant: (
        select(*_COLUMNS)
        .where(
            tenant(screening_audit),
            screening_audit.c.kind == DECIDED,
            screening_audit.c.at >= bindparam("since", type_=DateTime(timezone=True)),
        )
        .order_by(
            screening_audit.c.at.desc(), screening_audit.c.partner_id, screening_audit.c.sequence.desc()
        )
        .limit(bindparam("most", type_=Integer()))
    )
)
SEALS = ScopedStatement(
    lambda tenant: (
        select(screening_chains.c.partner_id, screening_chains.c.last, screening_chains.c.hash)
        .where(tenant(screening_chains))
        .order_by(screening_chains.c.partner_id)
    )
)


class ScreeningAudit:
    """Reads the trail."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_subjects(self, scope: Scope, subject_ids: Sequence[str]) -> dict[str, list[Record]]:
        """The records of each screening or case, the first first."""
        found: dict[str, list[Record]] = {one: [] for one in subject_ids}
        for row in await self._database.fetch(OF_SUBJECTS, scope, subjects=list(subject_ids)):
            found[row["subject_id"]].append(Record(**dict(row)))
        return found

    async def decisions(self, scope: Scope, *, since: datetime, most: int) -> list[Record]:
        """Decisions since a time, the newest first."""
        rows = await self._database.fetch(DECISIONS, scope, since=since, most=most)
        return [Record(**dict(row)) for row in rows]

    async def seals(self, scope: Scope) -> list[tuple[str, int, bytes]]:
        """The end of each chain: the partner, how many records there are, the hash over them."""
        rows = await self._database.fetch(SEALS, scope)
        return [(f"{Prefix.PARTNER}_{row['partner_id']}", row["last"], row["hash"]) for row in rows]
