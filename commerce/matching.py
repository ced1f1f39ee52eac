"""Which listed parties a screened party may be: an immutable index of their names."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from math import log

from commerce.matches import CONSEQUENCES, EntryKey, Evidence, Match, Parts, TokenPair
from commerce.names import normalised
from commerce.parties import ListCode, ListedName, ListedParty, PartyKind, Subject
from commerce.scoring import (
    KIND_FACTOR_CONVEYANCE,
    KIND_FACTOR_PERSON_ORGANISATION,
    WEAK_NAME_FACTOR,
    score_of,
)

FLOOR = 0.5
_CONVEYANCES = (PartyKind.VESSEL, PartyKind.AIRCRAFT)


class Index:
    """Built once from the entries of a snapshot and never changed; a new snapshot is a new index."""

    def __init__(self, entries: tuple[ListedParty, ...]) -> None:
        self._entries = entries
        self._rows = [
            (entry, name, normalised(name.text).tokens) for entry in entries for name in entry.names
        ]
        self._postings: dict[str, list[int]] = defaultdict(list)
        for row, (_, _, tokens) in enumerate(self._rows):
            for token in set(tokens):
                self._postings[token].append(row)

    @classmethod
    def build(cls, entries: Iterable[ListedParty]) -> "Index":
        return cls(tuple(entries))

    def __len__(self) -> int:
        return len(self._entries)

    def search(
        self,
        subject: Subject,
        *,
        floor: float = FLOOR,
        limit: int = 20,
        cleared: Collection[EntryKey] = frozenset(),
    ) -> list[Match]:
        """Matches of at least `floor`, best first, one for each entry; `cleared` ones never take a place."""
        best: dict[tuple[ListCode, str], Match] = {}
        for name in (subject.name, *subject.aliases):
            for match in self._of_name(subject, name):
                found = best.get((match.list, match.entry_id))
                if (
                    match.score >= floor
                    and match.key not in cleared
                    and (not found or found.score < match.score)
                ):
                    best[match.list, match.entry_id] = match
        return sorted(best.values(), key=lambda match: (-match.score, match.list, match.entry_id))[:limit]

    def _of_name(self, subject: Subject, name: str) -> Iterable[Match]:
        tokens = normalised(name).tokens
        weigh = self._weigher()
        shared = Counter(row for token in set(tokens) for row in self._postings.get(token, ()))
        for row in shared:
            entry, listed, listed_tokens = self._rows[row]
            parts = Parts(
                pairs=tuple(
                    TokenPair(token, token, Evidence.EXACT, 1.0, weigh(token), weigh(token))
                    for token in sorted(set(tokens) & set(listed_tokens))
                ),
                screened_total=sum(map(weigh, set(tokens))),
                listed_total=sum(map(weigh, set(listed_tokens))),
                informative=sum(weigh(token) for token in set(tokens) & set(listed_tokens)),
                kind_factor=kind_factor(subject.kind, entry.kind),
                name_factor=WEAK_NAME_FACTOR if listed.weak else 1.0,
            )
            yield match_of(subject, name, entry, listed, parts)

    def _weigher(self) -> Callable[[str], float]:
        rows = len(self._rows)
        return lambda token: log((1 + rows) / (1 + len(self._postings.get(token, ())))) / log(1 + rows) * 2


def kind_factor(screened: PartyKind, listed: PartyKind) -> float:
    if screened is listed or PartyKind.UNKNOWN in (screened, listed):
        return 1.0
    return KIND_FACTOR_CONVEYANCE if listed in _CONVEYANCES else KIND_FACTOR_PERSON_ORGANISATION


def match_of(subject: Subject, name: str, entry: ListedParty, listed: ListedName, parts: Parts) -> Match:
    return Match(
        list=entry.list,
        entry_id=entry.entry_id,
        entry_hash=entry.content_hash(),
        entry_kind=entry.kind,
        entry_name=entry.names[0].text,
        matched_name=listed.text,
        screened_name=name,
        subject_role=subject.role,
        subject_reference=subject.reference,
        score=score_of(parts),
        parts=parts,
        weak_name=listed.weak,
        provisional=entry.provisional,
        programmes=entry.programmes,
        consequence=CONSEQUENCES[entry.list],
    )
