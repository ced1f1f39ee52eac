"""`bench fairness`: what a partner feels while another asks for ten times what it may.

One server, two partners. The modest one asks for an order's status at a steady pace; its 95th percentile
alone is held against that beside the greedy one, who sends ten times its rate over many connections, whatever
it is answered. Requests are sent by the clock and not when the last was answered, so that waiting shows.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import cast

import uvloop

from bench import graphql_questions as questions
from bench.graphql_data import database, partners
from bench.graphql_questions import requests
from bench.graphql_servers import aside, python, running
from bench.harness import Plan, Report

RATE = 25
"""Points a client gets back each second here, one for each status; it may spend ten times that at once."""
GREED = 10
MODEST = 20
"""Statuses a second that the modest partner asks for."""
MODEST_CONNECTIONS, GREEDY_CONNECTIONS = 4, 32
SECONDS, SECONDS_QUICK = 10.0, 4.0
ROUNDS, ROUNDS_QUICK = 7, 3

_HEAD_END = b"\r\n\r\n"


def bench(plan: Plan) -> Report:
    quick = plan.seconds is not None
    with aside(), database(1) as stored:
        limits = {"PORTICO_RATE_LIMIT_PER_SECOND": str(RATE), "PORTICO_RATE_LIMIT_POINTS": str(RATE * 10)}
        with (
            running({"portico": python("bench.fairness_portico")}, stored.environment | limits) as servers,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            modest, greedy = runner.run(partners(stored.settings))[:2]
            asked = [requests(questions.PORTICO, "status", [one]) for one in (modest, greedy)]
            return runner.run(_measured(servers["portico"].port, asked, quick=quick))


@dataclass(slots=True)
class Felt:
    """What one partner was answered: seconds for each answer, and how many of them were no refusal."""

    latencies: list[float] = field(default_factory=list)
    accepted: int = 0

    @property
    def p95(self) -> float:
        return quantiles(self.latencies, n=20)[-1]


async def _measured(port: int, asked: Sequence[Sequence[bytes]], *, quick: bool) -> Report:
    seconds = SECONDS_QUICK if quick else SECONDS
    ratios, alone_all, beside_all, greedy_all = [], [], [], Felt()
    async with _lines(port, MODEST_CONNECTIONS) as modest, _lines(port, GREEDY_CONNECTIONS) as greedy:
        await _paced(modest, asked[0], MODEST, 2.0, Felt())
        await _paced(greedy, asked[1], RATE * GREED, 4.0, Felt())  # its bucket is empty from here on
        for _ in range(ROUNDS_QUICK if quick else ROUNDS):
            alone, beside = Felt(), Felt()
            await _paced(modest, asked[0], MODEST, seconds, alone)
            await asyncio.gather(
                _paced(modest, asked[0], MODEST, seconds, beside),
                _paced(greedy, asked[1], RATE * GREED, seconds, greedy_all),
            )
            alone_all.append(alone)
            beside_all.append(beside)
            ratios.append(beside.p95 / alone.p95)
    rows = [_row("modest, alone", alone_all), _row("modest, beside greed", beside_all)]
    rows.append(_row("greedy", [greedy_all]))
    return Report("fairness", rows, {"neighbour_p95_beside_over_alone": round(median(ratios), 3)})


def _row(label: str, felt: Sequence[Felt]) -> dict[str, object]:
    latencies = [each for one in felt for each in one.latencies]
    return {
        "partner": label,
        "requests": len(latencies),
        "accepted": sum(one.accepted for one in felt),
        "p50 ms": round(median(latencies) * 1e3, 2),
        "p95 ms": round(median(one.p95 for one in felt) * 1e3, 2),
    }


class Line(asyncio.Protocol):
    """One connection; it is asked when it is free, and says what was answered."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = bytes(self._received).partition(_HEAD_END)
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length and self._answer is not None and not self._answer.done():
            self._received.clear()
            self._answer.set_result(head)

    async def ask(self, question: bytes) -> bytes:
        """The head of the answer."""
        assert self.transport is not None  # noqa: S101  it is connected
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(question)
        return await self._answer


@asynccontextmanager
async def _lines(port: int, count: int) -> AsyncIterator["asyncio.Queue[Line]"]:
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        free: asyncio.Queue[Line] = asyncio.Queue()
        for _ in range(count):
            transport, line = await loop.create_connection(Line, "127.0.0.1", port)
            stack.callback(transport.close)
            free.put_nowait(line)
        yield free


async def _paced(
    free: "asyncio.Queue[Line]", asked: Sequence[bytes], rate: float, seconds: float, felt: Felt
) -> None:
    """Ask so many times a second, by the clock; what an answer took counts from when it was due."""
    began = time.perf_counter()
    asking: set[asyncio.Task[None]] = set()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(_one(free, asked[number % len(asked)], due, felt))
        asking.add(task)
        task.add_done_callback(asking.discard)
    await asyncio.gather(*asking)


async def _one(free: "asyncio.Queue[Line]", question: bytes, due: float, felt: Felt) -> None:
    line = await free.get()
    try:
        head = await line.ask(question)
    finally:
        free.put_nowait(line)
    felt.latencies.append(time.perf_counter() - due)
    felt.accepted += head.startswith(b"HTTP/1.1 200")
