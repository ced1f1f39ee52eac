"""Every version of every list that ever served, by the hash of its content; and those that were refused.

blobs/<sha256>.gz                 the bytes of one official file
lists/<code>/<version>.json       what was accepted, and when
quarantine/<code>/<version>.json  what was refused, and why
current/<code>.json               which version serves, and when its source was last asked
"""

import gzip
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from datasources.watchlists.files import digest
from datasources.watchlists.gates import Standing
from datasources.watchlists.sources import MalformedList, Source


@dataclass(frozen=True, slots=True)
class Kept:
    """A version in the store: its files by name and hash, its counts, when its source last confirmed it."""

    version: str
    files: Mapping[str, str]
    rows: int
    entries: int
    published_on: date | None
    checked_at: datetime
    tags: Mapping[str, str]

    @property
    def standing(self) -> Standing:
        return Standing(self.rows, self.entries, self.published_on)


class Store:
    """A directory; written whole files at a time, so that a reader never meets half of one."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def current(self, source: Source) -> Kept | None:
        path = self.directory / "current" / f"{source.code}.json"
        if not path.is_file():
            return None
        return _kept(path)

    def history(self, source: Source) -> list[Kept]:
        """Every version that ever served, in the order in which they were taken in."""
        return sorted(map(_kept, (self.directory / "lists" / source.code).glob("*.json")), key=_taken_in)

    def version(self, source: Source, digest: str) -> dict[str, bytes] | None:
        """The files of a version that served once; None where it is not kept. Raises MalformedList."""
        path = self.directory / "lists" / source.code / f"{digest}.json"
        if not path.is_file():
            return None
        files: dict[str, str] = json.loads(path.read_text())["files"]
        return {name: self._blob(name, hashed) for name, hashed in files.items()}

    def contents(self, kept: Kept) -> dict[str, bytes]:
        """The files as they were. Raises MalformedList if a blob is gone or not what its name says."""
        return {name: self._blob(name, hashed) for name, hashed in kept.files.items()}

    def accept(
        self,
        source: Source,
        files: Mapping[str, bytes],
        standing: Standing,
        *,
        now: datetime,
        tags: Mapping[str, str],
    ) -> Kept:
        """Let this version serve from now on."""
        kept = Kept(
            version=digest(files),
            files=self._keep(files),
            rows=standing.rows,
            entries=standing.entries,
            published_on=standing.published_on,
            checked_at=now,
            tags=tags,
        )
        self._write(f"lists/{source.code}/{kept.version}.json", _facts(kept))
        self._write(f"current/{source.code}.json", _facts(kept))
        return kept

    def confirm(self, source: Source, kept: Kept, *, now: datetime, tags: Mapping[str, str]) -> Kept:
        """The source was asked and has nothing newer."""
        confirmed = replace(kept, checked_at=now, tags=tags)
        self._write(f"current/{source.code}.json", _facts(confirmed))
        return confirmed

    def quarantine(
        self, source: Source, files: Mapping[str, bytes], reasons: list[str], *, now: datetime
    ) -> None:
        """Keep what was refused, for whoever must ask the publisher."""
        facts = {"files": self._keep(files), "reasons": reasons, "at": now.isoformat()}
        self._write(f"quarantine/{source.code}/{digest(files)}.json", facts)

    def refused(self, source: Source) -> list[dict[str, Any]]:
        folder = self.directory / "quarantine" / source.code
        found = (json.loads(path.read_text()) for path in folder.glob("*.json"))
        return sorted(found, key=lambda facts: str(facts["at"]))

    def _keep(self, files: Mapping[str, bytes]) -> dict[str, str]:
        hashes = {}
        for name, content in files.items():
            hashes[name] = sha256(content).hexdigest()
            path = self.directory / "blobs" / f"{hashes[name]}.gz"
            if not path.exists():
                self._replace(path, gzip.compress(content, mtime=0))
        return hashes

    def _blob(self, name: str, hashed: str) -> bytes:
        try:
            content = gzip.decompress((self.directory / "blobs" / f"{hashed}.gz").read_bytes())
        except (OSError, EOFError) as fault:
            raise MalformedList(f"{name}: {fault}") from fault
        if sha256(content).hexdigest() != hashed:
            raise MalformedList(f"{name}: the stored bytes are not those that were accepted")
        return content

    def _write(self, name: str, facts: dict[str, Any]) -> None:
        self._replace(self.directory / name, json.dumps(facts, indent=1, sort_keys=True).encode())

    def _replace(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        unfinished.write_bytes(content)
        unfinished.replace(path)


def _facts(kept: Kept) -> dict[str, Any]:
    return {
        "version": kept.version,
        "files": dict(kept.files),
        "rows": kept.rows,
        "entries": kept.entries,
        "published_on": kept.published_on.isoformat() if kept.published_on else None,
        "checked_at": kept.checked_at.isoformat(),
        "tags": dict(kept.tags),
    }


def _kept(path: Path) -> Kept:
    facts = json.loads(path.read_text())
    published = facts["published_on"]
    return Kept(
        version=facts["version"],
        files=facts["files"],
        rows=facts["rows"],
        entries=facts["entries"],
        published_on=date.fromisoformat(published) if published else None,
        checked_at=datetime.fromisoformat(facts["checked_at"]),
        tags=facts["tags"],
    )


def _taken_in(kept: Kept) -> datetime:
    return kept.checked_at
