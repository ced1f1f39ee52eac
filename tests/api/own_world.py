"""A Portico on a database of its own, for tests that examine or break everything in it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from pydantic import SecretStr

from datasources.postgres.examination import examine
from datasources.settings import Settings
from server import create_app
from tests.api.world import World, market_of, order_input
from tests.conftest import Database


@asynccontextmanager
async def own_world(database: Database, home: Path, **changed: Any) -> AsyncIterator[World]:
    """A market and an application in this process; nobody answers for Salesforce, so its messages stay.

    `changed` are settings that differ.
    """
    settings = Settings(
        _env_file=None,
        home=home,
        database_url=SecretStr(database.url),
        salesforce_url=None,
        watchlist_dir=None,
        worker_in_process=False,
        **changed,
    )
    connection = await asyncpg.connect(database.owner_url)
    portico = create_app(settings)
    transport = httpx.ASGITransport(app=portico)
    async with (
        portico.router.lifespan_context(portico),
        httpx.AsyncClient(transport=transport, base_url="http://portico.test", timeout=60) as http,
    ):
        with _default_sku_kept():
            market = await market_of(connection)
            yield World(settings, portico.state.sources, connection, http, market)
    await connection.close()


@contextmanager
def _default_sku_kept() -> Iterator[None]:
    """Inputs of other tests go on to name the SKU of their market."""
    before = getattr(order_input, "sku", None)
    yield
    order_input.sku = before  # type: ignore[attr-defined]


async def broken(database: Database) -> dict[str, tuple[str, ...]]:
    """The invariants that do not hold, each with what breaks it; but nobody takes messages here in time."""
    found = await examine(database.owner_url)
    return {
        one.invariant.name: one.ids for one in found if not one.holds and one.invariant.name != "message_age"
    }
