"""The lists in force: swapped whole between two screenings, and failing closed."""

import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

import requests

from commerce.matches import EntryKey, Match
from commerce.screening import Clearance, ListVersion, Outcome, Policy, Snapshot, Subject, decide, unavailable
from datasources.watchlists import editions
from datasources.watchlists.editions import Edition
from datasources.watchlists.refresh import Refreshed, Result, refreshed
from datasources.watchlists.registry import SOURCES
from datasources.watchlists.store import Store

_log = logging.getLogger(__name__)


class Watchlists:
    """Screens against the edition in force; `swap` puts another in its place between two screenings."""

    def __init__(self, edition: Edition, store: Store | None = None) -> None:
        self._edition = edition
        self._store = store

    @classmethod
    def load(cls, directory: Path | None = None, *, home: Path | None = None) -> "Watchlists":
        """The official lists of a directory; else those downloaded to `home`; else the shipped samples.

        `home` keeps what was accepted, what was refused and the index; without it all is read anew. A list
        that cannot be read is named in `faults` and holds every screening, unless `home` has the last good.
        """
        store = Store(home) if home else None
        if directory:
            return cls(editions.of_directory(directory, store), store)
        edition = editions.of_store(store) if store else None
        if edition is None:
            _log.warning(
                "SCREENING AGAINST SYNTHETIC SAMPLES: set PORTICO_WATCHLIST_DIR to use official lists"
            )
        return cls(edition or editions.of_samples(), store)

    @property
    def edition(self) -> Edition:
        return self._edition

    @property
    def home(self) -> Path | None:
        """Where lists are kept, in force and past."""
        return self._store.directory if self._store else None

    @property
    def snapshot(self) -> Snapshot:
        return self._edition.snapshot

    @property
    def versions(self) -> tuple[ListVersion, ...]:
        return self._edition.snapshot.versions

    @property
    def is_sample(self) -> bool:
        return self._edition.snapshot.is_sample

    @property
    def faults(self) -> tuple[str, ...]:
        """Lists that could not be read, each with why."""
        return self._edition.faults

    def swap(self, edition: Edition) -> None:
        """Screenings begun before finish on the old edition; those begun after see the new one."""
        self._edition = edition

    def refresh(self, *, now: datetime | None = None) -> tuple[Refreshed, ...]:
        """Ask every publisher, and serve what has changed for the good. Blocks: run it in a thread.

        Raises ValueError without a home to keep lists in.
        """
        if self._store is None:
            raise ValueError("a refresh needs a home to keep the lists in")
        with requests.Session() as session:
            asked_at = now or datetime.now(UTC)
            found = tuple(refreshed(source, self._store, session, now=asked_at) for source in SOURCES)
        if any(each.result in (Result.ACCEPTED, Result.UNCHANGED) for each in found):
            self.swap(editions.of_store(self._store) or self._edition)
        return found

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
            return _screened(edition, subjects, policy, now or datetime.now(UTC), cleared)
        except Exception as fault:  # noqa: BLE001  no fault whatever may become a CLEAR
            _log.exception("screening failed")
            return unavailable(policy, type(fault).__name__, edition.snapshot)


def _screened(
    edition: Edition,
    subjects: Sequence[Subject],
    policy: Policy,
    now: datetime,
    cleared: Collection[Clearance],
) -> Outcome:
    if not len(edition.index):
        return unavailable(policy, "no list is loaded", edition.snapshot)
    matches: list[Match] = []
    suppressed: list[str] = []
    for subject in subjects:
        valid = _valid(cleared, subject, now)
        most = policy.keep_matches + len(valid)
        found = edition.searches.of(edition.index, subject, floor=policy.keep_at, limit=most)
        suppressed += [valid[match.key] for match in found if match.key in valid]
        matches += [match for match in found if match.key not in valid][: policy.keep_matches]
    return decide(
        subjects, matches, policy, edition.snapshot, now=now, suppressed=tuple(dict.fromkeys(suppressed))
    )


def _valid(cleared: Collection[Clearance], subject: Subject, now: datetime) -> dict[EntryKey, str]:
    """The cleared hits of this very party that are still in force, and whose word each rests on."""
    if not cleared:
        return {}
    party = subject.fingerprint()
    return {
        each.entry: each.id for each in cleared if each.party_fingerprint == party and now < each.expires_at
    }
