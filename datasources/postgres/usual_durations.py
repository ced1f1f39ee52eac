"""How long orders usually stand in a status, from this system's own history.

The figures are of all partners together and are refreshed by the worker: a partner that asks waits for
no aggregate over everybody's history, and learns nothing of anybody's.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Float, bindparam, cast, delete, func, insert, select
from sqlalchemy.types import Text

from commerce.access import Environment
from commerce.order_progress import UsualDuration
from commerce.orders import OrderStatus
from datasources.postgres.database import Database
from datasources.postgres.statements import Statement
from datasources.postgres.tables import order_transitions, usual_durations
from datasources.postgres.tables.columns import MOMENT

FEWEST = 5
"""Fewer observations than this say nothing."""

_steps = select(
    order_transitions.c.environment,
    order_transitions.c.from_status.label("status"),
    func.extract(
        "epoch",
        order_transitions.c.at
        - func.lag(order_transitions.c.at).over(
            partition_by=order_transitions.c.order_id, order_by=order_transitions.c.position
        ),
    ).label("seconds"),
).where(order_transitions.c.at > bindparam("since", type_=MOMENT))
_steps_of = _steps.subquery("steps")


def _percentile(share: float) -> ColumnElement[float]:
    return cast(func.percentile_cont(share).within_group(_steps_of.c.seconds), Float)


FORGET = Statement(delete(usual_durations))
LEARN = Statement(
    insert(usual_durations).from_select(
        ["environment", "status", "half", "most", "observed"],
        select(
            _steps_of.c.environment,
            _steps_of.c.status,
            _percentile(0.5),
            _percentile(0.9),
            func.count(),
        )
        .where(_steps_of.c.seconds > 0)
        .group_by(_steps_of.c.environment, _steps_of.c.status)
        .having(func.count() >= FEWEST),
    )
)
OF_ENVIRONMENT = Statement(
    select(usual_durations.c.status, usual_durations.c.half, usual_durations.c.most).where(
        usual_durations.c.environment == bindparam("environment", type_=Text())
    )
)


class UsualDurations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, environment: Environment) -> Mapping[OrderStatus, UsualDuration]:
        """The usual duration of each status that has been left often enough."""
        rows = await self._database.fetch_public(OF_ENVIRONMENT, environment=environment)
        return {
            OrderStatus(row["status"]): UsualDuration(
                timedelta(seconds=row["half"]), timedelta(seconds=row["most"])
            )
            for row in rows
        }

    async def learn(self, since: datetime) -> None:
        """Measure again, over the transitions since a time."""
        async with self._database.system() as transaction:
            await transaction.run(FORGET)
            await transaction.run(LEARN, since=since)
