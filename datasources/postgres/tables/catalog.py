"""What is sold, and at which price."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import UUID

from datasources.postgres.tables.columns import MONEY, metadata, required

products = Table(
    "products",
    metadata,
    Column("id", UUID, primary_key=True),
    required("code", Text, unique=True),
    required("name", Text),
    required("description", Text),
)

skus = Table(
    "skus",
    metadata,
    Column("id", UUID, primary_key=True),
    required("code", Text, unique=True),
    required("product_id", UUID),
    required("plan", Text),
    required("term_months", Integer),
    required("unit", Text, server_default="seat"),
    required("features", ARRAY(Text), server_default="{}"),
    ForeignKeyConstraint(["product_id"], ["products.id"]),
    CheckConstraint("term_months > 0", name="term"),
)

price_books = Table(
    "price_books",
    metadata,
    Column("id", UUID, primary_key=True),
    required("name", Text, unique=True),
    required("currency", Text),
)

price_book_entries = Table(
    "price_book_entries",
    metadata,
    required("price_book_id", UUID),
    required("sku_id", UUID),
    required("min_quantity", Integer),
    required("unit_price", MONEY),
    PrimaryKeyConstraint("price_book_id", "sku_id", "min_quantity"),
    ForeignKeyConstraint(["price_book_id"], ["price_books.id"]),
    ForeignKeyConstraint(["sku_id"], ["skus.id"]),
    CheckConstraint("min_quantity > 0 AND unit_price >= 0", name="tier"),
)

partner_price_books = Table(
    "partner_price_books",
    metadata,
    required("partner_id", UUID),
    required("currency", Text),
    required("price_book_id", UUID),
    required("discount_percent", Numeric(5, 2), server_default="0"),
    PrimaryKeyConstraint("partner_id", "currency"),
    ForeignKeyConstraint(["partner_id"], ["partners.id"]),
    ForeignKeyConstraint(["price_book_id"], ["price_books.id"]),
    CheckConstraint("discount_percent BETWEEN 0 AND 100", name="discount"),
)
