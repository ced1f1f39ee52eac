"""The listed words that a screened word may stand for, each with how and how surely."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from commerce.matches import Evidence
from commerce.name_rows import NameRows, audible, editable
from commerce.same_names import other_spellings
from commerce.tokens import HEAVIEST, deletions, edit_similarity, skeleton, sound_similarity, weight

ARTICLE = 0.93
SPELLING = 0.85
SHORTEST_WITH_ARTICLE = 5
_ARTICLES = ("al", "el")


@dataclass(frozen=True, slots=True)
class Word:
    """A screened word: its weight, and its listed neighbours by number with evidence and similarity."""

    text: str
    weight: float
    neighbours: dict[int, tuple[Evidence, float]]


def word_of(text: str, numbers: Mapping[str, int], rows: NameRows) -> Word:
    """`numbers` are the listed words by text."""
    found = {numbers[other]: (Evidence.JOINED, ARTICLE) for other in with_article(text) if other in numbers}
    number = numbers.get(text)
    for other in other_spellings(text):
        if other in numbers:
            found[numbers[other]] = (Evidence.SOUND, SPELLING)
    if number is not None:
        found[number] = (Evidence.EXACT, 1.0)
    if editable(text):
        _edited(text, rows, found)
    if audible(text):
        _sounding(text, rows, found)
    return Word(text, _weight(text, number, rows, found), found)


def with_article(text: str) -> Iterator[str]:
    """An Arabic name is written with its article apart, which is dropped, or joined: elghoul is ghoul."""
    if len(text) >= SHORTEST_WITH_ARTICLE:
        yield from (f"{article}{text}" for article in _ARTICLES)
        if text.startswith(_ARTICLES):
            yield text[2:]


def without_article(text: str) -> Iterator[str]:
    """The words that `with_article` finds a listed one by."""
    if len(text) >= SHORTEST_WITH_ARTICLE - 2:
        yield from (f"{article}{text}" for article in _ARTICLES)
    if text.startswith(_ARTICLES) and len(text) >= SHORTEST_WITH_ARTICLE + 2:
        yield text[2:]


def _edited(text: str, rows: NameRows, found: dict[int, tuple[Evidence, float]]) -> None:
    for near in rows.near.of_any(deletions(text)) - found.keys():
        if similarity := edit_similarity(text, rows.words[near]):
            found[near] = (Evidence.EDIT, similarity)


def _sounding(text: str, rows: NameRows, found: dict[int, tuple[Evidence, float]]) -> None:
    heard = skeleton(text)
    for near in rows.sounding[heard].tolist() if heard else ():
        other = rows.words[near]
        if found.get(near, (None, 0.0))[1] < 1.0 and skeleton(other) == heard:
            similarity = sound_similarity(text, other)
            if similarity > found.get(near, (None, 0.0))[1]:
                found[near] = (Evidence.SOUND, similarity)


def _weight(text: str, number: int | None, rows: NameRows, found: dict[int, tuple[Evidence, float]]) -> float:
    """A word no list has weighs as the nearest that one has: a misspelt common name is still common."""
    if number is not None:
        return float(rows.weights[number])
    if found:
        nearest = max(found, key=lambda n: (found[n][1], -n))
        return float(rows.weights[nearest])
    return min(weight(text, 0, len(rows.entry)), HEAVIEST)
