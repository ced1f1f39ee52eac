"""End customers and their contacts."""

from sqlalchemy import Boolean, Column, Index, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import UUID

from datasources.postgres.tables.columns import belongs_to, created, metadata, required, tenant

customers = Table(
    "customers",
    metadata,
    *tenant(),
    required("external_reference", Text),
    required("legal_name", Text),
    required("country", Text),
    required("street", Text, server_default=""),
    required("city", Text, server_default=""),
    required("region", Text, server_default=""),
    required("postal_code", Text, server_default=""),
    Column("tax_id", Text),
    Column("domain", Text),
    created(),
    UniqueConstraint("partner_id", "environment", "external_reference"),
    Index("customers_id_idx", "id"),
    Index("customers_partner_idx", "partner_id", "environment", text("id DESC")),
    Index("customers_environment_idx", "environment", text("id DESC")),
    Index(
        "customers_search_idx",
        text("(legal_name || ' ' || coalesce(domain, '') || ' ' || external_reference) gin_trgm_ops"),
        postgresql_using="gin",
    ),
)

contacts = Table(
    "contacts",
    metadata,
    *tenant(),
    required("customer_id", UUID),
    required("name", Text),
    required("email", Text),
    required("receives_licenses", Boolean, server_default=text("false")),
    belongs_to("customers", "customer_id"),
    Index("contacts_customer_idx", "customer_id"),
)
