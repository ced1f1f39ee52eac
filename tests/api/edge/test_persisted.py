"""Persisted documents: run by their hash, read from manifests, and for some clients the only ones."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from commerce.access import Role, Viewer
from datasources.settings import Settings
from edge.persisted import PersistedDocuments
from execution.documents import hash_of
from tests.api.edge.conftest import edge_app, serving
from tests.api.world import Portal, World

WHO = "query Who { viewer { role partner { id } } }"
NAMED = "query Named($name: String!) { __type(name: $name) { name } }"
CHANGE = "mutation Change { __typename }"
WHO_ID = hash_of(WHO)


def dashboards_only(viewer: Viewer | None) -> bool:
    return viewer is not None and viewer.role is Role.DASHBOARD


@pytest.fixture
async def edge(app: Starlette, settings: Settings, seller: Portal) -> AsyncIterator[httpx.AsyncClient]:
    portico = edge_app(app, settings, persisted=[WHO, NAMED, CHANGE], persisted_only=dashboards_only)
    async with serving(portico) as url:
        headers = {"Authorization": f"Bearer {seller.token}", "Accept": "application/graphql-response+json"}
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:
            yield client


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": f"sha256:{WHO_ID}"},
        {"documentId": WHO_ID},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": WHO_ID}}},
        {"documentId": f"sha256:{WHO_ID}", "query": WHO},
    ],
    ids=["appendix A", "relay", "apollo", "with its text"],
)
async def test_a_document_is_run_by_its_hash(
    edge: httpx.AsyncClient, seller: Portal, body: dict[str, object]
) -> None:
    response = await edge.post("/graphql", json=body)

    assert response.json()["data"] == {"viewer": {"role": None, "partner": {"id": seller.id}}}


async def test_a_query_is_run_by_get_where_it_is_persisted(edge: httpx.AsyncClient) -> None:
    by_id = await edge.get("/graphql", params={"documentId": f"sha256:{WHO_ID}"})
    by_text = await edge.get("/graphql", params={"query": WHO})
    with_variables = await edge.get(
        "/graphql", params={"documentId": hash_of(NAMED), "variables": json.dumps({"name": "Order"})}
    )

    assert by_id.json()["data"] == by_text.json()["data"]
    assert with_variables.json()["data"] == {"__type": {"name": "Order"}}


@pytest.mark.parametrize(
    "params",
    [{"query": "{ __typename }"}, {"query": CHANGE}, {"documentId": hash_of(CHANGE)}],
    ids=["an unknown query", "a mutation", "a persisted mutation"],
)
async def test_nothing_else_is_run_by_get(edge: httpx.AsyncClient, params: dict[str, str]) -> None:
    response = await edge.get("/graphql", params=params)

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


async def test_an_unknown_hash_is_answered_as_apollo_expects(edge: httpx.AsyncClient) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}

    (error,) = (await edge.post("/graphql", json={"extensions": extensions})).json()["errors"]

    assert error["message"] == "PersistedQueryNotFound"
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


async def test_sending_a_text_with_its_hash_registers_nothing(edge: httpx.AsyncClient) -> None:
    text = "{ viewer { subject } }"
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}

    sent = await edge.post("/graphql", json={"query": text, "extensions": extensions})
    later = await edge.post("/graphql", json={"extensions": extensions})

    assert sent.status_code == 200
    assert later.json()["errors"][0]["message"] == "PersistedQueryNotFound"


async def test_a_hash_beside_another_text_is_refused(edge: httpx.AsyncClient) -> None:
    response = await edge.post("/graphql", json={"documentId": WHO_ID, "query": "{ __typename }"})

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_client_may_be_held_to_persisted_documents(edge: httpx.AsyncClient, world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token(role='dashboard')}"}

    allowed = await edge.post("/graphql", json={"documentId": WHO_ID}, headers=headers)
    its_text = await edge.post("/graphql", json={"query": WHO}, headers=headers)
    another = await edge.post("/graphql", json={"query": "{ __typename }"}, headers=headers)

    assert allowed.json()["data"]["viewer"]["role"] == "DASHBOARD"
    assert its_text.json()["data"] == allowed.json()["data"]
    assert another.status_code == 403
    assert another.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_ONLY"


def test_manifests_of_codegen_and_relay_are_read_beside_plain_files(tmp_path: Path) -> None:
    (tmp_path / "who.graphql").write_text(WHO)
    (tmp_path / "codegen.json").write_text(json.dumps({f"sha256:{hash_of(NAMED)}": NAMED}))
    (tmp_path / "relay.json").write_text(json.dumps({"d41d8cd98f00b204e9800998ecf8427e": CHANGE}))

    documents = PersistedDocuments.load(tmp_path)

    assert len(documents) == 3
    assert documents.text(WHO_ID) == WHO
    assert documents.text(f"sha256:{hash_of(NAMED)}") == NAMED
    assert documents.text("d41d8cd98f00b204e9800998ecf8427e") == CHANGE
    assert documents.text("sha256:nothing") is None


def test_a_file_that_is_no_manifest_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text('["a"]')

    with pytest.raises(ValueError, match=r"wrong\.json"):
        PersistedDocuments.load(tmp_path)
