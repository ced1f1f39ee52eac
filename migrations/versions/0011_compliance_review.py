"""Compliance review: cases, the cleared list, facts that partners gave, the audit trail, batches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

APPEND_ONLY = """
CREATE FUNCTION screening_records_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept_since timestamptz;
BEGIN
    kept_since := CASE TG_TABLE_NAME
        WHEN 'screening_audit' THEN (to_jsonb(OLD) ->> 'at')::timestamptz
        ELSE (to_jsonb(OLD) ->> 'decided_at')::timestamptz END;
    IF TG_OP = 'DELETE' AND kept_since < now() - interval '10 years' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of % are kept as they were written, for ten years', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""
"""Ten years: 31 CFR 501.601 as of 2025-03-21. Matches hang on their screenings and never change."""


def upgrade() -> None:
    _cases()
    _trail()
    _batches()
    op.execute(APPEND_ONLY)
    for table, what in (
        ("screenings", "UPDATE OR DELETE"),
        ("screening_audit", "UPDATE OR DELETE"),
        ("screening_matches", "UPDATE"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_stay BEFORE {what} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION screening_records_stay()"
        )


def _cases() -> None:
    op.create_table(
        "screening_cases",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("party_fingerprint", sa.Text(), nullable=False),
        sa.Column("party_name", sa.Text(), nullable=False),
        sa.Column("party_role", sa.Text(), nullable=False),
        sa.Column("party_reference", sa.Text(), nullable=False),
        sa.Column("subject", JSONB(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("lists", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("hits", sa.Text(), nullable=False),
        sa.Column("top_score", sa.Float(), nullable=False),
        sa.Column("screening_id", sa.UUID(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_officer", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("asked_for", sa.Text(), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('OPEN', 'AWAITING_PARTNER', 'AWAITING_SECOND')) = (closed_at IS NULL)",
            name=op.f("screening_cases_closed_check"),
        ),
        sa.CheckConstraint("decision IN ('HOLD', 'DENY')", name=op.f("screening_cases_decision_check")),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("screening_cases_environment_check")
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'AWAITING_PARTNER', 'AWAITING_SECOND', 'CLEARED', 'DENIED')",
            name=op.f("screening_cases_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "screening_id"],
            ["screenings.partner_id", "screenings.id"],
            name=op.f("screening_cases_partner_id_screening_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("screening_cases_partner_id_fkey")
        ),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("screening_cases_pkey")),
    )
    op.create_index(
        "screening_cases_hits_idx",
        "screening_cases",
        ["environment", "hits"],
        unique=False,
        postgresql_where=sa.text("state IN ('OPEN', 'AWAITING_PARTNER', 'AWAITING_SECOND')"),
    )
    op.create_index("screening_cases_id_idx", "screening_cases", ["id"], unique=False)
    op.create_index(
        "screening_cases_party_key",
        "screening_cases",
        ["partner_id", "environment", "party_fingerprint"],
        unique=True,
        postgresql_where=sa.text("state IN ('OPEN', 'AWAITING_PARTNER', 'AWAITING_SECOND')"),
    )
    op.create_index(
        "screening_cases_queue_idx",
        "screening_cases",
        ["environment", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('OPEN', 'AWAITING_PARTNER', 'AWAITING_SECOND')"),
    )
    op.create_table(
        "screening_case_orders",
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id", "case_id"],
            ["screening_cases.partner_id", "screening_cases.id"],
            name=op.f("screening_case_orders_partner_id_case_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "order_id"],
            ["orders.partner_id", "orders.id"],
            name=op.f("screening_case_orders_partner_id_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("partner_id", "case_id", "order_id", name=op.f("screening_case_orders_pkey")),
    )
    op.create_index("screening_case_orders_order_idx", "screening_case_orders", ["order_id"], unique=False)
    op.create_table(
        "screening_clearances",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("party_fingerprint", sa.Text(), nullable=False),
        sa.Column("party_name", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("entry_hash", sa.Text(), nullable=False),
        sa.Column("entry_name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("screening_clearances_environment_check")
        ),
        sa.CheckConstraint("confirmed_by <> proposed_by", name=op.f("screening_clearances_two_people_check")),
        sa.ForeignKeyConstraint(
            ["partner_id", "case_id"],
            ["screening_cases.partner_id", "screening_cases.id"],
            name=op.f("screening_clearances_partner_id_case_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("screening_clearances_partner_id_fkey")
        ),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("screening_clearances_pkey")),
    )
    op.create_index("screening_clearances_id_idx", "screening_clearances", ["id"], unique=False)
    op.create_index(
        "screening_clearances_party_idx",
        "screening_clearances",
        ["partner_id", "environment", "party_fingerprint"],
        unique=False,
    )
    op.create_table(
        "party_facts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("party_reference", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("answer", JSONB(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("party_facts_environment_check")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("party_facts_partner_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("party_facts_pkey")),
    )
    op.create_index(
        "party_facts_party_idx", "party_facts", ["partner_id", "environment", "party_reference"], unique=False
    )


def _trail() -> None:
    op.create_table(
        "screening_audit",
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("screening_audit_partner_id_fkey")
        ),
        sa.PrimaryKeyConstraint("partner_id", "environment", "sequence", name=op.f("screening_audit_pkey")),
    )
    op.create_index(
        "screening_audit_subject_idx", "screening_audit", ["subject_id", "sequence"], unique=False
    )
    op.create_table(
        "screening_chains",
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("purged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("purged_hash", sa.LargeBinary(), server_default=sa.text("'\\x'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("screening_chains_partner_id_fkey")
        ),
        sa.PrimaryKeyConstraint("partner_id", "environment", name=op.f("screening_chains_pkey")),
    )


def _batches() -> None:
    op.create_table(
        "screening_batches",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parties", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("screening_batches_pkey")),
    )
    op.create_index(
        "screening_batches_open_idx",
        "screening_batches",
        ["id"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "screening_batch_parties",
        sa.Column("batch_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject", JSONB(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reasons", JSONB(), nullable=True),
        sa.Column("matches", JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["screening_batches.id"], name=op.f("screening_batch_parties_batch_id_fkey")
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("screening_batch_parties_pkey")),
    )


def downgrade() -> None:
    for table in ("screenings", "screening_audit", "screening_matches"):
        op.execute(f"DROP TRIGGER {table}_stay ON {table}")
    op.execute("DROP FUNCTION screening_records_stay()")
    for table in (
        "screening_batch_parties",
        "screening_batches",
        "screening_chains",
        "screening_audit",
        "party_facts",
        "screening_clearances",
        "screening_case_orders",
        "screening_cases",
    ):
        op.drop_table(table)
