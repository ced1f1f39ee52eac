"""The audit log: written with the change it tells of, read page by page, newest first."""

from collections.abc import Mapping

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import DateTime, Text

from commerce.access import Role, Scope
from commerce.audit import Acting, AuditEntry, AuditFilter, details_of
from commerce.ids import Prefix
from commerce.orders import Actor
from commerce.paging import PageRequest
from datasources.identifiers import new_id
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.newest import Newest
from datasources.postgres.records import Part, Records, identifier, member
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

NEWEST = Newest(
    ENTRIES,
    audit_log,
    {
        "action": audit_log.c.action == bindparam("of_action", type_=Text()),
        "subject_id": audit_log.c.subject_id == bindparam("of_subject_id", type_=Text()),
        "partner_id": audit_log.c.partner_id == bindparam("of_partner_id", type_=UUID()),
        "actor": audit_log.c.actor == bindparam("of_actor", type_=Text()),
        "since": audit_log.c.at >= bindparam("of_since", type_=_MOMENT),
        "before": audit_log.c.at < bindparam("of_before", type_=_MOMENT),
    },
)
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


class AuditLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, scope: Scope, wanted: AuditFilter, request: PageRequest) -> list[AuditEntry]:
        """The entries of a page in the direction of travel, and one more where there are more."""
        return await NEWEST.page(self._database, scope, request, wanted)

    async def count(self, scope: Scope, wanted: AuditFilter) -> int:
        return await NEWEST.count(self._database, scope, wanted)
