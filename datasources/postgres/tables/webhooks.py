"""Webhook endpoints, their secrets, what was sent to them, and how each try ended."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from datasources.postgres.tables.columns import MOMENT, metadata, required, tenant


def _part_of(table: str, column: str) -> ForeignKeyConstraint:
    """A reference inside the partner to what this row goes away with."""
    return ForeignKeyConstraint(
        ["partner_id", column], [f"{table}.partner_id", f"{table}.id"], ondelete="CASCADE"
    )


webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    *tenant(),
    required("url", Text),
    required("description", Text),
    required("event_types", ARRAY(Text)),
    required("state", Text),
    Column("disabled_reason", Text),
    Column("disabled_at", MOMENT),
    required("position", BigInteger),
    Column("sent", BigInteger),
    Column("held_by", UUID),
    required("parked", Integer, server_default="0"),
    Column("failing_since", MOMENT),
    Column("last_failed_at", MOMENT),
    Column("claim", UUID),
    Column("claimed_until", MOMENT),
    required("created_at", MOMENT),
    required("updated_at", MOMENT),
    Index("webhook_endpoints_id_idx", "id"),
    Index("webhook_endpoints_enabled_idx", "claimed_until", postgresql_where=text("state = 'ENABLED'")),
)

webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    *tenant(),
    required("endpoint_id", UUID),
    required("sealed", LargeBinary),
    required("created_at", MOMENT),
    Column("expires_at", MOMENT),
    _part_of("webhook_endpoints", "endpoint_id"),
    Index("webhook_secrets_endpoint_idx", "endpoint_id"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    *tenant(),
    required("endpoint_id", UUID),
    required("event_id", UUID),
    required("type", Text),
    required("subject_id", Text),
    Column("sequence", BigInteger),
    Column("previous_sequence", BigInteger),
    required("in_order", Boolean),
    required("state", Text),
    required("tries", Integer),
    required("attempts", Integer),
    Column("next_try_at", MOMENT),
    required("created_at", MOMENT),
    Column("settled_at", MOMENT),
    _part_of("webhook_endpoints", "endpoint_id"),
    UniqueConstraint("partner_id", "endpoint_id", "event_id"),
    Index("webhook_deliveries_endpoint_idx", "endpoint_id", text("id DESC")),
    Index("webhook_deliveries_waiting_idx", "endpoint_id", postgresql_where=text("state = 'WAITING'")),
    Index("webhook_deliveries_settled_idx", "settled_at"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    *tenant(),
    required("delivery_id", UUID),
    required("number", Integer),
    required("at", MOMENT),
    required("duration_ms", Integer),
    required("outcome", Text),
    Column("status", Integer),
    Column("response", Text),
    _part_of("webhook_deliveries", "delivery_id"),
    Index("webhook_attempts_delivery_idx", "delivery_id", "number"),
)
