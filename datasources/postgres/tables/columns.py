"""The columns and keys that tables share.

Tenant tables carry `partner_id` and `environment`, lead every unique index with the partner (so that a
collision never tells of another partner's rows) and refer to one another by `(partner_id, id)`, so that
an order cannot point at another partner's customer.
"""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

MONEY = Numeric(18, 3)
"""Amounts of currencies with 0, 2 and 3 decimals; `commerce.money` rounds before they get here."""

MOMENT = DateTime(timezone=True)


def required(name: str, kind: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **options)


def identifier() -> Column[Any]:
    return required("id", UUID)


def created() -> Column[Any]:
    return required("created_at", MOMENT, server_default=text("now()"))


def tenant() -> list[Any]:
    """The columns and key that every row of a partner has."""
    return [
        identifier(),
        required("partner_id", UUID),
        required("environment", Text),
        PrimaryKeyConstraint("partner_id", "id"),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        CheckConstraint("environment IN ('PRODUCTION', 'SANDBOX')", name="environment"),
    ]


def belongs_to(table: str, column: str) -> ForeignKeyConstraint:
    """A reference that stays inside the partner."""
    return ForeignKeyConstraint(["partner_id", column], [f"{table}.partner_id", f"{table}.id"])
