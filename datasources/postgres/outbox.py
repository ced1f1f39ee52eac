"""The outbox: what the outside world is still to be told, written with the change it tells of.

A row is claimed under a row lock that other workers skip, and leaves in the transaction that records its
effect; a worker that dies gives its rows back by dying. Remote calls happen outside that transaction: their
rows are leased (`due_at` moves ahead) and removed once the remote has answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Interval, any_, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Integer, Text

from commerce.access import Environment
from commerce.orders import Order
from datasources.postgres.database import Row, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.signals import WORK
from datasources.postgres.statements import Statement
from datasources.postgres.tables import outbox


class Destination(StrEnum):
    """Who is told."""

    PROVISIONING = "provisioning"
    SALESFORCE = "salesforce"
    MAIL = "mail"
    SALESFORCE_CASES = "salesforce cases"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell. `key` is the id of what it is about; the newest message of a key says all."""

    id: int
    key: str
    partner_id: str
    environment: Environment
    payload: Mapping[str, Any]
    attempts: int


_DESTINATION = bindparam("destination", type_=Text())
_ROW_IDS = bindparam("row_ids", type_=ARRAY(BigInteger()))
_DUE = (
    select(
        outbox.c.id,
        outbox.c.key,
        outbox.c.partner_id,
        outbox.c.environment,
        outbox.c.payload,
        outbox.c.attempts,
    )
    .where(
        outbox.c.destination == _DESTINATION,
        outbox.c.due_at <= func.now(),
        outbox.c.dead_at.is_(None),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True)
)

INSERT = Insert(
    outbox,
    except_for={"id", "created_at", "attempts", "last_error", "dead_at"},
    due_at="coalesce({}, now())",
)
_ALONE = func.pg_try_advisory_xact_lock(
    func.hashtextextended(literal("outbox ", Text()).concat(_DESTINATION), literal(0, Integer()))
)
CLAIM = Statement(_DUE)
CLAIM_ALONE = Statement(_DUE.where(select(_ALONE).scalar_subquery()))
LEASE = Statement(
    update(outbox)
    .where(outbox.c.id == any_(_ROW_IDS))
    .values(due_at=func.now() + bindparam("lease", type_=Interval()), attempts=outbox.c.attempts + 1)
)
DONE = Statement(delete(outbox).where(outbox.c.id == any_(_ROW_IDS)))
RETRY = Statement(
    update(outbox)
    .where(outbox.c.id == any_(_ROW_IDS))
    .values(
        due_at=func.now() + bindparam("wait", type_=Interval()), last_error=bindparam("error", type_=Text())
    )
)
BURY = Statement(
    update(outbox)
    .where(outbox.c.id == any_(_ROW_IDS))
    .values(dead_at=func.now(), last_error=bindparam("error", type_=Text()))
)


async def tell(
    transaction: Transaction,
    destinations: Sequence[Destination],
    *,
    partner_id: str,
    environment: Environment,
    key: str,
    payload: Mapping[str, Any],
    due_at: datetime | None = None,
) -> None:
    """Write a message to each destination, in the transaction of the change; due at once, or at a time."""
    row = {
        "partner_id": partner_id,
        "environment": environment,
        "key": key,
        "payload": payload,
        "due_at": due_at,
    }
    transaction.stirred.add(WORK)
    await transaction.insert(INSERT, [row | {"destination": name} for name in destinations])


async def tell_of(
    transaction: Transaction,
    destinations: Sequence[Destination],
    order: Order,
    *,
    due_at: datetime | None = None,
) -> None:
    """Write to each destination that an order has changed; what it needs is read when the message is due."""
    await tell(
        transaction,
        destinations,
        partner_id=order.partner_id,
        environment=order.environment,
        key=order.id,
        payload={"order": order.id},
        due_at=due_at,
    )


async def claim(transaction: Transaction, destination: Destination, most: int) -> list[Message]:
    """Messages that are due, oldest first, locked until the transaction ends."""
    return _messages(await transaction.fetch(CLAIM, destination=destination, most=most))


def _messages(rows: Sequence[Row]) -> list[Message]:
    return [
        Message(
            row["id"],
            row["key"],
            f"par_{row['partner_id']}",
            Environment(row["environment"]),
            row["payload"],
            row["attempts"],
        )
        for row in rows
    ]


async def take(
    transaction: Transaction, destination: Destination, most: int, time: timedelta
) -> list[Message]:
    """Claim and lease what is due for a remote that is told in batches, oldest first.

    One worker at a time takes for a destination, under a lock of the transaction: what is due travels in
    whole batches, and is not cut into pieces by workers that look at once. Nothing where another is taking.
    """
    messages = _messages(await transaction.fetch(CLAIM_ALONE, destination=destination, most=most))
    if messages:
        await lease(transaction, messages, time)
    return messages


async def lease(transaction: Transaction, messages: Sequence[Message], time: timedelta) -> None:
    """Keep claimed messages from other workers for a while after this transaction."""
    await transaction.run(LEASE, row_ids=[message.id for message in messages], lease=time)


async def done(transaction: Transaction, messages: Sequence[Message]) -> None:
    """Remove exactly these messages."""
    await transaction.run(DONE, row_ids=[message.id for message in messages])


async def retry(transaction: Transaction, messages: Sequence[Message], wait: timedelta, error: str) -> None:
    """Make messages due again after a wait. `error` is a code, never data."""
    await transaction.run(RETRY, row_ids=[message.id for message in messages], wait=wait, error=error)


async def bury(transaction: Transaction, messages: Sequence[Message], error: str) -> None:
    """Give messages up until an operator revives them. `error` is a code, never data."""
    await transaction.run(BURY, row_ids=[message.id for message in messages], error=error)
