"""Bridges are found without looking at all licences, and a domain that others share as fast as any."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "licenses_bridge_idx",
        "licenses",
        ["subscription_id"],
        postgresql_where=sa.text("kind = 'BRIDGE'"),
    )
    op.create_index(
        "licenses_partner_domain_idx",
        "licenses",
        [
            "partner_id",
            "environment",
            sa.literal_column("lower(split_part(licensee_email, '@', 2))"),
            sa.literal_column("id DESC"),
        ],
    )


def downgrade() -> None:
    op.drop_index("licenses_partner_domain_idx", "licenses")
    op.drop_index("licenses_bridge_idx", "licenses")
