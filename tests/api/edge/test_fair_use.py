"""Fair use: one allowance over all processes, turns in each, and a refusal that costs little."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from datasources.errors import SourceUnavailable
from datasources.postgres.buckets import Buckets, Draw
from datasources.settings import Settings
from datasources.sources import Sources
from edge.errors import Code, RequestRefused
from edge.throttle import Throttle
from edge.turns import Turns
from tests.api.edge.conftest import edge_app, serving
from tests.api.world import Portal, World


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


class Counting(Buckets):
    """The real ones, and how often they were asked."""

    asked = 0

    async def draw(self, key: str, **wanted: float) -> Draw:  # type: ignore[override]
        self.asked += 1
        return await super().draw(key, **wanted)


class Broken(Buckets):
    """Fails whenever it is asked."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    async def draw(self, *_: Any, **__: Any) -> Draw:
        raise self._fault


@pytest.fixture
def who() -> str:
    return f"client {uuid4().hex}"


def throttles(sources: Sources, count: int, capacity: float = 1_000, rate: float = 0.001) -> list[Throttle]:
    """Throttles of so many processes, which share one database."""
    return [Throttle(capacity, rate, shared=sources.buckets) for _ in range(count)]


async def spent(throttle: Throttle, client: str, points: float) -> float:
    """What was taken, bit by bit, until there was no more."""
    taken = 0.0
    while True:
        try:
            await throttle.take(client, points)
        except RequestRefused:
            return taken
        taken += points


async def test_four_processes_together_give_a_client_its_allowance_and_no_point_more(
    sources: Sources, who: str
) -> None:
    processes = throttles(sources, 4, capacity=10_000)

    taken = await asyncio.gather(*(spent(throttle, who, 7) for throttle in processes))

    assert 10_000 - 4 * 7 <= sum(taken) <= 10_000


async def test_points_come_back_to_all_of_them(sources: Sources, who: str) -> None:
    first, second = throttles(sources, 2, capacity=1_000, rate=2_000)
    assert await spent(first, who, 100) >= 1_000

    await asyncio.sleep(0.3)

    await second.take(who, 300)


async def test_what_is_refused_is_refused_again_without_asking(sources: Sources, who: str) -> None:
    counting = Counting(sources.database)
    throttle = Throttle(100, 0.01, shared=counting)
    await spent(throttle, who, 10)
    before = counting.asked

    for _ in range(50):
        with pytest.raises(RequestRefused) as refused:
            await throttle.take(who, 10)
        with pytest.raises(RequestRefused):
            throttle.turn_away(who)

    assert counting.asked == before
    assert refused.value.code is Code.THROTTLED
    assert refused.value.headers["Retry-After"] == "1000"


async def test_a_busy_client_draws_once_for_hundreds_of_operations(sources: Sources, who: str) -> None:
    counting = Counting(sources.database)
    throttle = Throttle(40_000, 2_000, shared=counting)

    for _ in range(900):
        await throttle.take(who, 2)

    assert counting.asked == 1


async def test_what_is_held_and_not_used_goes_back_when_the_process_stops(sources: Sources, who: str) -> None:
    first, second = throttles(sources, 2, capacity=100)
    await first.take(who, 60)
    first.give_back(who, 50)
    with pytest.raises(RequestRefused):
        await second.take(who, 80)
    stop = asyncio.Event()

    running = asyncio.create_task(first.keep_leases_short(stop))
    await asyncio.sleep(0)
    stop.set()
    await running

    (_, third) = throttles(sources, 2, capacity=100)
    assert await third.take(who, 80)


async def test_a_database_out_of_reach_refuses_nobody(who: str) -> None:
    throttle = Throttle(100, 1, shared=Broken(SourceUnavailable("postgres", retryable=True, code="gone")))

    assert await throttle.take(who, 50)


async def test_strangers_cost_no_statement() -> None:
    throttle = Throttle(10, 1, Clock(), shared=Broken(AssertionError("asked")))

    assert await spent(throttle, "address 2001:db8::1", 1) == 10


async def test_a_client_takes_turns_and_nobody_else_waits_for_it() -> None:
    turns = Turns(at_once=2, most_waiting=3)
    order: list[int] = []

    async def work(number: int) -> None:
        await turns.enter("greedy")
        order.append(number)
        await asyncio.sleep(0.01)
        turns.leave("greedy")

    works = [asyncio.create_task(work(number)) for number in range(5)]
    await asyncio.sleep(0)
    await turns.enter("modest")
    with pytest.raises(RequestRefused) as refused:
        await turns.enter("greedy")
    turns.leave("modest")
    await asyncio.gather(*works)

    assert order == [0, 1, 2, 3, 4]
    assert refused.value.code is Code.TOO_MANY_OPERATIONS
    assert refused.value.headers == {"Retry-After": "1"}
    assert turns._lines == {}


async def test_who_leaves_the_line_keeps_nobody_waiting() -> None:
    turns = Turns(at_once=1, most_waiting=5)
    await turns.enter("a")
    waiting = [asyncio.create_task(turns.enter("a")) for _ in range(3)]
    await asyncio.sleep(0)

    waiting[0].cancel()
    turns.leave("a")
    await waiting[1]
    turns.leave("a")
    await waiting[2]
    turns.leave("a")

    assert turns._lines == {}
    assert waiting[0].cancelled()


async def test_one_is_cancelled_in_the_moment_it_gets_its_turn() -> None:
    turns = Turns(at_once=1, most_waiting=5)
    await turns.enter("a")
    first, second = (asyncio.create_task(turns.enter("a")) for _ in range(2))
    await asyncio.sleep(0)

    turns.leave("a")
    first.cancel()
    await second
    turns.leave("a")

    assert turns._lines == {}


@pytest.fixture
async def spent_out(app: Starlette, settings: Settings, seller: Portal) -> AsyncIterator[httpx.AsyncClient]:
    """A partner's client at an edge that gave it ten points for good, and which has spent them."""
    throttle = Throttle(10, 0.001, Clock())
    async with serving(edge_app(app, settings, throttle=throttle)) as url:
        headers = {"Authorization": f"Bearer {seller.token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:
            body = {"query": "{ a: viewer { subject } b: viewer { subject } }"}
            for _ in range(5):
                await client.post("/graphql", json=body)
            yield client


async def test_who_has_nothing_left_is_told_so_before_anything_is_read(
    spent_out: httpx.AsyncClient, world: World
) -> None:
    answers: list[Any] = [
        await spent_out.post("/graphql", json={"query": "{ viewer { subject } }"}),
        await spent_out.post("/graphql", content=b"not even JSON"),
    ]

    assert [answer.status_code for answer in answers] == [429, 429]
    assert {answer.json()["errors"][0]["extensions"]["code"] for answer in answers} == {"THROTTLED"}
    rival = await world.partner()
    spent_out.headers["Authorization"] = f"Bearer {rival.token}"
    assert (await spent_out.post("/graphql", json={"query": "{ viewer { subject } }"})).status_code == 200
