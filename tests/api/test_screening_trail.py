"""The trail of screening: nothing in it changes, and every decision in it can be made again, to the byte."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from commerce.access import Environment, Scope
from commerce.decision_pages import MEANINGS, page_of
from commerce.reviving import revived
from commerce.screening import Outcome, Subject
from commerce.screening_policies import ReasonCode
from datasources.postgres.screening_audit import Record
from datasources.watchlists import files
from datasources.watchlists.editions import SAMPLES, of_store
from datasources.watchlists.gates import Standing
from datasources.watchlists.registry import SOURCES
from datasources.watchlists.store import Store
from resolvers.replay_decision import Verdict, replayed
from tests.api.compliance import DENIED_NAME, HELD_NAME, officer, place_for
from tests.api.world import Portal, World, bare


async def decisions_of(world: World, seller: Portal) -> list[Record]:
    scope = Scope(seller.id, Environment.PRODUCTION)
    since = datetime.now(UTC) - timedelta(days=1)
    return await world.sources.screening_audit.decisions(scope, since=since, most=100)


async def test_decisions_are_made_again_to_the_byte(seller: Portal, world: World) -> None:
    anna, bert = officer(world, "anna"), officer(world, "bert")
    await seller.place()
    await place_for(seller, DENIED_NAME, "denied", country="RS", taxId="123")
    await place_for(seller, HELD_NAME, "held")
    await place_for(seller, "Lindeboom BV", "place", country="UA", city="Simferopol")
    case = next(one for one in await anna.queue(partnerId=seller.id) if one["partyName"] == HELD_NAME)
    await anna.clear(case["id"])
    for hit in (await anna.queue(partnerId=seller.id, states=["CLEARED"]))[0]["clearedHits"]:
        await bert.confirm(hit["id"])
    await seller.place(customer={"externalReference": f"customer-held-{seller.id[-8:]}"})

    replays = [await replayed(world.sources, one, None) for one in await decisions_of(world, seller)]

    assert [one.verdict for one in replays] == [Verdict.SAME] * 5
    assert any(one.record.facts["cleared"] for one in replays)


async def test_a_decision_under_official_lists_is_made_again_from_the_bytes_that_were_kept(
    seller: Portal, world: World, tmp_path: Path
) -> None:
    before = world.sources.watchlists.edition
    store = Store(tmp_path)
    for source in SOURCES:
        if content := files.read(SAMPLES, source):
            parsed = source.parse(content)
            standing = Standing(parsed.rows, len(parsed.entries), parsed.published_on)
            store.accept(source, content, standing, now=datetime.now(UTC), tags={})
    edition = of_store(store)
    assert edition is not None
    try:
        world.sources.watchlists.swap(edition)
        await place_for(seller, DENIED_NAME, "kept", country="RS")
    finally:
        world.sources.watchlists.swap(before)
    (record,) = await decisions_of(world, seller)

    kept = await replayed(world.sources, record, tmp_path)
    lost = await replayed(world.sources, record, tmp_path / "elsewhere")

    assert record.facts["outcome"]["snapshot"]["versions"][0]["is_sample"] is False
    assert (kept.verdict, lost.verdict) == (Verdict.SAME, Verdict.NOT_KEPT)


async def test_a_record_that_was_altered_does_not_agree(seller: Portal, world: World) -> None:
    await place_for(seller, DENIED_NAME, "altered", country="RS")
    (record,) = await decisions_of(world, seller)
    altered = Record(
        record.kind, record.subject_id, record.actor, record.at, record.body.replace('"DENY"', '"HOLD"')
    )

    assert (await replayed(world.sources, altered, None)).verdict is Verdict.DIFFERENT


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE screening_audit SET body = '{}' WHERE partner_id = $1",
        "DELETE FROM screening_audit WHERE partner_id = $1",
        "UPDATE screenings SET decision = 'CLEAR' WHERE partner_id = $1",
        "DELETE FROM screenings WHERE partner_id = $1",
        "UPDATE screening_matches SET score = 0 WHERE partner_id = $1",
    ],
)
async def test_what_was_decided_stays_as_it_was_written(seller: Portal, world: World, statement: str) -> None:
    await place_for(seller, HELD_NAME, "stays")

    with pytest.raises(asyncpg.RestrictViolationError):
        await world.connection.execute(statement, bare(seller.id))


async def test_a_page_says_who_was_found_and_why(seller: Portal, world: World) -> None:
    await place_for(seller, DENIED_NAME, "page", country="RS")
    (record,) = await decisions_of(world, seller)

    page = page_text(record)

    assert "DENY" in page.splitlines()[0]
    assert f"CUSTOMER: {DENIED_NAME}" in page
    assert "is a party of a blocking list" in page
    assert "OFAC_SDN" in page
    assert "zarkova = zarkova  EXACT" in page
    assert "“We are unable to process this order.”" in page


def page_text(record: Record) -> str:
    facts: dict[str, Any] = record.facts
    subjects = revived(tuple[Subject, ...], facts["subjects"])
    return page_of(record.subject_id, subjects, revived(Outcome, facts["outcome"]), record.at)


def test_every_reason_has_a_meaning() -> None:
    assert set(MEANINGS) == set(ReasonCode)
