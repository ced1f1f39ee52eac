"""Screening decisions and the matches they rest on."""

from sqlalchemy import ARRAY, CheckConstraint, Index, Integer, Numeric, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from datasources.postgres.tables.columns import MOMENT, belongs_to, metadata, required, tenant

screenings = Table(
    "screenings",
    metadata,
    *tenant(),
    required("order_id", UUID),
    required("decision", Text),
    required("reasons", ARRAY(Text)),
    required("partner_message", Text),
    required("subjects", JSONB),
    required("policy", Text),
    required("policy_version", Text),
    required("lists", JSONB),
    required("decided_by", Text),
    required("decided_at", MOMENT),
    belongs_to("orders", "order_id"),
    CheckConstraint("decision IN ('CLEAR', 'HOLD', 'DENY')", name="decision"),
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
    required("matched_name", Text),
    required("subject_role", Text),
    required("subject_name", Text),
    required("score", Numeric(5, 4)),
    required("parts", JSONB),
    required("programmes", ARRAY(Text)),
    belongs_to("screenings", "screening_id"),
    UniqueConstraint("partner_id", "screening_id", "position"),
    Index("screening_matches_screening_idx", "screening_id", "position"),
)
