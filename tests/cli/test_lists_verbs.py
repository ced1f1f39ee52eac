"""`portico lists diff`: what a new version of a list changes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli import lists
from cli.terminal import Refusal
from datasources.watchlists import bis
from datasources.watchlists.gates import Standing
from datasources.watchlists.store import Store

HEADER = (
    "Name Street_Address City State Country Postal_Code Effective_Date Expiration_Date FR_Citation".replace(
        " ", "\t"
    )
)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def content(*names: str, city: str = "TOWN") -> dict[str, bytes]:
    rows = [f"{name}\tROAD\t{city}\t\tCY\t\t01/01/2025\t01/01/2035\t90 F.R. 1" for name in names]
    return {"bis/dpl.txt": "\n".join([HEADER, *rows, ""]).encode()}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("PORTICO_HOME", str(tmp_path))
    monkeypatch.delenv("PORTICO_WATCHLIST_DIR", raising=False)
    return Store(tmp_path / "watchlists")


def take_in(store: Store, days: int, files: dict[str, bytes]) -> None:
    standing = Standing(rows=2, entries=2, published_on=None)
    store.accept(bis.SOURCE, files, standing, now=NOW + timedelta(days=days), tags={})


def test_a_diff_names_what_came_and_went(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    take_in(store, 0, content("ORLA EXAMPLE", "PIET SAMPLE"))
    take_in(store, 1, content("PIET SAMPLE", "QUINTA INSTANCE"))

    lists.diff()

    printed = capsys.readouterr().out
    assert "BIS_DPL" in printed
    assert [line[0] + line.rsplit(maxsplit=2)[1] for line in printed.splitlines()[-2:]] == [
        "+QUINTA",
        "-ORLA",
    ]


def test_a_diff_says_what_a_directory_would_change(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take_in(store, 0, content("ORLA EXAMPLE", "PIET SAMPLE"))
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "dpl.txt").write_bytes(content("ORLA EXAMPLE")["bis/dpl.txt"])

    lists.diff(tmp_path / "new")

    assert "PIET SAMPLE" in capsys.readouterr().out.splitlines()[-1]


def test_without_two_versions_there_is_nothing_to_compare(store: Store) -> None:
    take_in(store, 0, content("ORLA EXAMPLE"))

    with pytest.raises(Refusal, match="no two versions"):
        lists.diff()


def test_the_status_says_what_is_too_old_and_what_was_set_aside(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    take_in(store, -300, content("ORLA EXAMPLE"))
    store.quarantine(bis.SOURCE, content(), ["shrunk by 100.0%"], now=NOW)

    lists.status()

    printed = capsys.readouterr().out
    assert "TOO OLD" in printed
    assert "shrunk by 100.0%" in printed
