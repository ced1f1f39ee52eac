"""A directory of lists against accidents: nothing that happens to a file may clear anybody."""

import gzip
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commerce.parties import PartyKind, Role, Subject
from commerce.screening import Decision, ReasonCode
from commerce.screening_policies import PARTNER_SELF_SERVICE
from datasources.watchlists import Watchlists, index_cache
from datasources.watchlists.registry import SOURCES
from datasources.watchlists.store import Store

INNOCENT = Subject(PartyKind.ORGANISATION, Role.CUSTOMER, "Brightwater Textbooks", country="DE")
POLICY = replace(PARTNER_SELF_SERVICE, required_lists=frozenset())
DAMAGES = {
    "empty": lambda _: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "halved": lambda content: b"\n".join(content.split(b"\n")[: content.count(b"\n") // 2]),
    "another file": lambda _: b"<html>moved</html>",
}


@pytest.fixture
def directory(real_lists: Path, tmp_path: Path) -> Path:
    """The shorter official lists, where they can be damaged."""
    copy = tmp_path / "lists"
    for name in ("un", "bis", "ofac_consolidated"):
        shutil.copytree(real_lists / name, copy / name)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return copy


def decision(lists: Watchlists, now: datetime | None = None) -> tuple[Decision, list[ReasonCode]]:
    outcome = lists.screen([INNOCENT], POLICY, now=now)
    return outcome.decision, [reason.code for reason in outcome.reasons]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["un/consolidated.xml", "ofac_consolidated/cons_prim.csv", "bis/dpl.txt"])
def test_a_damaged_list_holds_everybody_when_there_is_no_last_good_one(
    directory: Path, name: str, damage: str
):
    spoil(directory, name, damage)

    lists = Watchlists.load(directory)

    assert decision(lists) == (Decision.HOLD, [ReasonCode.LIST_MISSING])
    assert len(lists.faults) == 1


def test_a_broken_archive_holds_everybody(directory: Path):
    path = directory / "un" / "consolidated.xml.gz"
    path.write_bytes(path.read_bytes()[:-2000])

    assert decision(Watchlists.load(directory)) == (Decision.HOLD, [ReasonCode.LIST_MISSING])


def test_the_last_good_list_serves_until_it_is_too_old(directory: Path, tmp_path: Path):
    home = tmp_path / "home"
    good = Watchlists.load(directory, home=home)
    spoil(directory, "un/consolidated.xml", "halved")

    lists = Watchlists.load(directory, home=home)

    assert decision(lists) == (Decision.CLEAR, [])
    assert lists.snapshot.id == good.snapshot.id
    un = next(source for source in SOURCES if source.code == "UN_SC")
    assert len(Store(home).refused(un)) == 1
    later = datetime.now(UTC) + timedelta(hours=37)
    assert decision(lists, later) == (Decision.HOLD, [ReasonCode.LISTS_STALE])


def test_a_saved_index_answers_as_the_built_one_does(tmp_path: Path):
    home = tmp_path / "home"
    listed = Subject(PartyKind.PERSON, Role.CONTACT, "Tarik al-Kasabi", country="YE")

    built = Watchlists.load(None).edition.index

    index_cache.saved(built, home / "index.npz")
    saved = index_cache.loaded(home / "index.npz")

    assert saved is not None
    assert saved.search(listed) == built.search(listed) != []
    assert list(saved.entries) == list(built.entries)


@pytest.mark.parametrize("keep", [0, 100, -10])
def test_a_damaged_saved_index_is_not_used(tmp_path: Path, keep: int):
    path = tmp_path / "index.npz"
    index_cache.saved(Watchlists.load(None).edition.index, path)
    path.write_bytes(path.read_bytes()[:keep])

    assert index_cache.loaded(path) is None


def spoil(directory: Path, name: str, damage: str) -> None:
    path = directory / f"{name}.gz"
    content = DAMAGES[damage](gzip.decompress(path.read_bytes()))
    path.write_bytes(gzip.compress(content))
