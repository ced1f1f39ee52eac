"""The audit log: written with the change it tells of, read page by page, newest first."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import DateTime, Integer, Text

from commerce.access import Role, Scope
from commerce.audit import Acting, AuditEntry, AuditFilter, details_of
from commerce.ids import Prefix
from commerce.orders import Actor
from commerce.paging import COUNTED_AT_MOST, PageRequest
from datasources.identifiers import new_id
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.newest import keyset
from datasources.postgres.records import Part, Records, identifier, member
from datasources.postgres.statements import ScopedStatement, TenantPredicate
from datasources.postgres.tables import audit_log

_MOMENT = DateTime(timezone=True)

ENTRIES = Records(
    AuditEntry,
    audit_log,
    id=identifier(Prefix.AUDIT_ENTRY, audit_log.c.id),
    partner_id=identifier(Prefix.PARTNER, audit_log.c.partner_id),
    actor=member(Actor, audit_log.c.actor),
    role=member(Role, audit_log.c.role),
    details=Part(audit_log.c.details, "details_of({0})", details_of=details_of),
)

FILTERS: dict[str, Any] = {
    "action": audit_log.c.action == bindparam("action", type_=Text()),
    "subject_id": audit_log.c.subject_id == bindparam("subject_id", type_=Text()),
    "partner_id": audit_log.c.partner_id == bindparam("of_partner_id", type_=UUID()),
    "actor": audit_log.c.actor == bindparam("actor", type_=Text()),
    "since": audit_log.c.at >= bindparam("since", type_=_MOMENT),
    "before": audit_log.c.at < bindparam("before", type_=_MOMENT),
}
"""One predicate for each part of AuditFilter, by its name."""

INSERT = Insert(audit_log)


async def record(
    transaction: Transaction,
    acting: Acting,
    action: str,
    *,
    subject_id: str | None = None,
    partner_id: str | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write what is being done, in its own transaction.

    `action` is a word of ours (`order.canceled`), `subject_id` what it was done to, `partner_id` whose data
    it touches (else the partner that acts). `details` must hold nothing secret and nothing of a person.
    """
    scope = transaction.scope
    row = {
        "id": new_id(Prefix.AUDIT_ENTRY),
        "partner_id": partner_id or acting.partner_id,
        "environment": scope.environment if scope else acting.environment,
        "at": acting.at,
        "actor": acting.actor,
        "client": acting.client,
        "role": acting.role,
        "address": acting.address,
        "request_id": acting.request_id,
        "action": action,
        "subject_id": subject_id,
        "details": {name: str(value) for name, value in (details or {}).items()},
    }
    await transaction.insert(INSERT, [row])


@cache
def page(filters: frozenset[str], backwards: bool, continues: bool) -> ScopedStatement:
    """A page of the entries in scope, newest first."""

    def build(tenant: TenantPredicate) -> Any:
        key = audit_log.c.id
        there = bindparam("at_id", type_=UUID())
        position = [key > there if backwards else key < there] if continues else []
        return (
            select(*ENTRIES.columns)
            .where(tenant(audit_log), *_chosen(filters), *position)
            .order_by(key if backwards else key.desc())
            .limit(bindparam("size", type_=Integer()))
        )

    return ScopedStatement(build)


@cache
def count(filters: frozenset[str]) -> ScopedStatement:
    """How many entries there are, counted up to a limit."""

    def build(tenant: TenantPredicate) -> Any:
        some: Any = select(literal_column("1")).where(tenant(audit_log), *_chosen(filters))
        return select(func.count().label("total")).select_from(some.limit(COUNTED_AT_MOST + 1).subquery())

    return ScopedStatement(build)


def _chosen(filters: frozenset[str]) -> list[Any]:
    return [FILTERS[name] for name in sorted(filters)]


class AuditLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, scope: Scope, wanted: AuditFilter, request: PageRequest) -> list[AuditEntry]:
        """The entries of a page in the direction of travel, and one more where there are more."""
        given = _given(wanted)
        statement = page(frozenset(given), request.backwards, request.position is not None)
        return ENTRIES.many(await self._database.fetch(statement, scope, **_values(given), **keyset(request)))

    async def count(self, scope: Scope, wanted: AuditFilter) -> int:
        given = _given(wanted)
        rows = await self._database.fetch(count(frozenset(given)), scope, **_values(given))
        return int(rows[0]["total"])


def _given(wanted: AuditFilter) -> dict[str, Any]:
    return {name: value for name in FILTERS if (value := getattr(wanted, name)) is not None}


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the filters; the partner asked for is another than the one who asks."""
    return {"of_partner_id" if name == "partner_id" else name: value for name, value in given.items()}
