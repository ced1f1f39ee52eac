"""What changed between two versions of a list: what must be screened again, and no more."""

from collections.abc import Iterable
from dataclasses import dataclass

from commerce.entries import Entries, content_hash
from commerce.parties import ListCode, ListedParty


@dataclass(frozen=True, slots=True)
class Changes:
    """`changed` are the entries as they are now; `removed` as they were."""

    added: tuple[ListedParty, ...]
    changed: tuple[ListedParty, ...]
    removed: tuple[ListedParty, ...]


def changes(before: Iterable[ListedParty], after: Iterable[ListedParty]) -> Changes:
    """By list and entry id, and within those by content."""
    old, new = _by_identity(before), _by_identity(after)
    return Changes(
        added=tuple(new[key] for key in new if key not in old),
        changed=tuple(
            new[key] for key in new if key in old and content_hash(new[key]) != content_hash(old[key])
        ),
        removed=tuple(old[key] for key in old if key not in new),
    )


def _by_identity(entries: Iterable[ListedParty]) -> dict[tuple[ListCode, str], ListedParty]:
    found: dict[tuple[ListCode, str], ListedParty] = {}
    for entry in entries:
        found.setdefault((entry.list, entry.entry_id), entry)
    return found


def changed_positions(before: Entries, after: Entries) -> list[int]:
    """Entries of `after`, by position, that are new or not as they were: nothing is unpacked for it."""
    known = set(before.pieces())
    return [number for number, piece in enumerate(after.pieces()) if piece not in known]


def gone(before: Entries, after: Entries) -> list[ListedParty]:
    """Entries as they were that are not on the lists any more, or not like this."""
    known = set(after.pieces())
    return [before[number] for number, piece in enumerate(before.pieces()) if piece not in known]
