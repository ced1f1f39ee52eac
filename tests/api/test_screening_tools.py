"""What compliance does besides cases: batches by the thousand, and trying other thresholds."""

from typing import Any

from jobs.screen_batches import screen_batches
from tests.api.compliance import DENIED_NAME, HELD_NAME, officer, place_for
from tests.api.world import Portal, World

SCREEN = """
mutation($input: ScreenPartiesInput!) {
  screenParties(input: $input) { batch { id parties done } problems { code path } }
}
"""
BATCH = """
query($id: ID!, $after: Int!) {
  screeningBatch(id: $id) {
    parties done finishedAt counts { clear hold deny }
    results(afterPosition: $after, first: 2) { position name decision reasons nearest }
  }
}
"""
SIMULATE = """
query($at: Float) {
  simulateThresholds(reviewOrganisationAt: $at, denyAt: $at, days: 1) {
    decisions heldBefore heldAfter deniedBefore deniedAfter changed { screeningId before after }
  }
}
"""


async def screened(portal: Portal, names: list[str], batch: str | None = None) -> dict[str, Any]:
    given = {"batchId": batch, "parties": [{"name": name, "country": "RS"} for name in names]}
    return (await portal.ask(SCREEN, input=given))["screenParties"]


async def test_a_batch_grows_by_calls_and_is_watched_while_it_is_worked_off(world: World) -> None:
    anna = officer(world, "anna").portal
    while await screen_batches(world.sources):  # what other tests have asked for
        pass
    names = [f"Lindeboom Orgels {n} BV" for n in range(300)]

    begun = await screened(anna, [*names, DENIED_NAME])
    batch = begun["batch"]["id"]
    grown = await screened(anna, [HELD_NAME, DENIED_NAME], batch)
    first = await screen_batches(world.sources)
    halfway = (await anna.ask(BATCH, id=batch, after=0))["screeningBatch"]
    while await screen_batches(world.sources):
        pass
    ended = (await anna.ask(BATCH, id=batch, after=301))["screeningBatch"]

    assert (begun["batch"]["parties"], grown["batch"]["parties"]) == (301, 303)
    assert (first, halfway["done"], halfway["finishedAt"]) == (200, 200, None)
    assert (ended["done"], ended["counts"]) == (303, {"clear": 300, "hold": 1, "deny": 2})
    assert ended["finishedAt"]
    assert [(one["position"], one["decision"]) for one in ended["results"]] == [(302, "HOLD"), (303, "DENY")]
    assert "OFAC_SDN" in ended["results"][1]["nearest"]


async def test_a_batch_refuses_what_it_cannot_take(world: World) -> None:
    anna = officer(world, "anna").portal

    none = await screened(anna, [])
    foreign = await screened(anna, ["Lindeboom"], "bat_" + "0" * 32)
    nameless = await screened(anna, ["Lindeboom", ""])

    assert [one["code"] for one in none["problems"]] == ["TOO_MANY_PARTIES"]
    assert [one["code"] for one in foreign["problems"]] == ["BATCH_NOT_FOUND"]
    assert nameless["problems"] == [{"code": "REQUIRED", "path": ["input", "parties", "1", "name"]}]


async def test_other_thresholds_are_tried_on_stored_candidates(seller: Portal, world: World) -> None:
    held = await place_for(seller, HELD_NAME, "simulated")
    anna = officer(world, "anna").portal

    as_it_is = (await anna.ask(SIMULATE, at=None))["simulateThresholds"]
    laxer = (await anna.ask(SIMULATE, at=1.0))["simulateThresholds"]
    refused = await anna.errors(SIMULATE, at=0.1)

    assert held["status"] == "ON_HOLD"
    assert as_it_is["changed"] == []
    assert laxer["heldBefore"] == as_it_is["heldBefore"] >= 1
    assert ("HOLD", "CLEAR") in {(one["before"], one["after"]) for one in laxer["changed"]}
    assert refused[0]["extensions"]["code"] == "INVALID_ARGUMENT"
