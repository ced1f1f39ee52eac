"""One word of a name: how telling it is, how it sounds, what is a slip of the pen away."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import log

from rapidfuzz.distance import OSA

from commerce.generic_words import GENERIC
from commerce.legal_forms import FORM_WORDS

_CONSONANTS = re.compile(r"sch|tch|sh|ch|dzh|dj|zh|kh|gh|ph|th|dh|ck|ts|tz|c(?=[eiy])|[qckjpxzv]")
_CLASSES = {
    "sch": "s", "tch": "s", "sh": "s", "ch": "s", "ts": "s", "tz": "s", "dzh": "j", "dj": "j", "zh": "j",
    "j": "j", "kh": "k", "q": "k", "c": "k", "k": "k", "ck": "k", "gh": "g", "ph": "f", "p": "p", "th": "t",
    "dh": "d", "x": "ks", "z": "z", "v": "v",
}  # fmt: skip
_FRONT = re.compile(r"a[iy]|e[eiy]|i[ey]|[iey]")
_BACK = re.compile(r"au|aw|ou|oo|ow|[uow]")
_INNER_VOWELS = re.compile(r"(?<!^)[aiu]")
_CONSONANT = re.compile(r"[^aiu]")
_REPEATED = re.compile(r"(.)\1+")
_FINAL_H = re.compile(r"(?<=.)h$")

HEAVIEST = 1.3
LIGHTEST = 0.1
GENERIC_SHARE = 0.4
TELLING_OCCURRENCES = 12
SMALLEST_LIST = 1_000
"""Below this many names nothing can be said of what is common; occurrences count as on a list this long."""
INITIAL_WEIGHT = 0.15
HONORIFIC_WEIGHT = 0.2
FORM_WEIGHT = 0.05
SHARE_BY_LENGTH = {2: 0.65, 3: 0.85}
"""Short words tell less than their rarity says: they collide across languages."""

_HONORIFIC_WORDS = """
mr mrs ms dr prof eng haji hajji hajj sheikh shaykh sheik shaikh mullah mulla maulavi mawlawi maulana
mawlana qari hafiz sayyid sayed general gen colonel col brigadier major captain sir lord
"""
HONORIFICS = frozenset(_HONORIFIC_WORDS.split())

EDIT_COST = 0.8
FIRST_LETTER_COST = 0.7
SOUND_FLOOR, SOUND_SPAN = 0.5, 0.45
SOUND_LEAST_LIKE = 0.55
VOWEL_UNWRITTEN, VOWEL_WRONG = 0.9, 0.4


def deletions(token: str) -> Iterator[str]:
    """The token and every form of it with one letter less: two tokens one edit apart share one."""
    yield token
    for at in range(len(token)):
        yield token[:at] + token[at + 1 :]


SHORTEST_MISSPELT = 5


def _one_slip_off(words: Iterable[str]) -> frozenset[str]:
    return frozenset(form for word in words if len(word) > SHORTEST_MISSPELT for form in deletions(word))


_NEAR_GENERIC = _one_slip_off(GENERIC)
_NEAR_FORMS = _one_slip_off(FORM_WORDS)


@lru_cache(maxsize=65_536)
def sound(token: str) -> str:
    """One spelling for all romanisations of one word: husain, hussein and husayn are husin."""
    consonants = _CONSONANTS.sub(lambda found: _CLASSES[found[0]], token)
    vowels = _BACK.sub("u", _FRONT.sub("i", consonants))
    return _REPEATED.sub(r"\1", _FINAL_H.sub("", vowels))


@lru_cache(maxsize=65_536)
def skeleton(token: str) -> str:
    """Its sound without vowels but for a first one of any kind. Empty when too little remains to tell."""
    heard = sound(token)
    first = "a" if heard[0] in "aiu" else ""
    bare = _INNER_VOWELS.sub("", heard).lstrip("aiu")
    return first + bare if len(bare) > 1 else ""


def weight(token: str, occurrences: float, names: int) -> float:
    """How telling a word is: 1 when a dozen listed names have it, more when fewer do, little when many do.

    Words that every company uses tell little however rare they are on the lists.
    """
    if len(token) == 1:
        return INITIAL_WEIGHT
    if token in HONORIFICS:
        return HONORIFIC_WEIGHT
    if _is_or_nearly(token, FORM_WORDS, _NEAR_FORMS):
        return FORM_WEIGHT
    size = max(names, SMALLEST_LIST)
    rarity = log((size + 1) / (occurrences + 1)) / log((size + 1) / TELLING_OCCURRENCES)
    telling = min(max(rarity, LIGHTEST), HEAVIEST) * SHARE_BY_LENGTH.get(len(token), 1.0)
    return telling * GENERIC_SHARE if _is_or_nearly(token, GENERIC, _NEAR_GENERIC) else telling


def least_weight(token: str) -> float:
    """What a word that no list has, nor any near it, weighs at least, however long the lists are."""
    return weight(token, TELLING_OCCURRENCES - 1, SMALLEST_LIST)


def _is_or_nearly(token: str, words: frozenset[str], near: frozenset[str]) -> bool:
    """Whether it is one of the words, or a misspelling of one."""
    if token in words:
        return True
    return len(token) > SHORTEST_MISSPELT and not near.isdisjoint(deletions(token))


def edit_similarity(one: str, other: str) -> float:
    """0 to 1 by single letters put in, left out, changed or swapped; 0 beyond two, or beyond one if short."""
    longest = max(len(one), len(other))
    most = 1 if longest < 7 else 2  # noqa: PLR2004  the rule's own figure
    distance = OSA.distance(one, other, score_cutoff=most)
    if distance > most:
        return 0.0
    return 1.0 - (EDIT_COST * distance + (FIRST_LETTER_COST if one[0] != other[0] else 0.0)) / longest


def sound_similarity(one: str, other: str) -> float:
    """For words of one skeleton: how far their vowels agree; 0 if they hardly do.

    A vowel that one leaves unwritten counts little, for scripts that write none; a wrong one counts more,
    and most at the end, where it tells women from men.
    """
    return _agreement(_vowels(one), _vowels(other))


@lru_cache(maxsize=65_536)
def _agreement(one: str, other: str) -> float:
    """Names have few patterns of vowels: nearly every pair of patterns was met before."""
    ours, theirs = _CONSONANT.split(one), _CONSONANT.split(other)
    places, agreeing = 0, 0.0
    for a, b in zip(ours, theirs, strict=False):
        if a or b:
            places += 1
            agreeing += 1.0 if a == b else VOWEL_WRONG if a and b else VOWEL_UNWRITTEN
    if not ours[-1] or not theirs[-1]:
        agreeing -= (VOWEL_UNWRITTEN - VOWEL_WRONG) * (ours[-1] != theirs[-1])
    alike = agreeing / places if places else 1.0
    return SOUND_FLOOR + SOUND_SPAN * alike if alike >= SOUND_LEAST_LIKE else 0.0


@lru_cache(maxsize=65_536)
def _vowels(token: str) -> str:
    """What stands before, between and after its consonants, which are all written alike."""
    return _CONSONANT.sub("-", sound(token))
