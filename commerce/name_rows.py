"""Listed names as arrays: who has which words, which words are near one another, how telling each is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from commerce.names import tokens_of
from commerce.parties import ListedParty, PartyKind
from commerce.romanisation import readings
from commerce.tokens import deletions, skeleton, weight

Ints = NDArray[np.int32]
Hashes = NDArray[np.uint32]
Doubles = NDArray[np.float64]

KINDS = tuple(PartyKind)
SHARE_OF_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Runs:
    """Numbers by group: those of group `i` are `values[starts[i]:starts[i + 1]]`."""

    starts: Ints
    values: Ints

    @classmethod
    def of(cls, groups: NDArray[np.int64], values: Ints, count: int) -> "Runs":
        order = np.argsort(groups, kind="stable")
        starts = np.zeros(count + 1, dtype=np.int32)
        np.cumsum(np.bincount(groups, minlength=count), out=starts[1:])
        return cls(starts, values[order])

    def __getitem__(self, group: int) -> Ints:
        return self.values[self.starts[group] : self.starts[group + 1]]


@dataclass(frozen=True, slots=True)
class Hashed:
    """Numbers by word, kept by the word's CRC-32: cheap to store, and false ones are weeded out after."""

    hashes: Hashes
    values: Ints

    @classmethod
    def of(cls, words: Iterable[tuple[str, int]]) -> "Hashed":
        pairs = np.fromiter((crc32(word.encode()) << 32 | number for word, number in words), dtype=np.uint64)
        pairs = np.unique(pairs)
        return cls(
            (pairs >> np.uint64(32)).astype(np.uint32), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int32)
        )

    def __getitem__(self, word: str) -> Ints:
        wanted = np.uint32(crc32(word.encode()))
        return self.values[self.hashes.searchsorted(wanted) : self.hashes.searchsorted(wanted, "right")]

    def of_any(self, words: Iterable[str]) -> set[int]:
        wanted = np.fromiter((crc32(word.encode()) for word in words), dtype=np.uint32)
        firsts, lasts = self.hashes.searchsorted(wanted), self.hashes.searchsorted(wanted, "right")
        hits = np.flatnonzero(lasts > firsts).tolist()
        return {value for hit in hits for value in self.values[firsts[hit] : lasts[hit]].tolist()}


@dataclass(frozen=True, slots=True)
class Layout:
    """Names as numbers: `words` in order, the words of each row, and the rows of each word, each once.

    `near` are the words by what is left of them with a letter gone, `sounding` by their consonants; `joined`
    are the rows by two neighbouring words written as one. `initials` counts a row's one-letter words.
    """

    words: tuple[str, ...]
    tokens: Runs
    postings: Runs
    initials: NDArray[np.int8]
    near: Hashed
    sounding: Hashed
    joined: Hashed

    @classmethod
    def of(cls, names: Sequence[tuple[str, ...]]) -> "Layout":
        """Linear in the names."""
        number = {word: n for n, word in enumerate(sorted(set(chain.from_iterable(names))))}
        lengths = np.fromiter(map(len, names), dtype=np.int64, count=len(names))
        flat = np.fromiter(map(number.__getitem__, chain.from_iterable(names)), dtype=np.int32)
        rows = np.repeat(np.arange(len(names)), lengths)
        return cls(
            words=tuple(number),
            tokens=Runs.of(rows, flat, len(names)),
            postings=_postings(rows, flat, len(number)),
            initials=np.array([sum(len(word) == 1 for word in name) for name in names], np.int8),
            near=Hashed.of(
                (form, n) for word, n in number.items() if editable(word) for form in deletions(word)
            ),
            sounding=Hashed.of(
                (sound, n) for word, n in number.items() if audible(word) and (sound := skeleton(word))
            ),
            joined=Hashed.of(
                (left + right, row) for row, name in enumerate(names) for left, right in pairwise(name)
            ),
        )

    def row_of_each(self) -> NDArray[np.int64]:
        """The row of each word of `tokens`."""
        return np.repeat(np.arange(len(self.tokens.starts) - 1), np.diff(self.tokens.starts))


@dataclass(frozen=True, slots=True)
class NameRows:
    """One row for each distinct set of words that an entry is listed under.

    `entry`, `name` and `kind` say whose row it is, by position; `total` is the weight of its words.
    `initials` counts its one-letter words and `lettered` are the rows that have any.
    `postings` are the rows of each word, and `shares` how much of the row's weight the word is.
    """

    words: tuple[str, ...]
    weights: Doubles
    entry: Ints
    name: Ints
    kind: NDArray[np.int8]
    total: Doubles
    initials: NDArray[np.int8]
    lettered: Ints
    tokens: Runs
    postings: Runs
    shares: Doubles
    near: Hashed
    sounding: Hashed
    joined: Hashed


def rows_of(entries: Iterable[ListedParty]) -> NameRows:
    """Read every name once and lay it out; linear in the names."""
    owners: list[tuple[int, int, int]] = []
    tokenised: list[tuple[str, ...]] = []
    for owner, name, kind, tokens in _distinct(entries):
        owners.append((owner, name, kind))
        tokenised.append(tokens)
    laid = Layout.of(tokenised)
    occurrences = _occurrences(Counter(word for tokens in tokenised for word in set(tokens)))
    weights = np.array([weight(word, occurrences[word], len(tokenised)) for word in laid.words], np.float64)
    spread = weights[laid.tokens.values]
    totals = np.bincount(laid.row_of_each(), weights=spread, minlength=len(tokenised)).astype(np.float64)
    owner_columns = np.array(owners, dtype=np.int32).reshape(-1, 3)
    shares = np.repeat(weights, np.diff(laid.postings.starts)) / totals[laid.postings.values]
    return NameRows(
        words=laid.words,
        weights=weights,
        entry=owner_columns[:, 0].copy(),
        name=owner_columns[:, 1].copy(),
        kind=owner_columns[:, 2].astype(np.int8),
        total=totals,
        initials=laid.initials,
        lettered=np.flatnonzero(laid.initials).astype(np.int32),
        tokens=laid.tokens,
        postings=laid.postings,
        shares=shares,
        near=laid.near,
        sounding=laid.sounding,
        joined=laid.joined,
    )


def _occurrences(counted: Counter[str]) -> dict[str, float]:
    """How often a word comes, half the words that sound like it counted in: a rare spelling of a common name
    is no rare name.
    """
    alike: Counter[str] = Counter()
    for word, count in counted.items():
        alike[skeleton(word)] += count
    alike[""] = 0
    return {
        word: max(count, count + SHARE_OF_ALIKE * (alike[skeleton(word)] - count))
        for word, count in counted.items()
    }


def audible(word: str) -> bool:
    """Long enough to be known by its sound."""
    return len(word) > 2 and word.isalpha()  # noqa: PLR2004  the rule's own figure


def editable(word: str) -> bool:
    """Long enough for a slip of the pen to leave it recognisable, and not a number."""
    return 4 <= len(word) <= 24 and not any(map(str.isdigit, word))  # noqa: PLR2004  the rule's own figures


def _distinct(entries: Iterable[ListedParty]) -> Iterator[tuple[int, int, int, tuple[str, ...]]]:
    """Names that differ only in order, case or punctuation count once, the strong before the weak."""
    for owner, entry in enumerate(entries):
        kind = KINDS.index(entry.kind)
        person = entry.kind is PartyKind.PERSON
        seen = set()
        strong_first = sorted(range(len(entry.names)), key=lambda n: entry.names[n].weak)
        for name in strong_first:
            for reading in readings(entry.names[name].text):
                tokens = tokens_of(reading, person=person)
                key = tuple(sorted(tokens))
                if key and key not in seen:
                    seen.add(key)
                    yield owner, name, kind, tokens


def _postings(rows: NDArray[np.int64], tokens: Ints, words: int) -> Runs:
    """The rows of each word, each row once."""
    pairs = np.unique(tokens.astype(np.int64) << 32 | rows)
    return Runs.of(pairs >> 32, (pairs & 0xFFFFFFFF).astype(np.int32), words)
