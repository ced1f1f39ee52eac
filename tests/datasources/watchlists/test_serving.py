"""The lists in force: what they screen, how they are swapped, and that they fail closed."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commerce.matches import EntryKey
from commerce.matching import Index
from commerce.parties import ListedParty, PartyKind, Role, Subject
from commerce.screening import Clearance, Decision, ReasonCode
from commerce.screening_policies import PARTNER_SELF_SERVICE
from datasources.watchlists import Edition, Watchlists, of_directory, of_samples

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LISTED = Subject(PartyKind.ORGANISATION, Role.CUSTOMER, "Zarkova Trading House", country="DE")
UNLISTED = replace(LISTED, name="Acme Widgets GmbH")


def test_without_a_directory_the_samples_serve_and_say_so(caplog: pytest.LogCaptureFixture):
    lists = Watchlists.load(None)

    assert lists.is_sample
    assert "SYNTHETIC SAMPLES" in caplog.text
    assert lists.screen([LISTED], PARTNER_SELF_SERVICE).decision is Decision.DENY
    assert lists.screen([UNLISTED], PARTNER_SELF_SERVICE).decision is Decision.CLEAR


def test_a_directory_without_lists_holds_everything(tmp_path: Path):
    outcome = Watchlists.load(tmp_path).screen([UNLISTED], PARTNER_SELF_SERVICE)

    assert outcome.decision is Decision.HOLD
    assert outcome.reasons[0].code is ReasonCode.SCREENING_UNAVAILABLE


def test_a_fault_of_the_engine_is_a_hold(monkeypatch: pytest.MonkeyPatch):
    lists = Watchlists.load(None)
    monkeypatch.setattr("commerce.matching.Index.search", lambda *_, **__: 1 / 0)

    outcome = lists.screen([UNLISTED], PARTNER_SELF_SERVICE)

    assert outcome.decision is Decision.HOLD
    assert outcome.reasons[0].detail == "ZeroDivisionError"


def test_a_swap_takes_effect_between_two_screenings(tmp_path: Path):
    lists = Watchlists.load(None)
    before = lists.snapshot.id

    lists.swap(of_directory(tmp_path))

    assert lists.screen([LISTED], PARTNER_SELF_SERVICE).decision is Decision.HOLD
    assert lists.snapshot.id != before

    lists.swap(of_samples())

    assert lists.screen([LISTED], PARTNER_SELF_SERVICE).decision is Decision.DENY
    assert lists.snapshot.id == before


def cleared_hit(lists: Watchlists, **changes: object) -> Clearance:
    match = lists.screen([LISTED], PARTNER_SELF_SERVICE, now=NOW).matches[0]
    clearance = Clearance("clr_1", LISTED.fingerprint(), match.key, NOW + timedelta(days=365))
    return replace(clearance, **changes)  # type: ignore[arg-type]


def test_a_cleared_hit_stays_out_and_is_recorded():
    lists = Watchlists.load(None)

    outcome = lists.screen([LISTED], PARTNER_SELF_SERVICE, now=NOW, cleared=[cleared_hit(lists)])

    assert outcome.decision is Decision.CLEAR
    assert outcome.suppressed == ("clr_1",)


def test_a_clearance_ends_by_time_by_the_entry_and_by_the_party():
    lists = Watchlists.load(None)
    expired = cleared_hit(lists, expires_at=NOW)
    changed_entry = cleared_hit(lists)
    changed_entry = replace(changed_entry, entry=EntryKey(*(changed_entry.entry.list, "90001", "0" * 64)))
    moved = replace(LISTED, country="FR")

    def decision(subject: Subject, clearance: Clearance) -> Decision:
        return lists.screen([subject], PARTNER_SELF_SERVICE, now=NOW, cleared=[clearance]).decision

    assert decision(LISTED, expired) is Decision.DENY
    assert decision(LISTED, changed_entry) is Decision.DENY
    assert decision(moved, cleared_hit(lists)) is Decision.DENY


def test_lists_are_swapped_under_load_without_a_failed_screening():
    """Every decision is by one whole edition: the listed are denied by the snapshot that lists them."""
    lists = Watchlists.load(None)
    full = lists.edition
    fewer = Edition(replace(full.snapshot, versions=full.snapshot.versions[1:]), Index.build(_others(full)))
    expected = {full.snapshot.id: Decision.DENY, fewer.snapshot.id: Decision.CLEAR}
    policy = replace(PARTNER_SELF_SERVICE, required_lists=frozenset())
    stop = threading.Event()

    def screen() -> list[tuple[str, Decision]]:
        seen = []
        while not stop.is_set():
            outcome = lists.screen([LISTED], policy)
            seen.append((outcome.snapshot.id, outcome.decision))
        return seen

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(screen) for _ in range(3)]
        for turn in range(200):
            lists.swap(fewer if turn % 2 else full)
            time.sleep(0.001)
        stop.set()
        seen = [pair for each in running for pair in each.result()]

    assert {decision for _, decision in seen} == {Decision.DENY, Decision.CLEAR}
    assert all(expected[snapshot] is decision for snapshot, decision in seen)


def _others(edition: Edition) -> list[ListedParty]:
    """The entries without those that the screened party resembles."""
    return [entry for entry in edition.index.entries if "ZARKOV" not in entry.names[0].text.upper()]
