"""The audit log: rows are added and read, and by no application role changed or removed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ONLY_ADD = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'portico_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM portico_app;
    END IF;
END $$
"""

REFUSE = """
CREATE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log only grows' USING ERRCODE = 'insufficient_privilege';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=True),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("details", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("audit_log_environment_check")
        ),
        sa.CheckConstraint("actor IN ('PARTNER', 'STAFF', 'SYSTEM')", name=op.f("audit_log_actor_check")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("audit_log_partner_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_log_pkey")),
    )
    newest = sa.literal_column("id DESC")
    op.create_index("audit_log_partner_idx", "audit_log", ["partner_id", "environment", newest])
    op.create_index("audit_log_environment_idx", "audit_log", ["environment", newest])
    op.create_index("audit_log_subject_idx", "audit_log", ["subject_id", newest])
    op.execute(ONLY_ADD)
    op.execute(REFUSE)
    op.execute(
        "CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows()"
    )


def downgrade() -> None:
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION audit_log_only_grows")
