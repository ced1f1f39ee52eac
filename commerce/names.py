"""Names as they compare: one case, one alphabet, no legal forms, the spellings of one word as one."""

import re
from collections.abc import Iterator
from functools import lru_cache

from commerce.legal_forms import without_forms
from commerce.romanisation import romanised

_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc`\u00b4\u02bb\u02bf\u02be]")
_DOTTED = re.compile(r"\b(?:\w\.){2,}")
_WORDS = re.compile(r"[a-z0-9]+")
_PARTICLE_WORDS = """
al el ul ol the of and for de la le les du des del della di da do dos das der die den und et y e i van von
zu zum as ad ar er az at ash an ur us ud uz bin ibn ben bint ould wa ou
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())

_SERVANT = re.compile(r"abd(?:[aeiou]{1,2}[lrnstdz]?)?")
_GLUED_SERVANT = re.compile(
    r"abd(?:[aeou]{1,2}l(?!la[iy])|[aeiou]{1,2}([rnstdz])(?=\1)|i|[aeou]{1,2}(?=[^aeioul]))"
    r"(?!l?l?ah)([a-z]{4,})"
)
_FAITH = frozenset(
    ["din", "deen", "dine", "eddin", "eddine", "uddin", "uldin", "aldin", "eldin", "deene", "addin"]
)
_GOD = frozenset(["allah", "ullah", "ollah"])
_GLUED_FAITH = re.compile(
    r"([a-z]{2,}?[^aeiou])[aeiou]{0,3}(?:dd(?:ee|i)|(?<=[aeiou]{2})d(?:ee|i)|(?<=[eu])d(?:ee|i))ne?"
)
_GLUED_GOD = re.compile(r"(?!abd)([a-z]{2,}?[^aeiou])[aeiou]{1,2}ll?ah")
_SHORTEST_GLUED = 7


@lru_cache(maxsize=8_192)
def tokens_of(text: str, *, person: bool = False) -> tuple[str, ...]:
    """The words that tell parties apart, in their order; all words if none would remain.

    Legal forms are taken out of a company's name and left in a person's.
    """
    words = words_of(text)
    if not person:
        words = without_forms(" ".join(words)).split() or words
    telling = [word for word in words if word not in _PARTICLES] or words
    if person:
        telling = list(_of_faith(telling))
    return tuple(_servants(telling)) if any(word.startswith("abd") for word in telling) else tuple(telling)


def words_of(text: str) -> list[str]:
    """Lower-case ASCII words; apostrophes and the dots of abbreviations join, all else parts."""
    bare = _APOSTROPHES.sub("", text)
    if "." in bare:
        bare = _DOTTED.sub(lambda found: found[0].replace(".", ""), bare)
    return _WORDS.findall(romanised(bare).replace("'", ""))


def _servants(words: list[str]) -> Iterator[str]:
    """`abdul rahman`, `abdulrahman`, `abdurrahman` and `abd-ar-rahman` are two words, and the same two."""
    for word in words:
        if glued := _GLUED_SERVANT.fullmatch(word):
            yield from ("abd", glued[2])
        else:
            yield "abd" if _SERVANT.fullmatch(word) else word


def _of_faith(words: list[str]) -> Iterator[str]:
    """`nur al-din` and `noureddine`, `habib ullah` and `habiballah`, `fazl ur-rahman` and `fazlur rahman` are
    two words each, and the second is written in one way. What a word is rests on no word's place.
    """
    merciful = any(word.startswith(("rahm", "rehm")) for word in words)
    for word in words:
        if len(word) >= _SHORTEST_GLUED and (glued := _GLUED_FAITH.fullmatch(word)):
            yield from (glued[1], "din")
        elif len(word) >= _SHORTEST_GLUED and (glued := _GLUED_GOD.fullmatch(word)):
            yield from (glued[1], "allah")
        elif merciful and len(word) > 4 and word.endswith("ur"):  # noqa: PLR2004  fazlur
            yield word.removesuffix("ur")
        else:
            yield "din" if word in _FAITH else "allah" if word in _GOD else word
