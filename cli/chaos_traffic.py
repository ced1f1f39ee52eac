"""Clients that place orders and never give up: what was acknowledged to them must be so for ever.

Beside each, a reader follows the feed of its events: each that it hears must be the next.
"""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import uvloop

from cli.keep_alive import LOST, KeepAlive
from cli.shops import PLACE, Shop

CUSTOMERS = 20
"""Customers of each shop: most orders are for one that is known, the first of each for a new one."""
REPEATED = 0.1
"""The share of acknowledged orders that are sent once more, as by a client that missed the answer."""
PAUSE = 0.02
"""Seconds before a client tries again."""
LISTEN_EVERY = 0.2
"""Seconds between looks at a feed that had no more to tell."""
FEED = "query($after: Sequence) { events(after: $after, first: 100) { nodes { sequence } hasMore } }"


@dataclass(frozen=True, slots=True)
class Promise:
    """An order as it was first acknowledged. `mark` names what was asked for, whatever came of it."""

    mark: str
    order_id: str
    total: str


@dataclass(slots=True)
class Traffic:
    """What the clients have seen. Written by their thread, read by others."""

    promises: dict[str, Promise] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    """Marks that were acknowledged twice with different orders."""
    answers: Counter[str] = field(default_factory=Counter)
    """How often each answer came: `placed`, `replayed`, `connection lost`, or the code of an error."""
    heard: int = 0
    """Events that the readers heard."""
    torn: list[str] = field(default_factory=list)
    """Feeds whose next event was not the next, or that forgot what they had told."""
    acknowledged_at: float = 0.0
    """When the newest acknowledgement came, on the monotonic clock."""


class Clients:
    """One client for each shop, in a thread of their own: `with Clients(port, shops) as traffic`."""

    def __init__(self, port: int, shops: Sequence[Shop], *, seed: int = 0) -> None:
        self.traffic = Traffic()
        self._port, self._shops, self._seed = port, shops, seed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clients", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Each client brings its order to an end first: nothing is left open."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._all())

    async def _all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number, shop in enumerate(self._shops):
                group.create_task(self._one(number, shop))
                group.create_task(self._listen(shop))

    async def _one(self, number: int, shop: Shop) -> None:
        chance = random.Random(f"{self._seed} {number}")  # noqa: S311  chance that can be repeated, no secret
        count = 0
        async with KeepAlive(self._port, shop.token) as connection:
            while not self._stop.is_set():
                count += 1
                mark = f"{number}-{count}"
                asked = shop.order(f"{number}-{chance.randrange(CUSTOMERS)}")
                asked["details"]["new"]["lines"][0]["externalLineReference"] = mark
                await self._until_acknowledged(connection, mark, asked)
                if chance.random() < REPEATED:
                    await self._until_acknowledged(connection, mark, asked)

    async def _listen(self, shop: Shop) -> None:
        """Follow a feed as a partner does, from its beginning."""
        last = 0
        async with KeepAlive(self._port, shop.token) as connection:
            while not self._stop.is_set():
                try:
                    _, answer = await connection.ask(FEED, after=last)
                except LOST:
                    await asyncio.sleep(PAUSE)
                    continue
                if _code(200, answer, None) == "INVALID_ARGUMENT":
                    self.traffic.torn.append(f"{shop.partner_id}: {last} was told, and is not there")
                feed = (answer.get("data") or {}).get("events") or {"nodes": [], "hasMore": False}
                for event in feed["nodes"]:
                    if event["sequence"] != last + 1:
                        self.traffic.torn.append(f"{shop.partner_id}: {event['sequence']} after {last}")
                    last = event["sequence"]
                    self.traffic.heard += 1
                if not feed["hasMore"]:
                    await asyncio.sleep(LISTEN_EVERY)

    async def _until_acknowledged(self, connection: KeepAlive, mark: str, asked: dict[str, Any]) -> None:
        while (order := await self._attempt(connection, asked)) is None:  # noqa: ASYNC110  all a client can do
            await asyncio.sleep(PAUSE)
        promise = Promise(mark, order["id"], order["total"]["amount"])
        if self.traffic.promises.setdefault(mark, promise) != promise:
            self.traffic.changed.append(mark)
        self.traffic.acknowledged_at = time.monotonic()

    async def _attempt(self, connection: KeepAlive, asked: dict[str, Any]) -> dict[str, Any] | None:
        """The order, where the answer acknowledges one."""
        try:
            status, answer = await connection.ask(PLACE, input=asked)
        except LOST:
            self.traffic.answers["connection lost"] += 1
            return None
        payload = (answer.get("data") or {}).get("placeOrder")
        if payload is None or payload["order"] is None:
            self.traffic.answers[_code(status, answer, payload)] += 1
            return None
        self.traffic.answers["replayed" if payload["replayed"] else "placed"] += 1
        order: dict[str, Any] = payload["order"]
        return order


def _code(status: int, answer: dict[str, Any], payload: dict[str, Any] | None) -> str:
    if payload is not None:
        return ", ".join(problem["code"] for problem in payload["problems"])
    errors = answer.get("errors") or [{}]
    return str(errors[0].get("extensions", {}).get("code", f"HTTP {status}"))
