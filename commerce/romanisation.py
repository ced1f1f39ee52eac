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
_PERSIAN = str.maketrans("ثذضظى", "سزززی")
_OF_GOD = re.compile(r"\s+ال(له|دین|دين)\b")
_BRACKETS = re.compile(r"\([^)]*(?:\)|$)")
_READ_TWICE = re.compile("[ثذضظى]|ال(?:له|دین|دين)")
_IS_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_ARTICLE = re.compile(r"\b(عبد)?ال(?=\w{2})")
_SERVANT_OF_GOD = re.compile(r"\bعبد ?الله")
_IS_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SYLLABLE = re.compile(r"(?<=[a-z])(?=[A-Z])")


def readings(text: str) -> tuple[str, ...]:
    """Every way a name is read: with and without what stands in brackets, and as Arabic and as Persian,
    which writes the same letters and says them otherwise.
    """
    whole = [text]
    if "(" in text and (outside := _BRACKETS.sub(" ", text)).strip():
        whole.append(outside)
    if not text.isascii() and _READ_TWICE.search(text):
        whole += [reading.translate(_PERSIAN) for reading in whole]
    return tuple(whole)


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
    """Without vowel marks; the article is left out, as it tells nobody apart."""
    bare = _SERVANT_OF_GOD.sub(
        "abdullah ", "".join(letter for letter in text if not unicodedata.combining(letter))
    )
    return _ARTICLE.sub(r"\1 ", bare).translate(_ARABIC)
