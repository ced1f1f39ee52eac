"""Twenty partners, each with a webhook endpoint that behaves in its own way, and events for all of them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from commerce.access import Environment
from commerce.events import EventType
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.postgres import events
from tests.api.listener import Listener, MovingClock, listener
from tests.api.world import World, bare
from tests.receivers import HANG, RESET, Receiver, listening, response

SUBJECTS = 25
"""Orders of each partner that its events are about, in turn."""


@dataclass(slots=True)
class Poisoned(Receiver):
    """Takes everything but one event, for ever."""

    poison: int = 7

    def next_answer(self) -> int | bytes | str:
        return 500 if self.received[-1].message["sequence"] == self.poison else self.usual


@dataclass(slots=True)
class Flaky(Receiver):
    """Fails every third time."""

    def next_answer(self) -> int | bytes | str:
        return 503 if len(self.received) % 3 == 0 else self.usual


@dataclass(slots=True)
class Busy(Receiver):
    """Asks for ten minutes after every fiftieth message."""

    def next_answer(self) -> int | bytes | str:
        return response(429, retry_after="600") if len(self.received) % 50 == 0 else self.usual


@dataclass(slots=True)
class Recovering(Receiver):
    """Down until the clock has come so far."""

    clock: MovingClock | None = None
    until: datetime | None = None

    def next_answer(self) -> int | bytes | str:
        assert self.clock
        assert self.until
        return 502 if self.clock() < self.until else self.usual


def behaviours(clock: MovingClock) -> dict[str, Receiver]:
    return {
        **{f"well {number}": Receiver() for number in range(8)},
        **{f"broken {number}": Receiver(usual=500) for number in range(2)},
        "redirecting": Receiver(usual=response(302, location="http://127.0.0.1/")),
        **{f"hanging {number}": Receiver(usual=HANG) for number in range(2)},
        **{f"resetting {number}": Receiver(usual=RESET) for number in range(2)},
        "gone": Receiver(usual=410),
        "poisoned": Poisoned(),
        "flaky": Flaky(),
        "busy": Busy(),
        "recovering": Recovering(clock=clock, until=clock.now + timedelta(days=2)),
    }


@dataclass(slots=True)
class Fleet:
    """The endpoints by the name of how they behave."""

    world: World
    clock: MovingClock
    listeners: dict[str, Listener] = field(default_factory=dict)

    async def happen(self, each: int) -> None:
        """So many events for every partner, in transactions of ten."""
        for heard in self.listeners.values():
            subjects = [new_id(Prefix.ORDER) for _ in range(SUBJECTS)]
            for first in range(0, each, 10):
                async with self.world.sources.database.system() as transaction:
                    for number in range(first, min(first + 10, each)):
                        await events.record(
                            transaction,
                            partner_id=heard.portal.id,
                            environment=Environment.PRODUCTION,
                            at=self.clock(),
                            happened={EventType.ORDER_FULFILLED: snapshot(subjects[number % SUBJECTS])},
                        )

    async def run(self, most_steps: int = 2_000) -> None:
        """Let time pass, from one try that is due to the next, until nothing is to be tried."""
        for _ in range(most_steps):
            await self.world.send_webhooks(self.clock)
            due = await self.world.connection.fetchval(
                "SELECT min(next_try_at) FROM webhook_deliveries AS d"
                " JOIN webhook_endpoints AS e ON e.id = d.endpoint_id"
                " WHERE d.state = 'WAITING' AND e.state = 'ENABLED'"
            )
            if due is None:
                return
            self.clock.now = max(self.clock.now, due)
        raise AssertionError("time does not end")

    async def states(self, name: str) -> dict[str, int]:
        """How many deliveries of an endpoint are in each state."""
        rows = await self.world.connection.fetch(
            "SELECT state, count(*) FROM webhook_deliveries WHERE endpoint_id = $1 GROUP BY state",
            bare(self.listeners[name].id),
        )
        return {row["state"]: row["count"] for row in rows}


@asynccontextmanager
async def fleet(world: World, clock: MovingClock) -> AsyncIterator[Fleet]:
    async with AsyncExitStack() as stack:
        made = Fleet(world, clock)
        for name, receiver in behaviours(clock).items():
            await stack.enter_async_context(listening(receiver))
            made.listeners[name] = await listener(await world.partner(), world, receiver)
        yield made


def snapshot(order_id: str) -> dict[str, Any]:
    return {"id": order_id, "status": "FULFILLED"}
