"""Screening decisions of orders, with their matches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import any_, bindparam, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID, distinct_on
from sqlalchemy.types import Text

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from commerce.orders import Order
from commerce.screening import Clearance, Decision, Outcome, Ruling, Subject
from commerce.screenings import Screening, ScreeningMatch
from datasources.identifiers import new_id
from datasources.postgres import screening_audit
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.records import Part, Records, identifier, listed, member
from datasources.postgres.statements import ScopedStatement, TenantPredicate, ids
from datasources.postgres.tables import screening_matches, screenings
from datasources.postgres.tables.columns import MOMENT

SCREENINGS = Records(
    Screening,
    screenings,
    id=identifier(Prefix.SCREENING, screenings.c.id),
    partner_id=identifier(Prefix.PARTNER, screenings.c.partner_id),
    environment=member(Environment, screenings.c.environment),
    order_id=identifier(Prefix.ORDER, screenings.c.order_id),
    decision=member(Decision, screenings.c.decision),
    reasons=listed(screenings.c.reasons),
    partner_words=listed(screenings.c.partner_words),
    lists=listed(screenings.c.lists),
)
MATCHES = Records(
    ScreeningMatch,
    screening_matches,
    id=identifier(Prefix.MATCH, screening_matches.c.id),
    partner_id=identifier(Prefix.PARTNER, screening_matches.c.partner_id),
    environment=member(Environment, screening_matches.c.environment),
    screening_id=identifier(Prefix.SCREENING, screening_matches.c.screening_id),
    list_code=Part(screening_matches.c.list),
    programmes=listed(screening_matches.c.programmes),
)

BY_ID = ScopedStatement(
    lambda tenant: select(*SCREENINGS.columns).where(tenant(screenings), screenings.c.id == any_(ids()))
)
NEWEST_OF_ORDERS = ScopedStatement(
    lambda tenant: (
        select(*SCREENINGS.columns)
        .where(tenant(screenings), screenings.c.order_id == any_(ids()))
        .ext(distinct_on(screenings.c.order_id))
        .order_by(screenings.c.order_id, screenings.c.id.desc())
    )
)
MATCHES_OF = ScopedStatement(
    lambda tenant: (
        select(*MATCHES.columns)
        .where(tenant(screening_matches), screening_matches.c.screening_id == any_(ids()))
        .order_by(screening_matches.c.screening_id, screening_matches.c.position)
    )
)


def _overruling(tenant: TenantPredicate) -> Any:
    """A copy of an order's newest screening under another decision, which the reasons no longer carry."""
    changed = {
        "id": bindparam("new_id", type_=UUID()),
        "decision": bindparam("new_decision", type_=Text()),
        "partner_words": bindparam("new_partner_words", type_=ARRAY(Text())),
        "decided_by": bindparam("new_decided_by", type_=Text()),
        "decided_at": bindparam("new_decided_at", type_=MOMENT),
    }
    chosen: list[Any] = [changed.get(column.name, column) for column in screenings.c]
    newest = (
        select(*chosen)
        .where(tenant(screenings), screenings.c.order_id == bindparam("order_id", type_=UUID()))
        .order_by(screenings.c.id.desc())
        .limit(1)
    )
    return insert(screenings).from_select([column.name for column in screenings.c], newest)


OVERRULE = ScopedStatement(_overruling)
INSERT = Insert(screenings)
INSERT_MATCH = Insert(screening_matches)


@dataclass(frozen=True, slots=True)
class ScreenedFor:
    """The order that a screening after its acceptance belongs to."""

    id: str
    partner_id: str
    environment: Environment


class Screenings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, scope: Scope, screening_ids: Sequence[str]) -> Mapping[str, Screening]:
        rows = await self._database.fetch(BY_ID, scope, ids=screening_ids)
        return {screening.id: screening for screening in SCREENINGS.many(rows)}

    async def newest_of_orders(self, scope: Scope, order_ids: Sequence[str]) -> Mapping[str, Screening]:
        rows = await self._database.fetch(NEWEST_OF_ORDERS, scope, ids=order_ids)
        return {screening.order_id: screening for screening in SCREENINGS.many(rows)}

    async def matches_of(
        self, scope: Scope, screening_ids: Sequence[str]
    ) -> Mapping[str, list[ScreeningMatch]]:
        rows = MATCHES.many(await self._database.fetch(MATCHES_OF, scope, ids=screening_ids))
        return {key: list(group) for key, group in groupby(rows, key=lambda match: match.screening_id)}

    async def add(
        self,
        transaction: Transaction,
        order: Order | ScreenedFor,
        subjects: Sequence[Subject],
        outcome: Outcome,
        decided_at: datetime,
        *,
        cleared: Sequence[Clearance] = (),
    ) -> str:
        """Keep a decision on an order with everything it rests on; the id of the screening."""
        owner: dict[str, Any] = {"partner_id": order.partner_id, "environment": order.environment}
        screening_id = new_id(Prefix.SCREENING)
        row = {
            **owner,
            "id": screening_id,
            "order_id": order.id,
            "decision": outcome.decision,
            "reasons": outcome.reasons,
            "partner_words": outcome.partner_words,
            "subjects": list(subjects),
            "workflow": outcome.workflow,
            "policy_version": outcome.policy_version,
            "policy_fingerprint": outcome.policy_fingerprint,
            "engine_version": outcome.engine_version,
            "snapshot_id": outcome.snapshot.id,
            "lists": screening_audit.lists_as_json(outcome.snapshot),
            "is_sample": outcome.snapshot.is_sample,
            "suppressed": outcome.suppressed,
            "decided_by": "SYSTEM",
            "decided_at": decided_at,
        }
        matches = (
            {**owner, "id": new_id(Prefix.MATCH), "screening_id": screening_id, "position": position}
            | {name: getattr(match, name) for name in _OF_MATCH}
            for position, match in enumerate(outcome.matches, start=1)
        )
        await transaction.insert(INSERT, [row])
        await transaction.insert(INSERT_MATCH, matches)
        body = screening_audit.decision_body(subjects, outcome, cleared, decided_at)
        record = screening_audit.Record(screening_audit.DECIDED, screening_id, "SYSTEM", decided_at, body)
        await screening_audit.record(transaction, **owner, records=[record])
        return screening_id

    async def overrule(
        self, transaction: Transaction, order: Order, ruling: Ruling, *, decided_by: str, at: datetime
    ) -> str:
        """Keep officers' ruling on an order: what the engine found stays as it was; the screening's id."""
        screening_id = new_id(Prefix.SCREENING)
        scope = Scope(order.partner_id, order.environment)
        await transaction.run(
            OVERRULE.within(scope),
            partner_id=scope.partner_id,
            environment=scope.environment,
            new_id=screening_id,
            order_id=order.id,
            new_decision=ruling.decision,
            new_partner_words=list(ruling.partner_words),
            new_decided_by=decided_by,
            new_decided_at=at,
        )
        body = screening_audit.canonical({"order": order.id, "ruling": ruling})
        record = screening_audit.Record(screening_audit.RULED, screening_id, decided_by, at, body)
        await screening_audit.record(
            transaction, partner_id=order.partner_id, environment=order.environment, records=[record]
        )
        return screening_id


_OF_MATCH = (
    "list", "entry_id", "entry_hash", "entry_name", "matched_name", "screened_name", "subject_role",
    "subject_reference", "score", "weak_name", "consequence", "programmes", "parts",
)  # fmt: skip
