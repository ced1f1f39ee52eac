"""npm's graphql-http audits the server; a stock Strawberry beside it shows that the audits can fail."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

from datasources.settings import Settings
from schema.sdl import schema
from tests.api.edge.conftest import edge_app, serving
from tests.api.edge.node_clients import needs_node, node
from tests.api.world import Portal

pytestmark = [pytest.mark.node, needs_node]

GET_QUERIES = (
    "{ __typename }",
    "query Query { __typename }",
    "query Type($name: String!) { __type(name: $name) { name } }",
    "mutation { __typename }",
)
"""What the audits ask by GET: as GET is for persisted queries, they are persisted here."""


@pytest.fixture
async def audited(app: Starlette, settings: Settings) -> AsyncIterator[str]:
    async with serving(edge_app(app, settings, persisted=GET_QUERIES)) as url:
        yield f"{url}/graphql"


async def test_all_audits_pass(audited: str, seller: Portal) -> None:
    verdicts = await node("audit.mjs", audited, seller.token)

    assert [verdict for verdict in verdicts if verdict["status"] != "ok"] == []
    assert len(verdicts) == 61


async def test_a_stock_server_fails_eight_of_them() -> None:
    stock = Starlette(routes=[Route("/graphql", GraphQL(schema()))])

    async with serving(stock) as url:
        verdicts = await node("audit.mjs", f"{url}/graphql")

    assert Counter(verdict["status"] for verdict in verdicts) == {"ok": 53, "warn": 8}
