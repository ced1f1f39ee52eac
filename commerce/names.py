"""Names as they compare: one case, one alphabet, legal forms apart from what tells companies apart."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from commerce.legal_forms import LEGAL_FORMS, PARTICLES

_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc`\u00b4\u02bb\u02bf\u02be]")
_DOTTED = re.compile(r"\b(?:\w\.){2,}")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Name:
    """`tokens` tell parties apart; `legal_forms` say only what kind of company it is."""

    tokens: tuple[str, ...]
    legal_forms: tuple[str, ...] = ()


@lru_cache(maxsize=65_536)
def normalised(text: str) -> Name:
    """Case, accents, punctuation, alphabet and order of legal forms taken away; no letters, no tokens."""
    words = words_of(text)
    forms = tuple(LEGAL_FORMS[word] for word in words if word in LEGAL_FORMS)
    rest = tuple(word for word in words if word not in LEGAL_FORMS and word not in PARTICLES)
    return Name(rest or tuple(words), forms)


def words_of(text: str) -> list[str]:
    """Lower-case ASCII words; apostrophes and the dots of abbreviations join, all else parts."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = _APOSTROPHES.sub("", folded)
    folded = _DOTTED.sub(lambda found: found[0].replace(".", ""), folded)
    return _WORDS.findall(anyascii(folded).lower().replace("'", ""))
