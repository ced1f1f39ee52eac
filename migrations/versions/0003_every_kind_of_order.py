"""What every kind of order needs: credits, periods, the subscription a line concerns, one change at a time.

Existing lines find their subscription through it, existing subscriptions their currency through their line.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    money = sa.Numeric(precision=18, scale=3)
    op.add_column("orders", sa.Column("credit_total", money, server_default="0", nullable=False))
    op.drop_constraint("orders_total_check", "orders")
    op.create_check_constraint(
        op.f("orders_total_check"), "orders", "total = list_total - discount_total - credit_total"
    )
    op.add_column("order_lines", sa.Column("credit_amount", money, server_default="0", nullable=False))
    op.drop_constraint("order_lines_net_check", "order_lines")
    op.create_check_constraint(
        op.f("order_lines_net_check"),
        "order_lines",
        "net_amount = list_amount - discount_amount - credit_amount",
    )
    for name, kind in {
        "starts_on": sa.Date(),
        "ends_on": sa.Date(),
        "term_days": sa.Integer(),
        "subscription_id": sa.UUID(),
        "returns_line_id": sa.UUID(),
    }.items():
        op.add_column("order_lines", sa.Column(name, kind))
    op.add_column(
        "order_lines", sa.Column("auto_renew", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    for column, table in {"subscription_id": "subscriptions", "returns_line_id": "order_lines"}.items():
        op.create_foreign_key(
            op.f(f"order_lines_partner_id_{column}_fkey"),
            "order_lines",
            table,
            ["partner_id", column],
            ["partner_id", "id"],
        )
    op.create_index("order_lines_id_idx", "order_lines", ["id"])
    op.create_index("order_lines_subscription_idx", "order_lines", ["subscription_id", "id"])
    op.add_column("subscriptions", sa.Column("currency", sa.Text()))
    op.add_column("subscriptions", sa.Column("term_starts_on", sa.Date()))
    op.add_column("subscriptions", sa.Column("pending_order_id", sa.UUID()))
    op.execute(
        "UPDATE subscriptions s SET currency = l.currency, term_starts_on = s.starts_on"
        " FROM order_lines l WHERE l.partner_id = s.partner_id AND l.id = s.order_line_id"
    )
    op.execute(
        "UPDATE order_lines l SET subscription_id = s.id, starts_on = s.starts_on, ends_on = s.ends_on,"
        " term_days = s.ends_on - s.starts_on"
        " FROM subscriptions s WHERE s.partner_id = l.partner_id AND s.order_line_id = l.id"
    )
    op.alter_column("subscriptions", "currency", nullable=False)
    op.alter_column("subscriptions", "term_starts_on", nullable=False)


def downgrade() -> None:
    for column in ("pending_order_id", "term_starts_on", "currency"):
        op.drop_column("subscriptions", column)
    op.drop_constraint("order_lines_net_check", "order_lines")
    op.drop_constraint("orders_total_check", "orders")
    for column in (
        "auto_renew",
        "returns_line_id",
        "subscription_id",
        "term_days",
        "ends_on",
        "starts_on",
        "credit_amount",
    ):
        op.drop_column("order_lines", column)
    op.drop_column("orders", "credit_total")
    op.create_check_constraint(op.f("orders_total_check"), "orders", "total = list_total - discount_total")
    op.create_check_constraint(
        op.f("order_lines_net_check"), "order_lines", "net_amount = list_amount - discount_amount"
    )
