"""Partners and the clients they sign in with."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID

from datasources.postgres.tables.columns import created, metadata, required, tenant

partners = Table(
    "partners",
    metadata,
    Column("id", UUID, primary_key=True),
    required("kind", Text),
    required("name", Text),
    required("country", Text),
    required("state", Text),
    required("screening_policy", Text, server_default="PARTNER_SELF_SERVICE"),
    Column("contact_email", Text),
    required("licenses_to_partner", Boolean, server_default=text("false")),
    Column("parent_id", UUID, ForeignKey("partners.id"), index=True),
    created(),
    CheckConstraint("kind IN ('DISTRIBUTOR', 'RESELLER', 'MARKETPLACE')", name="kind"),
)

api_clients = Table(
    "api_clients",
    metadata,
    *tenant(),
    required("name", Text),
    created(),
)
