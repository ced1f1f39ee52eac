"""What partner operations decide: relationships, limits of what is sold, and since when a sandbox counts."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

OWN = "id = current_partner() OR parent_id = current_partner()"


def upgrade() -> None:
    op.add_column("partners", sa.Column("relationship", sa.Text(), server_default="ACTIVE", nullable=False))
    op.add_column("partners", sa.Column("territories", sa.ARRAY(sa.Text()), nullable=True))
    op.add_column("partners", sa.Column("sku_codes", sa.ARRAY(sa.Text()), nullable=True))
    op.add_column("partners", sa.Column("sandbox_since", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("partners_relationship_check"), "partners", "relationship IN ('ACTIVE', 'SUSPENDED', 'ENDED')"
    )
    op.execute(
        "ALTER POLICY own ON partners USING"
        " (id = current_partner() OR (parent_id = current_partner() AND relationship <> 'ENDED'))"
    )


def downgrade() -> None:
    op.execute(f"ALTER POLICY own ON partners USING ({OWN})")
    for column in ("sandbox_since", "sku_codes", "territories", "relationship"):
        op.drop_column("partners", column)
