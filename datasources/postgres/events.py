"""The event log: per partner and environment a sequence without gaps, written with the change it tells of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from commerce.access import Environment
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.postgres.database import Transaction
from datasources.postgres.statements import Statement, row_of
from datasources.postgres.tables import event_sequences, events

_TAKE = insert(event_sequences).values(
    partner_id=bindparam("partner_id"), environment=bindparam("environment"), last=bindparam("count")
)
TAKE = Statement(
    _TAKE.on_conflict_do_update(
        index_elements=["partner_id", "environment"],
        set_={"last": event_sequences.c.last + _TAKE.excluded.last},
    ).returning(event_sequences.c.last)
)
"""Takes the next numbers. The row stays locked until the transaction ends, so that no number is skipped by a
rollback or seen out of turn; it is one row a partner, so that partners do not wait for one another."""

INSERT = row_of(events)


async def record(
    transaction: Transaction,
    *,
    partner_id: str,
    environment: Environment,
    subject_id: str,
    at: datetime,
    happened: Mapping[str, Mapping[str, Any]],
) -> None:
    """Write what happened: event types (`order.fulfilled`) with the snapshot each carries, in order."""
    owner = {"partner_id": partner_id, "environment": environment}
    taken = await transaction.row(TAKE, **owner, count=len(happened))
    assert taken is not None  # noqa: S101  an upsert with RETURNING gives its row
    first = taken["last"] - len(happened) + 1
    rows = [
        owner
        | {
            "sequence": sequence,
            "id": new_id(Prefix.EVENT),
            "type": kind,
            "subject_id": subject_id,
            "occurred_at": at,
            "snapshot": snapshot,
        }
        for sequence, (kind, snapshot) in enumerate(happened.items(), start=first)
    ]
    await transaction.run_many(INSERT, rows)
