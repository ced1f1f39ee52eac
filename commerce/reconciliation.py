"""What a partner believes beside what is so: the differences, each with its reason and its fix."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from commerce.ids import Prefix, prefix_of

MOST_ENTRIES = 10_000
MOST_DIFFERENCES = 10_000
"""Differences in one answer; the rest are counted."""


class DifferenceKind(StrEnum):
    """How a belief and the truth differ."""

    MISSING_HERE = "MISSING_HERE"
    MISSING_THERE = "MISSING_THERE"
    STATUS_DIFFERS = "STATUS_DIFFERS"
    SEATS_DIFFER = "SEATS_DIFFER"
    LISTED_TWICE = "LISTED_TWICE"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a partner believes of an order or a subscription; None where it does not say.

    `reference` is its own reference of an order, or an id of ours.
    """

    reference: str
    status: str | None = None
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What we have: an order with the seats that are left of it, or a subscription with those it holds."""

    id: str
    reference: str | None
    status: str
    seats: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it is believed to be. `there` is with the partner, `here` with us."""

    kind: DifferenceKind
    reference: str | None
    id: str | None
    status_there: str | None
    status_here: str | None
    seats_there: int | None
    seats_here: int | None
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Everything that differs. Later changes are in the feed behind `as_of_sequence`."""

    differences: tuple[Difference, ...]
    differences_omitted: int
    compared: int
    as_of_sequence: int

    @property
    def agrees(self) -> bool:
        return not self.differences


def differences(entries: Sequence[Entry], kept: Iterable[Kept], others: Iterable[Kept]) -> list[Difference]:
    """What differs, in the order of the entries; then what they do not name.

    `kept` is whatever the entries name, `others` what they would have to name besides.
    """
    known: dict[str, Kept] = {}
    for one in kept:
        known[one.id] = one
        if one.reference is not None:
            known.setdefault(one.reference, one)
    found = [difference for entry in entries for difference in _of_entry(entry, known)]
    return [*_listed_twice(entries, known), *found, *map(_missing_there, others)]


def _of_entry(entry: Entry, known: Mapping[str, Kept]) -> Iterable[Difference]:
    kept = known.get(entry.reference)
    if kept is None:
        yield _missing_here(entry)
        return
    if entry.status is not None and entry.status != kept.status:
        since = kept.since.strftime("%Y-%m-%d %H:%M:%S UTC")
        reason = f"You have it as {entry.status[:40]}; it is {kept.status} since {since}."
        yield _difference(DifferenceKind.STATUS_DIFFERS, entry, kept, reason, f"Take up {kept.status}.")
    if entry.seats is not None and entry.seats != kept.seats:
        reason = f"You have {entry.seats:,} seats; there are {kept.seats:,}."
        fix = f"Take up {kept.seats:,} seats, or place an order of kind {_kind_for(entry.seats, kept.seats)}."
        yield _difference(DifferenceKind.SEATS_DIFFER, entry, kept, reason, fix)


def _kind_for(there: int, here: int) -> str:
    return "ADD_SEATS" if there > here else "RETURN"


def _missing_here(entry: Entry) -> Difference:
    if prefix_of(entry.reference) is None:
        reason = "No order of yours has this reference: none was ever accepted under it."
        fix = "Place it with this reference; if it was accepted meanwhile, the answer is that order."
    else:
        reason = "Nothing of yours has this id in this environment."
        fix = "Drop it, and look whether it belongs to the other environment or to another client of yours."
    return _difference(DifferenceKind.MISSING_HERE, entry, None, reason, fix)


def _missing_there(kept: Kept) -> Difference:
    word = "order" if prefix_of(kept.id) is Prefix.ORDER else "subscription"
    reason = f"You do not list this {word}, and it is {kept.status} here."
    fix = f"Fetch it by its id, and take it up. {_REPLACED if word == 'order' else ''}".strip()
    return _difference(DifferenceKind.MISSING_THERE, Entry(""), kept, reason, fix)


_REPLACED = "If its answer was lost on the way, the order stands: do not place it again under another key."


def _listed_twice(entries: Sequence[Entry], known: Mapping[str, Kept]) -> Iterable[Difference]:
    """References that stand in more than one entry, or name the same record in two ways."""
    counts = Counter(_identity(entry, known) for entry in entries)
    told: set[str] = set()
    for entry in entries:
        identity = _identity(entry, known)
        if counts[identity] > 1 and identity not in told:
            told.add(identity)
            reason = f"{counts[identity]} entries name it."
            kept = known.get(entry.reference)
            yield _difference(DifferenceKind.LISTED_TWICE, entry, kept, reason, "List it once.")


def _identity(entry: Entry, known: Mapping[str, Kept]) -> str:
    kept = known.get(entry.reference)
    return kept.id if kept else entry.reference


def _difference(kind: DifferenceKind, entry: Entry, kept: Kept | None, reason: str, fix: str) -> Difference:
    return Difference(
        kind,
        entry.reference or (kept.reference if kept else None),
        kept.id if kept else None,
        entry.status,
        kept.status if kept else None,
        entry.seats,
        kept.seats if kept else None,
        reason,
        fix,
    )
