"""The edge as the network meets it: a real uvicorn on loopback in front of the application."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from commerce.access import Viewer
from datasources.settings import Settings
from datasources.tokens import Tokens
from edge.graphql import GraphQLEdge
from edge.operations import Operations
from edge.persisted import PersistedDocuments
from edge.throttle import Throttle
from schema.sdl import priced_sdl, schema
from tests.api.world import Portal


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The address of a uvicorn that serves an application which has been started already."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="websockets-sansio")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


@pytest.fixture(scope="session")
async def address(app: Starlette) -> AsyncIterator[str]:
    """Where the application listens."""
    async with serving(app) as url:
        yield url


@pytest.fixture
async def http(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture
async def partner(http: httpx.AsyncClient, seller: Portal) -> httpx.AsyncClient:
    """A client with the token of an active reseller."""
    http.headers["Authorization"] = f"Bearer {seller.token}"
    return http


def edge_app(
    app: Starlette,
    settings: Settings,
    *,
    declared: strawberry.Schema | None = None,
    persisted: Iterable[str] | PersistedDocuments = (),
    throttle: Throttle | None = None,
    persisted_only: Callable[[Viewer | None], bool] = lambda _viewer: False,
    strict: bool = False,
) -> Starlette:
    """An edge of its own on the application's sources: another schema, other documents, other limits."""
    declared = declared or schema()
    if not isinstance(persisted, PersistedDocuments):
        persisted = PersistedDocuments(persisted)
    operations = Operations(
        declared,
        priced_sdl(declared),
        documents=persisted,
        throttle=throttle,
        persisted_only=persisted_only,
    )
    edge = GraphQLEdge(declared, operations, Tokens.open(settings), strict=strict)
    other = Starlette(routes=[Route("/graphql", edge), WebSocketRoute("/graphql", edge)])
    other.state.sources = app.state.sources
    return other
