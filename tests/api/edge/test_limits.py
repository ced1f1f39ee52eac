"""What a document may be: hostile ones are refused before they cost anything."""

import time

import httpx
import pytest
from graphql import GraphQLError

from commerce.access import Environment, Viewer
from edge.errors import RequestRefused
from edge.operations import Operations
from edge.requests import GraphQLRequest
from schema.sdl import printed, schema
from tests.api.edge import hostile

HOSTILE = list(hostile.documents())
MOST_CPU = 0.050
"""Seconds of this thread's CPU, which other processes don't add to."""

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
