"""The bridge licences of a subscription are found without looking at all licences."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "licenses_bridge_idx",
        "licenses",
        ["subscription_id"],
        postgresql_where=sa.text("kind = 'BRIDGE'"),
    )


def downgrade() -> None:
    op.drop_index("licenses_bridge_idx", "licenses")
