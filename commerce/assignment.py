"""Which screened word stands for which listed word: each used once, the strongest pairs first."""

from collections.abc import Iterator
from dataclasses import dataclass

from commerce.matches import Evidence, TokenPair
from commerce.name_rows import NameRows
from commerce.neighbours import Word
from commerce.scoring import INITIAL, JOINED, LISTED_SHARE, SCREENED_SHARE


@dataclass(frozen=True, slots=True)
class Query:
    """A screened name. `joins` are places where a word and its next, written as one, are a listed word."""

    words: tuple[Word, ...]
    joins: tuple[tuple[int, int], ...]
    total: float

    @property
    def initials(self) -> int:
        return sum(len(word.text) == 1 for word in self.words)

    def worth(self, pair: TokenPair, listed_total: float) -> float:
        """What a pair adds to the score of a name of that total weight."""
        screened = SCREENED_SHARE * pair.screened_weight / self.total
        return pair.similarity * (screened + LISTED_SHARE * pair.listed_weight / listed_total)


_Link = tuple[TokenPair, range, range]


def assigned(query: Query, tokens: list[int], listed_total: float, rows: NameRows) -> tuple[TokenPair, ...]:
    """Pairs by falling worth; a word taken is not taken again. Initials alone are no pairing at all."""
    links = list(_links(query, tokens, rows))
    if len(links) > 1:
        links.sort(key=lambda link: -query.worth(link[0], listed_total))
    ours: set[int] = set()
    theirs: set[int] = set()
    pairs = []
    for pair, screened, listed in links:
        if ours.isdisjoint(screened) and theirs.isdisjoint(listed):
            ours.update(screened)
            theirs.update(listed)
            pairs.append(pair)
    return tuple(pairs) if any(pair.evidence is not Evidence.INITIAL for pair in pairs) else ()


def _links(query: Query, tokens: list[int], rows: NameRows) -> Iterator[_Link]:
    listed = [rows.words[number] for number in tokens]
    weights = [float(rows.weights[number]) for number in tokens]
    for i, word in enumerate(query.words):
        for j, number in enumerate(tokens):
            found = word.neighbours.get(number) or _initial(word.text, listed[j])
            if found:
                pair = TokenPair(word.text, listed[j], *found, word.weight, weights[j])
                yield pair, range(i, i + 1), range(j, j + 1)
        for j in range(len(listed) - 1):
            if listed[j] + listed[j + 1] == word.text:
                both, weight = f"{listed[j]} {listed[j + 1]}", weights[j] + weights[j + 1]
                pair = TokenPair(word.text, both, Evidence.JOINED, JOINED, word.weight, weight)
                yield pair, range(i, i + 1), range(j, j + 2)
    for i, number in query.joins:
        for j in (j for j, token in enumerate(tokens) if token == number):
            left, right = query.words[i : i + 2]
            both, weight = f"{left.text} {right.text}", left.weight + right.weight
            pair = TokenPair(both, listed[j], Evidence.JOINED, JOINED, weight, weights[j])
            yield pair, range(i, i + 2), range(j, j + 1)


def _initial(screened: str, listed: str) -> tuple[Evidence, float] | None:
    if 1 in (len(screened), len(listed)) and screened[0] == listed[0]:
        return Evidence.INITIAL, INITIAL
    return None
