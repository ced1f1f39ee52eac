"""A list changes: whom it touches is screened again, what can be stopped is held, and nobody else notices."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commerce.matching import Index
from commerce.parties import ListCode, ListedName, ListedParty, PartyKind
from commerce.screening import Snapshot
from datasources.postgres.list_rescreenings import Counts
from datasources.watchlists import Edition
from jobs.rescreen_changed_lists import rescreen
from tests.api.compliance import HELD_NAME, follow, officer, place_for
from tests.api.world import PLACE, Portal, World, bare, customer_input, order_input

NAME = "Quillbrook Marrowgate Systems"
LISTED = ListedParty(ListCode.OFAC_SDN, "99991", PartyKind.ORGANISATION, (ListedName(NAME.upper()),))


@pytest.fixture(autouse=True)
async def counting_from_the_samples(world: World) -> AsyncIterator[None]:
    """The lists in force have been seen once, so that a change is counted from them."""
    edition = world.sources.watchlists.edition
    await world.connection.execute("DELETE FROM list_rescreenings")
    assert await rescreen(world.sources, datetime.now(UTC)) == Counts()
    yield
    world.sources.watchlists.swap(edition)


def with_entry(world: World, *added: ListedParty) -> Edition:
    """The lists in force and these entries."""
    edition = world.sources.watchlists.edition
    sdn, *others = edition.snapshot.versions
    changed = Snapshot((replace(sdn, sha256="f" * 64, is_sample=False), *others))
    return Edition(changed, Index.build([*edition.index.entries, *added]))


async def scheduled_for(seller: Portal, name: str) -> dict[str, Any]:
    """An order for a customer of this name that begins in three weeks."""
    asked = order_input(customer={"new": customer_input(f"later-{seller.id[-8:]}", legalName=name)})
    asked["details"]["new"]["startsOn"] = str((datetime.now(UTC) + timedelta(days=21)).date())
    order: dict[str, Any] = (await seller.ask(PLACE, input=asked))["placeOrder"]["order"]
    return order


async def test_lists_that_have_not_changed_are_not_looked_up(world: World) -> None:
    assert await rescreen(world.sources, datetime.now(UTC)) is None


async def test_a_party_that_was_listed_since_is_held_and_its_officers_have_a_case(
    world: World, seller: Portal
) -> None:
    scheduled = await scheduled_for(seller, NAME)
    delivered = await place_for(seller, f"{NAME} GmbH", "delivered")
    bystander = await place_for(seller, "Someone Else Altogether", "bystander")
    world.sources.watchlists.swap(with_entry(world, LISTED))

    counts = await rescreen(world.sources, datetime.now(UTC))

    assert counts is not None
    assert (counts.changed_entries, counts.touched, counts.orders) == (1, 2, 2)
    held = await follow(seller, scheduled)
    assert (held["status"], held["screening"]["decision"]) == ("DENIED", "DENY")
    assert [one["toStatus"] for one in held["timeline"]][-2:] == ["ON_HOLD", "DENIED"]
    assert (await follow(seller, delivered))["status"] == "PROVISIONING"
    assert (await follow(seller, bystander))["screening"]["decision"] == "CLEAR"
    cases = await officer(world, "anna").queue(partnerId=seller.id)
    assert {case["partyName"] for case in cases} == {NAME, f"{NAME} GmbH"}
    assert {match["entryId"] for case in cases for match in case["matches"]} == {"99991"}
    assert await rescreen(world.sources, datetime.now(UTC)) is None


async def test_what_a_worker_let_lie_another_takes_over_and_nothing_is_done_twice(
    world: World, seller: Portal
) -> None:
    order = await scheduled_for(seller, NAME)
    world.sources.watchlists.swap(with_entry(world, LISTED))
    now = datetime.now(UTC)
    last = await world.sources.list_rescreenings.newest()
    assert await world.sources.list_rescreenings.begin(world.sources.watchlists.snapshot, last, now)

    too_early = await rescreen(world.sources, now)
    in_time = await rescreen(world.sources, now + timedelta(hours=1))

    assert too_early is None
    assert in_time is not None
    assert in_time.changed_entries == 1
    assert (await follow(seller, order))["status"] == "DENIED"
    screenings = "SELECT count(*) FROM screenings WHERE order_id = $1"
    assert await world.connection.fetchval(screenings, bare(order["id"])) == 2


async def test_a_held_order_stays_with_its_officers_when_its_party_is_no_longer_listed(
    world: World, seller: Portal
) -> None:
    order = await place_for(seller, HELD_NAME, "unlisted")
    edition = with_entry(world)
    left = [entry for entry in edition.index.entries if "ZARKOV" not in entry.names[0].text.upper()]
    world.sources.watchlists.swap(replace(edition, index=Index.build(left)))

    await rescreen(world.sources, datetime.now(UTC))

    now = await follow(seller, order)
    assert (now["status"], now["screening"]["decision"]) == ("ON_HOLD", "CLEAR")
    assert (await officer(world, "anna").case_of(seller))["state"] == "OPEN"
