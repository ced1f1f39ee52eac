"""Which screened word stands for which listed word: each used once, the strongest pairs first."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise, product
from typing import NamedTuple

from rapidfuzz.distance import OSA

from commerce.matches import Evidence, TokenPair
from commerce.name_rows import NameRows
from commerce.neighbours import Word
from commerce.scoring import (
    INITIAL,
    JOINED,
    LEAST_RESEMBLANCE,
    LISTED_SHARE,
    MINIMUM_EVIDENCE,
    RESEMBLANCE,
    SCREENED_SHARE,
)
from commerce.tokens import sound


@dataclass(frozen=True, slots=True)
class Query:
    """A screened name; `texts` are the places of its words.

    `joins` are places where a word and its next, written as one, are a listed word.
    """

    words: tuple[Word, ...]
    joins: tuple[tuple[int, int], ...]
    total: float
    initials: int
    texts: Mapping[str, int]
    evidence_wanted: float


class Link(NamedTuple):
    """Screened words from `first` on against listed words from `start` on, so many of each."""

    worth: float
    first: int
    words: int
    start: int
    tokens: int
    evidence: Evidence
    similarity: float


def assigned(query: Query, tokens: list[int], total: float, rows: NameRows) -> list[Link]:
    """Links by falling worth; a word taken is not taken again. Initials alone are no link at all."""
    links = _links(query, tokens, total, rows)
    chosen = _chosen(links) if len(links) > 1 else links
    if all(link.evidence is Evidence.INITIAL for link in chosen):
        return []
    return chosen + _resembling(query, tokens, total, rows, chosen)


def _chosen(links: list[Link]) -> list[Link]:
    """The worthiest links that share no word, on either side."""
    links.sort(key=_worth, reverse=True)
    ours: set[int] = set()
    theirs: set[int] = set()
    chosen = []
    for link in links:
        screened, listed = (
            range(link.first, link.first + link.words),
            range(link.start, link.start + link.tokens),
        )
        if ours.isdisjoint(screened) and theirs.isdisjoint(listed):
            ours.update(screened)
            theirs.update(listed)
            chosen.append(link)
    return chosen


def _resembling(
    query: Query, tokens: list[int], total: float, rows: NameRows, chosen: list[Link]
) -> list[Link]:
    """Of a person's name, words left over on both sides that sound somewhat alike.

    Sadeghi is rare enough that Kia Sadeghi may be Kiya, and Qassem Damavandian Ghassem: where one unit of
    evidence is there already, the rest need only resemble. It is no evidence by itself.
    """
    if not query.evidence_wanted:
        return []
    ours = set(range(len(query.words))).difference(*(range(k.first, k.first + k.words) for k in chosen))
    theirs = set(range(len(tokens))).difference(*(range(k.start, k.start + k.tokens) for k in chosen))
    if not ours or not theirs or _units(query, tokens, rows, chosen) < MINIMUM_EVIDENCE:
        return []
    links = []
    for i, j in product(sorted(ours), sorted(theirs)):
        word, text = query.words[i], rows.words[tokens[j]]
        if (alike := _resemblance(word.text, text)) >= LEAST_RESEMBLANCE:
            similarity = RESEMBLANCE * alike
            weights = word.weight * SCREENED_SHARE / query.total
            weights += float(rows.weights[tokens[j]]) * LISTED_SHARE / total
            links.append(Link(similarity * weights, i, 1, j, 1, Evidence.RESEMBLANCE, similarity))
    return _chosen(links)


def _units(query: Query, tokens: list[int], rows: NameRows, links: list[Link]) -> float:
    """The weight found on the lighter side of each link; initials find nothing."""
    units = 0.0
    for link in links:
        if link.evidence is not Evidence.INITIAL:
            ours = sum(word.weight for word in query.words[link.first : link.first + link.words])
            theirs = sum(float(rows.weights[t]) for t in tokens[link.start : link.start + link.tokens])
            units += link.similarity * min(ours, theirs)
    return units


def _resemblance(one: str, other: str) -> float:
    """0 to 1: letters that need not change between what the two sound like; 0 for an initial."""
    if len(one) == 1 or len(other) == 1:
        return 0.0
    return OSA.normalized_similarity(sound(one), sound(other))


def pairs_of(query: Query, tokens: list[int], links: list[Link], rows: NameRows) -> tuple[TokenPair, ...]:
    """The links as they are shown, each with the words and weights of both sides."""
    pairs = []
    for link in links:
        words = query.words[link.first : link.first + link.words]
        listed = tokens[link.start : link.start + link.tokens]
        pairs.append(
            TokenPair(
                " ".join(word.text for word in words),
                " ".join(rows.words[token] for token in listed),
                link.evidence,
                link.similarity,
                sum(word.weight for word in words),
                sum(float(rows.weights[token]) for token in listed),
            )
        )
    return tuple(pairs)


def _worth(link: Link) -> float:
    return link.worth


def _links(query: Query, tokens: list[int], total: float, rows: NameRows) -> list[Link]:
    links = []
    screened_share, listed_share = SCREENED_SHARE / query.total, LISTED_SHARE / total
    weights = [float(rows.weights[token]) * listed_share for token in tokens]
    for i, word in enumerate(query.words):
        ours = word.weight * screened_share
        for j, token in enumerate(tokens):
            if found := word.neighbours.get(token):
                evidence, similarity = found
                links.append(Link(similarity * (ours + weights[j]), i, 1, j, 1, evidence, similarity))
    links += _joined_in_list(query, tokens, weights, rows)
    for i, number in query.joins:
        ours = (query.words[i].weight + query.words[i + 1].weight) * screened_share
        for j in (j for j, token in enumerate(tokens) if token == number):
            links.append(Link(JOINED * (ours + weights[j]), i, 2, j, 1, Evidence.JOINED, JOINED))
    links += _initials(query, tokens, weights, rows)
    return links


def _joined_in_list(query: Query, tokens: list[int], weights: list[float], rows: NameRows) -> list[Link]:
    """A screened word that is two listed ones written together."""
    links = []
    for j, (left, right) in enumerate(pairwise(tokens)):
        if (i := query.texts.get(rows.words[left] + rows.words[right])) is not None:
            ours = query.words[i].weight * SCREENED_SHARE / query.total
            worth = JOINED * (ours + weights[j] + weights[j + 1])
            links.append(Link(worth, i, 1, j, 2, Evidence.JOINED, JOINED))
    return links


def _initials(query: Query, tokens: list[int], weights: list[float], rows: NameRows) -> list[Link]:
    """One letter against a word that begins with it, on either side."""
    listed = [rows.words[token] for token in tokens]
    if not query.initials and 1 not in map(len, listed):
        return []
    links = []
    for i, word in enumerate(query.words):
        for j, text in enumerate(listed):
            if word.text[0] == text[0] and len(word.text) != len(text) and 1 in (len(word.text), len(text)):
                ours = word.weight * SCREENED_SHARE / query.total
                links.append(Link(INITIAL * (ours + weights[j]), i, 1, j, 1, Evidence.INITIAL, INITIAL))
    return links
