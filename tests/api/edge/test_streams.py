"""Answers in parts: subscriptions over WebSocket and server-sent events, and what `@defer` holds back."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import strawberry
import websockets
from starlette.applications import Starlette
from strawberry.schema.config import StrawberryConfig

from datasources.settings import Settings
from execution.batches import Scope
from execution.executor import PlannedExecutor
from execution.fields import root
from tests.api.edge.conftest import edge_app, serving
from tests.api.world import Portal

PROTOCOL = "graphql-transport-ws"


async def _name(context: Any) -> str:
    return context.viewer.subject if context.viewer else "nobody"


async def _broken(context: Any) -> str:
    raise RuntimeError("postgres://owner:hunter2@db")


def _field(answer: Any) -> Any:
    return root(answer, scope=Scope.PUBLIC, description="A field of a test.")


@strawberry.type
class Query:
    name: str | None = _field(_name)
    broken: str | None = _field(_broken)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int = 3) -> AsyncIterator[int]:
        for number in range(1, to + 1):
            yield number

    @strawberry.subscription
    async def forever(self) -> AsyncIterator[int]:
        yield 0
        await asyncio.Event().wait()

    @strawberry.subscription
    async def fails(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError("postgres://owner:hunter2@db")


@pytest.fixture(scope="module")
async def streaming(app: Starlette, settings: Settings) -> AsyncIterator[str]:
    """The address of an edge whose schema has subscriptions."""
    declared = strawberry.Schema(
        Query,
        subscription=Subscription,
        execution_context_class=PlannedExecutor,
        config=StrawberryConfig(enable_experimental_incremental_execution=True),
    )
    async with serving(edge_app(app, settings, declared=declared)) as url:
        yield f"{url}/graphql"


class Connection:
    """A graphql-transport-ws connection, message by message."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            message: dict[str, Any] = json.loads(await self.socket.recv())
        return message

    async def subscribe(self, operation_id: str, query: str, **payload: Any) -> None:
        await self.send(id=operation_id, type="subscribe", payload={"query": query, **payload})

    async def closed(self) -> int | None:
        async with asyncio.timeout(20):
            await self.socket.wait_closed()
        return self.socket.close_code


def connect(url: str, **options: Any) -> websockets.connect:
    return websockets.connect(
        url.replace("http://", "ws://"),
        subprotocols=[websockets.Subprotocol(PROTOCOL)],
        proxy=None,
        **options,
    )


@pytest.fixture
async def connection(streaming: str) -> AsyncIterator[Connection]:
    async with connect(streaming) as socket:
        yield Connection(socket)


@pytest.fixture
async def ready(connection: Connection) -> Connection:
    await connection.send(type="connection_init")
    assert await connection.receive() == {"type": "connection_ack"}
    return connection


async def test_a_subscription_answers_until_it_is_complete(ready: Connection) -> None:
    await ready.subscribe("1", "subscription { count }")

    messages = [await ready.receive() for _ in range(4)]

    assert [message["payload"]["data"]["count"] for message in messages[:3]] == [1, 2, 3]
    assert messages[3] == {"id": "1", "type": "complete"}


async def test_a_query_is_answered_once(ready: Connection) -> None:
    await ready.subscribe("1", "{ name }")

    answer = await ready.receive()

    assert answer["payload"]["data"] == {"name": "nobody"}
    assert answer["payload"]["extensions"]["cost"]["requestedQueryCost"] == 1
    assert await ready.receive() == {"id": "1", "type": "complete"}


async def test_the_token_comes_with_the_first_message(connection: Connection, seller: Portal) -> None:
    await connection.send(type="connection_init", payload={"Authorization": f"Bearer {seller.token}"})
    await connection.receive()

    await connection.subscribe("1", "{ name }")

    assert (await connection.receive())["payload"]["data"] == {"name": f"client of {seller.id}"}


async def test_or_with_the_handshake(streaming: str, seller: Portal) -> None:
    headers = {"Authorization": f"Bearer {seller.token}"}

    async with connect(streaming, additional_headers=headers) as socket:
        opened = Connection(socket)
        await opened.send(type="connection_init")
        await opened.receive()
        await opened.subscribe("1", "{ name }")
        answer = await opened.receive()

    assert answer["payload"]["data"] == {"name": f"client of {seller.id}"}


async def test_a_wrong_token_closes_the_connection(connection: Connection) -> None:
    await connection.send(type="connection_init", payload={"Authorization": "Bearer nonsense"})

    assert await connection.closed() == 4403


async def test_a_wrong_token_in_the_handshake_refuses_it(streaming: str) -> None:
    with pytest.raises(websockets.InvalidStatus, match="403"):
        async with connect(streaming, additional_headers={"Authorization": "Bearer nonsense"}):
            pass


async def test_another_origin_is_refused(streaming: str) -> None:
    with pytest.raises(websockets.InvalidStatus, match="403"):
        async with connect(streaming, origin=websockets.Origin("https://elsewhere.example")):
            pass


async def test_another_protocol_is_refused(streaming: str) -> None:
    url = streaming.replace("http://", "ws://")
    subprotocols = [websockets.Subprotocol("graphql-ws")]

    async with websockets.connect(url, subprotocols=subprotocols, proxy=None) as socket:
        assert await Connection(socket).closed() == 4406


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("", "BAD_REQUEST"),
        ("{ __schema { queryType { name } } }", "UNAUTHENTICATED"),
        ("{ " + "name " * 80 + "}", "DOCUMENT_TOO_COMPLEX"),
    ],
)
async def test_a_refused_operation_leaves_the_connection_open(
    ready: Connection, query: str, code: str
) -> None:
    await ready.subscribe("1", query)
    refused = await ready.receive()
    await ready.subscribe("1", "{ name }")
    answered = await ready.receive()

    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == code
    assert answered["payload"]["data"] == {"name": "nobody"}


async def test_what_breaks_inside_is_masked_here_as_well(ready: Connection) -> None:
    await ready.subscribe("1", "{ broken }")
    await ready.subscribe("2", "subscription { fails }")

    messages = [await ready.receive() for _ in range(5)]

    assert "hunter2" not in json.dumps(messages)
    errors = [error for each in messages for error in each.get("payload", {}).get("errors", ())]
    assert [error["extensions"]["code"] for error in errors] == ["INTERNAL_SERVER_ERROR"] * 2


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["not json"], 4400),
        (["[]"], 4400),
        (["null"], 4400),
        (['{"type": 7}'], 4400),
        (['{"type": "nothing"}'], 4400),
        (['{"type": "subscribe", "id": "1", "payload": {"query": "{ name }"}}'], 4401),
        (['{"type": "connection_init"}', '{"type": "connection_init"}'], 4429),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": 1, "payload": {}}'], 4400),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": "1", "payload": []}'], 4400),
        (['{"type": "connection_init"}', "x" * 300_000], 1009),
        (
            ['{"type": "connection_init"}']
            + ['{"type": "subscribe", "id": "1", "payload": {"query": "subscription { forever }"}}'] * 2,
            4409,
        ),
    ],
    ids=lambda value: str(value)[-60:],
)
async def test_a_client_that_breaks_the_protocol_is_told_how(
    connection: Connection, messages: list[str], code: int
) -> None:
    for message in messages:
        await connection.socket.send(message)

    assert await connection.closed() == code


async def test_a_connection_runs_only_so_many_operations_at_once(ready: Connection) -> None:
    for number in range(21):
        await ready.subscribe(str(number), "subscription { forever }")

    messages = [await ready.receive() for _ in range(21)]

    refused = [message for message in messages if message["type"] == "error"]
    assert [message["id"] for message in refused] == ["20"]
    assert refused[0]["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"


async def test_an_operation_that_was_completed_makes_room(ready: Connection) -> None:
    await ready.subscribe("1", "subscription { forever }")
    await ready.receive()
    await ready.send(id="1", type="complete")
    await ready.subscribe("1", "{ name }")

    assert (await ready.receive())["payload"]["data"] == {"name": "nobody"}


async def post(url: str, query: str, accept: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(url, json={"query": query}, headers={"Accept": accept})


async def test_a_subscription_comes_as_events_framed_by_line_feeds(streaming: str) -> None:
    response = await post(streaming, "subscription { count(to: 2) }", "text/event-stream")

    assert response.headers["content-type"] == "text/event-stream"
    assert b"\r" not in response.content
    first, second, last, rest = response.text.split("\n\n")
    assert first.startswith('event: next\ndata: {"data":{"count":1}')
    assert second.startswith('event: next\ndata: {"data":{"count":2}')
    assert (last, rest) == ("event: complete\ndata: ", "")


async def test_a_subscription_by_plain_post_is_refused(streaming: str) -> None:
    response = await post(streaming, "subscription { count }", "application/json")

    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"


async def test_a_query_is_one_event_where_only_events_are_accepted(streaming: str) -> None:
    response = await post(streaming, "{ name }", "text/event-stream")

    assert response.text.startswith('event: next\ndata: {"data":{"name":"nobody"}')
    assert response.text.endswith("event: complete\ndata: \n\n")


DEFERRED = '{ name ... @defer(label: "rest") { broken } }'


async def test_what_is_deferred_follows_in_parts_with_its_errors_masked(streaming: str) -> None:
    response = await post(streaming, DEFERRED, "multipart/mixed, application/json")

    assert response.headers["content-type"] == 'multipart/mixed; boundary="-"'
    bodies = [json.loads(part.split("\r\n\r\n", 1)[1]) for part in response.text.split("\r\n---")[:-1]]
    assert bodies[0]["data"] == {"name": "nobody"}
    assert bodies[0]["pending"] == [{"id": "0", "path": [], "label": "rest"}]
    assert bodies[0]["hasNext"] is True
    (increment,) = bodies[-1]["incremental"]
    assert increment["data"] == {"broken": None}
    assert increment["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert bodies[-1]["hasNext"] is False
    assert "hunter2" not in response.text


async def test_nothing_is_deferred_for_a_client_that_takes_no_parts(streaming: str) -> None:
    response = await post(streaming, DEFERRED, "application/json")

    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json()["data"] == {"name": "nobody", "broken": None}
