"""The review queue: pages of cases under any filter, what is due first comes first.

The text of a page depends on which filters are given, never on their values; each shape is written once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, any_, bindparam, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.types import Integer, Text

from commerce.access import Scope
from commerce.paging import COUNTED_AT_MOST, PageRequest
from commerce.screening_cases import CaseFilter, CaseState, ScreeningCase
from datasources.postgres.database import Database
from datasources.postgres.screening_cases import CASES
from datasources.postgres.statements import ScopedStatement, TenantPredicate
from datasources.postgres.tables import screening_cases
from datasources.postgres.tables.columns import MOMENT

_C = screening_cases.c
_NOW = bindparam("now", type_=MOMENT)
FILTERS: Mapping[str, Any] = {
    "states": _C.state == any_(bindparam("states", type_=ARRAY(Text()))),
    "decisions": _C.decision == any_(bindparam("decisions", type_=ARRAY(Text()))),
    "workflows": _C.workflow == any_(bindparam("workflows", type_=ARRAY(Text()))),
    "lists": _C.lists.op("&&")(bindparam("lists", type_=ARRAY(Text()))),
    "partner_id": _C.partner_id == bindparam("of_partner", type_=UUID()),
    "claimed_by": and_(_C.claimed_by == bindparam("claimed_by", type_=Text()), _C.claimed_until > _NOW),
    "unclaimed": or_(_C.claimed_by.is_(None), _C.claimed_until <= _NOW),
    "overdue": and_(or_(_C.state == CaseState.OPEN, _C.state == CaseState.AWAITING_SECOND), _C.due_at < _NOW),
    "party_name": _C.party_name.icontains(bindparam("party_name", type_=Text()), autoescape=False),
}
"""One predicate for each part of CaseFilter, by its name."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a page depends on."""

    filters: frozenset[str]
    backwards: bool
    continues: bool


@cache
def page(shape: Shape) -> ScopedStatement:
    """A page of the queue: what is due first comes first."""

    def build(tenant: TenantPredicate) -> Any:
        rows = select(*CASES.columns).where(
            tenant(screening_cases), *(FILTERS[name] for name in sorted(shape.filters))
        )
        key = [_C.due_at, _C.id]
        if shape.continues:
            there = tuple_(bindparam("at", type_=MOMENT), bindparam("at_id", type_=UUID()))
            rows = rows.where(tuple_(*key) < there if shape.backwards else tuple_(*key) > there)
        ordering = [part.desc() for part in key] if shape.backwards else key
        return rows.order_by(*ordering).limit(bindparam("size", type_=Integer()))

    return ScopedStatement(build)


@cache
def counted(filters: frozenset[str]) -> ScopedStatement:
    """How many cases there are, counted up to a limit."""

    def build(tenant: TenantPredicate) -> Any:
        some: Any = select(literal_column("1")).where(
            tenant(screening_cases), *(FILTERS[name] for name in sorted(filters))
        )
        return select(func.count().label("total")).select_from(some.limit(COUNTED_AT_MOST + 1).subquery())

    return ScopedStatement(build)


class ScreeningCasePages:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, scope: Scope, wanted: CaseFilter, request: PageRequest, now: datetime
    ) -> list[ScreeningCase]:
        """The rows of a page in the direction of travel, and one more where there are more."""
        shape = Shape(_given(wanted), request.backwards, request.position is not None)
        rows = await self._database.fetch(page(shape), scope, **_values(wanted, now), **_keyset(request))
        return CASES.many(rows)

    async def count(self, scope: Scope, wanted: CaseFilter, now: datetime) -> int:
        rows = await self._database.fetch(counted(_given(wanted)), scope, **_values(wanted, now))
        return int(rows[0]["total"])


def position_of(case: ScreeningCase) -> tuple[str, ...]:
    """Where a case stands in the queue."""
    return (case.due_at.isoformat(), case.id)


def _given(wanted: CaseFilter) -> frozenset[str]:
    return frozenset(name for name in FILTERS if getattr(wanted, name) not in {None, False})


def _values(wanted: CaseFilter, now: datetime) -> dict[str, Any]:
    values = {name: getattr(wanted, name) for name in FILTERS if name != "partner_id"}
    return {**values, "of_partner": wanted.partner_id, "now": now}


def _keyset(request: PageRequest) -> dict[str, Any]:
    values: dict[str, Any] = {"size": request.size + 1}
    if request.position is not None:
        moment, last = request.position
        values |= {"at": datetime.fromisoformat(moment), "at_id": last}
    return values
