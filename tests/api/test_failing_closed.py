"""Whatever fails on the way to a decision, at any step: nobody is cleared, and nothing is half-written."""

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from commerce.matching import Index
from commerce.screening import Snapshot
from datasources.errors import SourceUnavailable
from datasources.postgres.clearances import Clearances
from datasources.postgres.database import Database, Transaction
from datasources.postgres.party_facts import PartyFacts
from datasources.postgres.screening_policies import ScreeningPolicies
from datasources.watchlists.editions import SAMPLES, of_directory
from jobs.rescreen_held_orders import screen_again
from tests.api.compliance import HELD_NAME, follow, officer, place_for
from tests.api.world import PLACE, Portal, World, bare, order_input


@pytest.fixture(autouse=True)
def as_before(world: World) -> Iterator[None]:
    edition = world.sources.watchlists.edition
    world.sources.screening_policies.forget()
    yield
    world.sources.watchlists.swap(edition)
    world.sources.screening_policies.forget()


def broken(*_: object, **__: object) -> Any:
    raise RuntimeError("made to fail")


async def out_of_reach(*_: object, **__: object) -> Any:
    raise SourceUnavailable("postgres", retryable=True)


Break = Callable[[pytest.MonkeyPatch], None]

ENGINE: dict[str, Break] = {
    "normalising a name": lambda patch: patch.setattr("commerce.matching.tokens_of", broken),
    "reading a script": lambda patch: patch.setattr("commerce.matching.readings", broken),
    "looking a word up": lambda patch: patch.setattr(Index, "_looked_up", broken),
    "bounding names": lambda patch: patch.setattr("commerce.matching.bounded", broken),
    "weighing a name": lambda patch: patch.setattr(Index, "_weighed", broken),
    "qualifying a match": lambda patch: patch.setattr("commerce.matching.qualifiers", broken),
    "making a match": lambda patch: patch.setattr(Index, "_match", broken),
    "searching": lambda patch: patch.setattr(Index, "search", broken),
    "deciding": lambda patch: patch.setattr("datasources.watchlists.serving.decide", broken),
    "naming the snapshot": lambda patch: patch.setattr(Index, "__len__", broken),
    "reading the policy": lambda patch: patch.setattr(ScreeningPolicies, "in_force", out_of_reach),
    "reading the cleared list": lambda patch: patch.setattr(Clearances, "in_force", out_of_reach),
}
"""Each step that answers with a hold when it fails. The party resembles a listed one: every step is taken."""


@pytest.mark.parametrize("step", ENGINE)
async def test_a_step_that_fails_holds_the_order(
    seller: Portal, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ENGINE[step](monkeypatch)

    order = await place_for(seller, HELD_NAME, "step")

    assert (order["status"], order["screening"]["decision"]) == ("ON_HOLD", "HOLD")


async def test_an_empty_index_holds(seller: Portal, world: World) -> None:
    world.sources.watchlists.swap(
        dataclasses.replace(world.sources.watchlists.edition, index=Index.build([]))
    )

    order = (await seller.place())["order"]

    assert order["screening"]["decision"] == "HOLD"


async def test_an_altered_policy_holds(seller: Portal, world: World) -> None:
    before = "SELECT review_organisation_at FROM screening_policies LIMIT 1"
    kept = await world.connection.fetchval(before)
    change = "UPDATE screening_policies SET review_organisation_at = $1"
    await world.connection.execute(change, 1.0)
    try:
        order = await place_for(seller, HELD_NAME, "altered")
    finally:
        await world.connection.execute(change, kept)

    assert order["screening"]["decision"] == "HOLD"


FEWER: dict[str, Callable[[Path], None]] = {
    "0 bytes": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[: len(path.read_bytes()) // 3]),
    "half of it": lambda path: path.write_bytes(
        b"\n".join(path.read_bytes().splitlines()[: len(path.read_bytes().splitlines()) // 2])
    ),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("fault", FEWER)
async def test_a_list_that_is_less_than_it_was_clears_nobody(
    seller: Portal, world: World, tmp_path: Path, fault: str
) -> None:
    directory = tmp_path / "lists"
    for source in SAMPLES.rglob("*"):
        if source.is_file():
            copied = directory / source.relative_to(SAMPLES)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(source.read_bytes())
    FEWER[fault](directory / "ofac" / "sdn.csv")
    world.sources.watchlists.swap(of_directory(directory))

    order = (await seller.place())["order"]

    assert order["screening"]["decision"] == "HOLD"


async def test_lists_nobody_has_asked_for_in_days_clear_nobody(seller: Portal, world: World) -> None:
    edition = world.sources.watchlists.edition
    old = datetime.now(UTC) - timedelta(hours=37)
    versions = tuple(dataclasses.replace(one, checked_at=old) for one in edition.snapshot.versions)
    world.sources.watchlists.swap(dataclasses.replace(edition, snapshot=Snapshot(versions)))

    order = (await seller.place())["order"]

    assert order["screening"]["decision"] == "HOLD"


async def test_a_database_that_fails_at_any_write_leaves_nothing(
    seller: Portal, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = ("orders", "screenings", "screening_cases", "screening_audit", "events")
    flush, failed = Transaction.flush, 0
    for at in range(1, 50):
        seen = 0

        async def failing(self: Transaction, at: int = at) -> None:
            nonlocal seen
            seen += 1
            if seen == at:
                raise SourceUnavailable("postgres", retryable=True)
            await flush(self)

        with monkeypatch.context() as patch:
            patch.setattr(Transaction, "flush", failing)
            answer = (await seller.post(PLACE, input=held_input(seller, at))).json()
        if "errors" not in answer:
            break
        failed += 1
        assert [await world.rows(table, seller.id) for table in tables] == [0] * len(tables)

    assert failed >= 3  # the statements of one transaction
    assert answer["data"]["placeOrder"]["order"]["status"] == "ON_HOLD"


async def test_a_database_that_fails_at_any_read_clears_nobody(
    seller: Portal, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place_for(seller, "Lindeboom Orgels BV", "reads")
    reference = {"externalReference": f"customer-reads-{seller.id[-8:]}"}
    fetch, flush, refused, held = Database.fetch_as, Transaction.flush, 0, 0
    for at in range(1, 50):
        world.sources.screening_policies.forget()
        met = Met(at)

        async def failing(self: Database, *asked: Any, met: Met = met) -> Any:
            met.reads += not met.is_written  # what is read after that only shows the order
            if met.reads == met.fails_at and not met.is_written:
                raise SourceUnavailable("postgres", retryable=True)
            return await fetch(self, *asked)

        async def writing(self: Transaction, met: Met = met) -> None:
            met.is_written = True
            await flush(self)

        with monkeypatch.context() as patch:
            patch.setattr(Database, "fetch_as", failing)
            patch.setattr(Transaction, "flush", writing)
            answer = (await seller.post(PLACE, input=order_input(customer=reference))).json()
        if met.reads < at:
            break
        if "errors" in answer:
            refused += 1
        else:
            held += 1
            assert answer["data"]["placeOrder"]["order"]["screening"]["decision"] == "HOLD"

    assert (refused + held, held) == (at - 1, 1)
    assert at > 6


@dataclasses.dataclass
class Met:
    """What a request met on its way: the reads before it wrote, of which one fails."""

    fails_at: int
    reads: int = 0
    is_written: bool = False


def held_input(seller: Portal, n: int) -> dict[str, Any]:
    order = order_input()
    order["details"]["new"]["customer"]["new"] |= {"legalName": HELD_NAME, "externalReference": f"c-{n}"}
    return order


async def test_what_is_known_of_the_parties_out_of_reach_is_no_order(
    seller: Portal, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place_for(seller, "Lindeboom Orgels BV", "known")
    reference = {"externalReference": f"customer-known-{seller.id[-8:]}"}
    monkeypatch.setattr(PartyFacts, "of_parties", out_of_reach)

    errors = await seller.errors(PLACE, input=order_input(customer=reference))

    assert errors[0]["extensions"]["code"] == "SOURCE_UNAVAILABLE"
    assert await world.rows("orders", seller.id) == 1


async def test_orders_held_by_a_fault_go_on_by_themselves_and_once(
    seller: Portal, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Index, "search", broken)
        innocent = await place_for(seller, "Lindeboom Orgels BV", "fault")
        resembling = await place_for(seller, HELD_NAME, "fault2")
        await screen_again(world.sources, datetime.now(UTC))
        while_it_lasts = (await follow(seller, innocent))["status"]

    anna = officer(world, "anna")
    case = next(one for one in await anna.queue(partnerId=seller.id) if one["partyName"] != HELD_NAME)
    now = datetime.now(UTC)
    await asyncio.gather(*(screen_again(world.sources, now) for _ in range(6)), anna.clear(case["id"]))

    after = await follow(seller, innocent)
    assert while_it_lasts == "ON_HOLD"
    assert (after["status"], after["screening"]["decision"]) == ("PROVISIONING", "CLEAR")
    assert [step["toStatus"] for step in after["timeline"]].count("PROVISIONING") == 1
    waiting = "SELECT count(*) FROM outbox WHERE key = $1 AND destination = 'provisioning'"
    assert await world.connection.fetchval(waiting, bare(innocent["id"])) == 1
    assert (await follow(seller, resembling))["status"] == "ON_HOLD"
    (held,) = [one for one in await anna.queue(partnerId=seller.id) if one["partyName"] == HELD_NAME]
    assert held["reasons"] == ["POSSIBLE_MATCH"]


async def test_a_release_that_dies_at_any_step_is_whole_or_not_at_all(
    seller: Portal, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Index, "search", broken)
        order = await place_for(seller, "Lindeboom Orgels BV", "dies")
    flush, died = Transaction.flush, 0
    for at in range(1, 80):
        seen = 0

        async def dying(self: Transaction, at: int = at) -> None:
            nonlocal seen
            seen += 1
            if seen == at:
                raise ConnectionResetError
            await flush(self)

        with monkeypatch.context() as patch:
            patch.setattr(Transaction, "flush", dying)
            try:
                settled = await screen_again(world.sources, datetime.now(UTC))
            except SourceUnavailable:
                died += 1
                assert (await follow(seller, order))["status"] == "ON_HOLD"
                continue
        break

    after = await follow(seller, order)
    assert died > 5
    assert settled >= 1
    assert after["status"] == "PROVISIONING"
    assert [step["toStatus"] for step in after["timeline"]].count("PROVISIONING") == 1
