"""Which listed parties a screened party may be: an immutable index of their names.

A search finds the listed words near each screened word, bounds from above what every name that has one
could score, and weighs the likeliest exactly until none left can matter.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import nlargest
from itertools import pairwise

import numpy as np

from commerce.assignment import Query, assigned, pairs_of
from commerce.bounds import bounded
from commerce.entries import Entries
from commerce.matches import CONSEQUENCES, EntryKey, Match, Parts
from commerce.name_rows import KINDS, Hashed, NameRows, rows_of
from commerce.names import tokens_of
from commerce.neighbours import Word, word_of
from commerce.parties import ListCode, ListedParty, PartyKind, Subject
from commerce.qualifiers import most_added, qualifiers, same_identifiers
from commerce.romanisation import readings
from commerce.scoring import WEAK_NAME_FACTOR, evidence_of, evidence_wanted, kind_factor, score_of

FLOOR = 0.5
INDEX_VERSION = 5
"""Raised whenever a change of the rules below makes an index built before it wrong."""
REMEMBERED_WORDS = 65_536


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry's best score so far: by which of its names, against which of the party's, and why."""

    score: float
    screened: str
    name: int
    parts: Parts


class Index:
    """Built once from the entries of a snapshot and never changed; a new snapshot is a new index."""

    def __init__(self, entries: Entries, rows: NameRows, owners: Hashed) -> None:
        self.entries = entries
        self.rows = rows
        self.owners = owners
        self._numbers = {word: number for number, word in enumerate(rows.words)}
        self.word = lru_cache(REMEMBERED_WORDS)(self._looked_up)

    @classmethod
    def build(cls, entries: Iterable[ListedParty]) -> "Index":
        """An entry that comes twice is taken as it comes first."""
        distinct: dict[tuple[ListCode, str], ListedParty] = {}
        for entry in entries:
            distinct.setdefault((entry.list, entry.entry_id), entry)
        kept = tuple(distinct.values())
        keys = ((each.key(), number) for number, entry in enumerate(kept) for each in entry.identifiers)
        return cls(Entries.of(kept), rows_of(kept), Hashed.of(keys))

    def __len__(self) -> int:
        return len(self.entries)

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
        hits: dict[int, Hit] = {}
        for name in (subject.name, *subject.aliases):
            for reading in readings(name):
                self._by_name(subject, name, reading, floor=floor, wanted=wanted, hits=hits)
        if subject.identifiers:
            self._by_identifiers(subject, hits)
        best = sorted(hits, key=lambda number: (-hits[number].score, number))[:wanted]
        matches = (self._match(subject, number, hits[number]) for number in best)
        return [match for match in matches if match.key not in cleared][:limit]

    def among(self, subject: Subject, rows: Collection[int], *, floor: float = FLOOR) -> list[Match]:
        """Every match of at least `floor` on these rows, scored as `search` scores it; best first."""
        hits: dict[int, Hit] = {}
        least = floor - most_added(subject)
        for name in (subject.name, *subject.aliases):
            for reading in readings(name):
                query = self._query(reading, subject.kind)
                for row in rows:
                    self._weigh(subject, name, query, row, least=least, floor=floor, hits=hits)
        if subject.identifiers:
            self._by_identifiers(subject, hits)
        own = {int(self.rows.entry[row]) for row in rows}
        best = sorted(own & hits.keys(), key=lambda number: (-hits[number].score, number))
        return [self._match(subject, number, hits[number]) for number in best]

    def _by_name(
        self, subject: Subject, name: str, reading: str, *, floor: float, wanted: int, hits: dict[int, Hit]
    ) -> None:
        """Weigh names, likeliest first, until no other can be among the `wanted` best entries."""
        query = self._query(reading, subject.kind)
        factors = np.array([kind_factor(subject.kind, kind) for kind in KINDS])
        added = most_added(subject)
        enough = floor
        likeliest, bounds = bounded(query, self.rows, factors, floor - added)
        for row, bound in zip(likeliest.tolist(), bounds.tolist(), strict=True):
            if bound + added < enough:
                break
            better = self._weigh(subject, name, query, row, least=enough - added, floor=floor, hits=hits)
            if better and len(hits) >= wanted:
                enough = max(floor, nlargest(wanted, (known.score for known in hits.values()))[-1])

    def _weigh(
        self,
        subject: Subject,
        name: str,
        query: Query,
        row: int,
        *,
        least: float,
        floor: float,
        hits: dict[int, Hit],
    ) -> bool:
        """Weigh one row, and keep its hit if it is its entry's best and reaches the floor."""
        hit = self._weighed(subject, name, query, row, least)
        number = int(self.rows.entry[row])
        if hit is None or hit.score < floor or (number in hits and hits[number].score >= hit.score):
            return False
        hits[number] = hit
        return True

    def _weighed(self, subject: Subject, name: str, query: Query, row: int, least: float) -> Hit | None:
        """The hit on one listed name, if its name alone scores `least`."""
        rows = self.rows
        total = float(rows.total[row])
        tokens = rows.tokens[row].tolist()
        kind = KINDS[rows.kind[row]]
        factor = kind_factor(subject.kind, kind)
        links = assigned(query, tokens, total, rows)
        if sum(link.worth for link in links) * factor < least:
            return None
        pairs = pairs_of(query, tokens, links, rows)
        entry = self.entries[int(rows.entry[row])]
        listed = entry.names[rows.name[row]]
        parts = Parts(
            pairs=pairs,
            screened_total=query.total,
            listed_total=total,
            evidence=evidence_of(pairs, kind, query.total, total),
            evidence_wanted=query.evidence_wanted,
            kind_factor=factor,
            name_factor=WEAK_NAME_FACTOR if listed.weak else 1.0,
            qualifiers=qualifiers(subject, entry, name, listed.text),
        )
        return Hit(score_of(parts), name, int(rows.name[row]), parts)

    def _by_identifiers(self, subject: Subject, hits: dict[int, Hit]) -> None:
        for number in self.owners.of_any(identifier.key() for identifier in subject.identifiers):
            if agreeing := tuple(same_identifiers(subject, self.entries[number])):
                known = hits.get(number) or Hit(0.0, subject.name, 0, Parts())
                parts = replace(known.parts, qualifiers=(*known.parts.qualifiers, *agreeing))
                hits[number] = replace(known, score=score_of(parts), parts=parts)

    def _query(self, name: str, kind: PartyKind) -> Query:
        texts = tokens_of(name, person=kind is PartyKind.PERSON)
        words = tuple(map(self.word, texts))
        joined = (self._numbers.get(left + right) for left, right in pairwise(texts))
        return Query(
            words=words,
            joins=tuple((at, number) for at, number in enumerate(joined) if number is not None),
            total=sum(word.weight for word in words),
            initials=sum(len(text) == 1 for text in texts),
            evidence_wanted=evidence_wanted(kind),
            texts={text: at for at, text in enumerate(texts)},
        )

    def _looked_up(self, text: str) -> Word:
        return word_of(text, self._numbers, self.rows)

    def weight_if_listed(self, word: str) -> float | None:
        number = self._numbers.get(word)
        return None if number is None else float(self.rows.weights[number])

    def _match(self, subject: Subject, number: int, hit: Hit) -> Match:
        entry = self.entries[number]
        listed = entry.names[hit.name]
        return Match(
            list=entry.list,
            entry_id=entry.entry_id,
            entry_hash=self.entries.content_hash(number),
            entry_kind=entry.kind,
            entry_name=entry.names[0].text,
            matched_name=listed.text,
            screened_name=hit.screened,
            subject_role=subject.role,
            subject_reference=subject.reference,
            score=hit.score,
            parts=hit.parts,
            weak_name=listed.weak,
            provisional=entry.provisional,
            programmes=entry.programmes,
            consequence=CONSEQUENCES[entry.list],
        )
