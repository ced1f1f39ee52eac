"""`bench screened_orders`: placing an order with screening on, beside the same order with screening off.

Two APIs on one PostgreSQL with fsync on. The other API is the same program with everything about screening
cut out: no search, no decision, no rows of it, no trail, no event. Customers have two contacts, and have
ordered before, or are new under names that were never used. `PORTICO_WATCHLIST_DIR` names the lists;
without it the samples that ship are in force, and say little.
"""

import asyncio
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count, cycle
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

from pydantic import SecretStr

from bench.harness import Contender, Meter, Plan, Report, Samples, alternate, report
from cli.keep_alive import KeepAlive
from cli.migrate import upgrade
from cli.processes import Child, api, open_listener, quietly
from cli.shops import PLACE, Shop, open_shops
from datasources.postgres.embedded import OWNER, EmbeddedPostgres
from datasources.postgres.embedded_cluster import locate
from datasources.postgres.embedded_process import read_postmaster
from datasources.postgres.samples.people import locales
from datasources.settings import Settings

CLIENTS = 16
ORDERS = 240
"""Orders in one round: some two seconds."""

ON, OFF = "with screening", "without screening"
AGAIN, FIRST = "of a customer who has ordered before", "of a new customer"
CUSTOMERS = 40
"""How many of those who have ordered before order again and again."""


def bench(plan: Plan) -> Report:
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as directory:
        home = Path(directory)
        home.chmod(0o755)  # root runs PostgreSQL as another user
        with EmbeddedPostgres(home) as server, _stage(home, server) as stage:
            samples = asyncio.run(_measured(plan, stage))
    ratios = {
        "order_with_over_without": (f"{ON}, {AGAIN}", f"{OFF}, {AGAIN}"),
        "first_order_with_over_without": (f"{ON}, {FIRST}", f"{OFF}, {FIRST}"),
    }
    found = report("screened_orders", "order", samples, ratios)
    return replace(found, rows=[*found.rows, {"contender": f"lists of {stage.entries:,} entries"}])


@dataclass(frozen=True, slots=True)
class Stage:
    """The two APIs by label, each with its port and process; their database; partners who order."""

    apis: dict[str, tuple[int, int]]
    postgres_pid: int
    shops: list[Shop]
    entries: int


@contextmanager
def _stage(home: Path, server: EmbeddedPostgres) -> Iterator[Stage]:
    settings = Settings(
        home=home, database_url=SecretStr(server.url()), owner_url=SecretStr(server.url(role=OWNER))
    )
    upgrade(settings)
    shops = asyncio.run(open_shops(settings, CLIENTS))
    with open_listener() as screened, open_listener() as unscreened:
        children = {
            ON: (screened, api(settings, screened)),
            OFF: (unscreened, Child(_serve_unscreened, settings, unscreened)),
        }
        try:
            for _, child in children.values():
                child.wait()
            running = read_postmaster(locate(home))
            assert running is not None  # noqa: S101  the server runs
            apis = {label: (on.getsockname()[1], child.pid) for label, (on, child) in children.items()}
            yield Stage(apis, running.pid, shops, _entries(settings))
        finally:
            for _, child in children.values():
                child.stop()


def _entries(settings: Settings) -> int:
    from datasources.watchlists import Watchlists

    versions = Watchlists.load(settings.watchlist_dir, home=settings.watchlists).versions
    return sum(version.entries for version in versions)


def _serve_unscreened(settings: Settings, listener: socket.socket, say: Connection) -> None:
    """An API that screens nobody: what screening costs is the difference. It lives in this bench alone."""
    from cli.serve import run
    from commerce.ids import Prefix
    from commerce.screening import Decision, Outcome, Snapshot
    from commerce.screening_policies import PARTNER_SELF_SERVICE
    from datasources.identifiers import new_id
    from datasources.postgres import events
    from datasources.postgres.screenings import Screenings
    from resolvers import deciding
    from resolvers.screening_parties import Screened

    policy = PARTNER_SELF_SERVICE
    nothing = Outcome(Decision.CLEAR, (), (), policy.workflow, policy.version, "", Snapshot(()))
    record = events.record

    async def unscreened(*_: Any, **__: Any) -> Screened:
        return Screened(nothing, policy)

    async def not_kept(*_: Any, **__: Any) -> str:
        return new_id(Prefix.SCREENING)

    async def untold(transaction: Any, *, happened: Any, **rest: Any) -> None:
        told = {kind: said for kind, said in happened.items() if not kind.startswith("screening.")}
        await record(transaction, happened=told, **rest)

    quietly(settings)
    deciding.screened = unscreened
    Screenings.add = not_kept  # type: ignore[method-assign]
    events.record = untold
    run(settings, listener, lambda: say.send("ready"))


async def _measured(plan: Plan, stage: Stage) -> Samples:
    made_up = _names(Random(7))  # noqa: S311  names, not secrets
    known = [
        [next(made_up) | {"externalReference": f"known-{n}"} for n in range(CUSTOMERS)] for _ in stage.shops
    ]
    contenders = []
    for label, (port, pid) in stage.apis.items():
        doors = [
            Door(KeepAlive(port, shop.token), shop, cycle(of))
            for shop, of in zip(stage.shops, known, strict=True)
        ]
        for _ in range(CUSTOMERS):
            await asyncio.gather(*(_place(door.connection, door.shop, next(door.known)) for door in doors))
        pids = (pid, stage.postgres_pid)
        contenders += [
            _contender(f"{label}, {AGAIN}", doors, pids, lambda door: next(door.known)),
            _contender(f"{label}, {FIRST}", doors, pids, lambda _: next(made_up)),
        ]
    return await alternate(contenders, plan)


@dataclass(frozen=True, slots=True)
class Door:
    """A partner's connection to an API, and its customers who have ordered before, round and round."""

    connection: KeepAlive
    shop: Shop
    known: Iterator[dict[str, Any]]


def _contender(
    label: str, doors: list[Door], pids: Sequence[int], customer: Callable[[Door], dict[str, Any]]
) -> Contender:
    async def one_round(meter: Meter) -> int:
        orders = iter(range(ORDERS))

        async def go_on(door: Door) -> None:
            for _ in orders:  # shared: whoever is free takes the next
                await _place(door.connection, door.shop, customer(door))

        with meter:
            await asyncio.gather(*map(go_on, doors))
        return ORDERS

    return Contender(label, one_round, pids)


async def _place(connection: KeepAlive, shop: Shop, customer: dict[str, Any]) -> None:
    order = shop.order()
    order["details"]["new"]["customer"]["new"] |= customer
    _, answer = await connection.ask(PLACE, input=order)
    if answer.get("errors") or answer["data"]["placeOrder"]["order"] is None:
        raise RuntimeError(f"an order was not accepted: {answer}")


def _names(random: Random) -> Iterator[dict[str, Any]]:
    """Customers whose names nobody has had before, with two contacts each."""
    known = list(locales().values())
    for number in count():
        locale = random.choice(known)
        place = locale.place(random)
        yield {
            "legalName": f"{locale.company(number, random).legal_name} {number}",
            "country": locale.country,
            "street": place.street,
            "city": place.city,
            "region": place.region,
            "postalCode": place.postal_code,
            "contacts": [
                {
                    "name": locale.person("bench.example", random).name,
                    "email": f"person-{number}-{each}@bench.example",
                    "receivesLicenses": each == 0,
                }
                for each in range(2)
            ],
        }
