"""The project's own documents run by plan: the persisted ones, and those that the first commands print."""

from pathlib import Path
from typing import Any

import pytest

import cli.first_queries
from execution.executor import PlannedExecutor
from tests.api.conftest import PLANNED
from tests.api.world import World, order_input

ROOT = Path(__file__).parents[3]
PERSISTED = {path.stem: path.read_text() for path in sorted((ROOT / "persisted").glob("*.graphql"))}
PRINTED = {
    name: text for name, text in vars(cli.first_queries).items() if name.isupper() and "{" in str(text)
}
OWN = {name: text for name, text in (PERSISTED | PRINTED).items() if isinstance(text, str)}

pytestmark = pytest.mark.skipif(not PLANNED, reason="the stock executor plans nothing")


@pytest.fixture
def unplanned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Why operations went to the stock executor."""
    reasons: list[str] = []
    monkeypatch.setattr(PlannedExecutor, "unplanned", staticmethod(reasons.append))
    return reasons


def variables() -> dict[str, Any]:
    nobody = {"id": "cus_" + "0" * 32}
    return {
        "input": order_input(),
        "reference": "none",
        "currency": "EUR",
        "search": "nobody",
        "id": nobody["id"],
        "by": nobody,
        "first": 5,
    }


@pytest.mark.parametrize("name", OWN)
async def test_an_own_document_is_planned(name: str, world: World, unplanned: list[str]) -> None:
    viewer = world.staff("REP") if "ACCOUNT" in name.upper() else await world.partner()

    await viewer.post(OWN[name], **variables())

    assert unplanned == []


async def test_a_document_that_cannot_be_planned_is_told(world: World, unplanned: list[str]) -> None:
    await world.staff("REP").post("{ __schema { queryType { name } } }")

    assert unplanned != []
