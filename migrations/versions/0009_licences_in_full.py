"""Licences in full: activation codes, activations, deliveries, withdrawals."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partners", sa.Column("contact_email", sa.Text()))
    op.add_column(
        "partners",
        sa.Column("licenses_to_partner", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    _licenses()
    _activation_codes()
    _license_activations()
    _license_deliveries()


def _licenses() -> None:
    op.add_column("licenses", sa.Column("kind", sa.Text(), server_default="FULL", nullable=False))
    op.add_column("licenses", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("licenses", sa.Column("withdrawal", sa.Text()))
    op.add_column("licenses", sa.Column("first_retrieved_by", sa.Text()))
    op.create_check_constraint(op.f("licenses_kind_check"), "licenses", "kind IN ('FULL', 'BRIDGE')")
    op.create_check_constraint(
        op.f("licenses_withdrawal_check"), "licenses", "(withdrawn_at IS NULL) = (withdrawal IS NULL)"
    )
    op.execute(
        "UPDATE licenses SET withdrawn_at = revoked_at, withdrawal = 'REVOKED' WHERE revoked_at IS NOT NULL"
    )
    op.create_index(
        "licenses_domain_idx",
        "licenses",
        [
            "environment",
            sa.literal_column("lower(split_part(licensee_email, '@', 2))"),
            sa.literal_column("id DESC"),
        ],
    )
    op.create_index(
        "licenses_withdrawn_idx",
        "licenses",
        ["expires_on"],
        postgresql_where=sa.text("withdrawn_at IS NOT NULL"),
    )
    op.create_index(
        "licenses_ending_idx", "licenses", ["expires_on"], postgresql_where=sa.text("state = 'ACTIVE'")
    )
    op.create_index(
        "licenses_beginning_idx", "licenses", ["starts_on"], postgresql_where=sa.text("state = 'SCHEDULED'")
    )


def _tenant(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f(f"{table}_pkey")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f(f"{table}_partner_id_fkey")),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f(f"{table}_environment_check")
        ),
    ]


def _belongs_to(table: str, owner: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["partner_id", column],
        [f"{owner}.partner_id", f"{owner}.id"],
        name=op.f(f"{table}_partner_id_{column}_fkey"),
    )


def _activation_codes() -> None:
    op.create_table(
        "activation_codes",
        *_tenant("activation_codes"),
        sa.Column("subscription_id", sa.UUID(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("last_five", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retrieved_at", sa.DateTime(timezone=True)),
        sa.Column("retrieved_by", sa.Text()),
        sa.Column("replaced_at", sa.DateTime(timezone=True)),
        _belongs_to("activation_codes", "subscriptions", "subscription_id"),
    )
    op.create_index(
        "activation_codes_current_key",
        "activation_codes",
        ["partner_id", "subscription_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index(
        "activation_codes_subscription_idx",
        "activation_codes",
        ["subscription_id", sa.literal_column("id DESC")],
    )
    op.create_index("activation_codes_digest_idx", "activation_codes", ["digest"])
    op.create_index("activation_codes_last_five_idx", "activation_codes", ["last_five"])


def _license_activations() -> None:
    op.create_table(
        "license_activations",
        *_tenant("license_activations"),
        sa.Column("subscription_id", sa.UUID(), nullable=False),
        sa.Column("license_id", sa.UUID(), nullable=False),
        sa.Column("instance_name", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("seats > 0", name=op.f("license_activations_seats_check")),
        _belongs_to("license_activations", "subscriptions", "subscription_id"),
        _belongs_to("license_activations", "licenses", "license_id"),
    )
    op.create_index(
        "license_activations_instance_key",
        "license_activations",
        ["partner_id", "subscription_id", "instance_name"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "license_activations_subscription_idx",
        "license_activations",
        ["subscription_id", sa.literal_column("id DESC")],
    )


def _license_deliveries() -> None:
    op.create_table(
        "license_deliveries",
        *_tenant("license_deliveries"),
        sa.Column("license_id", sa.UUID(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text()),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        _belongs_to("license_deliveries", "licenses", "license_id"),
    )
    op.create_index(
        "license_deliveries_license_idx",
        "license_deliveries",
        ["license_id", sa.literal_column("id DESC")],
    )
    op.create_index("license_deliveries_id_idx", "license_deliveries", ["id"])


def downgrade() -> None:
    op.drop_table("license_deliveries")
    op.drop_table("license_activations")
    op.drop_table("activation_codes")
    for index in ("beginning", "ending", "withdrawn", "domain"):
        op.drop_index(f"licenses_{index}_idx", "licenses")
    for column in ("first_retrieved_by", "withdrawal", "withdrawn_at", "kind"):
        op.drop_column("licenses", column)
    op.drop_column("partners", "licenses_to_partner")
    op.drop_column("partners", "contact_email")
