"""Whether everything that was acknowledged is so: asked of the tables, when all has come to rest."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import asyncpg

from cli.chaos_traffic import Promise
from datasources.license_keys import verify
from datasources.postgres.examination import Finding, examine

PATIENCE = 120.0
UNHEARD = frozenset({"message_age"})
"""Nobody takes Salesforce's messages meanwhile: they are counted instead of timed."""

FOUND = """
SELECT l.external_line_reference AS mark, 'ord_' || encode(uuid_send(o.id), 'hex') AS order_id,
    o.total, o.currency, o.status,
    (SELECT count(*) FROM licenses WHERE order_id = o.id) AS licenses,
    (SELECT count(*) FROM idempotency_keys WHERE resource_id = o.id) AS keys,
    (SELECT count(*) FROM outbox WHERE key = o.id AND destination = 'salesforce') AS messages
FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id
"""
CHAINS = """
SELECT snapshot ->> 'orderId' AS made_for, subject_id, type, count(*) AS count
FROM events GROUP BY 1, 2, 3
"""
CHAIN = {
    "order.received": 1,
    "screening.cleared": 1,
    "order.provisioning": 1,
    "order.fulfilled": 1,
    "subscription.created": 1,
    "license.issued": 1,
}
FILES = "SELECT file FROM licenses"
WAITING = "SELECT count(*) FROM orders WHERE status <> 'FULFILLED'"
MESSAGES = 2
"""To Salesforce: one when an order is accepted, one when it is fulfilled."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many acknowledged orders are not as they must be, each way; and what the invariants say."""

    lost: int
    doubled: int
    changed: int
    unfulfilled: int
    without_one_license: int
    without_one_key: int
    unverified: int
    without_their_events: int
    without_their_messages: int
    broken: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        return not self.broken and not any(self.counts().values())

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__ if name != "broken"}


async def verdict(
    url: str, promises: Mapping[str, Promise], changed: int, key_set: Mapping[str, Any]
) -> Verdict:
    """Wait until the workers are done, then compare what was promised with what is there.

    Every licence that was issued must verify by the key set.
    """
    now = datetime.now(UTC)
    connection = await asyncpg.connect(url)
    try:
        await _at_rest(connection)
        rows = await connection.fetch(FOUND)
        events = await connection.fetch(CHAINS)
        files = await connection.fetch(FILES)
    finally:
        await connection.close()
    by_mark: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        by_mark.setdefault(row["mark"], []).append(row)
    chains: dict[str, dict[str, int]] = {}
    for event in events:
        order_id = event["subject_id"] if event["type"].startswith("order.") else event["made_for"]
        chains.setdefault(order_id, {})[event["type"]] = event["count"]
    found = await examine(url)
    return Verdict(
        lost=sum(mark not in by_mark for mark in promises),
        doubled=sum(len(orders) > 1 for orders in by_mark.values()),
        changed=changed + sum(_differs(promise, by_mark.get(mark, [])) for mark, promise in promises.items()),
        unfulfilled=sum(row["status"] != "FULFILLED" for row in rows),
        without_one_license=sum(row["licenses"] != 1 for row in rows),
        without_one_key=sum(row["keys"] != 1 for row in rows),
        unverified=sum(not verify(row["file"], key_set, now=now).valid for row in files),
        without_their_events=sum(chains.get(row["order_id"]) != CHAIN for row in rows),
        without_their_messages=sum(row["messages"] != MESSAGES for row in rows),
        broken=tuple(one for one in found if not one.holds and one.invariant.name not in UNHEARD),
    )


async def _at_rest(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    deadline = time.monotonic() + PATIENCE
    before = await connection.fetchval(WAITING)
    while before and time.monotonic() < deadline:
        await asyncio.sleep(0.25)
        now = await connection.fetchval(WAITING)
        if now < before:  # patience is with each step: many orders may wait
            deadline = time.monotonic() + PATIENCE
        before = now


def _differs(promise: Promise, orders: list[asyncpg.Record]) -> bool:
    """Whether the order that is there is another than was acknowledged, or at another price."""
    return any(
        (row["order_id"], row["total"]) != (promise.order_id, Decimal(promise.total)) for row in orders[:1]
    )
