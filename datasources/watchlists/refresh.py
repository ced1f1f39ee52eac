"""Taking in new versions of a list: what passes the gates serves, what does not is set aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import requests

from datasources.watchlists.download import Downloaded, Unreachable, download
from datasources.watchlists.files import digest
from datasources.watchlists.gates import Standing, refusals
from datasources.watchlists.sources import MalformedList, Parsed, Source
from datasources.watchlists.store import Store


class Result(StrEnum):
    UNCHANGED = "UNCHANGED"
    ACCEPTED = "ACCEPTED"
    QUARANTINED = "QUARANTINED"
    UNREACHABLE = "UNREACHABLE"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of asking for a list; `reasons` say why it was refused or not reached."""

    source: str
    result: Result
    reasons: tuple[str, ...] = ()


def refreshed(source: Source, store: Store, session: requests.Session, *, now: datetime) -> Refreshed:
    """Ask the publisher and take in what it has. A list out of reach or refused leaves the last good one."""
    kept = store.current(source)
    try:
        found = download(source, kept.tags if kept else {}, session)
    except (Unreachable, MalformedList) as fault:
        return Refreshed(source.code, Result.UNREACHABLE, (str(fault),))
    if not found.files and kept:
        store.confirm(source, kept, now=now, tags=found.tags)
        return Refreshed(source.code, Result.UNCHANGED)
    return taken_in(source, found, store, now=now)


def taken_in(source: Source, found: Downloaded, store: Store, *, now: datetime) -> Refreshed:
    """Judge a list's files against its gates and the version in force."""
    kept = store.current(source)
    if kept and kept.version == digest(found.files):
        store.confirm(source, kept, now=now, tags=found.tags)
        return Refreshed(source.code, Result.UNCHANGED)
    parsed, reasons = judged(source, found.files, kept.standing if kept else None)
    if parsed is None:
        store.quarantine(source, found.files, reasons, now=now)
        return Refreshed(source.code, Result.QUARANTINED, tuple(reasons))
    standing = Standing(parsed.rows, len(parsed.entries), parsed.published_on)
    store.accept(source, found.files, standing, now=now, tags=found.tags)
    return Refreshed(source.code, Result.ACCEPTED)


def judged(
    source: Source, files: Mapping[str, bytes], standing: Standing | None
) -> tuple[Parsed | None, list[str]]:
    """What the files say if they may serve, else why they may not."""
    empty = [f"{name}: 0 bytes" for name, content in files.items() if not content]
    if empty:
        return None, empty
    try:
        parsed = source.parse(files)
    except MalformedList as fault:
        return None, [str(fault)]
    except Exception as fault:  # noqa: BLE001  a file its own reader trips over is no list either
        return None, [f"cannot be read: {type(fault).__name__}: {fault}"]
    reasons = refusals(source, parsed, standing)
    return (None, reasons) if reasons else (parsed, [])
