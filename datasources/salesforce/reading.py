"""What the live reads share: batches of at most 200 keys, and the plain values of records."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from datasources.salesforce.client import Row, SalesforceClient
from datasources.salesforce.soql import among

BATCH = 200  # keys in one query
TTL = 5.0  # seconds an answer is taken for fresh
PATIENCE = 0.8  # seconds a page waits for Salesforce before it answers without


async def rows_among(
    client: SalesforceClient,
    query: Callable[[str], str],
    key: str,
    values: Sequence[str],
    patience: float,
) -> list[Row]:
    """Return the records whose `key` is among `values`: one query for every 200 of them.

    `query` makes the whole query of its WHERE; `patience` is what `SalesforceClient.query` says.
    """
    rows: list[Row] = []
    for start in range(0, len(values), BATCH):
        rows += await client.query(query(among(key, values[start : start + BATCH])), patience=patience)
    return rows


def moment(text: Any) -> datetime:
    """Read `2026-11-22T07:39:21.000+0000`."""
    return datetime.fromisoformat(str(text))


def optional_moment(text: Any) -> datetime | None:
    return moment(text) if text else None
