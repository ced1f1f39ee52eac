"""Sends the samples by COPY, in one transaction: a seed that is cut short leaves nothing behind."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from itertools import chain
from typing import Any

import asyncpg

from commerce.money import MINOR_UNITS
from datasources.license_keys import LicenseKeys
from datasources.postgres.samples import catalog, partners
from datasources.postgres.samples.bulk import set_aside
from datasources.postgres.samples.customers import ORDERS_PER_CUSTOMER, PER_SCALE, Customers
from datasources.postgres.samples.duties import WRITE_KEYS, WRITE_MESSAGES, WRITE_NUMBERS
from datasources.postgres.samples.events import WRITE_EVENTS, WRITE_SEQUENCES
from datasources.postgres.samples.orders import Purchases
from datasources.postgres.samples.registry import Registry
from datasources.postgres.samples.rows import TABLES, Rows
from datasources.postgres.samples.screenings import Screen, Screenings

CUSTOMERS_AT_ONCE = 250

_SERVER_SETTINGS = {
    "application_name": "portico seed",
    "timezone": "UTC",
    "jit": "off",
    "work_mem": "128MB",  # the events are sorted once, and
    "maintenance_work_mem": "256MB",  # every index is built once
}

Progress = Callable[[int, int], None]
"""Told how many orders are loaded, of how many."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were written."""

    partners: int
    customers: int
    orders: int
    licenses: int
    events: int
    rows: int


async def seed(
    owner_url: str,
    *,
    keys: LicenseKeys,
    screen: Screen,
    scale: int = 1,
    as_of: date | None = None,
    progress: Progress = lambda *_: None,
) -> Counts:
    """Fill an empty database: 36 partners and, times `scale`, 2,000 customers with 8,000 orders.

    The same arguments write the same rows; `as_of` (today, UTC) is the day on which the history ends. Every
    licence is signed with `keys`; `screen` decides on the few customers who resemble a listed party. Raises
    UniqueViolationError where the samples are there already.
    """
    connection = await asyncpg.connect(owner_url, server_settings=_SERVER_SETTINGS)
    try:
        made = batches(scale, _midnight(as_of), keys, screen)
        async with (
            connection.transaction(),
            set_aside(connection, [*TABLES.values(), "events", "idempotency_keys"]),
        ):
            await copy(connection, made, progress, PER_SCALE * ORDERS_PER_CUSTOMER * scale)
            await connection.execute(WRITE_EVENTS, json.dumps(MINOR_UNITS))
            await connection.execute(WRITE_SEQUENCES)
            await connection.execute(WRITE_KEYS)
            await connection.execute(WRITE_NUMBERS)
            await connection.execute(WRITE_MESSAGES)
        await connection.execute("ANALYZE")
        return await _counted(connection)
    finally:
        await connection.close()


Batch = list[tuple[str, tuple[str, ...], list[Any]]]
"""Table, columns and rows, parents before children."""


def batches(scale: int, now: datetime, keys: LicenseKeys, screen: Screen) -> Iterator[Batch]:
    """All rows but the events: first partners and catalogue, then customers by the few hundred."""
    rows = Rows()
    for row in chain(catalog.rows(), partners.rows()):
        rows.add(row)
    yield list(rows.drained())
    customers = Customers(rows, now)
    screenings, registry = Screenings(rows, screen), Registry(rows, keys, now)
    for number in range(PER_SCALE * scale):
        buyer, random = customers.make(number)
        purchases = Purchases(rows, screenings, buyer, random, now)
        purchases.place_all()
        for holding in purchases.holdings:
            registry.add(buyer, holding, random)
        if (number + 1) % CUSTOMERS_AT_ONCE == 0:
            yield list(rows.drained())


async def copy(
    connection: "asyncpg.Connection[Any]",
    made: Iterator[Batch],
    progress: Progress = lambda *_: None,
    total: int = 0,
) -> None:
    """Copy each batch while the next one is made in a thread: the server works while we do."""
    done = 0
    progress(done, total)
    batch = next(made, None)
    while batch:
        making = asyncio.create_task(asyncio.to_thread(next, made, None))
        for table, columns, rows in batch:
            await connection.copy_records_to_table(table, columns=columns, records=rows)
            done += len(rows) if table == "orders" else 0
        progress(done, total)
        batch = await making


async def _counted(connection: "asyncpg.Connection[Any]") -> Counts:
    found = {
        table: await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608  our own tables
        for table in (*TABLES.values(), "events")
    }
    named = {field.name: found[field.name] for field in fields(Counts) if field.name in found}
    return Counts(**named, rows=sum(found.values()))


def _midnight(day: date | None) -> datetime:
    return datetime.combine(day or datetime.now(UTC).date(), time(), UTC)
