"""A preview keeps its word: over generated inputs of every kind, what it says is what placing then does."""

import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.holder import FOLLOW, amendment
from tests.api.own_world import broken, own_world
from tests.api.world import Portal, World, customer_input, order_input
from tests.conftest import Database, cloned

INPUTS = int(os.environ.get("PORTICO_PREVIEW_INPUTS", "200"))
"""As many as take some ten seconds on a quiet machine; the figure that we publish is of two thousand."""
SEED = int(os.environ.get("PORTICO_PREVIEW_SEED", "0"))
PROVISION_EVERY = 3
"""Inputs between two runs of the worker, so that some subscriptions are being changed and most are not."""

NUMBERS: tuple[int, ...] = (0, -1, 1_000_001, 7)
TEXTS: tuple[str, ...] = (
    *("", " ", "x" * 300, "nonsense", "ümläut", "a\tb", "IR", "USD"),
    *("sub_" + "0" * 32, "oli_" + "1" * 32),
)
"""Values that are wrong in most places, and right in some."""

PLACE = """
mutation Place($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    order {
      id kind status currency total { amount } screening { decision messages }
      lines { id net { amount } listPrice { amount } discount { amount } credit { amount } coveredDays }
    }
    problems { code path retryable resourceId }
  }
}
"""
PREVIEW = """
query Preview($input: PlaceOrderInput!) {
  previewOrder(input: $input) {
    quote {
      kind status currency total { amount }
      lines { net { amount } listPrice { amount } discount { amount } credit { amount } coveredDays }
    }
    screening { decision messages }
    problems { code path retryable resourceId }
  }
}
"""


@dataclass(slots=True)
class Corpus:
    """Makes inputs from what there is: customers, subscriptions and lines of orders placed so far."""

    world: World
    chance: random.Random
    customers: list[str] = field(default_factory=list)
    subscriptions: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)

    def input(self) -> dict[str, Any]:
        """An input of any kind; two of five have something done to them that may be wrong."""
        kinds = {"new": 4, "addSeats": 2, "renewal": 2, "switch": 2, "return": 3}
        kind = self.chance.choices(list(kinds), list(kinds.values()))[0]
        if kind == "new" or not self.subscriptions:
            asked = self._new()
        else:
            lines = [self._line(kind) for _ in range(self.chance.choices([1, 2], [5, 1])[0])]
            asked = amendment(kind, *lines)
        if self.chance.random() < 0.2:
            asked["externalOrderReference"] = self._reference()
        if self.chance.random() < 0.2:
            asked["purchaseOrderNumber"] = f"PO-{self.chance.randrange(40)}"
            asked["allowDuplicatePurchaseOrder"] = self.chance.random() < 0.3
        if self.chance.random() < 0.4:
            self._spoil(asked)
        return asked

    def _reference(self) -> str:
        if not self.references or self.chance.random() < 0.7:
            self.references.append(f"ours-{len(self.references)}")
        return self.chance.choice(self.references)

    def _new(self) -> dict[str, Any]:
        skus = [self.world.market.standard, self.world.market.premium]
        lines = [
            {"sku": self.chance.choice(skus), "quantity": self.chance.choice([1, 3, 10, 49, 50, 999])}
            for _ in range(self.chance.choices([1, 2, 5], [5, 3, 1])[0])
        ]
        known = self.customers and self.chance.random() < 0.5
        new = customer_input(f"{self.chance.randrange(10**9):09}")
        customer = {"id": self.chance.choice(self.customers)} if known else {"new": new}
        currency = self.chance.choices(["EUR", "JPY"], [4, 1])[0]
        asked = order_input(customer=customer, lines=lines, currency=currency)
        if self.chance.random() < 0.3:
            asked["details"]["new"]["startsOn"] = self._day(-3, 380)
        if self.subscriptions and self.chance.random() < 0.3:
            asked["details"]["new"]["coTermWith"] = self.chance.choice(self.subscriptions)
        return asked

    def _day(self, first: int, last: int) -> str:
        return str(datetime.now(UTC).date() + timedelta(days=self.chance.randint(first, last)))

    def _line(self, kind: str) -> dict[str, Any]:
        quantity = self.chance.choice([1, 2, 5, 40, 1_000])
        if kind == "return":
            return {"orderLineId": self.chance.choice(self.lines), "quantity": quantity}
        line: dict[str, Any] = {"subscriptionId": self.chance.choice(self.subscriptions)}
        if kind == "addSeats" or self.chance.random() < 0.5:
            line["quantity"] = quantity
        if kind == "switch":
            line["sku"] = self.chance.choice([self.world.market.standard, self.world.market.premium])
        return line

    def _spoil(self, asked: dict[str, Any]) -> None:
        """Set one value somewhere in the input to one that is empty, too long, unknown, or fine after all."""
        places = list(_texts(asked["details"]))
        holder, name = self.chance.choice(places)
        odd = NUMBERS if isinstance(holder[name], int) else TEXTS
        holder[name] = self.chance.choice(odd)

    async def learn(self, seller: Portal, order_id: str) -> None:
        """Remember what an order has made, for later inputs to name."""
        order = (await seller.ask(FOLLOW, id=order_id))["order"]
        self.customers.append(order["customer"]["id"])
        for line in order["lines"]:
            self.lines.append(line["id"])
            if line["subscriptionId"] and line["subscriptionId"] not in self.subscriptions:
                self.subscriptions.append(line["subscriptionId"])


def _texts(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in an input that holds a text or a whole number, but for dates and flags."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in list(pairs):
        if isinstance(inner, dict | list):
            yield from _texts(inner)
        elif name != "startsOn" and not isinstance(inner, bool):
            yield value, name


@pytest.fixture
def own_database(sockets: str) -> Iterator[Database]:
    yield from cloned()


@pytest.fixture
async def world(own_database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with own_world(own_database, tmp_path_factory.mktemp("home")) as world:
        yield world


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_placing_does_what_the_preview_says(world: World, own_database: Database) -> None:
    chance = random.Random(SEED)
    corpus = Corpus(world, chance)
    seller = await world.partner()
    clean: Counter[str] = Counter()
    refused: Counter[str] = Counter()

    placed_now: list[str] = []
    for number in range(INPUTS):
        asked = corpus.input()
        preview = (await seller.ask(PREVIEW, input=asked))["previewOrder"]
        payload = (await seller.ask(PLACE, input=asked))["placeOrder"]

        assert payload["problems"] == preview["problems"], asked
        if preview["problems"]:
            assert payload["order"] is None
            refused.update(problem["code"] for problem in preview["problems"])
        else:
            assert _said(payload["order"]) == _said(preview["quote"]), asked
            assert payload["order"]["screening"] == preview["screening"]
            clean[payload["order"]["kind"]] += 1
            placed_now.append(payload["order"]["id"])
        if number % PROVISION_EVERY == 0:
            await world.provision()
            for order_id in placed_now:
                await corpus.learn(seller, order_id)
            placed_now.clear()

    assert set(clean) == {"NEW", "ADD_SEATS", "RENEWAL", "SWITCH", "RETURN"}
    assert len(refused) >= 12, refused
    assert min(clean.total(), INPUTS - clean.total()) > INPUTS * 0.2
    assert await broken(own_database) == {}


def _said(order: dict[str, Any]) -> dict[str, Any]:
    """An order or quote without its ids: a quote has none that mean anything."""
    lines = [{name: value for name, value in line.items() if name != "id"} for line in order["lines"]]
    told = {name: value for name, value in order.items() if name not in {"id", "screening"}}
    return told | {"lines": lines}
