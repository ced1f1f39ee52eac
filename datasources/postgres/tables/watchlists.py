"""When a change of the lists was looked up among all parties on record."""

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from datasources.postgres.tables.columns import MOMENT, metadata, required

list_rescreenings = Table(
    "list_rescreenings",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    required("snapshot_id", Text),
    required("lists", JSONB),
    Column("previous_lists", JSONB),
    required("started_at", MOMENT),
    required("leased_until", MOMENT),
    Column("finished_at", MOMENT),
    required("changed_entries", Integer, server_default="0"),
    required("parties", Integer, server_default="0"),
    required("touched", Integer, server_default="0"),
    required("orders", Integer, server_default="0"),
    Index(
        "list_rescreenings_running_key",
        text("(finished_at IS NULL)"),
        unique=True,
        postgresql_where=text("finished_at IS NULL"),
    ),
)
