"""`portico chaos`: kill everything, again and again, while clients place orders; then count."""

import asyncio
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.types import PositiveInt
from pydantic import SecretStr
from rich.table import Table

from cli.chaos_targets import Target, Targets, schedule
from cli.chaos_traffic import Clients, Traffic
from cli.chaos_verdict import Verdict, verdict
from cli.migrate import upgrade
from cli.shops import Shop, open_shops
from cli.terminal import load_settings, out, tell
from datasources.license_keys import read_key_set
from datasources.postgres.embedded import OWNER, EmbeddedPostgres
from datasources.settings import Settings

CLIENTS = 8
ORDERS_PER_KILL = 84


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of chaos did and what came of it. Times are seconds."""

    kills: Counter[Target]
    hit_commits: int
    traffic: Traffic
    verdict: Verdict
    recoveries: tuple[float, ...]
    """From each kill to the next acknowledgement."""
    seconds: float

    @property
    def clean(self) -> bool:
        """Nothing promised was broken, and no fault was answered as if it were a bug."""
        bugs = self.traffic.answers["INTERNAL_SERVER_ERROR"]
        return self.verdict.clean and not bugs and not self.traffic.torn

    def as_json(self) -> dict[str, Any]:
        return {
            "kills": {target: self.kills[target] for target in Target},
            "during_commit": self.hit_commits,
            "acknowledged": len(self.traffic.promises),
            "answers": dict(self.traffic.answers),
            "wrong": self.verdict.counts(),
            "events_heard": self.traffic.heard,
            "feeds_torn": self.traffic.torn,
            "broken": {one.invariant.name: one.count for one in self.verdict.broken},
            "recoveries": [round(seconds, 3) for seconds in self.recoveries],
            "seconds": round(self.seconds, 1),
        }


def chaos(
    *,
    kills: Annotated[PositiveInt, Parameter(help="How many processes are killed.")] = 60,
    orders: Annotated[
        PositiveInt | None, Parameter(help=f"Acknowledged orders; else {ORDERS_PER_KILL} a kill.")
    ] = None,
    minutes: Annotated[float | None, Parameter(help="Stop killing after so long.")] = None,
    only: Annotated[
        Target | None, Parameter(help="Kill nothing else: api, worker, backend or postmaster.")
    ] = None,
    seed: Annotated[int, Parameter(help="What is killed when is by chance, repeatable by its seed.")] = 0,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object.")] = False,
) -> int:
    """Kill APIs, workers, PostgreSQL's backends and its postmaster by SIGKILL while clients place orders.

    Runs on a database of its own in a temporary directory, with fsync on. The exit status is 1 where an
    acknowledged order was lost, doubled or changed, or anything that must always be true is not.
    """
    outcome = run(kills=kills, orders=orders, minutes=minutes, only=only, seed=seed)
    if as_json:
        print(json.dumps(outcome.as_json()))
    else:
        out.print(table(outcome))
    return 0 if outcome.clean else 1


def run(
    *,
    kills: int,
    orders: int | None = None,
    minutes: float | None = None,
    only: Target | None = None,
    seed: int = 0,
) -> Outcome:
    """A whole run, from an empty directory to the verdict. Call from the main thread."""
    configured = load_settings()
    with tempfile.TemporaryDirectory(prefix="portico-chaos-") as directory:
        home = Path(directory)
        home.chmod(0o755)  # root runs PostgreSQL as another user
        with EmbeddedPostgres(home, pg_bin=configured.pg_bin, pg_user=configured.pg_user) as server:
            settings = Settings(
                home=home,
                database_url=SecretStr(server.url()),
                owner_url=SecretStr(server.url(role=OWNER)),
                worker_poll_interval=0.1,
            )
            upgrade(settings)
            shops = asyncio.run(open_shops(settings, CLIENTS))
            return _under_fire(settings, server, shops, _Plan(kills, orders, minutes, only, seed))


@dataclass(frozen=True, slots=True)
class _Plan:
    kills: int
    orders: int | None
    minutes: float | None
    only: Target | None
    seed: int

    @property
    def wanted(self) -> int:
        return self.orders or self.kills * ORDERS_PER_KILL


def _under_fire(settings: Settings, server: EmbeddedPostgres, shops: list[Shop], plan: _Plan) -> Outcome:
    chance = random.Random(plan.seed)  # noqa: S311  chance that can be repeated, no secret
    began = time.monotonic()
    killed: Counter[Target] = Counter()
    recoveries: list[float] = []
    with Targets(settings, server, chance) as targets:
        with Clients(targets.port, shops, seed=plan.seed) as clients:
            traffic = clients.traffic
            for number, target in enumerate(schedule(plan.kills, chance, plan.only), start=1):
                _until_acknowledged(traffic, plan.wanted * number // (plan.kills + 1))
                if plan.minutes and time.monotonic() - began > plan.minutes * 60:
                    break
                at = time.monotonic()
                targets.kill(target)
                killed[target] += 1
                recoveries.append(_recovered(traffic, at))
            else:
                _until_acknowledged(traffic, plan.wanted)
        tell(f"{len(traffic.promises):,} orders are acknowledged; waiting for the workers to end")
        keys = read_key_set(settings.keys)
        judged = asyncio.run(verdict(settings.owner_dsn, traffic.promises, len(traffic.changed), keys))
    seconds = time.monotonic() - began
    return Outcome(killed, targets.hit_commits, traffic, judged, tuple(recoveries), seconds)


PATIENCE = 120.0


def _until_acknowledged(traffic: Traffic, orders: int) -> None:
    """Wait until so many orders are acknowledged. Raises TimeoutError when nothing is any more."""
    while len(traffic.promises) < orders:
        if traffic.acknowledged_at and time.monotonic() - traffic.acknowledged_at > PATIENCE:
            raise TimeoutError(f"no order was acknowledged for {PATIENCE:.0f} s: {traffic.answers}")
        time.sleep(0.005)


def _recovered(traffic: Traffic, killed_at: float) -> float:
    """Seconds from a kill to the next acknowledgement."""
    count = len(traffic.promises)
    _until_acknowledged(traffic, count + 1)
    return time.monotonic() - killed_at


def table(outcome: Outcome) -> Table:
    """What was done and what came of it."""
    traffic, recoveries = outcome.traffic, sorted(outcome.recoveries) or [0.0]
    drawn = Table("chaos", "", title="portico chaos")
    for target in Target:
        drawn.add_row(f"killed: {target}", f"{outcome.kills[target]:,}")
    drawn.add_row("killed in all", f"{outcome.kills.total():,}")
    drawn.add_row("of these during a commit", f"{outcome.hit_commits:,}")
    drawn.add_section()
    drawn.add_row("acknowledged orders", f"{len(traffic.promises):,}")
    for answer, count in traffic.answers.most_common():
        drawn.add_row(f"answers: {answer}", f"{count:,}")
    drawn.add_row("events that readers heard", f"{traffic.heard:,}")
    drawn.add_row("heard out of turn", f"[{'red' if traffic.torn else 'green'}]{len(traffic.torn):,}[/]")
    drawn.add_section()
    for name, count in outcome.verdict.counts().items():
        drawn.add_row(name.replace("_", " "), f"[{'red' if count else 'green'}]{count:,}[/]")
    broken = ", ".join(f"{one.invariant.name} ({one.count:,})" for one in outcome.verdict.broken)
    drawn.add_row("invariants that do not hold", f"[red]{broken}[/]" if broken else "[green]0[/]")
    drawn.add_section()
    drawn.add_row("recovery, median", f"{statistics.median(recoveries):.2f} s")
    drawn.add_row("recovery, longest", f"{recoveries[-1]:.2f} s")
    drawn.add_row("took", f"{outcome.seconds:.0f} s")
    return drawn
