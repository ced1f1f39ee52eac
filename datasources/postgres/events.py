"""The event log: per partner and environment a sequence without gaps, written with the change it tells of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from commerce.access import Environment
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.postgres.database import Transaction
from datasources.postgres.inserts import Insert, Row
from datasources.postgres.tables import events


class _NumberedInsert(Insert):
    """Events of one partner and environment, under the next numbers of their sequence.

    The row of the sequence stays locked until the transaction ends, so that no number is skipped by a
    rollback or seen out of turn; it is one row a partner, so that partners do not wait for one another.
    """

    _OF_SEQUENCE = 3

    def width(self, count: int) -> int:
        return self._OF_SEQUENCE + super().width(count) if count else 0

    def arguments(self, rows: Sequence[Row]) -> list[Any]:
        """The owner and how many numbers are taken; then the rows, each with its distance from the last."""
        numbered = [{**row, "sequence": distance} for distance, row in enumerate(reversed(rows))]
        owner = [rows[0]["partner_id"], rows[0]["environment"], len(rows)]
        return owner + super().arguments(numbered[::-1])

    def parts(self, name: str, count: int, first: int) -> list[tuple[str, str]]:
        taken = f"{name}_taken"
        sequence = (
            "INSERT INTO event_sequences (partner_id, environment, last)"  # noqa: S608  numbers of parameters
            f" VALUES (${first}, ${first + 1}, ${first + 2}) ON CONFLICT (partner_id, environment)"
            f" DO UPDATE SET last = event_sequences.last + excluded.last RETURNING last"
        )
        numbers = Insert(events, sequence=f"(SELECT last FROM {taken}) - {{}}")  # noqa: S608  a name of ours
        return [(taken, sequence), *numbers.parts(name, count, first + self._OF_SEQUENCE)]


INSERT = _NumberedInsert(events)


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
    rows = [
        {
            "partner_id": partner_id,
            "environment": environment,
            "id": new_id(Prefix.EVENT),
            "type": kind,
            "subject_id": subject_id,
            "occurred_at": at,
            "snapshot": snapshot,
        }
        for kind, snapshot in happened.items()
    ]
    await transaction.insert(INSERT, rows, group=(partner_id, environment))
