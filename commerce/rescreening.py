"""Whom a change of the lists touches: the changed entries looked up among our parties, not the reverse.

Every name of a changed entry is bounded from above against every party that has a word near one of its
words, as `commerce.bounds` bounds the other way round; what is left is weighed exactly by the new index. So
the parties found are all those, and only those, whom a full search would match with a changed entry.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from commerce.bounds import resembled
from commerce.matches import Match
from commerce.matching import Index
from commerce.name_rows import KINDS, Ints, audible, editable
from commerce.neighbours import ARTICLE, SPELLING, with_article, without_article
from commerce.parties import PartyKind
from commerce.same_names import other_spellings
from commerce.scoring import (
    BELOW_EVIDENCE,
    EVIDENCE_SWAY,
    EVIDENCE_WANTED,
    INITIAL,
    JOINED,
    LEAST_WRITTEN,
    LEFT_OVER,
    LISTED_SHARE,
    MINIMUM_EVIDENCE,
    SCREENED_SHARE,
    WHOLE,
    kind_factor,
)
from commerce.subject_rows import SubjectRows
from commerce.tokens import (
    HEAVIEST,
    INITIAL_WEIGHT,
    deletions,
    edit_similarity,
    skeleton,
    sound_similarity,
)

Doubles = NDArray[np.float64]
Numbers = NDArray[np.int64]

LEAST_SLIP = 0.6
"""No word a slip of the pen away is less like: what is found by letters weighs at most so much more."""
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Touch:
    """Our rows that one listed word touches: the most it finds there of the listed and of our name."""

    rows: Numbers
    listed: Doubles
    ours: Doubles


def touched(
    parties: SubjectRows, index: Index, changed: Collection[int], *, floor: float
) -> Mapping[int, list[Match]]:
    """Parties by position, each with its matches of at least `floor` on the changed entries of the index."""
    wanted: dict[int, set[int]] = {}
    for row, owner in _Reverse(parties, index, floor).candidates(_rows_of(index, changed)):
        wanted.setdefault(owner, set()).add(row)
    for owner, row in _by_identifier(parties, index, changed):
        wanted.setdefault(owner, set()).add(row)
    found = {}
    for owner, rows in wanted.items():
        if matches := index.among(parties.subjects[owner], sorted(rows), floor=floor):
            found[owner] = matches
    return found


def _rows_of(index: Index, changed: Collection[int]) -> list[int]:
    return np.flatnonzero(np.isin(index.rows.entry, np.fromiter(changed, dtype=np.int32))).tolist()


def _by_identifier(parties: SubjectRows, index: Index, changed: Collection[int]) -> Iterator[tuple[int, int]]:
    """Parties that may have an identifier of a changed entry, each with a row of that entry."""
    for number in changed:
        keys = [identifier.key() for identifier in index.entries[number].identifiers]
        owners = parties.identifiers.of_any(keys) if keys else ()
        for row in np.flatnonzero(index.rows.entry == number)[:1].tolist() if owners else ():
            yield from ((owner, row) for owner in owners)


@dataclass(slots=True)
class _Reverse:
    """The new index against our parties' words. Holds what it has looked up."""

    parties: SubjectRows
    index: Index
    floor: float
    weights: Doubles = field(init=False)
    numbers: Mapping[str, int] = field(init=False)
    _listed: NDArray[np.bool_] = field(init=False)
    _touches: dict[int, Touch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        words = self.parties.layout.words
        self.numbers = {word: number for number, word in enumerate(words)}
        known = np.array([self.index.weight_if_listed(word) for word in words], dtype=np.float64)
        self._listed = ~np.isnan(known)
        self.weights = np.where(self._listed, known, least_weights(self.parties, self.index))

    def candidates(self, rows: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Listed rows with parties that may score the floor on them."""
        rows = list(rows)
        for row in rows:
            for token in self.index.rows.tokens[row].tolist():
                self._touch(token)
        layout = self.parties.layout
        each = self.weights[layout.tokens.values]
        totals: Doubles = np.bincount(layout.row_of_each(), each, len(self.parties)).astype(np.float64)
        for row in rows:
            for ours in self._bounded(row, totals).tolist():
                yield row, int(self.parties.owner[ours])

    def _bounded(self, row: int, totals: Doubles) -> Numbers:
        """Our rows whose bound against this listed row is no less than the floor."""
        listed = self.index.rows
        tokens = listed.tokens[row].tolist()
        touches = [self._touches[token] for token in tokens] + list(self._joined(tokens))
        rows = np.concatenate([touch.rows for touch in touches])
        if not len(rows):
            return rows
        at, of = np.unique(rows, return_inverse=True)
        theirs = np.bincount(of, weights=np.concatenate([touch.listed for touch in touches]))
        ours = np.bincount(of, weights=np.concatenate([touch.ours for touch in touches]))
        covered = SCREENED_SHARE * np.minimum(ours / totals[at], 1.0)
        covered += LISTED_SHARE * np.minimum(theirs / listed.total[row], 1.0)
        covered += self._of_initials(row, at, totals)
        evidence = np.minimum(ours, theirs)
        found, person = covered, self.parties.kind[at] == KINDS.index(PartyKind.PERSON)
        covered = np.where(person, resembled(found, evidence), found)
        partial = (found < LEAST_WRITTEN) | (listed.total[row] - theirs / LEAST_SLIP > LEFT_OVER)
        evidence = np.where(partial, evidence, np.maximum(evidence, MINIMUM_EVIDENCE))
        factors = self._factors(KINDS[listed.kind[row]])[self.parties.kind[at]]
        bounds = covered * self._swayed(at, evidence, covered) * factors
        bounds = np.where(evidence < MINIMUM_EVIDENCE, np.minimum(bounds, BELOW_EVIDENCE), bounds)
        reached: Numbers = at[bounds + self.parties.added[at] + _ROUNDING >= self.floor]
        return reached

    def _of_initials(self, row: int, at: Numbers, totals: Doubles) -> Doubles:
        """What one-letter words on either side could add; see `commerce.bounds`."""
        theirs, total = int(self.index.rows.initials[row]), float(self.index.rows.total[row])
        ours = self.parties.layout.initials[at]
        if not theirs and not ours.any():
            return np.zeros(len(at))
        screened = np.minimum((theirs * HEAVIEST + ours * INITIAL_WEIGHT) / totals[at], 1.0)
        listed = np.minimum((theirs * INITIAL_WEIGHT + ours * HEAVIEST) / total, 1.0)
        added = INITIAL * (SCREENED_SHARE * screened + LISTED_SHARE * listed)
        return np.where(theirs + ours > 0, added, 0.0)

    def _swayed(self, at: Numbers, evidence: Doubles, covered: Doubles) -> Doubles:
        """People's names want more evidence, but for a name that is found whole."""
        factor = 1.0 - EVIDENCE_SWAY * (1.0 - np.minimum(evidence / EVIDENCE_WANTED, 1.0))
        person = self.parties.kind[at] == KINDS.index(PartyKind.PERSON)
        return np.where(person & (covered <= WHOLE - _ROUNDING), factor, 1.0)

    def _factors(self, listed: PartyKind) -> Doubles:
        return np.array([kind_factor(screened, listed) for screened in KINDS])

    def _touch(self, token: int) -> Touch:
        """Our rows that have a word which stands for a listed one. Weighs our words on the way."""
        if token in self._touches:
            return self._touches[token]
        text, weight = self.index.rows.words[token], float(self.index.rows.weights[token])
        postings = self.parties.layout.postings
        parts: list[tuple[Ints, float, float]] = []
        for number, similarity in self._near(text):
            parts.append((postings[number], similarity * weight, similarity * self._weighed(number)))
        parts.append((self.parties.layout.joined[text], JOINED * weight, JOINED * 2 * HEAVIEST))
        touch = self._touches[token] = _touch_of(parts)
        return touch

    def _joined(self, tokens: list[int]) -> Iterator[Touch]:
        """Our words that are two listed ones written together."""
        rows = self.index.rows
        for left, right in pairwise(tokens):
            number = self.numbers.get(rows.words[left] + rows.words[right])
            if number is not None:
                both = JOINED * float(rows.weights[left] + rows.weights[right])
                mine = JOINED * self.index.word(self.parties.layout.words[number]).weight
                yield _touch_of([(self.parties.layout.postings[number], both, mine)])

    def _weighed(self, number: int) -> float:
        """The weight of one of our words, exactly."""
        if not self._listed[number]:
            self.weights[number] = self.index.word(self.parties.layout.words[number]).weight
        return float(self.weights[number])

    def _near(self, text: str) -> Iterator[tuple[int, float]]:
        """Our words that may stand for a listed one, each with how surely: `commerce.neighbours` reversed."""
        layout = self.parties.layout
        found = {self.numbers[other]: ARTICLE for other in without_article(text) if other in self.numbers}
        for other in other_spellings(text):
            if other in self.numbers:
                found[self.numbers[other]] = SPELLING
        if editable(text):
            for number in layout.near.of_any(deletions(text)):
                _keep(found, number, edit_similarity(layout.words[number], text))
        heard = skeleton(text) if audible(text) else ""
        for number in layout.sounding[heard].tolist() if heard else ():
            if skeleton(layout.words[number]) == heard:
                _keep(found, number, sound_similarity(layout.words[number], text))
        if text in self.numbers:
            found[self.numbers[text]] = 1.0
        return ((number, similarity) for number, similarity in found.items() if similarity)


def least_weights(parties: SubjectRows, index: Index) -> Doubles:
    """What each of our words weighs at least if no list has it: as little as any listed word near it."""
    layout, rows = parties.layout, index.rows
    least = parties.least.copy()
    for mine, theirs in ((layout.near, rows.near), (layout.sounding, rows.sounding)):
        hashes, starts = np.unique(theirs.hashes, return_index=True)
        if not len(hashes):
            continue
        lightest = np.minimum.reduceat(rows.weights[theirs.values], starts)
        at = np.minimum(np.searchsorted(hashes, mine.hashes), len(hashes) - 1)
        hit = hashes[at] == mine.hashes
        np.minimum.at(least, mine.values[hit], lightest[at[hit]])
    for number, word in enumerate(layout.words):
        for other in (*with_article(word), *other_spellings(word)):
            weight = index.weight_if_listed(other)
            least[number] = min(least[number], weight) if weight else least[number]
    return least


def _keep(found: dict[int, float], number: int, similarity: float) -> None:
    found[number] = max(found.get(number, 0.0), similarity)


def _touch_of(parts: list[tuple[Ints, float, float]]) -> Touch:
    lengths = [len(rows) for rows, _, _ in parts]
    return Touch(
        np.concatenate([rows for rows, _, _ in parts]).astype(np.int64),
        np.repeat(np.array([listed for _, listed, _ in parts]), lengths),
        np.repeat(np.array([ours for _, _, ours in parts]), lengths),
    )
