"""A partner finds licences by e-mail domain as fast where others share the domain."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
