"""`bench graphql`: the same questions to Portico, to its peers and to a hand-written statement, in one run.

Portico runs twice: breadth-first, and with the stock executor over the same batch functions; both with
authentication, scope, limits and cost on. PostGraphile 5 and Mercurius (JIT, loaders) run on Node 24. All
read one data set through as many connections.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from statistics import quantiles
from typing import Any

import orjson
import uvloop

from bench import graphql_questions as questions
from bench.graphql_data import Database, database, partners
from bench.graphql_load import Clients, connected
from bench.graphql_questions import QUESTIONS, Partner, leaves, plain, requests
from bench.graphql_servers import POOL, Server, aside, node, python, running
from bench.harness import Contender, Meter, Plan, Report, Samples, alternate, cpu_seconds, report
from cli.terminal import tell

SCALE, SCALE_QUICK = 25, 1
"""200,000 orders, or 8,000."""
SECONDS, SECONDS_QUICK = 2.0, 0.3
"""How long one round of one contender asks."""
WARM, WARM_QUICK = 3.0, 0.4
"""How long each question is asked before anything counts: Node compiles what it sees often."""
WHOLE_QUICK = 40.0
"""Seconds a quick bench may have taken when its last round ends."""

MOST_CLIENTS = 16
CLIENTS, CLIENTS_QUICK = (MOST_CLIENTS, 1), (MOST_CLIENTS,)

DOCUMENTS: Mapping[str, Mapping[str, str]] = {
    "breadth-first": questions.PORTICO,
    "stock executor": questions.PORTICO,
    "PostGraphile 5": questions.POSTGRAPHILE,
    "Mercurius JIT": questions.MERCURIUS,
    "json_agg floor": questions.FLOOR,
}
"""What each server is asked in; the first is what the others are compared with."""

RATIOS = {
    "portico_over_postgraphile": ("breadth-first", "PostGraphile 5"),
    "portico_over_mercurius": ("breadth-first", "Mercurius JIT"),
    "portico_over_floor": ("breadth-first", "json_agg floor"),
    "stock_over_breadth": ("stock executor", "breadth-first"),
}


def bench(plan: Plan) -> Report:
    commands = {
        "breadth-first": python("bench.graphql_portico", "breadth"),
        "stock executor": python("bench.graphql_portico", "stock"),
        "PostGraphile 5": node("postgraphile.js"),
        "Mercurius JIT": node("mercurius.js"),
        "json_agg floor": python("bench.floor"),
    }
    with aside(), database(SCALE if plan.seconds is None else SCALE_QUICK) as stored:
        began = time.monotonic()
        surroundings = {"POOL": str(POOL), "NODE_ENV": "production"}
        with (
            running(commands, stored.environment | surroundings) as servers,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            return runner.run(_measured(plan, stored, servers, began))


async def _measured(plan: Plan, stored: Database, servers: Mapping[str, Server], began: float) -> Report:
    quick = plan.seconds is not None
    asking = await partners(stored.settings)
    async with _stages(servers, asking) as stages:
        counted = [f"{name}: {await compared(stages, name):,} leaves" for name in QUESTIONS]
        tell(f"All answer the same ({', '.join(counted)})")
        seconds = SECONDS_QUICK if quick else SECONDS
        trials = [
            Trial(stage, name, clients, seconds, stored.pid)
            for name in QUESTIONS
            for clients in (CLIENTS_QUICK if quick else CLIENTS)
            for stage in stages
        ]
        for trial in trials:
            if trial.clients == MOST_CLIENTS:
                await trial.ask(WARM_QUICK if quick else WARM)
        if quick:
            plan = replace(plan, seconds=WHOLE_QUICK - (time.monotonic() - began))
        samples = await alternate([trial.contender for trial in trials], plan)
    return _report(trials, samples)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running server, connections to it, and the requests that ask it each question."""

    label: str
    server: Server
    clients: Clients
    requests: Mapping[str, Sequence[bytes]]


@asynccontextmanager
async def _stages(servers: Mapping[str, Server], asking: Sequence[Partner]) -> AsyncIterator[list[Stage]]:
    async with AsyncExitStack() as stack:
        stages = []
        for label, server in servers.items():
            clients = await stack.enter_async_context(connected(server.port, MOST_CLIENTS))
            asked = {name: requests(DOCUMENTS[label], name, asking) for name in QUESTIONS}
            stages.append(Stage(label, server, clients, asked))
        yield stages


async def compared(stages: Sequence[Stage], question: str) -> int:
    """How many leaves an answer has, at most. Raises RuntimeError unless all servers answer alike."""
    most = 0
    for number, asked in enumerate(zip(*(stage.requests[question] for stage in stages), strict=True)):
        answers = [await stage.clients.answer(one) for stage, one in zip(stages, asked, strict=True)]
        first, *others = [plain(orjson.loads(answer)["data"]) for answer in answers]
        for stage, other in zip(stages[1:], others, strict=True):
            if other != first:
                raise RuntimeError(f"{stage.label} answers {question} {number} otherwise: {other} {first}")
        most = max(most, leaves(first))
    return most


@dataclass(slots=True)
class Trial:
    """One question asked of one server by so many clients, round after round."""

    stage: Stage
    question: str
    clients: int
    seconds: float
    postgres: int
    latencies: list[float] = field(default_factory=list)
    postgres_cpu: float = 0.0

    @property
    def label(self) -> str:
        return label_of(self.question, self.stage.label, self.clients)

    @property
    def contender(self) -> Contender:
        return Contender(self.label, self.round, (self.stage.server.pid,))

    async def ask(self, seconds: float) -> list[float]:
        return await self.stage.clients.run(self.stage.requests[self.question], self.clients, seconds)

    async def round(self, meter: Meter) -> int:
        before = cpu_seconds([self.postgres])
        with meter:
            latencies = await self.ask(self.seconds)
        self.postgres_cpu += cpu_seconds([self.postgres]) - before
        self.latencies += latencies
        return len(latencies)

    def row(self, measured: Mapping[str, Any]) -> dict[str, Any]:
        """What the harness measured, with percentiles of the latency and what PostgreSQL spent."""
        percent = quantiles(self.latencies, n=100)
        parts = {"asked": self.question, "server": self.stage.label, "clients": self.clients}
        figures = {name: value for name, value in measured.items() if name != "contender"}
        return (
            parts
            | figures
            | {
                "p50 ms": round(percent[49] * 1e3, 2),
                "p99 ms": round(percent[98] * 1e3, 2),
                "postgres µs/request": round(self.postgres_cpu / len(self.latencies) * 1e6),
            }
        )


def label_of(question: str, server: str, clients: int) -> str:
    return f"{question}, {server}, {clients} client{'s' if clients > 1 else ''}"


def _report(trials: Sequence[Trial], samples: Samples) -> Report:
    wanted: dict[str, tuple[str, str]] = {}
    for question in QUESTIONS:
        for name, (over, under) in RATIOS.items():
            costlier, cheaper = (label_of(question, server, MOST_CLIENTS) for server in (over, under))
            wanted[f"{question}_{name}"] = costlier, cheaper
    found = report("graphql", "request", samples, wanted)
    rows = [trial.row(row) for row, trial in zip(found.rows, trials, strict=True)]
    return replace(found, rows=rows)
