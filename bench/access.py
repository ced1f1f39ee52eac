"""`bench access`: what it costs a request to know who asks, what they may, and how much they may ask.

Portico runs whole, without signing in (no token, no access of fields), without limits (no price, no points,
no turns), and without both; all else is the same. Beside them stand the requests for a token themselves.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

import uvloop

from bench import graphql_questions as questions
from bench.graphql_data import Database, database, partners
from bench.graphql_load import Clients, connected
from bench.graphql_questions import requests
from bench.graphql_servers import Server, aside, python, running
from bench.harness import Contender, Meter, Plan, Report, alternate, report
from commerce.access import Environment
from commerce.audit import Acting
from commerce.ids import Prefix
from commerce.orders import Actor
from datasources.postgres.api_clients import ApiClients
from datasources.postgres.database import Database as Postgres
from datasources.postgres.database import open_database
from resolvers.client_credentials import create_client

VARIANTS = {
    "whole": "whole",
    "without signing in": "no-sign-in",
    "without limits": "no-limits",
    "without both": "neither",
}
QUESTIONS = ("status", "page")
CONNECTIONS = 8
SECONDS, SECONDS_QUICK = 2.0, 0.6
TOKENS = "a token by secret"

RATIOS = {
    f"{question}_{label}": (f"{question}, whole", f"{question}, {without}")
    for question in QUESTIONS
    for label, without in (
        ("access_over_nothing", "without both"),
        ("sign_in_cost", "without signing in"),
        ("limits_cost", "without limits"),
    )
}


def bench(plan: Plan) -> Report:
    with aside(), database(1) as stored:
        (partner, *_) = asyncio.run(partners(stored.settings))
        partner_id = f"{Prefix.PARTNER}_{partner.id.replace('-', '')}"
        surroundings = stored.environment | {"PARTNER": partner_id}
        commands = {label: python("bench.access_portico", word) for label, word in VARIANTS.items()}
        with (
            running(commands, surroundings) as servers,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            asked = {name: requests(questions.PORTICO, name, [partner]) for name in QUESTIONS}
            form = runner.run(_credentials(stored, partner_id))
            return runner.run(_measured(plan, servers, asked, form))


@dataclass(frozen=True, slots=True)
class Store:
    """What making a client takes."""

    database: Postgres
    api_clients: ApiClients


async def _credentials(stored: Database, partner_id: str) -> bytes:
    """A request for a token by a client of the partner's."""
    acting = Acting(Actor.SYSTEM, "bench", Environment.PRODUCTION, datetime.now(UTC))
    async with open_database(stored.settings.application_dsn, smallest=1) as opened:
        client, secret = await create_client(
            Store(opened, ApiClients(opened)),
            acting,
            partner_id=partner_id,
            environment=Environment.PRODUCTION,
            name="bench",
        )
    body = urlencode(
        {"grant_type": "client_credentials", "client_id": client.id, "client_secret": secret.text}
    )
    return (
        "POST /oauth/token HTTP/1.1\r\nHost: portico\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def _measured(
    plan: Plan, servers: Mapping[str, Server], asked: Mapping[str, Sequence[bytes]], form: bytes
) -> Report:
    seconds = SECONDS_QUICK if plan.seconds is not None else SECONDS
    async with _connections(servers) as clients:
        contenders = [
            _contender(f"{name}, {label}", clients[label], requests_, servers[label], seconds)
            for name, requests_ in asked.items()
            for label in VARIANTS
        ]
        contenders.append(_contender(TOKENS, clients["whole"], [form], servers["whole"], seconds))
        for contender in contenders:  # plans are made, code is generated, caches fill
            await contender.round(Meter([os.getpid()]))
        samples = await alternate(contenders, plan)
    return report("access", "request", samples, RATIOS)


@asynccontextmanager
async def _connections(servers: Mapping[str, Server]) -> AsyncIterator[dict[str, Clients]]:
    async with AsyncExitStack() as stack:
        yield {
            label: await stack.enter_async_context(connected(server.port, CONNECTIONS))
            for label, server in servers.items()
        }


def _contender(
    label: str, clients: Clients, asked: Sequence[bytes], server: Server, seconds: float
) -> Contender:
    async def ask(meter: Meter) -> int:
        with meter:
            return len(await clients.run(asked, CONNECTIONS, seconds))

    return Contender(label, ask, (server.pid,))
