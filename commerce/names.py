"""Names as they compare: one case, one alphabet, no legal forms, the spellings of one word as one."""

import re
from functools import lru_cache

from commerce.legal_forms import without_forms
from commerce.romanisation import romanised

_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc`\u00b4\u02bb\u02bf\u02be]")
_DOTTED = re.compile(r"\b(?:\w\.){2,}")
_WORDS = re.compile(r"[a-z0-9]+")
_SERVANT = re.compile(r"^abd(?:[aeiou]l?[lrnstdz]?|al)?$")
_SERVANT_OF = re.compile(r"^abd[aeou]l(?=[a-z]{3})")
_PARTICLE_WORDS = """
al el ul ol the of and for de la le les du des del della di da do dos das der die den und et y e i van von
zu zum as ad ar az at ash an bin ibn ben bint ould wa ou
"""
_HONORIFIC_WORDS = """
mr mrs ms dr prof eng haji hajji hajj sheikh shaykh sheik shaikh mullah mulla maulavi mawlawi maulana
mawlana qari hafiz sayyid sayed general gen colonel col brigadier major captain
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_HONORIFICS = frozenset(_HONORIFIC_WORDS.split())


@lru_cache(maxsize=8_192)
def tokens_of(text: str, *, person: bool = False) -> tuple[str, ...]:
    """The words that tell parties apart, in their order; all words if none would remain.

    Legal forms are taken out of a company's name and left in a person's.
    """
    words = words_of(text)
    if not person:
        words = without_forms(" ".join(words)).split() or words
    telling = [word for word in _joined_servants(words) if word not in _PARTICLES]
    return tuple([word for word in telling if word not in _HONORIFICS] or telling or words)


def words_of(text: str) -> list[str]:
    """Lower-case ASCII words; apostrophes and the dots of abbreviations join, all else parts."""
    bare = _APOSTROPHES.sub("", text)
    if "." in bare:
        bare = _DOTTED.sub(lambda found: found[0].replace(".", ""), bare)
    return _WORDS.findall(romanised(bare).replace("'", ""))


def _joined_servants(words: list[str]) -> list[str]:
    """`abd al rahman`, `abdul rahman`, `abdulrahman` and `abd-ar-rahman` are one word: `abdrahman`."""
    joined: list[str] = []
    rest = iter(words)
    for word in rest:
        if _SERVANT.match(word):
            following = next((other for other in rest if other not in _PARTICLES), "")
            joined.append(f"abd{following}" if following else word)
        else:
            joined.append(_SERVANT_OF.sub("abd", word))
    return joined
