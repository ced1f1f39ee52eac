"""What is kept of each time that a change of the lists was looked up among all parties."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_rescreenings",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("lists", JSONB(), nullable=False),
        sa.Column("previous_lists", JSONB()),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("changed_entries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("parties", sa.Integer(), server_default="0", nullable=False),
        sa.Column("touched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("orders", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("list_rescreenings_pkey")),
    )
    op.create_index(
        "list_rescreenings_running_key",
        "list_rescreenings",
        [sa.literal_column("(finished_at IS NULL)")],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("list_rescreenings")
