"""Credentials of clients: secrets, keys, used assertions; and buckets that all processes draw on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

EVERY_PERMISSION = (
    "'{orders:read,orders:write,licenses:read,licenses:write,customers:read,customers:write,"
    "events:read,webhooks:manage,reports:read}'::text[]"
)


def tenant(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f(f"{table}_pkey")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f(f"{table}_partner_id_fkey")),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f(f"{table}_environment_check")
        ),
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id", "client_id"],
            ["api_clients.partner_id", "api_clients.id"],
            name=op.f(f"{table}_partner_id_client_id_fkey"),
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
    ]


def upgrade() -> None:
    op.add_column(
        "api_clients",
        sa.Column("permissions", ARRAY(sa.Text()), server_default=sa.text(EVERY_PERMISSION), nullable=False),
    )
    op.add_column("api_clients", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("api_clients_id_idx", "api_clients", ["id"])
    op.create_table(
        "client_secrets",
        *tenant("client_secrets"),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.CheckConstraint("slot IN (1, 2)", name=op.f("client_secrets_slot_check")),
    )
    op.create_table(
        "client_keys",
        *tenant("client_keys"),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("jwk", JSONB(), nullable=False),
    )
    live = sa.text("revoked_at IS NULL")
    for table, name in (("client_secrets", "slot"), ("client_keys", "kid")):
        columns = ["partner_id", "client_id", name]
        op.create_index(f"{table}_{name}_key", table, columns, unique=True, postgresql_where=live)
    op.create_table(
        "used_assertions",
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.Column("jti_digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti_digest", name=op.f("used_assertions_pkey")),
    )
    op.create_index("used_assertions_expires_at_idx", "used_assertions", ["expires_at"])
    op.create_table(
        "buckets",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(53), nullable=False),
        sa.Column("granted", sa.Float(53), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("buckets_pkey")),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    for table in ("buckets", "used_assertions", "client_keys", "client_secrets"):
        op.drop_table(table)
    op.drop_index("api_clients_id_idx", "api_clients")
    op.drop_column("api_clients", "revoked_at")
    op.drop_column("api_clients", "permissions")
