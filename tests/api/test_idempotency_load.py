"""One key, whatever the load: over two server processes it makes one order, and from another input none."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from cli.keep_alive import KeepAlive
from cli.processes import api, open_listener
from cli.shops import PLACE, Shop, open_shops
from datasources.settings import Settings
from tests.api.own_world import broken
from tests.conftest import Database, cloned

SERVERS = 2
SHOPS = 8
AT_ONCE = 100
KEYS = int(os.environ.get("PORTICO_LOAD_KEYS", "24"))
"""As many as take some ten seconds on a quiet machine; the figure that we publish is of two hundred."""
MUTATIONS = 1_000

WRITTEN = (
    "orders", "order_lines", "order_transitions", "customers", "contacts", "screenings", "screening_matches",
    "events", "outbox", "idempotency_keys", "subscriptions", "licenses",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Servers:
    """Two servers on one database, each with a port of its own."""

    database: Database
    ports: list[int]
    shops: list[Shop]


@pytest.fixture(scope="module")
def servers(sockets: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    for database in cloned():
        settings = Settings(
            _env_file=None,
            home=tmp_path_factory.mktemp("home"),
            database_url=SecretStr(database.url),
            owner_url=SecretStr(database.owner_url),
            watchlist_dir=None,
        )
        listeners = [open_listener() for _ in range(SERVERS)]
        children = [api(settings, listener) for listener in listeners]
        try:
            with asyncio.Runner() as runner:
                shops = runner.run(open_shops(settings, SHOPS))
            for child in children:
                child.wait()
            yield Servers(database, [listener.getsockname()[1] for listener in listeners], shops)
        finally:
            for child, listener in zip(children, listeners, strict=True):
                child.stop()
                listener.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_each_key_sent_a_hundred_times_at_once_makes_one_order(servers: Servers) -> None:
    keys = [(servers.shops[number % SHOPS], f"load-{number}") for number in range(KEYS)]
    seen: list[tuple[str, int]] = []

    for number in range(0, KEYS, SHOPS):
        for shop, customer in keys[number : number + SHOPS]:
            answers = await _at_once(servers, shop, shop.order(customer))
            assert Counter(status for status, _ in answers) == {200: AT_ONCE}
            payloads = [answer["data"]["placeOrder"] for _, answer in answers]
            assert [payload["problems"] for payload in payloads] == [[]] * AT_ONCE
            (order_id,) = {payload["order"]["id"] for payload in payloads}
            seen.append((order_id, sum(not payload["replayed"] for payload in payloads)))

    assert len({order_id for order_id, _ in seen}) == KEYS
    assert {firsts for _, firsts in seen} == {1}
    assert (await _rows(servers))["orders"] == KEYS
    assert await broken(servers.database) == {}


async def _at_once(servers: Servers, shop: Shop, asked: dict[str, Any]) -> list[tuple[int, Any]]:
    """The answers to one input, sent from as many connections at the same moment, to both servers."""
    connections = [KeepAlive(servers.ports[number % SERVERS], shop.token) for number in range(AT_ONCE)]
    try:
        return await asyncio.gather(*(one.ask(PLACE, input=asked) for one in connections))
    finally:
        for one in connections:
            await one.close()


async def test_a_thousand_other_inputs_under_a_used_key_execute_nothing(servers: Servers) -> None:
    shop = servers.shops[0]
    asked = shop.order("mutations")
    async with (
        KeepAlive(servers.ports[0], shop.token) as one,
        KeepAlive(servers.ports[1], shop.token) as other,
    ):
        await one.ask(PLACE, input=asked)
        before = await _rows(servers)
        codes: Counter[str] = Counter()

        for number, mutated in zip(range(MUTATIONS), _mutations(asked), strict=False):
            _, answer = await (one, other)[number % 2].ask(PLACE, input=mutated)
            payload = answer["data"]["placeOrder"]
            assert payload["order"] is None
            codes[",".join(problem["code"] for problem in payload["problems"])] += 1

        assert codes == {"IDEMPOTENCY_KEY_REUSED": MUTATIONS}
        assert await _rows(servers) == before


def _mutations(asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The input with one field changed, each field by turns, to a value that could have been asked for."""
    new = ("details", "new")
    customer = (*new, "customer", "new")
    numbers = range(1, MUTATIONS)
    for number in numbers:
        changed: dict[tuple[str | int, ...], Any] = {
            (*new, "lines", 0, "quantity"): 10 + number,
            (*new, "lines", 0, "autoRenew"): True if number == 1 else None,
            (*new, "lines", 0, "externalLineReference"): f"line {number}",
            (*new, "startsOn"): f"2027-{number % 12 + 1:02}-{number % 28 + 1:02}",
            (*customer, "externalReference"): f"customer-{number}",
            (*customer, "legalName"): f"Waterlander Meetkunde {number} BV",
            (*customer, "street"): f"Prinsengracht {263 + number}",
            (*customer, "city"): f"Amsterdam {number}",
            (*customer, "postalCode"): f"{1016 + number} GV",
            (*customer, "region"): f"Region {number}",
            (*customer, "taxId"): f"NL{number:09}B01",
            (*customer, "domain"): f"w{number}.example",
            (*customer, "contacts", 0, "name"): f"Jurre {number} Waterlander",
            (*customer, "contacts", 0, "email"): f"jurre-{number}@waterlander.example",
            ("externalOrderReference",): f"ours-{number}",
            ("purchaseOrderNumber",): f"PO-{number}",
            ("endCustomerPurchaseOrderNumber",): f"theirs-{number}",
            ("allowDuplicatePurchaseOrder",): True if number == 1 else None,
        }
        for path, value in changed.items():
            if value is not None:
                yield _with(asked, path, value)


def _with(asked: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    mutated = deepcopy(asked)
    here: Any = mutated
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return mutated


async def _rows(servers: Servers) -> dict[str, int]:
    connection = await asyncpg.connect(servers.database.owner_url)
    try:
        return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in WRITTEN}  # noqa: S608  names of this file
    finally:
        await connection.close()
