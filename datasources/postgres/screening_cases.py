"""Cases of compliance review: opened with the screening that made them, changed under a lock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, any_, bindparam, case, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.types import Integer, Text

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from commerce.orders import Order
from commerce.screening import Decision
from commerce.screening_cases import PASSING, CaseDraft, CaseState, ScreeningCase
from commerce.screening_questions import QuestionField, question_for
from datasources.identifiers import new_id
from datasources.postgres.database import Database, Transaction
from datasources.postgres.records import Records, identifier, listed, member
from datasources.postgres.statements import ScopedStatement, Statement, TenantPredicate, ids
from datasources.postgres.tables import screening_case_orders, screening_cases
from datasources.postgres.tables.screening_review import OPEN

_C = screening_cases.c
CASES = Records(
    ScreeningCase,
    screening_cases,
    id=identifier(Prefix.CASE, _C.id),
    partner_id=identifier(Prefix.PARTNER, _C.partner_id),
    environment=member(Environment, _C.environment),
    state=member(CaseState, _C.state),
    decision=member(Decision, _C.decision),
    reasons=listed(_C.reasons),
    lists=listed(_C.lists),
    screening_id=identifier(Prefix.SCREENING, _C.screening_id),
    asked_for=member(QuestionField, _C.asked_for),
)
CHANGING = (
    "state", "claimed_by", "claimed_until", "first_officer", "note", "asked_for", "question", "asked_at",
    "closed_by", "closed_at", "due_at",
)  # fmt: skip
"""What an officer changes of a case."""
FOUND = (
    "decision", "party_fingerprint", "party_name", "subject", "reasons", "lists", "hits", "top_score",
    "screening_id",
)  # fmt: skip
"""What another screening of the party changes."""

_new = insert(screening_cases).values(
    {column.name: bindparam(column.name, type_=column.type) for column in _C}
)
OPEN_CASE = Statement(
    _new.on_conflict_do_update(
        index_elements=[_C.partner_id, _C.environment, _C.party_fingerprint],
        index_where=text(OPEN),
        set_={
            **{
                name: _new.excluded[name]
                for name in ("screening_id", "reasons", "lists", "hits", "top_score")
            },
            "decision": case((_C.decision == Decision.DENY, _C.decision), else_=_new.excluded.decision),
            **{
                name: case((_C.state == CaseState.OPEN, _new.excluded[name]), else_=_C[name])
                for name in ("state", "asked_for", "question", "asked_at")
            },
        },
    ).returning(*CASES.columns, literal_column("xmax = 0").label("is_new"))
)
ADD_ORDER = Statement(
    insert(screening_case_orders)
    .values({column.name: bindparam(column.name, type_=column.type) for column in screening_case_orders.c})
    .on_conflict_do_nothing()
)
BY_ID = ScopedStatement(
    lambda tenant: select(*CASES.columns).where(tenant(screening_cases), _C.id == any_(ids()))
)
LOCK = ScopedStatement(
    lambda tenant: (
        select(*CASES.columns)
        .where(tenant(screening_cases), _C.id == any_(ids()))
        .order_by(_C.id)
        .with_for_update()
    )
)
CHANGE = ScopedStatement(
    lambda tenant: (
        update(screening_cases)
        .where(tenant(screening_cases), _C.id == any_(ids()))
        .values({name: bindparam(f"new_{name}", type_=_C[name].type) for name in (*CHANGING, *FOUND)})
    )
)
_JOINED = and_(screening_case_orders.c.partner_id == _C.partner_id, screening_case_orders.c.case_id == _C.id)


def _of_orders(tenant: TenantPredicate) -> Any:
    return (
        select(screening_case_orders.c.order_id.label("waiting"), *CASES.columns)
        .select_from(screening_case_orders.join(screening_cases, _JOINED))
        .where(
            tenant(screening_cases),
            tenant(screening_case_orders),
            screening_case_orders.c.order_id == any_(ids()),
        )
        .order_by(screening_case_orders.c.order_id, _C.id)
    )


OF_ORDERS = ScopedStatement(_of_orders)
ORDERS_OF = ScopedStatement(
    lambda tenant: (
        select(screening_case_orders.c.case_id, screening_case_orders.c.order_id)
        .where(tenant(screening_case_orders), screening_case_orders.c.case_id == any_(ids()))
        .order_by(screening_case_orders.c.case_id, screening_case_orders.c.order_id)
    )
)
IDENTICAL = ScopedStatement(
    lambda tenant: (
        select(_C.id)
        .where(
            tenant(screening_cases), _C.hits == bindparam("hits", type_=Text()), _C.state == CaseState.OPEN
        )
        .order_by(_C.id)
        .limit(bindparam("most", type_=Integer()))
    )
)
PASSING_CASES = Statement(
    select(*CASES.columns)
    .where(
        _C.state == CaseState.OPEN,
        _C.reasons.op("<@")(bindparam("passing", type_=ARRAY(Text()))),
    )
    .order_by(_C.opened_at, _C.id)
    .limit(bindparam("most", type_=Integer()))
)


class ScreeningCases:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, scope: Scope, case_ids: Sequence[str]) -> Mapping[str, ScreeningCase]:
        rows = await self._database.fetch(BY_ID, scope, ids=case_ids)
        return {one.id: one for one in CASES.many(rows)}

    async def of_orders(self, scope: Scope, order_ids: Sequence[str]) -> Mapping[str, list[ScreeningCase]]:
        """The cases of each order, open and closed."""
        rows = await self._database.fetch(OF_ORDERS, scope, ids=order_ids)
        return {
            f"{Prefix.ORDER}_{key}": [_case(row) for row in group]
            for key, group in groupby(rows, key=lambda row: row["waiting"])
        }

    async def orders_of(self, scope: Scope, case_ids: Sequence[str]) -> Mapping[str, list[str]]:
        """The ids of the orders of each case."""
        rows = await self._database.fetch(ORDERS_OF, scope, ids=case_ids)
        return _grouped(rows)

    async def identical(self, scope: Scope, hits: str, most: int) -> list[str]:
        """Open cases that rest on the very same entries and reasons, the oldest first."""
        rows = await self._database.fetch(IDENTICAL, scope, hits=hits, most=most)
        return [f"{Prefix.CASE}_{row['id']}" for row in rows]

    async def open(
        self,
        transaction: Transaction,
        order: Order,
        screening_id: str,
        drafts: Sequence[CaseDraft],
        now: datetime,
    ) -> list[tuple[ScreeningCase, bool]]:
        """Let an order wait for the case of each party, which begins or goes on; whether each is new."""
        opened = []
        owner = {"partner_id": order.partner_id, "environment": order.environment}
        for draft in sorted(drafts, key=lambda one: one.subject.fingerprint()):  # one order against deadlocks
            row = await transaction.row(OPEN_CASE, **owner, **_values(draft, screening_id, now))
            assert row is not None  # noqa: S101  an upsert always returns its row
            case = CASES.one(row)
            await transaction.run(ADD_ORDER, **owner, case_id=case.id, order_id=order.id)
            opened.append((case, row["is_new"]))
        return opened

    async def locked(self, transaction: Transaction, case_ids: Sequence[str]) -> list[ScreeningCase]:
        """Cases of the transaction's partner, held until it ends, in the order of their ids."""
        return CASES.many(
            await transaction.fetch(_within(LOCK, transaction), **_scope(transaction), ids=case_ids)
        )

    async def change(self, transaction: Transaction, case: ScreeningCase) -> None:
        """Write what has changed of a locked case. Raises Conflict where its party has another open one."""
        values = {f"new_{name}": getattr(case, name) for name in (*CHANGING, *FOUND)}
        await transaction.run(_within(CHANGE, transaction), **_scope(transaction), ids=[case.id], **values)

    async def passing(self, transaction: Transaction, most: int) -> list[ScreeningCase]:
        """Open cases of every partner that wait for nothing but a proper screening, the oldest first."""
        return CASES.many(await transaction.fetch(PASSING_CASES, passing=sorted(PASSING), most=most))

    async def waiting_for(self, transaction: Transaction, case_id: str) -> list[str]:
        """The ids of the orders of a case, as the transaction sees them."""
        rows = await transaction.fetch(_within(ORDERS_OF, transaction), **_scope(transaction), ids=[case_id])
        return [f"{Prefix.ORDER}_{row['order_id']}" for row in rows]

    async def of_order(self, transaction: Transaction, order_id: str) -> list[ScreeningCase]:
        """The cases of an order, as the transaction sees them."""
        rows = await transaction.fetch(_within(OF_ORDERS, transaction), **_scope(transaction), ids=[order_id])
        return [_case(row) for row in rows]


def _within(statement: ScopedStatement, transaction: Transaction) -> Statement:
    assert transaction.scope is not None  # noqa: S101  cases are changed for one partner, never by the worker's
    return statement.within(transaction.scope)


def _scope(transaction: Transaction) -> dict[str, Any]:
    assert transaction.scope is not None  # noqa: S101  as above
    return {"partner_id": transaction.scope.partner_id, "environment": transaction.scope.environment}


def _case(row: Any) -> ScreeningCase:
    """A case out of a row whose first column is something else."""
    return CASES.one(list(row)[1:])


def _grouped(rows: Sequence[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(f"{Prefix.CASE}_{row['case_id']}", []).append(f"{Prefix.ORDER}_{row['order_id']}")
    return found


def _values(draft: CaseDraft, screening_id: str, now: datetime) -> dict[str, Any]:
    asked = draft.asks
    return {
        "id": new_id(Prefix.CASE),
        "state": CaseState.AWAITING_PARTNER if asked else CaseState.OPEN,
        "decision": draft.decision,
        "workflow": draft.workflow,
        "party_fingerprint": draft.subject.fingerprint(),
        "party_name": draft.subject.name,
        "party_role": draft.subject.role,
        "party_reference": draft.subject.reference,
        "subject": draft.subject,
        "reasons": list(draft.reasons),
        "lists": list(draft.lists),
        "hits": draft.hits,
        "top_score": draft.top_score,
        "screening_id": screening_id,
        "opened_at": now,
        "due_at": draft.due_at,
        "claimed_by": None,
        "claimed_until": None,
        "first_officer": None,
        "note": None,
        "asked_for": asked,
        "question": question_for(asked) if asked else None,
        "asked_at": now if asked else None,
        "closed_by": None,
        "closed_at": None,
    }
