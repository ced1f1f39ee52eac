"""Partners and the clients they sign in with."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from commerce.access import Permission
from datasources.postgres.tables.columns import MOMENT, belongs_to, created, metadata, required, tenant

EVERY_PERMISSION = f"'{{{','.join(Permission)}}}'::text[]"
"""What a client may hold where nobody has said less."""

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
    required("relationship", Text, server_default="ACTIVE"),
    Column("territories", ARRAY(Text)),
    Column("sku_codes", ARRAY(Text)),
    Column("sandbox_since", MOMENT),
    created(),
    CheckConstraint("relationship IN ('ACTIVE', 'SUSPENDED', 'ENDED')", name="relationship"),
    CheckConstraint("kind IN ('DISTRIBUTOR', 'RESELLER', 'MARKETPLACE')", name="kind"),
)

api_clients = Table(
    "api_clients",
    metadata,
    *tenant(),
    required("name", Text),
    required("permissions", ARRAY(Text), server_default=text(EVERY_PERMISSION)),
    created(),
    Column("revoked_at", MOMENT),
    Index("api_clients_id_idx", "id"),
)

client_secrets = Table(
    "client_secrets",
    metadata,
    *tenant(),
    required("client_id", UUID),
    required("slot", SmallInteger),
    required("digest", LargeBinary),
    required("hint", Text),
    created(),
    Column("last_used_at", MOMENT),
    Column("revoked_at", MOMENT),
    belongs_to("api_clients", "client_id"),
    CheckConstraint("slot IN (1, 2)", name="slot"),
    Index(
        "client_secrets_slot_key",
        "partner_id",
        "client_id",
        "slot",
        unique=True,
        postgresql_where=text("revoked_at IS NULL"),
    ),
)
"""Two live secrets at most: a client has two slots, and a slot one live secret."""

client_keys = Table(
    "client_keys",
    metadata,
    *tenant(),
    required("client_id", UUID),
    required("kid", Text),
    required("jwk", JSONB),
    created(),
    Column("last_used_at", MOMENT),
    Column("revoked_at", MOMENT),
    belongs_to("api_clients", "client_id"),
    Index(
        "client_keys_kid_key",
        "partner_id",
        "client_id",
        "kid",
        unique=True,
        postgresql_where=text("revoked_at IS NULL"),
    ),
)

used_assertions = Table(
    "used_assertions",
    metadata,
    Column("client_id", UUID, primary_key=True),
    Column("jti_digest", LargeBinary, primary_key=True),
    required("expires_at", MOMENT),
    Index("used_assertions_expires_at_idx", "expires_at"),
)
"""A client's assertion is good once: its `jti` is kept until it would have expired."""
