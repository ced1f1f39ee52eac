"""Partners, catalogue, customers and orders."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GRANTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'portico_app') THEN
        GRANT USAGE ON SCHEMA public TO portico_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE
            ON TABLES TO portico_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO portico_app;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(GRANTS)
    op.create_table(
        "partners",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("screening_policy", sa.Text(), server_default="PARTNER_SELF_SERVICE", nullable=False),
        sa.Column("parent_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('DISTRIBUTOR', 'RESELLER', 'MARKETPLACE')", name=op.f("partners_kind_check")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["partners.id"], name=op.f("partners_parent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("partners_pkey")),
    )
    op.create_index(op.f("partners_parent_id_idx"), "partners", ["parent_id"], unique=False)
    op.create_table(
        "api_clients",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("api_clients_environment_check")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("api_clients_partner_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("api_clients_pkey")),
    )
    op.create_table(
        "products",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("products_pkey")),
        sa.UniqueConstraint("code", name=op.f("products_code_key")),
    )
    op.create_table(
        "skus",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), server_default="seat", nullable=False),
        sa.Column("features", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("term_months > 0", name=op.f("skus_term_check")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("skus_product_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("skus_pkey")),
        sa.UniqueConstraint("code", name=op.f("skus_code_key")),
    )
    op.create_table(
        "price_books",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("price_books_pkey")),
        sa.UniqueConstraint("name", name=op.f("price_books_name_key")),
    )
    op.create_table(
        "price_book_entries",
        sa.Column("price_book_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("min_quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.CheckConstraint(
            "min_quantity > 0 AND unit_price >= 0", name=op.f("price_book_entries_tier_check")
        ),
        sa.ForeignKeyConstraint(
            ["price_book_id"], ["price_books.id"], name=op.f("price_book_entries_price_book_id_fkey")
        ),
        sa.ForeignKeyConstraint(["sku_id"], ["skus.id"], name=op.f("price_book_entries_sku_id_fkey")),
        sa.PrimaryKeyConstraint(
            "price_book_id", "sku_id", "min_quantity", name=op.f("price_book_entries_pkey")
        ),
    )
    op.create_table(
        "partner_price_books",
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_book_id", sa.UUID(), nullable=False),
        sa.Column("discount_percent", sa.Numeric(precision=5, scale=2), server_default="0", nullable=False),
        sa.CheckConstraint(
            "discount_percent BETWEEN 0 AND 100", name=op.f("partner_price_books_discount_check")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("partner_price_books_partner_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["price_book_id"], ["price_books.id"], name=op.f("partner_price_books_price_book_id_fkey")
        ),
        sa.PrimaryKeyConstraint("partner_id", "currency", name=op.f("partner_price_books_pkey")),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("external_reference", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("postal_code", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_id", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("customers_environment_check")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("customers_partner_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("customers_pkey")),
        sa.UniqueConstraint(
            "partner_id",
            "environment",
            "external_reference",
            name=op.f("customers_partner_id_environment_external_reference_key"),
        ),
    )
    op.create_index(
        "customers_partner_idx", "customers", ["partner_id", "environment", sa.literal_column("id DESC")]
    )
    op.create_index("customers_environment_idx", "customers", ["environment", sa.literal_column("id DESC")])
    op.create_index("customers_id_idx", "customers", ["id"], unique=False)
    op.create_index(
        "customers_search_idx",
        "customers",
        [
            sa.literal_column(
                "(legal_name || ' ' || coalesce(domain, '') || ' ' || external_reference) gin_trgm_ops"
            )
        ],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("receives_licenses", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("contacts_environment_check")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "customer_id"],
            ["customers.partner_id", "customers.id"],
            name=op.f("contacts_partner_id_customer_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("contacts_partner_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("contacts_pkey")),
    )
    op.create_index("contacts_customer_idx", "contacts", ["customer_id"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("trading_partner_id", sa.UUID(), nullable=True),
        sa.Column("external_order_reference", sa.Text(), nullable=True),
        sa.Column("purchase_order_number", sa.Text(), nullable=True),
        sa.Column("end_customer_purchase_order_number", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("list_total", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("discount_total", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fulfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("orders_environment_check")),
        sa.CheckConstraint(
            "kind IN ('NEW', 'ADD_SEATS', 'RENEWAL', 'SWITCH', 'RETURN')", name=op.f("orders_kind_check")
        ),
        sa.CheckConstraint("total = list_total - discount_total", name=op.f("orders_total_check")),
        sa.ForeignKeyConstraint(
            ["partner_id", "customer_id"],
            ["customers.partner_id", "customers.id"],
            name=op.f("orders_partner_id_customer_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("orders_partner_id_fkey")),
        sa.ForeignKeyConstraint(
            ["trading_partner_id"], ["partners.id"], name=op.f("orders_trading_partner_id_fkey")
        ),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("orders_pkey")),
        sa.UniqueConstraint(
            "partner_id",
            "environment",
            "external_order_reference",
            name=op.f("orders_partner_id_environment_external_order_reference_key"),
        ),
    )
    op.create_index(
        "orders_customer_idx",
        "orders",
        ["customer_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("orders_id_idx", "orders", ["id"], unique=False)
    op.create_index(
        "orders_partner_placed_idx",
        "orders",
        ["partner_id", "environment", sa.literal_column("placed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "orders_partner_updated_idx",
        "orders",
        ["partner_id", "environment", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "orders_placed_idx",
        "orders",
        ["environment", sa.literal_column("placed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "orders_purchase_order_idx",
        "orders",
        ["partner_id", "environment", "purchase_order_number"],
        unique=False,
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("remaining_quantity", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("list_amount", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("discount_amount", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("net_amount", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("external_line_reference", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("order_lines_environment_check")
        ),
        sa.CheckConstraint("net_amount = list_amount - discount_amount", name=op.f("order_lines_net_check")),
        sa.CheckConstraint(
            "quantity > 0 AND remaining_quantity BETWEEN 0 AND quantity",
            name=op.f("order_lines_quantity_check"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "order_id"],
            ["orders.partner_id", "orders.id"],
            name=op.f("order_lines_partner_id_order_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("order_lines_partner_id_fkey")),
        sa.ForeignKeyConstraint(["sku_id"], ["skus.id"], name=op.f("order_lines_sku_id_fkey")),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("order_lines_pkey")),
        sa.UniqueConstraint(
            "partner_id",
            "order_id",
            "line_number",
            name=op.f("order_lines_partner_id_order_id_line_number_key"),
        ),
    )
    op.create_index("order_lines_order_idx", "order_lines", ["order_id", "line_number"], unique=False)
    op.create_table(
        "order_transitions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "actor IN ('PARTNER', 'STAFF', 'SYSTEM')", name=op.f("order_transitions_actor_check")
        ),
        sa.CheckConstraint(
            "environment IN ('PRODUCTION', 'SANDBOX')", name=op.f("order_transitions_environment_check")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id", "order_id"],
            ["orders.partner_id", "orders.id"],
            name=op.f("order_transitions_partner_id_order_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("order_transitions_partner_id_fkey")
        ),
        sa.PrimaryKeyConstraint("partner_id", "id", name=op.f("order_transitions_pkey")),
        sa.UniqueConstraint(
            "partner_id",
            "order_id",
            "position",
            name=op.f("order_transitions_partner_id_order_id_position_key"),
        ),
    )
    op.create_index(
        "order_transitions_order_idx", "order_transitions", ["order_id", "position"], unique=False
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("partner_id", sa.UUID(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("mutation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("resource_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("idempotency_keys_partner_id_fkey")
        ),
        sa.PrimaryKeyConstraint(
            "partner_id", "environment", "mutation", "key", name=op.f("idempotency_keys_pkey")
        ),
    )


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("order_transitions")
    op.drop_table("order_lines")
    op.drop_table("orders")
    op.drop_table("contacts")
    op.drop_table("customers")
    op.drop_table("partner_price_books")
    op.drop_table("price_book_entries")
    op.drop_table("price_books")
    op.drop_table("skus")
    op.drop_table("products")
    op.drop_table("api_clients")
    op.drop_table("partners")
