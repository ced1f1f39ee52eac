"""Which purchase order numbers a partner has used: two orders at once cannot both be the first."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "purchase_order_numbers",
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint(
            "partner_id", "environment", "number", name=op.f("purchase_order_numbers_pkey")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("purchase_order_numbers_partner_id_fkey")
        ),
    )
    op.execute(
        "INSERT INTO purchase_order_numbers"
        " SELECT DISTINCT ON (partner_id, environment, purchase_order_number)"
        " partner_id, environment, purchase_order_number, id FROM orders"
        " WHERE purchase_order_number IS NOT NULL"
        " ORDER BY partner_id, environment, purchase_order_number, placed_at, id"
    )


def downgrade() -> None:
    op.drop_table("purchase_order_numbers")
