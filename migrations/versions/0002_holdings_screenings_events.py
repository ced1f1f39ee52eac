"""Subscriptions, licences, screenings, the event log and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("order_line_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("auto_renew", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("subscriptions_environment_check")
        ),
        sa.CheckConstraint("seats >= 0 AND ends_on > starts_on", name=op.f("subscriptions_holding_check")),
        sa.ForeignKeyConstraint(
            ["partner_id", "customer_id"],
            ["customers.partner_id", "customers.id"],
            name=op.f("subscriptions_partner_id_customer_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "order_id"],
            ["orders.partner_id", "orders.id"],
            name=op.f("subscriptions_partner_id_order_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "order_line_id"],
            ["order_lines.partner_id", "order_lines.id"],
            name=op.f("subscriptions_partner_id_order_line_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("subscriptions_partner_id_fkey")),
        sa.ForeignKeyConstraint(["sku_id"], ["skus.id"], name=op.f("subscriptions_sku_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("subscriptions_pkey")),
        sa.UniqueConstraint(
            "partner_id", "order_line_id", name=op.f("subscriptions_partner_id_order_line_id_key")
        ),
    )
    op.create_index(
        "subscriptions_customer_idx",
        "subscriptions",
        ["customer_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("subscriptions_id_idx", "subscriptions", ["id"], unique=False)
    op.create_index("subscriptions_order_idx", "subscriptions", ["order_id"], unique=False)
    op.create_table(
        "licenses",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("subscription_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sku_code", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("features", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("licensee_name", sa.Text(), nullable=False),
        sa.Column("licensee_company", sa.Text(), nullable=False),
        sa.Column("licensee_email", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("superseded_by", sa.UUID(), nullable=True),
        sa.Column("first_retrieved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("licenses_environment_check")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "customer_id"],
            ["customers.partner_id", "customers.id"],
            name=op.f("licenses_partner_id_customer_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "order_id"],
            ["orders.partner_id", "orders.id"],
            name=op.f("licenses_partner_id_order_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "subscription_id"],
            ["subscriptions.partner_id", "subscriptions.id"],
            name=op.f("licenses_partner_id_subscription_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("licenses_partner_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("licenses_pkey")),
    )
    op.create_index(
        "licenses_current_key",
        "licenses",
        ["partner_id", "subscription_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('ACTIVE', 'SUSPENDED')"),
    )
    op.create_index(
        "licenses_customer_idx", "licenses", ["customer_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "licenses_environment_idx", "licenses", ["environment", sa.literal_column("id DESC")], unique=False
    )
    op.create_index("licenses_id_idx", "licenses", ["id"], unique=False)
    op.create_index(
        "licenses_order_idx", "licenses", ["order_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "licenses_partner_idx",
        "licenses",
        ["partner_id", "environment", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "licenses_subscription_idx",
        "licenses",
        ["subscription_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "screenings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reasons", JSONB(), nullable=False),
        sa.Column("partner_words", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("subjects", JSONB(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("policy_fingerprint", sa.Text(), nullable=False),
        sa.Column("engine_version", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("lists", JSONB(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("suppressed", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision IN ('CLEAR', 'HOLD', 'DENY')", name=op.f("screenings_decision_check")),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("screenings_environment_check")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "order_id"],
            ["orders.partner_id", "orders.id"],
            name=op.f("screenings_partner_id_order_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("screenings_partner_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("screenings_pkey")),
    )
    op.create_index("screenings_id_idx", "screenings", ["id"], unique=False)
    op.create_index(
        "screenings_order_idx", "screenings", ["order_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_table(
        "screening_matches",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("screening_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("entry_hash", sa.Text(), nullable=False),
        sa.Column("entry_name", sa.Text(), nullable=False),
        sa.Column("matched_name", sa.Text(), nullable=False),
        sa.Column("screened_name", sa.Text(), nullable=False),
        sa.Column("subject_role", sa.Text(), nullable=False),
        sa.Column("subject_reference", sa.Text(), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("weak_name", sa.Boolean(), nullable=False),
        sa.Column("consequence", sa.Text(), nullable=False),
        sa.Column("programmes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("parts", JSONB(), nullable=False),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("screening_matches_environment_check")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "screening_id"],
            ["screenings.partner_id", "screenings.id"],
            name=op.f("screening_matches_partner_id_screening_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("screening_matches_partner_id_fkey")
        ),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("screening_matches_pkey")),
        sa.UniqueConstraint(
            "partner_id",
            "screening_id",
            "position",
            name=op.f("screening_matches_partner_id_screening_id_position_key"),
        ),
    )
    op.create_index(
        "screening_matches_screening_idx", "screening_matches", ["screening_id", "position"], unique=False
    )
    op.create_table(
        "event_sequences",
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("event_sequences_partner_id_fkey")
        ),
        sa.PrimaryKeyConstraint("partner_id", "environment", name=op.f("event_sequences_pkey")),
    )
    op.create_table(
        "events",
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("events_partner_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "environment", "sequence", name=op.f("events_pkey")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("key", sa.UUID(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
    )
    op.create_index(
        "outbox_due_idx",
        "outbox",
        ["destination", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("dead_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("events")
    op.drop_table("event_sequences")
    op.drop_table("screening_matches")
    op.drop_table("screenings")
    op.drop_table("licenses")
    op.drop_table("subscriptions")
