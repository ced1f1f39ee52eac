"""The listed words that a screened word may stand for, each with how and how surely."""

from dataclasses import dataclass

from commerce.matches import Evidence
from commerce.name_rows import NameRows, audible, editable
from commerce.tokens import HEAVIEST, deletions, edit_similarity, skeleton, sound_similarity, weight


@dataclass(frozen=True, slots=True)
class Word:
    """A screened word: its weight, and its listed neighbours by number with evidence and similarity."""

    text: str
    weight: float
    neighbours: dict[int, tuple[Evidence, float]]


def word_of(text: str, number: int | None, rows: NameRows) -> Word:
    """`number` is the word's own among the listed, if it is one of them."""
    found: dict[int, tuple[Evidence, float]] = {}
    if number is not None:
        found[number] = (Evidence.EXACT, 1.0)
    if editable(text):
        _edited(text, rows, found)
    if audible(text):
        _sounding(text, rows, found)
    return Word(text, _weight(text, number, rows, found), found)


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
