"""Subscriptions from the log: over WebSocket and server-sent events, across processes, for slow readers."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from datasources.settings import Settings
from datasources.sources import Sources
from edge import streams
from resolvers import follow_events
from server import create_app
from tests.api.edge.conftest import serving
from tests.api.edge.test_streams import Connection, connect
from tests.api.world import Portal, World

EVENTS = "subscription($after: Sequence, $types: [String!]) { events(after: $after, types: $types)"
EVENTS += " { sequence type snapshot { __typename } } }"
CHANGES = "subscription($id: ID, $after: Sequence) { orderChanged(id: $id, after: $after)"
CHANGES += " { event { sequence type } order { id status } } }"


@asynccontextmanager
async def following(url: str, portal: Portal, query: str, **variables: Any) -> AsyncIterator[Connection]:
    headers = {"Authorization": f"Bearer {portal.token}"} if portal.token else {}
    async with connect(f"{url}/graphql", additional_headers=headers) as opened:
        connection = Connection(opened)
        await connection.send(type="connection_init")
        await connection.receive()
        await connection.subscribe("1", query, variables=variables)
        yield connection


async def told(connection: Connection, count: int, field: str = "events") -> list[dict[str, Any]]:
    messages = [await connection.receive() for _ in range(count)]
    return [message["payload"]["data"][field] for message in messages]


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def elsewhere(settings: Settings) -> AsyncIterator[str]:
    """The address of another server on the same database, with sources of its own."""
    portico = create_app(settings)
    async with portico.router.lifespan_context(portico), serving(portico) as url:
        yield url


async def test_events_are_told_as_they_happen(address: str, seller: Portal, sources: Sources) -> None:
    async with following(address, seller, EVENTS) as connection:
        await until(lambda: sources.work.followed)
        await seller.place()
        found = await told(connection, 3)

    assert [(event["sequence"], event["type"]) for event in found] == [
        (1, "order.received"),
        (2, "screening.cleared"),
        (3, "order.provisioning"),
    ]


async def test_a_stream_is_taken_up_behind_the_last_event(address: str, seller: Portal) -> None:
    await seller.place()

    async with following(address, seller, EVENTS, after=1) as connection:
        before = await told(connection, 2)
        await seller.place()
        then = await told(connection, 3)

    assert [event["sequence"] for event in before + then] == [2, 3, 4, 5, 6]


async def test_an_order_is_followed_to_its_end(address: str, seller: Portal, world: World) -> None:
    order = (await seller.place())["order"]
    await seller.place()

    async with following(address, seller, CHANGES, id=order["id"], after=0) as connection:
        begun = await told(connection, 2, "orderChanged")
        await world.provision()
        (done,) = await told(connection, 1, "orderChanged")

    assert [change["event"]["type"] for change in begun] == ["order.received", "order.provisioning"]
    assert done["event"]["type"] == "order.fulfilled"
    assert done["order"] == {"id": order["id"], "status": "FULFILLED"}


async def test_another_process_tells_what_happened_in_this_one(elsewhere: str, seller: Portal) -> None:
    async with following(elsewhere, seller, EVENTS, after=0) as connection:
        await seller.place()
        found = await told(connection, 3)

    assert [event["sequence"] for event in found] == [1, 2, 3]


async def test_events_come_as_server_sent_events_too(address: str, seller: Portal) -> None:
    await seller.place()
    body = {"query": EVENTS, "variables": {"after": 0, "types": ["order.*"]}}
    headers = {"Authorization": f"Bearer {seller.token}", "Accept": "text/event-stream"}

    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", f"{address}/graphql", json=body, headers=headers) as response,
    ):
        found = [json.loads(line[5:]) async for line in _first_data(response.aiter_lines(), 2)]

    assert [one["data"]["events"]["type"] for one in found] == ["order.received", "order.provisioning"]
    assert [one["extensions"]["cost"]["actualQueryCost"] for one in found] == [1, 0]


async def _first_data(lines: AsyncIterator[str], count: int) -> AsyncIterator[str]:
    async for line in lines:
        if line.startswith("data: {"):
            yield line
            count -= 1
        if not count:
            return


@pytest.mark.parametrize(
    ("variables", "code"),
    [({"after": 7}, "INVALID_ARGUMENT"), ({"types": ["order.gone"]}, "INVALID_ARGUMENT")],
)
async def test_a_stream_that_cannot_begin_says_why(
    address: str, seller: Portal, variables: dict[str, Any], code: str
) -> None:
    async with following(address, seller, EVENTS, **variables) as connection:
        refused = (await connection.receive())["payload"]

    errors = refused if isinstance(refused, list) else refused["errors"]
    assert errors[0]["extensions"]["code"] == code


async def test_partners_follow_no_order_but_their_own(address: str, seller: Portal, world: World) -> None:
    order = (await (await world.partner()).place())["order"]

    async with following(address, seller, CHANGES, id=order["id"]) as connection:
        refused = (await connection.receive())["payload"]

    errors = refused if isinstance(refused, list) else refused["errors"]
    assert errors[0]["extensions"]["code"] == "INVALID_ARGUMENT"


async def test_who_may_not_read_events_follows_none(address: str, world: World) -> None:
    async with following(address, world.anonymous(), EVENTS) as connection:
        refused = (await connection.receive())["payload"]

    errors = refused if isinstance(refused, list) else refused["errors"]
    assert errors[0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_client_has_so_many_streams_and_no_more(
    app: Starlette, settings: Settings, seller: Portal
) -> None:
    few = create_app(settings.model_copy(update={"streams_per_client": 2}))
    few.state.sources = app.state.sources

    async with serving(few) as url, following(url, seller, EVENTS) as connection:
        for operation in "23":
            await connection.subscribe(operation, EVENTS)
        refused = await connection.receive()
        await connection.send(id="1", type="complete")
        await until(lambda: sum(few._edge._streams._open.values()) == 1)  # type: ignore[attr-defined]
        await connection.subscribe("4", EVENTS, variables={"after": 0})
        await seller.place()
        message = await connection.receive()

    assert (refused["id"], refused["payload"][0]["extensions"]["code"]) == ("3", "TOO_MANY_OPERATIONS")
    assert message["type"] == "next"


async def test_a_stream_is_complete_after_its_time(
    address: str, seller: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_events, "LONGEST_STREAM", 0.0)

    async with following(address, seller, EVENTS) as connection:
        assert (await connection.receive())["type"] == "complete"


async def test_nobody_is_followed_once_the_client_has_gone(
    address: str, seller: Portal, sources: Sources
) -> None:
    async with following(address, seller, EVENTS):
        await until(lambda: sources.work.followed)

    await until(lambda: not sources.work.followed)


async def test_a_client_that_does_not_read_is_dropped(
    address: str, seller: Portal, world: World, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SLOWEST", 0.2)
    await _many_events(world, seller, 4_000)
    host, port = address.removeprefix("http://").split(":")
    wide = " ".join(
        f"s{number}: snapshot {{ ...on OrderSnapshot {{ id customerId }} }}" for number in range(15)
    )
    body = json.dumps({"query": f"subscription {{ events(after: 0) {{ {wide} }} }}"})
    request = (
        f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {seller.token}\r\n"
        "Accept: text/event-stream\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )

    with socket.socket() as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(lazy, (host, int(port)))
        await loop.sock_sendall(lazy, request.encode())
        await until(lambda: sources.work.followed)
        await until(lambda: not sources.work.followed)


async def _many_events(world: World, seller: Portal, count: int) -> None:
    await seller.place()
    await world.connection.execute(
        "INSERT INTO events"
        " SELECT partner_id, environment, 3 + n, uuidv7(), type, subject_id, occurred_at, snapshot"
        " FROM events, generate_series(1, $2::int) AS n WHERE partner_id = $1 AND sequence = 1",
        seller.id[-32:],
        count,
    )
    await world.connection.execute(
        "UPDATE event_sequences SET last = last + $2 WHERE partner_id = $1", seller.id[-32:], count
    )
