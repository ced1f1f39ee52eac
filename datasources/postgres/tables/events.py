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
    required("expired_through", BigInteger, server_default="0"),
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
    PrimaryKeyConstraint("partner_id", "environment", "sequence", "occurred_at"),
    ForeignKeyConstraint(["partner_id"], ["partners.id"]),
    postgresql_partition_by="RANGE (occurred_at)",
)
"""One partition a month, in a schema of their own."""

event_retention = Table(
    "event_retention",
    metadata,
    required("kept_since", MOMENT, primary_key=True),
)
"""One row: since when events are kept. Before that, an order's history has no events."""

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
    Index("outbox_dead_idx", "id", postgresql_where=text("dead_at IS NOT NULL")),
    Index("outbox_due_idx", "destination", "due_at", "id", postgresql_where=text("dead_at IS NULL")),
)
