"""Errors: a fixed catalogue, nothing of what broke inside, and client mistakes told as they are."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
from starlette.applications import Starlette

from datasources.errors import SourceUnavailable
from datasources.settings import Settings
from edge.errors import Code
from execution.batches import Scope
from execution.executor import planned
from execution.fields import root
from tests.api.edge.conftest import edge_app, serving
from tests.api.world import Portal

CATALOGUE = Path(__file__).parents[3] / "docs" / "partners" / "graphql.md"
SECRET = "postgres://owner:hunter2@db/portico"


async def _broken(context: Any) -> str:
    raise RuntimeError(SECRET)


async def _missing(context: Any) -> None:
    return None


async def _wrong(context: Any) -> Any:
    return {"secret": SECRET}


async def _unavailable(context: Any) -> str:
    raise SourceUnavailable("salesforce", retryable=True, code="TIMEOUT")


async def _slow(context: Any) -> str:
    import asyncio

    await asyncio.sleep(30)
    return "late"


async def _told(context: Any) -> str:
    return context.request_id


async def _since(context: Any, *, of: datetime | None = None) -> str:
    return str(of)


async def _even(context: Any, *, of: int = 0) -> int:
    return of


def _field(answer: Any, **arguments: str) -> Any:
    return root(answer, scope=Scope.PUBLIC, description="A field of a test.", arguments=arguments)


@strawberry.type
class Faulty:
    broken: str | None = _field(_broken)
    never_null: str = _field(_missing)
    a_number: int | None = _field(_wrong)
    unavailable: str | None = _field(_unavailable)
    slow: str | None = _field(_slow)
    request_id: str | None = _field(_told)
    since: str | None = _field(_since, of="A time.")
    even: int | None = _field(_even, of="A number.")


@pytest.fixture
async def faulty(app: Starlette, settings: Settings, seller: Portal) -> AsyncIterator[httpx.AsyncClient]:
    declared = strawberry.Schema(Faulty, execution_context_class=planned(deadline=0.2))
    async with serving(edge_app(app, settings, declared=declared)) as url:
        headers = {
            "Authorization": f"Bearer {seller.token}",
            "Accept": "application/graphql-response+json",
        }
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:
            yield client


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, "variables": variables})


@pytest.mark.parametrize("field", ["broken", "neverNull", "aNumber"])
async def test_what_breaks_inside_is_masked(faulty: httpx.AsyncClient, field: str) -> None:
    response = await ask(faulty, f"{{ {field} }}")

    (error,) = response.json()["errors"]
    assert error["message"] == "Something went wrong here."
    assert error["path"] == [field]
    assert error["extensions"] == {
        "code": "INTERNAL_SERVER_ERROR",
        "requestId": response.headers["x-request-id"],
        "retryable": True,
    }
    assert "hunter2" not in response.text
    assert response.status_code == 200


async def test_one_fault_leaves_the_rest_of_the_answer(faulty: httpx.AsyncClient) -> None:
    response = await ask(faulty, "{ broken requestId }")

    assert response.json()["data"] == {"broken": None, "requestId": response.headers["x-request-id"]}


async def test_a_source_that_is_down_is_named(faulty: httpx.AsyncClient) -> None:
    (error,) = (await ask(faulty, "{ unavailable }")).json()["errors"]

    assert error["extensions"] | {"requestId": ""} == {
        "code": "SOURCE_UNAVAILABLE",
        "requestId": "",
        "retryable": True,
        "source": "salesforce",
    }


async def test_an_operation_that_takes_too_long_is_ended(faulty: httpx.AsyncClient) -> None:
    response = await ask(faulty, "{ slow }")

    assert response.status_code == 504
    assert response.json()["errors"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert "data" not in response.json()


@pytest.mark.parametrize(
    ("query", "variables", "words"),
    [
        ("{ nothing }", {}, "Cannot query field 'nothing'"),
        ("{ even(of: 3000000000) }", {}, "32-bit"),
        ("query ($n: Int) { even(of: $n) }", {"n": "seven"}, "seven"),
        ("query ($n: Int!) { even(of: $n) }", {}, "$n"),
        ("query ($n: Int = 1) { even(of: $n) }", {"n": None}, "Argument"),
        ("{ even(of: ) }", {}, "Syntax Error"),
        ('{ since(of: "yesterday") }', {}, "yesterday"),
        ("query ($t: DateTime) { since(of: $t) }", {"t": "yesterday"}, "yesterday"),
        ("query ($t: DateTime = 7) { since(of: $t) }", {}, "7"),
    ],
)
async def test_a_mistake_of_the_client_is_told_as_it_is(
    faulty: httpx.AsyncClient, query: str, variables: dict[str, Any], words: str
) -> None:
    response = await ask(faulty, query, **variables)

    (error,) = response.json()["errors"]
    assert words in error["message"]
    assert error["extensions"]["retryable"] is False
    assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR"


async def test_the_schema_is_introspected_by_the_signed_in_alone(faulty: httpx.AsyncClient) -> None:
    query = "{ __schema { queryType { name } } }"

    signed_in = await ask(faulty, query)
    anonymous = await faulty.post("/graphql", json={"query": query}, headers={"Authorization": ""})

    assert signed_in.json()["data"] == {"__schema": {"queryType": {"name": "Faulty"}}}
    assert anonymous.status_code == 401
    assert anonymous.headers["www-authenticate"] == 'Bearer realm="portico"'
    assert anonymous.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "hidden",
    [
        '{ __type(name: "Faulty") { name } }',
        "{ a: __schema { queryType { name } } }",
        "{ ...F } fragment F on Faulty { __schema { queryType { name } } }",
        "{ ... on Faulty { __schema { queryType { name } } } }",
        "query A { requestId } query B { __schema { queryType { name } } }",
    ],
)
async def test_introspection_is_found_wherever_it_stands(faulty: httpx.AsyncClient, hidden: str) -> None:
    response = await faulty.post(
        "/graphql", json={"query": hidden, "operationName": "B" if "query B" in hidden else None},
        headers={"Authorization": ""},
    )  # fmt: skip

    assert response.status_code == 401


async def test_the_typename_of_the_root_is_no_secret(faulty: httpx.AsyncClient) -> None:
    response = await faulty.post("/graphql", json={"query": "{ __typename }"}, headers={"Authorization": ""})

    assert response.json()["data"] == {"__typename": "Faulty"}


def test_every_code_is_explained_to_partners() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)` \|", CATALOGUE.read_text(), re.MULTILINE)

    assert sorted(explained) == sorted(Code)
