"""One consistent set of lists and the index over them, from wherever the lists are."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from commerce.matching import Index
from commerce.parties import ListedParty
from commerce.screening import ListVersion, Snapshot
from datasources.watchlists import files, index_cache
from datasources.watchlists.gates import Standing
from datasources.watchlists.refresh import judged
from datasources.watchlists.registry import SOURCES
from datasources.watchlists.searches import Searches
from datasources.watchlists.sources import MalformedList, Parsed, Source
from datasources.watchlists.store import Kept, Store

SAMPLES = Path(__file__).parent / "samples"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Edition:
    """What one screening sees throughout. `faults` say which lists could not be read, and why."""

    snapshot: Snapshot
    index: Index
    faults: tuple[str, ...] = ()
    searches: Searches = field(default_factory=Searches, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class _Volume:
    """One list of an edition; parsed only if it had to be."""

    source: Source
    version: ListVersion
    content: dict[str, bytes]
    parsed: Parsed | None = None

    def entries(self) -> tuple[ListedParty, ...]:
        return (self.parsed or self.source.parse(self.content)).entries


def of_samples() -> Edition:
    """The synthetic lists that ship with Portico."""
    volumes = []
    for source in SOURCES:
        content = files.read(SAMPLES, source)
        if content:
            parsed = source.parse(content)
            standing = Standing(parsed.rows, len(parsed.entries), parsed.published_on)
            version = _version(source, files.digest(content), standing, checked_at=None, is_sample=True)
            volumes.append(_Volume(source, version, content, parsed))
    return _edition(volumes, (), None)


def of_directory(directory: Path, store: Store | None = None, *, now: datetime | None = None) -> Edition:
    """The official lists of a directory, each judged; where one fails, the last good one of the store."""
    volumes, faults = [], []
    for source in SOURCES:
        try:
            volume = _pinned(source, directory, store, now or datetime.now(UTC))
        except MalformedList as fault:
            _log.error("%s cannot serve: %s", source.code, fault)
            volume = _last_good(source, store)
            if volume is None:
                faults.append(f"{source.code}: {fault}")
        if volume:
            volumes.append(volume)
    return _edition(volumes, tuple(faults), store)


def of_store(store: Store) -> Edition | None:
    """The lists last downloaded; None if there are none."""
    volumes, faults = [], []
    for source in SOURCES:
        try:
            volume = _last_good(source, store)
        except MalformedList as fault:
            _log.error("%s cannot serve: %s", source.code, fault)
            faults.append(f"{source.code}: {fault}")
        else:
            volumes += [volume] if volume else []
    return _edition(volumes, tuple(faults), store) if volumes or faults else None


def _pinned(source: Source, directory: Path, store: Store | None, now: datetime) -> _Volume | None:
    """Raises MalformedList on files that may not serve, having set them aside."""
    content = files.read(directory, source)
    if content is None:
        return None
    digest = files.digest(content)
    kept = store.current(source) if store else None
    if kept and kept.version == digest:
        return _Volume(source, _version(source, digest, kept.standing, checked_at=None), content)
    parsed, reasons = judged(source, content, kept.standing if kept else None)
    if parsed is None:
        if store:
            store.quarantine(source, content, reasons, now=now)
        raise MalformedList("; ".join(reasons))
    standing = Standing(parsed.rows, len(parsed.entries), parsed.published_on)
    if store:
        store.accept(source, content, standing, now=now, tags={})
    return _Volume(source, _version(source, digest, standing, checked_at=None), content, parsed)


def _last_good(source: Source, store: Store | None) -> _Volume | None:
    kept: Kept | None = store.current(source) if store else None
    if not store or not kept:
        return None
    version = _version(source, kept.version, kept.standing, checked_at=kept.checked_at)
    return _Volume(source, version, store.contents(kept))


def _version(
    source: Source, digest: str, standing: Standing, *, checked_at: datetime | None, is_sample: bool = False
) -> ListVersion:
    return ListVersion(
        source=source.code,
        sha256=digest,
        published_on=standing.published_on,
        checked_at=checked_at,
        entries=standing.entries,
        lists=source.lists,
        is_sample=is_sample,
    )


def _edition(volumes: Iterable[_Volume], faults: tuple[str, ...], store: Store | None) -> Edition:
    volumes = list(volumes)
    missing = tuple(fault.split(":")[0] for fault in faults)
    snapshot = Snapshot(tuple(volume.version for volume in volumes), missing)
    saved_at = index_cache.path_of(store.directory, snapshot.id) if store else None
    index = index_cache.loaded(saved_at) if saved_at else None
    if index is None:
        index = Index.build(entry for volume in volumes for entry in volume.entries())
        if saved_at:
            index_cache.saved(index, saved_at)
    return Edition(snapshot, index, faults)
