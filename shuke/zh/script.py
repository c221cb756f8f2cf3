"""Simplified and traditional characters, and folding: two spellings of one name fold to one text."""

import re
import unicodedata
from functools import lru_cache

import opencc

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
OTHER_SINGLE = (
    "\u3040-\u30fa\u30fc-\u30ff\uac00-\ud7af\u2600-\u27bf\U0001f000-\U0001faff"  # kana, hangul, pictures
)
_SINGLE = re.compile(f"[{HAN}{OTHER_SINGLE}]")
_UNIT = re.compile(f"[{HAN}{OTHER_SINGLE}]|[^\\W_{HAN}{OTHER_SINGLE}]+")


@lru_cache(maxsize=4)
def _converter(direction: str) -> opencc.OpenCC:
    return opencc.OpenCC(direction)


class _Simplified(dict[int, str]):
    """Code point → simplified character, filled as characters come along."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        found: str = _converter("t2s").convert(char) if code >= 0x3400 else char
        self[code] = found
        return found


_simplified = _Simplified()


def simplify(text: str) -> str:
    """Character by character into simplified Chinese: for comparing, not for reading (see to_simplified)."""
    return text if text.isascii() else text.translate(_simplified)


def to_simplified(text: str) -> str:
    """Readable simplified Chinese; phrases are taken into account."""
    return str(_converter("t2s").convert(text))


def to_traditional(text: str) -> str:
    """Readable traditional Chinese as written in Taiwan; phrases are taken into account."""
    return str(_converter("s2twp").convert(text))


def is_han(char: str) -> bool:
    """Whether this is one Chinese character."""
    return bool(re.fullmatch(f"[{HAN}]", char))


def is_single(unit: str) -> bool:
    """Whether this is one character that stands as a unit by itself, in whatever company."""
    return bool(_SINGLE.fullmatch(unit))


def joins_others(char: str) -> bool:
    """Whether a character may become one with its neighbours: marks, vowels and finals of Hangul."""
    return unicodedata.combining(char) != 0 or "\u1100" <= char <= "\u11ff"


def even(text: str) -> str:
    """One form for full-width, upper-case and compatibility spellings; characters stay simplified or traditional."""
    return unicodedata.normalize("NFKC", text).casefold()


def split_units(text: str) -> list[str]:
    """The pieces a name is made of: each Chinese character, each word of other scripts; the rest is dropped.

    >>> split_units("Anna·王伟")
    ['anna', '王', '伟']
    """
    return _UNIT.findall(even(text))


def fold(text: str) -> str:
    """What two spellings of the same name share: no case, width, spaces, marks, invisible characters; simplified."""
    return simplify("".join(split_units(text)))
