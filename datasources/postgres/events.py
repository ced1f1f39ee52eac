"""The event log: per partner and environment a sequence without gaps, written with the change it tells of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, any_, bindparam, column, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.types import BigInteger, Integer, Text

from commerce.access import Environment, Scope
from commerce.events import EVERY_EVENT, Ends, Event, EventFilter, EventType
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert, Row
from datasources.postgres.records import Part, Records, identifier, member
from datasources.postgres.signals import Feed, named_feed
from datasources.postgres.statements import ScopedStatement, Statement
from datasources.postgres.tables import event_sequences, events


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
EVENTS = Records(
    Event,
    events,
    id=identifier(Prefix.EVENT, events.c.id),
    partner_id=identifier(Prefix.PARTNER, events.c.partner_id),
    environment=member(Environment, events.c.environment),
    data=Part(events.c.snapshot),
)
_SUBJECT = bindparam("subject", type_=Text())
_TYPES = bindparam("types", type_=ARRAY(Text()))
AFTER = ScopedStatement(
    lambda tenant: (
        select(*EVENTS.columns)
        .where(
            tenant(events),
            events.c.sequence > bindparam("after", type_=BigInteger()),
            events.c.sequence <= bindparam("through", type_=BigInteger()),
            or_(_TYPES.is_(None), events.c.type == any_(_TYPES)),
            or_(_SUBJECT.is_(None), events.c.subject_id == _SUBJECT),
        )
        .order_by(events.c.sequence)
        .limit(bindparam("most", type_=Integer()))
    )
)
ENDS = ScopedStatement(
    lambda tenant: select(event_sequences.c.last, event_sequences.c.expired_through).where(
        tenant(event_sequences)
    )
)
KEEP = Statement(select(func.keep_events(bindparam("days", type_=Integer())).label("dropped")))
_FOLLOWED = (
    func.unnest(bindparam("partners", type_=ARRAY(UUID())), bindparam("environments", type_=ARRAY(Text())))
    .table_valued(column("partner_id", UUID()), column("environment", Text()))
    .render_derived(name="followed")
)
HEADS = Statement(
    select(event_sequences.c.partner_id, event_sequences.c.environment, event_sequences.c.last).join(
        _FOLLOWED,
        and_(
            _FOLLOWED.c.partner_id == event_sequences.c.partner_id,
            _FOLLOWED.c.environment == event_sequences.c.environment,
        ),
    )
)


class EventLog:
    """The events of a partner, in their order. Scopes name one partner: each has a feed of its own."""

    def __init__(self, database: Database, *, kept_days: int = 0) -> None:
        self._database = database
        self._kept_days = kept_days

    async def ends(self, scope: Scope) -> Ends:
        """The oldest event kept and the newest."""
        rows = await self._database.fetch(ENDS, scope)
        return Ends(rows[0]["expired_through"] + 1, rows[0]["last"]) if rows else Ends(1, 0)

    async def after(
        self, scope: Scope, after: int, *, through: int, most: int, wanted: EventFilter = EVERY_EVENT
    ) -> list[Event]:
        """Events behind one sequence up to another, oldest first, as far as they are wanted."""
        rows = await self._database.fetch(
            AFTER,
            scope,
            after=after,
            through=through,
            most=most,
            types=wanted.types,
            subject=wanted.subject_id,
        )
        return EVENTS.many(rows)

    async def keep(self, transaction: Transaction) -> int:
        """Make the months to come, and drop those that have been kept for long enough.

        How many events were dropped. A feed then begins behind the last of its own that went.
        """
        row = await transaction.row(KEEP, days=self._kept_days)
        return int(row["dropped"]) if row else 0

    async def heads(self, feeds: Sequence[Feed]) -> Mapping[Feed, int]:
        """The newest sequence of each of some feeds, to wake those who follow them."""
        async with self._database.system() as transaction:
            rows = await transaction.fetch(
                HEADS,
                partners=[partner for partner, _ in feeds],
                environments=[environment for _, environment in feeds],
            )
        return {(row["partner_id"], row["environment"]): row["last"] for row in rows}


async def record(
    transaction: Transaction,
    *,
    partner_id: str,
    environment: Environment,
    at: datetime,
    happened: Mapping[EventType, Mapping[str, Any]],
) -> None:
    """Write what happened: types of events with the snapshot of the subject of each, in order.

    The subject is what the snapshot's `id` names. Write events last: their partner's sequence stays locked
    until the transaction ends.
    """
    rows = [
        {
            "partner_id": partner_id,
            "environment": environment,
            "id": new_id(Prefix.EVENT),
            "type": kind,
            "subject_id": snapshot["id"],
            "occurred_at": at,
            "snapshot": snapshot,
        }
        for kind, snapshot in happened.items()
    ]
    transaction.stirred.add(named_feed(partner_id, environment))
    await transaction.insert(INSERT, rows, group=(partner_id, environment))
