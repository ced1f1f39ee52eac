"""Rivals for the same records, as real races on PostgreSQL: each ends in a legal state, nothing half done.

Both sides of a race start together, each after a moment of its own by chance. What must be true afterwards is
what must always be true (the invariants), and what the race is about: who may have won.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commerce.orders import OrderStatus
from jobs.end_terms import renew_and_expire
from tests.api.holder import FOLLOW, amendment, change
from tests.api.own_world import broken, own_world
from tests.api.world import PLACE, Portal, World, bare, customer_input, order_input
from tests.conftest import Database, cloned

SEEDS = range(int(os.environ.get("PORTICO_RACE_SEEDS", "3")))
LONGEST_PAUSE = 0.02

Answer = tuple[str, ...]
"""The status of the order that an action answers with, or the codes of what stood against it."""


@dataclass(frozen=True, slots=True)
class Arena:
    """A partner whose customer holds ten seats, bought by a fulfilled order."""

    world: World
    seller: Portal
    customer: str
    order: str
    line: str
    subscription: str

    async def place(self, asked: dict[str, Any]) -> Answer:
        placed = (await self.seller.ask(PLACE, input=asked))["placeOrder"]
        return _answer(placed)

    async def placed(self, asked: dict[str, Any]) -> str:
        """The id of an order that nothing stands against."""
        placed = (await self.seller.ask(PLACE, input=asked))["placeOrder"]
        assert placed["problems"] == []
        return placed["order"]["id"]

    async def change(self, mutation: str, order_id: str, **given: Any) -> Answer:
        return _answer(await change(self.seller, mutation, orderId=order_id, **given))

    async def provision(self) -> Answer:
        await self.world.provision()
        return ()

    def adding(self, quantity: int = 5) -> dict[str, Any]:
        return amendment("addSeats", {"subscriptionId": self.subscription, "quantity": quantity})

    def renewing(self) -> dict[str, Any]:
        return amendment("renewal", {"subscriptionId": self.subscription})

    def switching(self) -> dict[str, Any]:
        line = {"subscriptionId": self.subscription, "sku": self.world.market.premium}
        return amendment("switch", line)

    def returning(self, quantity: int = 6) -> dict[str, Any]:
        return amendment("return", {"orderLineId": self.line, "quantity": quantity})

    def buying(self, **changes: Any) -> dict[str, Any]:
        return order_input(customer={"id": self.customer}, **changes)

    async def without_licensee(self, *, is_missing: bool) -> None:
        """Without one, provisioning fails and can be tried again once there is one."""
        update = "UPDATE contacts SET receives_licenses = $2 WHERE customer_id = $1"
        await self.world.connection.execute(update, bare(self.customer), not is_missing)

    async def failed(self, asked: dict[str, Any]) -> str:
        """The id of an order that failed for want of a licensee, who is there again."""
        order_id = await self.placed(asked)
        await self.without_licensee(is_missing=True)
        await self.world.provision()
        await self.without_licensee(is_missing=False)
        return order_id

    async def due(self, order_id: str) -> None:
        """Let the day of a scheduled order come."""
        update = "UPDATE outbox SET due_at = now() - interval '1 second' WHERE key = $1"
        await self.world.connection.execute(update, bare(order_id))


def _answer(payload: dict[str, Any]) -> Answer:
    if payload["problems"]:
        return tuple(problem["code"] for problem in payload["problems"])
    return (payload["order"]["status"],)


Action = Callable[[], Awaitable[Answer]]
Race = Callable[[Arena], Awaitable[tuple[Action, Action]]]
"""Prepares a race; the two actions that it is between."""


def orders(one: Callable[[Arena], dict[str, Any]], other: Callable[[Arena], dict[str, Any]]) -> Race:
    """Two orders, placed at once."""

    async def prepare(arena: Arena) -> tuple[Action, Action]:
        first, second = one(arena), other(arena)
        return lambda: arena.place(first), lambda: arena.place(second)

    return prepare


def against(asked: Callable[[Arena], dict[str, Any]], one: str, other: str, *, failed: bool = False) -> Race:
    """Two changes of one order: the names of mutations, or `provision`."""

    async def prepare(arena: Arena) -> tuple[Action, Action]:
        order_id = await (arena.failed if failed else arena.placed)(asked(arena))
        return _change(arena, one, order_id), _change(arena, other, order_id)

    return prepare


def _change(arena: Arena, name: str, order_id: str) -> Action:
    if name == "provision":
        return arena.provision
    given = {"purchaseOrderNumber": "PO-1"} if name == "updateOrderReferences" else {}
    return lambda: arena.change(name, order_id, **given)


async def canceling_an_amendment_against_the_next(arena: Arena) -> tuple[Action, Action]:
    first, second = await arena.placed(arena.adding(1)), arena.renewing()
    return lambda: arena.change("cancelOrder", first), lambda: arena.place(second)


async def canceling_a_return_against_another(arena: Arena) -> tuple[Action, Action]:
    first, second = await arena.placed(arena.returning(6)), arena.returning(10)
    return lambda: arena.change("cancelOrder", first), lambda: arena.place(second)


async def fulfilling_an_amendment_against_the_next(arena: Arena) -> tuple[Action, Action]:
    await arena.placed(arena.adding(1))
    second = arena.returning(4)
    return arena.provision, lambda: arena.place(second)


async def retrying_an_amendment_against_the_next(arena: Arena) -> tuple[Action, Action]:
    first, second = await arena.failed(arena.renewing()), arena.adding()
    return lambda: arena.change("retryOrder", first), lambda: arena.place(second)


async def waking_against_canceling(arena: Arena) -> tuple[Action, Action]:
    asked = arena.buying()
    asked["details"]["new"]["startsOn"] = str(datetime.now(UTC).date() + timedelta(days=3))
    order_id = await arena.placed(asked)
    await arena.due(order_id)
    return arena.provision, lambda: arena.change("cancelOrder", order_id)


async def one_key_twice(arena: Arena) -> tuple[Action, Action]:
    asked = arena.adding()
    return lambda: arena.place(asked), lambda: arena.place(asked)


async def one_key_for_two_inputs(arena: Arena) -> tuple[Action, Action]:
    one = arena.buying()
    other = arena.buying() | {"idempotencyKey": one["idempotencyKey"], "purchaseOrderNumber": "PO-2"}
    return lambda: arena.place(one), lambda: arena.place(other)


async def one_new_customer_twice(arena: Arena) -> tuple[Action, Action]:
    customer = {"new": customer_input("twice")}
    return (
        lambda: arena.place(order_input(customer=customer)),
        lambda: arena.place(order_input(customer=customer)),
    )


async def one_new_customer_under_two_names(arena: Arena) -> tuple[Action, Action]:
    one, other = customer_input("taken"), customer_input("taken", legalName="Somebody Else NV")
    return (
        lambda: arena.place(order_input(customer={"new": one})),
        lambda: arena.place(order_input(customer={"new": other})),
    )


async def switching_renewal_off_against_renewing(arena: Arena) -> tuple[Action, Action]:
    await arena.placed(arena.renewing())

    async def switch_on() -> Answer:
        document = (
            "mutation($input: SetAutoRenewInput!) { setAutoRenew(input: $input) { problems { code } } }"
        )
        given = {"subscriptionId": arena.subscription, "autoRenew": True}
        await arena.seller.ask(document, input=given)
        return ()

    return arena.provision, switch_on


async def the_end_of_a_term_against_adding(arena: Arena) -> tuple[Action, Action]:
    tomorrow = datetime.now(UTC) + timedelta(days=400)

    async def expire() -> Answer:
        await renew_and_expire(arena.world.sources, tomorrow)
        return ()

    asked = arena.adding()
    return expire, lambda: arena.place(asked)


BUSY = {"PROVISIONING", "SUBSCRIPTION_BUSY", "CONFLICT"}

RACES: dict[str, tuple[Race, set[str]]] = {
    "return x return, together too many": (
        orders(Arena.returning, Arena.returning),
        BUSY | {"RETURN_EXCEEDS_REMAINING"},
    ),
    "return x return, together enough": (
        orders(lambda a: a.returning(4), lambda a: a.returning(4)),
        BUSY,
    ),
    "return x return, all of it": (
        orders(lambda a: a.returning(10), lambda a: a.returning(10)),
        BUSY | {"RETURN_EXCEEDS_REMAINING"},
    ),
    "add x add": (orders(Arena.adding, Arena.adding), BUSY),
    "add x renew": (orders(Arena.adding, Arena.renewing), BUSY),
    "add x switch": (orders(Arena.adding, Arena.switching), BUSY),
    "add x return": (orders(Arena.adding, Arena.returning), BUSY),
    "renew x renew": (orders(Arena.renewing, Arena.renewing), BUSY),
    "renew x switch": (orders(Arena.renewing, Arena.switching), BUSY),
    "renew x return": (orders(Arena.renewing, Arena.returning), BUSY),
    "switch x switch": (orders(Arena.switching, Arena.switching), BUSY),
    "switch x return": (orders(Arena.switching, Arena.returning), BUSY),
    "cancel x provision, new": (
        against(Arena.buying, "cancelOrder", "provision"),
        {"CANCELED", "NOT_CANCELABLE"},
    ),
    "cancel x provision, add": (
        against(Arena.adding, "cancelOrder", "provision"),
        {"CANCELED", "NOT_CANCELABLE"},
    ),
    "cancel x provision, return": (
        against(Arena.returning, "cancelOrder", "provision"),
        {"CANCELED", "NOT_CANCELABLE"},
    ),
    "cancel x cancel": (against(Arena.returning, "cancelOrder", "cancelOrder"), {"CANCELED"}),
    "cancel x retry": (
        against(Arena.adding, "cancelOrder", "retryOrder", failed=True),
        {"CANCELED", "PROVISIONING", "NOT_RETRYABLE"},
    ),
    "retry x retry": (
        against(Arena.renewing, "retryOrder", "retryOrder", failed=True),
        {"PROVISIONING", "NOT_RETRYABLE"},
    ),
    "retry x add": (
        retrying_an_amendment_against_the_next,
        BUSY | {"NOT_RETRYABLE"},
    ),
    "references x cancel": (
        against(Arena.buying, "updateOrderReferences", "cancelOrder"),
        {"PROVISIONING", "CANCELED"},
    ),
    "references x provision": (
        against(Arena.buying, "updateOrderReferences", "provision"),
        {"PROVISIONING", "FULFILLED"},
    ),
    "provision x provision": (against(Arena.switching, "provision", "provision"), set()),
    "one reference twice": (
        orders(
            lambda a: a.buying(externalOrderReference="ours"),
            lambda a: a.buying(externalOrderReference="ours"),
        ),
        {"PROVISIONING", "DUPLICATE_ORDER_REFERENCE"},
    ),
    "one purchase order number twice": (
        orders(
            lambda a: a.buying(purchaseOrderNumber="PO-9"),
            lambda a: a.buying(purchaseOrderNumber="PO-9"),
        ),
        {"PROVISIONING", "DUPLICATE_PURCHASE_ORDER"},
    ),
    "one key twice": (one_key_twice, {"PROVISIONING"}),
    "one key, two inputs": (one_key_for_two_inputs, {"PROVISIONING", "IDEMPOTENCY_KEY_REUSED"}),
    "one new customer twice": (one_new_customer_twice, {"PROVISIONING"}),
    "one new customer, two names": (
        one_new_customer_under_two_names,
        {"PROVISIONING", "CUSTOMER_REFERENCE_TAKEN"},
    ),
    "cancel an addition x renew": (canceling_an_amendment_against_the_next, BUSY | {"CANCELED"}),
    "cancel a return x return": (
        canceling_a_return_against_another,
        BUSY | {"CANCELED", "RETURN_EXCEEDS_REMAINING"},
    ),
    "fulfil an addition x return": (fulfilling_an_amendment_against_the_next, BUSY),
    "wake x cancel": (waking_against_canceling, {"CANCELED", "NOT_CANCELABLE"}),
    "provision a renewal x auto-renew": (switching_renewal_off_against_renewing, set()),
    "end of term x add": (
        the_end_of_a_term_against_adding,
        BUSY | {"SUBSCRIPTION_NOT_ACTIVE"},
    ),
}

EXACTLY_ONE = {
    *(name for name in RACES if name.split(" x ")[0] in {"return", "add", "renew", "switch"}),
    "one reference twice",
    "one purchase order number twice",
    "one key, two inputs",
    "one new customer, two names",
}
"""Races of which exactly one side is accepted."""


@pytest.fixture(scope="module")
def own_database(sockets: str) -> Iterator[Database]:
    yield from cloned()


@pytest.fixture(scope="module")
async def world(own_database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with own_world(own_database, tmp_path_factory.mktemp("home")) as world:
        yield world


@pytest.fixture
async def arena(world: World) -> Arena:
    seller = await world.partner()
    order_id = (await seller.place())["order"]["id"]
    await world.provision()
    order = (await seller.ask(FOLLOW, id=order_id))["order"]
    line = order["lines"][0]
    return Arena(world, seller, order["customer"]["id"], order_id, line["id"], line["subscriptionId"])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", RACES)
async def test_a_race_ends_in_a_legal_state(
    arena: Arena, own_database: Database, name: str, seed: int
) -> None:
    prepare, expected = RACES[name]
    sides = await prepare(arena)
    chance = random.Random(f"{name} {seed}")

    async def start(side: Action, pause: float) -> Answer:
        await asyncio.sleep(pause)
        return await side()

    pauses = [chance.random() * LONGEST_PAUSE, chance.random() * LONGEST_PAUSE]
    answers = await asyncio.gather(*map(start, sides, pauses))
    await arena.world.provision()

    said = [code for answer in answers for code in answer]
    assert set(said) <= expected
    if name in EXACTLY_ONE:
        assert said.count("PROVISIONING") == 1
    assert await broken(own_database) == {}
    listed = (await arena.seller.ask("{ orders { nodes { status } } }"))["orders"]["nodes"]
    assert {order["status"] for order in listed} <= {OrderStatus.FULFILLED, OrderStatus.CANCELED}
