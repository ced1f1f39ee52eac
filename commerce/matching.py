"""Which listed parties a screened party may be: an immutable index of their names.

A search finds the listed words near each screened word, bounds from above what every name that has one
could score, and weighs the likeliest exactly until none left can matter.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from heapq import nlargest
from itertools import pairwise

import numpy as np

from commerce.assignment import Query, assigned
from commerce.bounds import bounded
from commerce.matches import CONSEQUENCES, EntryKey, Match, Parts
from commerce.name_rows import KINDS, NameRows, rows_of
from commerce.names import tokens_of
from commerce.neighbours import Word, word_of
from commerce.parties import ListCode, ListedParty, PartyKind, Subject
from commerce.qualifiers import MOST, qualifiers, same_identifiers
from commerce.scoring import WEAK_NAME_FACTOR, evidence_of, kind_factor, score_of

FLOOR = 0.5
REMEMBERED_WORDS = 65_536


class Index:
    """Built once from the entries of a snapshot and never changed; a new snapshot is a new index."""

    def __init__(self, entries: Sequence[ListedParty], rows: NameRows) -> None:
        self._entries = entries
        self._rows = rows
        self._numbers = {word: number for number, word in enumerate(rows.words)}
        self._owners: dict[str, list[int]] = defaultdict(list)
        for number, entry in enumerate(entries):
            for identifier in entry.identifiers:
                self._owners[identifier.key()].append(number)
        self._word = lru_cache(REMEMBERED_WORDS)(self._looked_up)

    @classmethod
    def build(cls, entries: Iterable[ListedParty]) -> "Index":
        """An entry that comes twice is taken as it comes first."""
        distinct: dict[tuple[ListCode, str], ListedParty] = {}
        for entry in entries:
            distinct.setdefault((entry.list, entry.entry_id), entry)
        kept = tuple(distinct.values())
        return cls(kept, rows_of(kept))

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
        wanted = limit + len(cleared)
        best: dict[tuple[ListCode, str], Match] = {}
        for match in self._found(subject, floor, wanted):
            known = best.get((match.list, match.entry_id))
            if match.key not in cleared and (not known or known.score < match.score):
                best[match.list, match.entry_id] = match
        return nlargest(limit, sorted(best.values(), key=_identity), key=lambda match: match.score)

    def _found(self, subject: Subject, floor: float, wanted: int) -> Iterator[Match]:
        for name in (subject.name, *subject.aliases):
            yield from self._by_name(subject, name, floor, wanted)
        keys = {identifier.key() for identifier in subject.identifiers}
        for number in sorted({number for key in keys for number in self._owners.get(key, ())}):
            yield self._by_identifier(subject, self._entries[number])

    def _by_name(self, subject: Subject, name: str, floor: float, wanted: int) -> Iterator[Match]:
        """The `wanted` best entries, and whatever was weighed before they were known to be."""
        query = self._query(name, subject.kind)
        factors = np.array([kind_factor(subject.kind, kind) for kind in KINDS])
        best: dict[int, float] = {}
        enough = floor
        likeliest, bounds = bounded(query, self._rows, factors, floor - MOST)
        for row, bound in zip(likeliest.tolist(), bounds.tolist(), strict=True):
            if bound + MOST < enough:
                break
            match = self._weighed(subject, name, query, row, enough)
            if match is None:
                continue
            yield match
            owner = int(self._rows.entry[row])
            best[owner] = max(best.get(owner, 0.0), match.score)
            if len(best) >= wanted:
                enough = max(floor, nlargest(wanted, best.values())[-1])

    def _weighed(self, subject: Subject, name: str, query: Query, row: int, floor: float) -> Match | None:
        """The match of one listed name, if it scores `floor`."""
        rows = self._rows
        total = float(rows.total[row])
        tokens = rows.tokens[row].tolist()
        pairs = assigned(query, tokens, total, rows)
        kind = KINDS[rows.kind[row]]
        found = sum(pair.listed.count(" ") + 1 for pair in pairs)
        parts = Parts(
            pairs=pairs,
            screened_total=query.total,
            listed_total=total,
            evidence=evidence_of(pairs, kind, whole=found == len(tokens) == len(query.words)),
            kind_factor=kind_factor(subject.kind, kind),
        )
        if score_of(parts) + MOST < floor:
            return None
        entry = self._entries[rows.entry[row]]
        listed = entry.names[rows.name[row]]
        parts = replace(
            parts,
            name_factor=WEAK_NAME_FACTOR if listed.weak else 1.0,
            qualifiers=qualifiers(subject, entry, name, listed.text),
        )
        match = _match(subject, name, entry, int(rows.name[row]), parts)
        return match if match.score >= floor else None

    def _by_identifier(self, subject: Subject, entry: ListedParty) -> Match:
        return _match(
            subject, subject.name, entry, 0, Parts(qualifiers=tuple(same_identifiers(subject, entry)))
        )

    def _query(self, name: str, kind: PartyKind) -> Query:
        texts = tokens_of(name, person=kind is PartyKind.PERSON)
        words = tuple(map(self._word, texts))
        joined = (self._numbers.get(left + right) for left, right in pairwise(texts))
        return Query(
            words=words,
            joins=tuple((at, number) for at, number in enumerate(joined) if number is not None),
            total=sum(word.weight for word in words),
        )

    def _looked_up(self, text: str) -> Word:
        return word_of(text, self._numbers.get(text), self._rows)


def _identity(match: Match) -> tuple[str, str]:
    return match.list, match.entry_id


def _match(subject: Subject, name: str, entry: ListedParty, listed: int, parts: Parts) -> Match:
    return Match(
        list=entry.list,
        entry_id=entry.entry_id,
        entry_hash=entry.content_hash(),
        entry_kind=entry.kind,
        entry_name=entry.names[0].text,
        matched_name=entry.names[listed].text,
        screened_name=name,
        subject_role=subject.role,
        subject_reference=subject.reference,
        score=score_of(parts),
        parts=parts,
        weak_name=entry.names[listed].weak,
        provisional=entry.provisional,
        programmes=entry.programmes,
        consequence=CONSEQUENCES[entry.list],
    )
