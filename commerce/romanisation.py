"""Other alphabets in Latin letters, near enough to how list makers romanise them.

Arabic script is written here by hand, because a transliteration letter for letter leaves the article, the
long vowels and the endings unlike any romanisation in use; anyascii serves every other script.
"""

# ruff: noqa: RUF001  letters of other scripts are data

import re
import unicodedata

from anyascii import anyascii

_ARABIC = str.maketrans(
    {
        "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ء": "", "ئ": "y", "ؤ": "w", "ى": "a",
        "ة": "a", "ب": "b", "پ": "p", "ت": "t", "ث": "th", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh",
        "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "d",
        "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f", "ق": "q", "ک": "k", "ك": "k", "گ": "g",
        "ل": "l", "م": "m", "ن": "n", "و": "u", "ه": "h", "ھ": "h", "ہ": "h", "ۀ": "h", "ی": "i",
        "ي": "i", "ے": "i", "ې": "i", "ۍ": "i", "ټ": "t", "ډ": "d", "ړ": "r", "ږ": "zh", "ښ": "sh",
        "ڼ": "n", "ځ": "z", "څ": "ts", "ٹ": "t", "ڈ": "d", "ڑ": "r", "ں": "n", "ڤ": "v", "ݢ": "g",
        "ػ": "k", "ـ": "", "\u200c": " ", "\u200d": "",
    }
)  # fmt: skip
_IS_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_ARTICLE = re.compile(r"\bال(?=\w{2})")
_IS_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SYLLABLE = re.compile(r"(?<=[a-z])(?=[A-Z])")


def romanised(text: str) -> str:
    """Lower-case ASCII with the spaces of the original; ideographs and Hangul parted into syllables."""
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFKC", text)
    if _IS_ARABIC.search(composed):
        composed = _arabic(composed)
    if _IS_IDEOGRAPH.search(composed):
        return _SYLLABLE.sub(" ", anyascii(composed)).lower()
    return anyascii(composed.casefold()).lower()


def _arabic(text: str) -> str:
    """Without vowel marks; the article stands apart, as romanisations write it."""
    bare = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _ARTICLE.sub("al ", bare).translate(_ARABIC)
