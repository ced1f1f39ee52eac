"""Portico as its clients meet it: GraphQL over HTTP, on real Postgres and a sandbox org over real HTTP.

Every test makes partners of its own, so that nothing one leaves behind is in another's way.
"""

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from datasources.postgres.database import Database
from datasources.salesforce.sandbox_org.org import Credentials
from datasources.salesforce.sandbox_org.server import running
from datasources.settings import Settings
from datasources.sources import Sources
from server import create_app
from tests.api.holder import FOLLOW, Customer
from tests.api.identity import Client
from tests.api.listener import Listener, MovingClock, listener
from tests.api.world import Market, Portal, World, customer_input, market_of
from tests.receivers import Receiver, listening

PLANNED = os.environ.get("PORTICO_TEST_EXECUTOR", "planned") == "planned"
"""Who executes: `.ci/run` lets the whole API suite run under the stock executor too."""

ROOT = Path(__file__).parents[2]


def real_lists() -> Path | None:
    """The official lists, where this machine has them."""
    named = Path(os.environ.get("PORTICO_WATCHLIST_DIR", ROOT.parent / "shared" / "watchlists"))
    return named if named.is_dir() else None


@pytest.fixture(scope="session")
async def org_url(owner_url: str) -> AsyncIterator[str]:
    async with running(owner_url) as url:
        yield url


@pytest.fixture(scope="session")
def settings(database_url: str, org_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    org = Credentials()
    return Settings(
        _env_file=None,
        home=tmp_path_factory.mktemp("home"),
        database_url=SecretStr(database_url),
        salesforce_url=org_url,
        salesforce_client_id=org.client_id,
        salesforce_client_secret=SecretStr(org.client_secret),
        watchlist_dir=None,
        worker_in_process=False,
        webhook_allow_loopback=True,
        webhook_timeout=2.0,
    )


@pytest.fixture(scope="session")
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    portico = create_app(settings, planned=PLANNED)
    async with portico.router.lifespan_context(portico):
        yield portico


@pytest.fixture(scope="session")
def sources(app: Starlette) -> Sources:
    return app.state.sources


@pytest.fixture(scope="session")
async def market(owner_url: str) -> Market:
    """A catalogue that all tests sell from."""
    connection = await asyncpg.connect(owner_url)
    try:
        return await market_of(connection)
    finally:
        await connection.close()


@pytest.fixture
async def world(app: Starlette, settings: Settings, owner_url: str, market: Market) -> AsyncIterator[World]:
    """Where a test makes its partners and looks behind the scenes."""
    connection = await asyncpg.connect(owner_url)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://portico.test") as http:
        yield World(settings, app.state.sources, connection, http, market)
    await connection.close()


@pytest.fixture
async def seller(world: World) -> Portal:
    """An active reseller's portal."""
    return await world.partner()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Counts the statements that run within a block."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        ran: list[str] = []
        fetch_as = Database.fetch_as

        async def remembering(self: Database, role: Any, statement: Any, values: Any) -> Any:
            ran.append(statement.sql)
            return await fetch_as(self, role, statement, values)

        with monkeypatch.context() as patch:
            patch.setattr(Database, "fetch_as", remembering)
            yield ran

    return counting


@pytest.fixture
async def customer(seller: Portal, world: World) -> Customer:
    order = (await seller.place(customer={"new": customer_input(seller.id[-8:])}))["order"]
    await world.provision()
    followed = (await seller.ask(FOLLOW, id=order["id"]))["order"]
    return Customer(seller, world, followed["customer"]["id"])


@pytest.fixture
async def subscription(customer: Customer) -> dict[str, Any]:
    return (await customer.held())[0]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Listens on the loopback, and answers as it is told."""
    async with listening(Receiver()) as listened:
        yield listened


@pytest.fixture
async def heard(seller: Portal, world: World, receiver: Receiver) -> Listener:
    """A webhook endpoint of the seller's, for the receiver."""
    return await listener(seller, world, receiver)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock(datetime.now(UTC))


@pytest.fixture
async def client(world: World, seller: Portal) -> Client:
    """A client of the seller, with one secret and every scope."""
    return await Client.register(world, seller)


@pytest.fixture
async def stranger(app: Starlette, client: Client) -> AsyncIterator[Client]:
    """The client as seen from an address that nobody else has failed from."""
    address = f"2001:db8::{secrets.token_hex(2)}:{secrets.token_hex(2)}"
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://portico.test") as http:
        yield replace(client, http=http)
