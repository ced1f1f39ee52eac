"""An index for the daily question which subscriptions have come to their end."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "subscriptions_ending_idx", "subscriptions", ["ends_on"], postgresql_where=sa.text("state = 'ACTIVE'")
    )


def downgrade() -> None:
    op.drop_index("subscriptions_ending_idx", "subscriptions")
