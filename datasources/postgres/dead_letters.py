"""Dead letters of the outbox: counted by destination, read page by page, and made due again."""

from collections.abc import Sequence

from sqlalchemy import any_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Integer, Text

from commerce.access import Environment, Scope
from commerce.dead_letters import DeadLetter, Queue
from commerce.ids import Prefix
from datasources.postgres.database import Database, Transaction
from datasources.postgres.records import Part, Records, identifier, member
from datasources.postgres.signals import WORK
from datasources.postgres.statements import ScopedStatement
from datasources.postgres.tables import outbox

LETTERS = Records(
    DeadLetter,
    outbox,
    row_id=Part(outbox.c.id),
    partner_id=identifier(Prefix.PARTNER, outbox.c.partner_id),
    environment=member(Environment, outbox.c.environment),
)
_DESTINATION = bindparam("destination", type_=Text())
_ROWS = bindparam("row_ids", type_=ARRAY(BigInteger()))
_BEFORE = bindparam("before_row", type_=BigInteger())

PAGE = ScopedStatement(
    lambda tenant: (
        select(*LETTERS.columns)
        .where(
            tenant(outbox),
            outbox.c.dead_at.is_not(None),
            or_(_DESTINATION.is_(None), outbox.c.destination == _DESTINATION),
            or_(_BEFORE.is_(None), outbox.c.id < _BEFORE),
        )
        .order_by(outbox.c.id.desc())
        .limit(bindparam("size", type_=Integer()))
    )
)
RETRY = ScopedStatement(
    lambda tenant: (
        update(outbox)
        .where(
            tenant(outbox),
            outbox.c.dead_at.is_not(None),
            or_(_ROWS.is_(None), outbox.c.id == any_(_ROWS)),
            or_(_DESTINATION.is_(None), outbox.c.destination == _DESTINATION),
        )
        .values(dead_at=None, due_at=func.now(), attempts=0)
        .returning(outbox.c.id)
    )
)
QUEUES = ScopedStatement(
    lambda tenant: (
        select(
            outbox.c.destination,
            func.count().filter(outbox.c.dead_at.is_(None)).label("waiting"),
            func.min(outbox.c.due_at)
            .filter(outbox.c.dead_at.is_(None), outbox.c.due_at <= func.now())
            .label("oldest_due_at"),
            func.count(outbox.c.dead_at).label("dead"),
        )
        .where(tenant(outbox))
        .group_by(outbox.c.destination)
        .order_by(outbox.c.destination)
    )
)


class DeadLetters:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, scope: Scope, *, size: int, destination: str | None = None, before: int | None = None
    ) -> list[DeadLetter]:
        """Dead letters in scope, the newest first, behind one of them."""
        rows = await self._database.fetch(PAGE, scope, size=size, destination=destination, before_row=before)
        return LETTERS.many(rows)

    async def queues(self, scope: Scope) -> list[Queue]:
        """What waits, by destination; destinations that nothing waits for are left out."""
        return [Queue(**row) for row in await self._database.fetch(QUEUES, scope)]

    async def retry(
        self,
        transaction: Transaction,
        scope: Scope,
        *,
        rows: Sequence[int] | None = None,
        destination: str | None = None,
    ) -> list[int]:
        """Make dead letters due again, as if they had never been tried; which those are."""
        transaction.stirred.add(WORK)
        found = await transaction.fetch(
            RETRY.within(scope),
            partner_id=scope.partner_id,
            environment=scope.environment,
            row_ids=rows,
            destination=destination,
        )
        return [row["id"] for row in found]
