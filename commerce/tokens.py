"""One word of a name: how telling it is, how it sounds, what is a slip of the pen away."""

import re
from collections.abc import Iterator
from functools import lru_cache
from math import log

from rapidfuzz.distance import OSA, Indel

from commerce.generic_words import GENERIC

_DIGRAPHS = re.compile(r"sch|tch|sh|ch|dzh|dj|zh|kh|gh|ph|th|dh|ck|ts|tz|[qckgjpxzvwy]")
_CLASSES = {
    "sch": "s", "tch": "s", "sh": "s", "ch": "s", "ts": "s", "tz": "s", "dzh": "j", "dj": "j",
    "zh": "j", "j": "j", "kh": "k", "q": "k", "c": "k", "k": "k", "ck": "k", "gh": "g", "g": "g",
    "ph": "f", "p": "p", "th": "t", "dh": "d", "x": "ks", "z": "z", "v": "v", "w": "", "y": "",
}  # fmt: skip
_VOWELS = re.compile(r"(?<!^)[aeiou]")
_REPEATED = re.compile(r"(.)\1+")
_FINAL_H = re.compile(r"(?<=.)h$")

HEAVIEST = 1.3
LIGHTEST = 0.1
GENERIC_SHARE = 0.4
TELLING_OCCURRENCES = 12
INITIAL_WEIGHT = 0.15

EDIT_COST = 0.8
SOUND_FLOOR, SOUND_SPAN = 0.72, 0.22
SOUND_LEAST_LIKE = 0.5


@lru_cache(maxsize=16_384)
def skeleton(token: str) -> str:
    """Consonants by class: what romanisations of one name share. Empty when too little remains to tell."""
    first = "a" if token[0] in "aeiouwy" else ""
    sounds = _DIGRAPHS.sub(lambda found: _CLASSES[found[0]], token)
    bare = _REPEATED.sub(r"\1", _FINAL_H.sub("", _VOWELS.sub("", sounds))).lstrip("aeiou")
    return first + bare if len(bare) > 1 else ""


def deletions(token: str) -> Iterator[str]:
    """The token and every form of it with one letter less: two tokens one edit apart share one."""
    yield token
    for at in range(len(token)):
        yield token[:at] + token[at + 1 :]


def weight(token: str, occurrences: int, names: int) -> float:
    """How telling a word is: 1 when a dozen listed names have it, more when fewer do, little when many do.

    Words that every company uses tell little however rare they are on the lists.
    """
    if len(token) == 1:
        return INITIAL_WEIGHT
    rarity = (
        log((names + 1) / (occurrences + 1)) / log((names + 1) / TELLING_OCCURRENCES) if names > 1 else 1.0
    )
    bounded = min(max(rarity, LIGHTEST), HEAVIEST)
    return bounded * GENERIC_SHARE if token in GENERIC else bounded


def edit_similarity(one: str, other: str) -> float:
    """0 to 1 by single letters put in, left out, changed or swapped; 0 beyond two, or beyond one if short."""
    longest = max(len(one), len(other))
    most = 1 if longest < 7 else 2  # noqa: PLR2004  the rule's own figure
    distance = OSA.distance(one, other, score_cutoff=most)
    return 1.0 - EDIT_COST * distance / longest if distance <= most else 0.0


def sound_similarity(one: str, other: str) -> float:
    """For words of one skeleton: how much of the letters agree besides; 0 when too few do."""
    like = Indel.normalized_similarity(one, other)
    return SOUND_FLOOR + SOUND_SPAN * like if like >= SOUND_LEAST_LIKE else 0.0
