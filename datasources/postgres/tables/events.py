"""The event log and the outbox."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from datasources.postgres.tables.columns import MOMENT, created, identifier, metadata, required

event_sequences = Table(
    "event_sequences",
    metadata,
    required("partner_id", UUID),
    required("environment", Text),
    required("last", BigInteger),
    PrimaryKeyConstraint("partner_id", "environment"),
    ForeignKeyConstraint(["partner_id"], ["partners.id"]),
)

events = Table(
    "events",
    metadata,
    required("partner_id", UUID),
    required("environment", Text),
    required("sequence", BigInteger),
    identifier(),
    required("type", Text),
    required("subject_id", Text),
    required("occurred_at", MOMENT),
    required("snapshot", JSONB),
    PrimaryKeyConstraint("partner_id", "environment", "sequence"),
    ForeignKeyConstraint(["partner_id"], ["partners.id"]),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    required("partner_id", UUID),
    required("environment", Text),
    required("destination", Text),
    required("key", UUID),
    required("payload", JSONB),
    created(),
    required("due_at", MOMENT, server_default=text("now()")),
    required("attempts", Integer, server_default="0"),
    Column("last_error", Text),
    Column("dead_at", MOMENT),
    Index("outbox_due_idx", "destination", "due_at", "id", postgresql_where=text("dead_at IS NULL")),
)
