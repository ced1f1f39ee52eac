"""Editions that were in force once, made again from the bytes that were kept under their hashes."""

from functools import lru_cache
from pathlib import Path

from commerce.matching import Index
from commerce.parties import ListedParty
from commerce.screening import Snapshot
from datasources.watchlists import files
from datasources.watchlists.editions import SAMPLES, Edition
from datasources.watchlists.registry import SOURCES
from datasources.watchlists.sources import MalformedList, Source
from datasources.watchlists.store import Store


class NotKept(LookupError):
    """A list that a decision rests on is not kept here: the sentence says which."""


def of_snapshot(snapshot: Snapshot, home: Path | None) -> Edition:
    """The edition of a snapshot, in the order of authority that it was built in. Raises NotKept."""
    index = _index(tuple((one.source, one.sha256, one.is_sample) for one in snapshot.versions), home)
    return Edition(snapshot, index)


@lru_cache(4)
def _index(versions: tuple[tuple[str, str, bool], ...], home: Path | None) -> Index:
    sources = {source.code: source for source in SOURCES}
    known = [(sources[code], digest, is_sample) for code, digest, is_sample in versions if code in sources]
    if len(known) < len(versions):
        raise NotKept("a list that this version of Portico does not read")
    return Index.build(
        entry
        for source, digest, is_sample in known
        for entry in (_sample(source, digest) if is_sample else _kept(source, digest, home))
    )


def _sample(source: Source, digest: str) -> tuple[ListedParty, ...]:
    content = files.read(SAMPLES, source)
    if content is None or files.digest(content) != digest:
        raise NotKept(f"the sample list {source.code} of that time")
    return source.parse(content).entries


def _kept(source: Source, digest: str, home: Path | None) -> tuple[ListedParty, ...]:
    try:
        content = Store(home).version(source, digest) if home else None
    except MalformedList as fault:
        raise NotKept(f"{source.code} {digest[:12]}: {fault}") from fault
    if content is None:
        raise NotKept(f"{source.code} {digest[:12]}")
    return source.parse(content).entries
