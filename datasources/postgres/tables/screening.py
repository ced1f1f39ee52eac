"""Screening decisions and the matches they rest on."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from datasources.postgres.tables.columns import MOMENT, belongs_to, metadata, required, tenant

screenings = Table(
    "screenings",
    metadata,
    *tenant(),
    required("order_id", UUID),
    required("decision", Text),
    required("reasons", JSONB),
    required("partner_words", ARRAY(Text)),
    required("subjects", JSONB),
    required("workflow", Text),
    required("policy_version", Integer),
    required("policy_fingerprint", Text),
    required("engine_version", Integer),
    required("snapshot_id", Text),
    required("lists", JSONB),
    required("is_sample", Boolean),
    required("suppressed", ARRAY(Text)),
    required("decided_by", Text),
    required("decided_at", MOMENT),
    belongs_to("orders", "order_id"),
    CheckConstraint("decision IN ('CLEAR', 'HOLD', 'DENY')", name="decision"),
    Index("screenings_id_idx", "id"),
    Index("screenings_order_idx", "order_id", text("id DESC")),
)

screening_matches = Table(
    "screening_matches",
    metadata,
    *tenant(),
    required("screening_id", UUID),
    required("position", Integer),
    required("list", Text),
    required("entry_id", Text),
    required("entry_hash", Text),
    required("entry_name", Text),
    required("matched_name", Text),
    required("screened_name", Text),
    required("subject_role", Text),
    required("subject_reference", Text),
    required("score", Numeric(5, 4)),
    required("weak_name", Boolean),
    required("consequence", Text),
    required("programmes", ARRAY(Text)),
    required("parts", JSONB),
    belongs_to("screenings", "screening_id"),
    UniqueConstraint("partner_id", "screening_id", "position"),
    Index("screening_matches_screening_idx", "screening_id", "position"),
)
