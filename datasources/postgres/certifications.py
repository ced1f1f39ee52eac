"""What a partner has shown in its sandbox: the earliest trace of each scenario of the certification."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.types import DateTime

from commerce.access import Environment, Scope
from commerce.certification import Certification, Scenario, ScenarioResult
from datasources.postgres.database import Database
from datasources.postgres.statements import ScopedStatement, TenantPredicate
from datasources.postgres.tables import audit_log, licenses, order_transitions, orders, webhook_deliveries

REPLAYED = "order.replayed"
"""The action in the audit log by which a repeated call is known."""

_SINCE = bindparam("since", type_=DateTime(timezone=True))


def _traces(tenant: TenantPredicate) -> Any:
    """One row: for each scenario the time of its earliest trace."""

    def earliest(moment: Any, *conditions: Any) -> Any:
        return select(func.min(moment)).where(tenant(moment.table), moment >= _SINCE, *conditions)

    def fulfilled(kind: str) -> Any:
        done = and_(orders.c.kind == kind, orders.c.placed_at >= _SINCE)
        return earliest(orders.c.fulfilled_at, done)

    answered = and_(
        order_transitions.c.from_status == "AWAITING_PARTNER", order_transitions.c.actor == "PARTNER"
    )
    found = {
        Scenario.ORDER_FULFILLED: fulfilled("NEW"),
        Scenario.HOLD_ANSWERED: earliest(order_transitions.c.at, answered),
        Scenario.ORDER_RETURNED: fulfilled("RETURN"),
        Scenario.WEBHOOK_ANSWERED: earliest(
            webhook_deliveries.c.settled_at, webhook_deliveries.c.state == "DELIVERED"
        ),
        Scenario.LICENSE_RETRIEVED: earliest(licenses.c.first_retrieved_at),
        Scenario.RETRY_REPLAYED: earliest(audit_log.c.at, audit_log.c.action == REPLAYED),
    }
    return select(*(query.scalar_subquery().label(scenario.value) for scenario, query in found.items()))


TRACES = ScopedStatement(_traces)


class Certifications:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, partner_id: str, since: datetime) -> Certification:
        """How far a partner has come since its sandbox was opened."""
        scope = Scope(partner_id, Environment.SANDBOX)
        (row,) = await self._database.fetch(TRACES, scope, since=since)
        return Certification(since, tuple(ScenarioResult(one, row[one.value]) for one in Scenario))
