"""The lists in force: loaded whole, swapped whole, and failing closed."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from commerce.matches import Match
from commerce.matching import Index
from commerce.parties import ListedParty
from commerce.screening import Clearance, ListVersion, Outcome, Policy, Snapshot, Subject, decide, unavailable
from datasources.watchlists import files, registry
from datasources.watchlists.sources import MalformedList, Source

SAMPLES = Path(__file__).parent / "samples"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Edition:
    """One consistent set of lists and the index over them; a screening sees one edition throughout."""

    snapshot: Snapshot
    index: Index
    faults: tuple[str, ...] = ()


class Watchlists:
    """Screens against the edition in force; `swap` puts another in its place between two screenings."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition

    @classmethod
    def load(cls, directory: Path | None = None) -> "Watchlists":
        """The official lists of a directory, or the shipped synthetic samples if none is named.

        A list that cannot be read is left out and named in `faults`; with no list at all every screening
        is held.
        """
        if directory is None:
            _log.warning(
                "SCREENING AGAINST SYNTHETIC SAMPLES: set PORTICO_WATCHLIST_DIR to use official lists"
            )
        return cls(edition_of(directory or SAMPLES, is_sample=directory is None))

    @property
    def versions(self) -> tuple[ListVersion, ...]:
        return self._edition.snapshot.versions

    @property
    def snapshot(self) -> Snapshot:
        return self._edition.snapshot

    @property
    def is_sample(self) -> bool:
        return self._edition.snapshot.is_sample

    @property
    def faults(self) -> tuple[str, ...]:
        """Lists that could not be read, each with why."""
        return self._edition.faults

    @property
    def edition(self) -> Edition:
        """What is in force now."""
        return self._edition

    def swap(self, edition: Edition) -> None:
        """Screenings begun before finish on the old edition; those begun after see the new one."""
        self._edition = edition

    def screen(
        self,
        subjects: Sequence[Subject],
        policy: Policy,
        *,
        now: datetime | None = None,
        cleared: Collection[Clearance] = (),
    ) -> Outcome:
        """The decision on all parties of an order. Never raises: whatever fails is a HOLD."""
        edition = self._edition
        try:
            return _screen(edition, subjects, policy, now or datetime.now(UTC), cleared)
        except Exception as fault:  # noqa: BLE001  no fault whatever may become a CLEAR
            _log.exception("screening failed")
            return unavailable(policy, type(fault).__name__, edition.snapshot)


def _screen(
    edition: Edition,
    subjects: Sequence[Subject],
    policy: Policy,
    now: datetime,
    cleared: Collection[Clearance],
) -> Outcome:
    if not len(edition.index):
        return unavailable(policy, "no list is loaded", edition.snapshot)
    matches: list[Match] = []
    suppressed: set[str] = set()
    for subject in subjects:
        valid = {}
        if cleared:
            party = subject.fingerprint()
            valid = {c.entry: c.id for c in cleared if c.party_fingerprint == party and now < c.expires_at}
        found = edition.index.search(subject, floor=policy.keep_at, limit=policy.keep_matches, cleared=valid)
        matches.extend(found)
        suppressed.update(valid.values())
    return decide(subjects, matches, policy, edition.snapshot, now=now, suppressed=tuple(sorted(suppressed)))


def edition_of(directory: Path, *, is_sample: bool = False) -> Edition:
    """All lists found in a directory, indexed."""
    versions: list[ListVersion] = []
    entries: list[ListedParty] = []
    faults: list[str] = []
    for source in registry.SOURCES:
        try:
            loaded = _load(directory, source, is_sample=is_sample)
        except MalformedList as fault:
            _log.error("%s is left out: %s", source.code, fault)
            faults.append(f"{source.code}: {fault}")
            continue
        if loaded:
            versions.append(loaded[0])
            entries.extend(loaded[1])
    return Edition(Snapshot(tuple(versions)), Index.build(entries), tuple(faults))


def _load(
    directory: Path, source: Source, *, is_sample: bool
) -> tuple[ListVersion, tuple[ListedParty, ...]] | None:
    found = files.read(directory, source)
    if found is None:
        return None
    parsed = source.parse(found)
    version = ListVersion(
        source=source.code,
        sha256=files.digest(found),
        published_on=parsed.published_on,
        checked_at=None,
        entries=len(parsed.entries),
        lists=source.lists,
        is_sample=is_sample,
    )
    return version, parsed.entries
