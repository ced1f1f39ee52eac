"""Who did what. Rows are only ever added: no application role may change one, and a trigger refuses all."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from datasources.postgres.tables.columns import MOMENT, identifier, metadata, required

audit_log = Table(
    "audit_log",
    metadata,
    identifier(),
    Column("partner_id", UUID),
    required("environment", Text),
    required("at", MOMENT),
    required("actor", Text),
    required("client", Text),
    Column("role", Text),
    Column("address", Text),
    Column("request_id", Text),
    required("action", Text),
    Column("subject_id", Text),
    required("details", JSONB, server_default=text("'{}'::jsonb")),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["partner_id"], ["partners.id"]),
    CheckConstraint("environment IN ('PRODUCTION', 'SANDBOX')", name="environment"),
    CheckConstraint("actor IN ('PARTNER', 'STAFF', 'SYSTEM')", name="actor"),
    Index("audit_log_partner_idx", "partner_id", "environment", text("id DESC")),
    Index("audit_log_environment_idx", "environment", text("id DESC")),
    Index("audit_log_subject_idx", "subject_id", text("id DESC")),
)
