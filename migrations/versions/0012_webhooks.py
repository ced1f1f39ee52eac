"""Webhook endpoints, their secrets, what was sent to them, and how each try ended."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def tenant(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f(f"{table}_environment_check")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f(f"{table}_partner_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f(f"{table}_pkey")),
    ]


def part_of(table: str, parent: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["partner_id", column],
        [f"{parent}.partner_id", f"{parent}.id"],
        name=op.f(f"{table}_partner_id_{column}_fkey"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        *tenant("webhook_endpoints"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("event_types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("held_by", sa.UUID(), nullable=True),
        sa.Column("parked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("last_failed_at", MOMENT, nullable=True),
        sa.Column("claim", sa.UUID(), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_index("webhook_endpoints_id_idx", "webhook_endpoints", ["id"])
    op.create_index(
        "webhook_endpoints_enabled_idx",
        "webhook_endpoints",
        ["claimed_until"],
        postgresql_where=sa.text("state = 'ENABLED'"),
    )
    op.create_table(
        "webhook_secrets",
        *tenant("webhook_secrets"),
        sa.Column("endpoint_id", sa.UUID(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        part_of("webhook_secrets", "webhook_endpoints", "endpoint_id"),
    )
    op.create_index("webhook_secrets_endpoint_idx", "webhook_secrets", ["endpoint_id"])
    op.create_table(
        "webhook_deliveries",
        *tenant("webhook_deliveries"),
        sa.Column("endpoint_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("previous_sequence", sa.BigInteger(), nullable=True),
        sa.Column("in_order", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        part_of("webhook_deliveries", "webhook_endpoints", "endpoint_id"),
        sa.UniqueConstraint(
            "partner_id",
            "endpoint_id",
            "event_id",
            name=op.f("webhook_deliveries_partner_id_endpoint_id_event_id_key"),
        ),
    )
    op.create_index(
        "webhook_deliveries_endpoint_idx", "webhook_deliveries", ["endpoint_id", sa.literal_column("id DESC")]
    )
    op.create_index(
        "webhook_deliveries_waiting_idx",
        "webhook_deliveries",
        ["endpoint_id"],
        postgresql_where=sa.text("state = 'WAITING'"),
    )
    op.create_index("webhook_deliveries_settled_idx", "webhook_deliveries", ["settled_at"])
    op.create_table(
        "webhook_attempts",
        *tenant("webhook_attempts"),
        sa.Column("delivery_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        part_of("webhook_attempts", "webhook_deliveries", "delivery_id"),
    )
    op.create_index("webhook_attempts_delivery_idx", "webhook_attempts", ["delivery_id", "number"])


def downgrade() -> None:
    op.drop_table("webhook_attempts")
    op.drop_table("webhook_deliveries")
    op.drop_table("webhook_secrets")
    op.drop_table("webhook_endpoints")
