"""Clients from npm, each in one real flow: see what can be sold, order it, look the order up."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from datasources.settings import Settings
from edge.persisted import PersistedDocuments
from schema.sdl import printed
from tests.api.edge.conftest import edge_app, serving
from tests.api.edge.node_clients import CLIENTS, needs_node, node, run
from tests.api.world import Portal

pytestmark = [pytest.mark.node, needs_node]

LOOK = """
query Look($first: Int!) {
  orders(first: $first) { nodes { id ...Lines } }
}
fragment Lines on Order { lines { quantity } }
"""


def held(outcome: dict[str, Any]) -> None:
    """What every flow ends with."""
    assert outcome["problems"] == []
    assert outcome["order"]["id"] == outcome["placed"]
    assert outcome["order"]["lines"] == [{"quantity": 3}]


def plain(value: Any) -> Any:
    """A value without the type names that clients add."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if name != "__typename"}
    return value


@pytest.mark.parametrize("program", ["apollo.mjs", "urql.mjs"])
async def test_a_client_orders_defers_and_reads_errors(address: str, seller: Portal, program: str) -> None:
    outcome = plain(await node(program, f"{address}/graphql", seller.token))

    held(outcome)
    assert outcome["deferred"] == {"id": outcome["placed"], "lines": [{"quantity": 3}]}
    assert outcome["error"] == "INVALID_PAGINATION"


@pytest.mark.parametrize("program", ["ws.mjs", "sse.mjs"])
async def test_a_streaming_client_orders(address: str, seller: Portal, program: str) -> None:
    held(await node(program, f"{address}/graphql", seller.token))


async def ran_by_id(
    app: Starlette, settings: Settings, seller: Portal, manifest: Path, **variables: Any
) -> dict[str, Any]:
    """What a manifest's documents answer when they are run by their ids."""
    documents = PersistedDocuments.load(manifest.parent)
    persisted = edge_app(app, settings, persisted=documents)
    async with serving(persisted) as url:
        words = (f"{url}/graphql", seller.token, str(manifest), json.dumps(variables))
        answers: dict[str, Any] = await node("persisted.mjs", *words)
    return answers


async def test_relay_compiles_against_the_schema_and_its_ids_run(
    app: Starlette, settings: Settings, seller: Portal, tmp_path: Path
) -> None:
    await seller.place()
    source = tmp_path / "source"
    source.mkdir()
    (tmp_path / "schema.graphql").write_text(printed())
    named = LOOK.replace("Look", "appLookQuery").replace("Lines", "app_lines")
    (source / "app.js").write_text(
        f"graphql`{named.split('fragment')[0]}`\ngraphql`fragment{named.split('fragment')[1]}`\n"
    )
    (tmp_path / "ids").mkdir()
    manifest = tmp_path / "ids" / "relay.json"
    manifest.write_text("{}")
    (tmp_path / "relay.config.json").write_text(
        json.dumps(
            {
                "src": "./source",
                "schema": "./schema.graphql",
                "language": "javascript",
                "persistConfig": {"file": "./ids/relay.json", "algorithm": "SHA256"},
            }
        )
    )

    compiler = CLIENTS / "node_modules" / ".bin" / "relay-compiler"
    code, said, complained = await run(str(compiler), "--repersist", cwd=tmp_path)
    assert code == 0, said + complained

    (answer,) = (await ran_by_id(app, settings, seller, manifest, first=1)).values()
    (line,) = answer["data"]["orders"]["nodes"][0]["lines"]
    assert line["quantity"] == 10


async def test_codegen_generates_from_the_schema_and_its_ids_run(
    app: Starlette, settings: Settings, seller: Portal, tmp_path: Path
) -> None:
    await seller.place()
    (tmp_path / "schema.graphql").write_text(printed())
    (tmp_path / "look.graphql").write_text(LOOK)
    (tmp_path / "node_modules").symlink_to(CLIENTS / "node_modules")
    config = {
        "schema": "schema.graphql",
        "documents": "look.graphql",
        "generates": {
            "generated/": {
                "preset": "client",
                "presetConfig": {"persistedDocuments": {"hashAlgorithm": "sha256"}, "fragmentMasking": False},
            }
        },
    }
    (tmp_path / "codegen.json").write_text(json.dumps(config))

    codegen = CLIENTS / "node_modules" / ".bin" / "graphql-codegen"
    code, said, complained = await run(str(codegen), "--config", "codegen.json", cwd=tmp_path)
    assert code == 0, said + complained
    types = (tmp_path / "generated" / "graphql.ts").read_text()
    manifest = tmp_path / "ids" / "codegen.json"
    manifest.parent.mkdir()
    (tmp_path / "generated" / "persisted-documents.json").rename(manifest)

    (answer,) = (await ran_by_id(app, settings, seller, manifest, first=1)).values()
    assert "export type LookQuery" in types
    assert answer["data"]["orders"]["nodes"][0]["lines"] == [{"quantity": 10}]
