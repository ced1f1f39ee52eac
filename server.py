"""ASGI entry and composition root: settings → sources → app."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from datasources.errors import SourceUnavailable
from datasources.logs import configure_logs
from datasources.settings import Settings
from datasources.sources import Sources, open_sources
from datasources.tokens import Tokens
from edge.graphql import GraphQLEdge
from edge.inbox import inbox_routes
from edge.operations import Operations
from edge.page import page_routes, samples
from edge.persisted import PersistedDocuments
from edge.throttle import Throttle
from edge.token_endpoint import TokenEndpoint
from edge.turns import Turns
from jobs.follow_commits import follow_commits
from jobs.keep_identity_fresh import keep_identity_fresh
from jobs.refresh_watchlists import keep_lists_fresh
from schema.sdl import printed, schema
from worker import work

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]

PERSISTED = Path(__file__).parent / "persisted"


def create_app(settings: Settings, *, throttle: Throttle | None = None, planned: bool = True) -> Starlette:
    """The application by the settings; it opens its sources when it starts.

    `planned=False` has the stock executor run every operation: what tests and benches hold the plan to.
    """
    configure_logs(settings)
    throttle = throttle or Throttle(settings.rate_limit_points, settings.rate_limit_per_second)
    built = schema(planned=planned)
    operations = Operations(
        built,
        printed(),
        documents=PersistedDocuments.load(PERSISTED),
        throttle=throttle,
        persisted_only=lambda viewer: viewer is not None and viewer.role in settings.persisted_only_roles,
    )
    tokens = Tokens.open(settings)
    edge = GraphQLEdge(
        built,
        operations,
        tokens,
        strict=settings.strict_http,
        streams=settings.streams_per_client,
        turns=Turns(settings.operations_per_client),
    )
    return Portico(
        edge,
        routes=[
            *page_routes(samples(PERSISTED)),
            *(inbox_routes(settings) if settings.smtp_url is None else ()),
            Route("/graphql", edge),
            WebSocketRoute("/graphql", edge),
            Route("/schema.graphql", _sdl, methods=["GET"]),
            Route("/healthz", _alive, methods=["GET"]),
            Route("/readyz", _ready, methods=["GET"]),
            Route("/.well-known/license-keys.json", _license_keys, methods=["GET"]),
            Route("/.well-known/license-revocations.json", _license_revocations, methods=["GET"]),
            *TokenEndpoint(tokens).routes,
        ],
        lifespan=_lifespan(settings, tokens, throttle),
    )


class Portico(Starlette):
    """Starlette, but for what nearly every request is: that goes to the edge straight away.

    The edge answers whatever happens; routes and middleware on the way there cost a tenth of the whole
    request for an order's status.
    """

    def __init__(self, edge: GraphQLEdge, *, routes: Sequence[BaseRoute], lifespan: Lifespan) -> None:
        super().__init__(routes=routes, lifespan=lifespan)
        self._edge = edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            scope["app"] = self
            await self._edge(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _lifespan(settings: Settings, tokens: Tokens, throttle: Throttle) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_sources(settings) as sources:
            app.state.sources = sources
            throttle.shared = sources.buckets
            _spare_what_stays()
            stop = asyncio.Event()
            tasks = [
                asyncio.create_task(keep_lists_fresh(sources.watchlists, settings, stop)),
                asyncio.create_task(follow_commits(sources, settings, stop)),
                asyncio.create_task(keep_identity_fresh(tokens, sources.api_clients, stop)),
                asyncio.create_task(throttle.keep_leases_short(stop)),
            ]
            if settings.worker_in_process:
                tasks.append(asyncio.create_task(work(sources, settings, stop)))
            yield
            stop.set()
            await asyncio.gather(*tasks)

    return lifespan


def _spare_what_stays() -> None:
    """Keep what lives as long as the process out of garbage collection.

    With lists, schema and modules in it, each full collection held up every request for 140 ms.
    """
    gc.collect()
    gc.freeze()


async def _sdl(_request: Request) -> Response:
    return PlainTextResponse(printed())


async def _alive(_request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def _ready(request: Request) -> Response:
    """Whether requests can be served: the database answers and lists are loaded."""
    sources: Sources = request.app.state.sources
    try:
        await sources.database.ping()
    except SourceUnavailable:
        return JSONResponse({"status": "not ready", "waitingFor": "postgres"}, status_code=503)
    lists = sources.watchlists
    return JSONResponse(
        {
            "status": "ready",
            "watchlists": {version.source: version.entries for version in lists.versions},
            "screensAgainstSamples": lists.is_sample,
        }
    )


async def _license_revocations(request: Request) -> Response:
    sources: Sources = request.app.state.sources
    try:
        published = await sources.revocations.published(datetime.now(UTC))
    except SourceUnavailable:
        return JSONResponse({"status": "not ready", "waitingFor": "postgres"}, status_code=503)
    return JSONResponse(published, headers={"Cache-Control": "max-age=300"})


async def _license_keys(request: Request) -> Response:
    sources: Sources = request.app.state.sources
    return JSONResponse(sources.license_keys.public_key_set(), headers={"Cache-Control": "max-age=3600"})
