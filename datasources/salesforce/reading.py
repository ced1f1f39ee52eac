"""What the live reads share: batches of at most 200 keys, and the plain values of records."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from datasources.salesforce.client import Row, SalesforceClient
from datasources.salesforce.soql import among, select

BATCH = 200  # keys in one query
TTL = 5.0  # seconds an answer is taken for fresh
PATIENCE = 0.8  # seconds a page waits for Salesforce before it answers without


async def rows_among(
    client: SalesforceClient,
    fields: Sequence[str],
    sobject: str,
    key: str,
    values: Sequence[str],
    *,
    order: str = "Id",
) -> list[Row]:
    """Return the records whose `key` is among `values`: one query for every 200 of them."""
    rows: list[Row] = []
    for start in range(0, len(values), BATCH):
        condition = among(key, values[start : start + BATCH])
        rows += await client.query(select(fields, sobject, where=condition, order=order), patience=PATIENCE)
    return rows


def moment(text: Any) -> datetime:
    """Read `2026-11-22T07:39:21.000+0000`."""
    return datetime.fromisoformat(str(text))


def optional_moment(text: Any) -> datetime | None:
    return moment(text) if text else None
