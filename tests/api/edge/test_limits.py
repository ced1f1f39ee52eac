"""What a document may be: hostile ones are refused before they cost anything."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from graphql import GraphQLError

from commerce.access import Environment, Viewer
from datasources.settings import Settings
from edge.errors import RequestRefused
from edge.operations import Operations
from edge.requests import GraphQLRequest
from schema.sdl import printed, schema
from server import create_app
from tests.api.edge import hostile

HOSTILE = list(hostile.documents())
MOST_CPU = 0.050
"""Seconds of this thread's CPU, which other processes don't add to."""

LONGEST_HOLD = 0.100
"""Seconds of CPU between two turns of the event loop, whatever the machine does besides."""

SIGNED_IN = Viewer("somebody", Environment.PRODUCTION, partner_id="par_1")


@pytest.fixture(scope="module")
def operations() -> Operations:
    return Operations(schema(), printed())


def cost_of_refusal(operations: Operations, text: str) -> float:
    """The CPU seconds it took to refuse a document. Fails if it was not refused."""
    began = time.thread_time()
    try:
        operation = operations.find(GraphQLRequest(text), SIGNED_IN)
        operations.price(operation, {})
    except (RequestRefused, GraphQLError):
        return time.thread_time() - began
    raise AssertionError(f"was not refused: {text[:200]}")


def test_there_are_enough_hostile_documents_and_no_two_are_alike() -> None:
    assert len(HOSTILE) >= 300
    assert len({text for _, text in HOSTILE}) == len(HOSTILE)


def test_hostile_documents_are_refused_before_they_cost_anything(operations: Operations) -> None:
    slow = {}
    for name, text in HOSTILE:
        spent = min(cost_of_refusal(operations, text) for _ in range(2))
        if spent > MOST_CPU:
            slow[name] = spent

    assert slow == {}


async def test_hostile_documents_are_refused_in_json_over_http(partner: httpx.AsyncClient) -> None:
    headers = {"Accept": "application/graphql-response+json"}

    for name, text in HOSTILE:
        response = await partner.post("/graphql", json={"query": text}, headers=headers)

        assert 400 <= response.status_code < 500, (name, response.text[:300])
        assert 1 <= len(response.json()["errors"]) <= 5, name
        assert "data" not in response.json(), name


@asynccontextmanager
async def holds() -> AsyncIterator[list[float]]:
    """The seconds of CPU that were spent between the turns of the loop while the block ran."""
    spent: list[float] = []

    async def tick() -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0.005)
            spent.append((now := time.thread_time()) - before)
            before = now

    ticking = asyncio.create_task(tick())
    try:
        yield spent
        await asyncio.sleep(0.01)
    finally:
        ticking.cancel()


async def test_hostile_documents_do_not_hold_up_the_loop(partner: httpx.AsyncClient) -> None:
    gc.collect()
    gc.freeze()  # the tests that ran before this one; the server's own part has a test below

    async with holds() as spent:
        for _, text in HOSTILE:
            await partner.post("/graphql", json={"query": text})

    assert len(spent) >= 10
    assert max(spent) <= LONGEST_HOLD


async def test_a_hold_is_noticed() -> None:
    async with holds() as spent:
        await asyncio.sleep(0.02)
        until = time.thread_time() + 2 * LONGEST_HOLD
        while time.thread_time() < until:
            pass
        await asyncio.sleep(0.02)

    assert max(spent) > LONGEST_HOLD


async def test_no_collection_goes_through_what_lives_as_long_as_the_server(settings: Settings) -> None:
    gc.unfreeze()
    portico = create_app(settings)

    async with portico.router.lifespan_context(portico):
        assert gc.get_freeze_count() > 100_000
