"""What graphql-cop tries, on our edge; a stock Strawberry shows that the tries can succeed."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

Attack = Callable[[httpx.AsyncClient], Awaitable[bool]]
"""Whether the server let something happen that it should not."""


async def suggests_fields(http: httpx.AsyncClient) -> bool:
    return "Did you mean" in (await http.post("/graphql", json={"query": "{ viewerr }"})).text


async def introspects(http: httpx.AsyncClient) -> bool:
    response = await http.post("/graphql", json={"query": "{ __schema { types { name } } }"})
    return '"types"' in response.text


async def answers_get(http: httpx.AsyncClient) -> bool:
    response = await http.get("/graphql", params={"query": "{ __typename }"})
    return response.status_code == 200


async def changes_by_get(http: httpx.AsyncClient) -> bool:
    response = await http.get("/graphql", params={"query": "mutation { __typename }"})
    return '"Mutation"' in response.text


async def takes_forms(http: httpx.AsyncClient) -> bool:
    response = await http.post("/graphql", data={"query": "{ __typename }"})
    return '"Query"' in response.text


async def takes_batches(http: httpx.AsyncClient) -> bool:
    response = await http.post("/graphql", json=[{"query": "{ __typename }"}] * 10)
    return response.text.count('"Query"') == 10


async def takes_many_aliases(http: httpx.AsyncClient) -> bool:
    aliases = " ".join(f"alias{number}: __typename" for number in range(101))
    return "alias100" in (await http.post("/graphql", json={"query": f"{{ {aliases} }}"})).text


async def reports_every_directive(http: httpx.AsyncClient) -> bool:
    directives = "@aa" * 10
    response = await http.post("/graphql", json={"query": f"{{ __typename {directives} }}"})
    return len(response.json().get("errors", ())) == 10


async def repeats_fields(http: httpx.AsyncClient) -> bool:
    response = await http.post("/graphql", json={"query": "{ " + "__typename " * 500 + "}"})
    return '"Query"' in response.text


async def introspects_in_circles(http: httpx.AsyncClient) -> bool:
    circles = "fields { type { " * 4 + "name" + " } }" * 4
    response = await http.post("/graphql", json={"query": f"{{ __schema {{ types {{ {circles} }} }} }}"})
    return '"types"' in response.text


async def traces(http: httpx.AsyncClient) -> bool:
    headers = {"apollo-federation-include-trace": "ftv1"}
    response = await http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    return bool({"tracing", "ftv1"} & set(response.json().get("extensions", {})))


async def breaks(http: httpx.AsyncClient) -> bool:
    bodies = (b"null", b'"x"', b'{"query": "\xff"}')
    headers = {"Content-Type": "application/json"}
    responses = [await http.post("/graphql", content=body, headers=headers) for body in bodies]
    return any(response.status_code >= 500 for response in responses)


STOCK_FALLS_FOR = (
    suggests_fields,
    introspects,
    answers_get,
    takes_many_aliases,
    reports_every_directive,
    repeats_fields,
    breaks,
)
STOCK_WITHSTANDS = (changes_by_get, takes_forms, takes_batches, introspects_in_circles, traces)


@strawberry.type(name="Query")
class Stock:
    @strawberry.field
    def viewer(self) -> str:
        return "somebody"

    @strawberry.field
    def node(self, id: strawberry.ID) -> str:  # noqa: A002
        return id


@pytest.fixture(scope="module")
async def stock() -> AsyncIterator[httpx.AsyncClient]:
    """Strawberry as it comes."""
    portico = Starlette(routes=[Route("/graphql", GraphQL(strawberry.Schema(Stock)))])
    transport = httpx.ASGITransport(app=portico, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://stock.test") as client:
        yield client


@pytest.mark.parametrize("attack", [*STOCK_FALLS_FOR, *STOCK_WITHSTANDS], ids=lambda attack: attack.__name__)
async def test_the_edge_withstands(http: httpx.AsyncClient, attack: Attack) -> None:
    assert not await attack(http)


@pytest.mark.parametrize("attack", STOCK_FALLS_FOR, ids=lambda attack: attack.__name__)
async def test_a_stock_server_does_not(stock: httpx.AsyncClient, attack: Attack) -> None:
    assert await attack(stock)
