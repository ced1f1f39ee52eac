"""How long orders usually stand in a status, as the worker last measured it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usual_durations",
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("half", sa.Float(), nullable=False),
        sa.Column("most", sa.Float(), nullable=False),
        sa.Column("observed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "status", name=op.f("usual_durations_pkey")),
    )


def downgrade() -> None:
    op.drop_table("usual_durations")
