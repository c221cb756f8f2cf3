"""Pinyin of names: full, initials, sort key; surnames in the reading people use (单 shan, 曾 zeng, 尉迟 yuchi)."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice, product

from pypinyin import Style, pinyin
from pypinyin.constants import PINYIN_DICT

from shuke.zh import script
from shuke.zh.surnames import COMPOUND_SURNAMES, IN_NAMES, SURNAMES

MOST_READINGS = 6
SORT_KEY_LENGTH = 200
NAMELESS_KEY = "~"  # after every Latin and pinyin key
_SLOWLY = "\0"  # in a name that cannot be taken character by character
_LINE = "\n"  # between names that are taken many at once
Readings = tuple[str, ...]


def _toned(char: str) -> Readings:
    if char in IN_NAMES:
        return IN_NAMES[char]
    if ord(char) not in PINYIN_DICT:
        return ()
    found: str = pinyin(char, style=Style.TONE3, neutral_tone_with_five=True)[0][0]
    return (found,)


def _plain(toned: Readings) -> Readings:
    """Without tones; ü is typed as v or as u."""
    found: dict[str, None] = {}
    for reading in toned:
        bare = reading.rstrip("012345")
        found[bare] = None
        if "v" in bare:
            found[bare.replace("v", "u")] = None
    return tuple(found)


class _PlainReadings(dict[str, Readings]):
    """Character (or word of another script) → its toneless readings, filled as they come along."""

    def __missing__(self, unit: str) -> Readings:
        if len(unit) > 1:
            return (unit,)
        self[unit] = found = _plain(_toned(unit)) or (unit,)
        return found


class _TonedReading(dict[str, str]):
    def __missing__(self, unit: str) -> str:
        if len(unit) > 1:
            return unit
        self[unit] = found = next(iter(_toned(unit)), "") + unit
        return found


class _BeginsCompound(dict[str, bool]):
    """Whether a character, simplified or not, begins a surname of two."""

    def __missing__(self, char: str) -> bool:
        self[char] = found = any(name[0] == script.simplify(char) for name in COMPOUND_SURNAMES)
        return found


class _KeyOfCharacter(dict[int, str]):
    """Code point → its part of a sort key, set off by spaces where it is a unit by itself."""

    def __missing__(self, code: int) -> str:
        plain = script.even(chr(code))
        units = script.split_units(plain)
        if any(map(script.joins_others, plain)) or len(units) > 1:
            found = _SLOWLY
        elif not units:
            found = " "
        elif script.is_single(units[0]):
            found = f" {_toned_reading[units[0]]} "
        else:
            found = plain if plain == units[0] else _SLOWLY
        self[code] = found
        return found


_plain_readings = _PlainReadings()
_toned_reading = _TonedReading()
_key_of_character = _KeyOfCharacter({ord(_LINE): _LINE})
_begins_compound = _BeginsCompound()
_surname_plain = {char: _plain(toned) for char, toned in SURNAMES.items()}
_surname_toned = {char: toned[0] + char for char, toned in SURNAMES.items()}


def readings(units: list[str]) -> list[Readings]:
    """Toneless readings of each unit of a name (script.split_units), the usual one first.

    A character stands for its pinyin, a word of another script for itself. The first unit is read as a surname.
    """
    found = [_plain_readings[unit] for unit in units]
    if not found:
        return found
    if len(units) > 2 and (compound := _compound(units[0], units[1])):
        found[0] = _joined(_plain(compound[:1]), found[0])
        found[1] = _joined(_plain(compound[1:]), found[1])
    elif units[0] in _surname_plain:
        found[0] = _joined(_surname_plain[units[0]], found[0])
    return found


def _compound(first: str, second: str) -> Readings | None:
    return COMPOUND_SURNAMES.get(script.simplify(first + second))


def _joined(first: Readings, second: Readings) -> Readings:
    return tuple(dict.fromkeys(first + second))


def spellings(parts: list[Readings]) -> list[str]:
    """Every plausible way to write these readings in a row, the usual one first, at most MOST_READINGS."""
    if all(len(part) == 1 for part in parts):
        return ["".join([part[0] for part in parts])]
    return ["".join(chosen) for chosen in islice(product(*parts), MOST_READINGS)]


def initial_spellings(parts: list[Readings]) -> list[str]:
    """As `spellings`, of the first letters."""
    return list(dict.fromkeys(spellings([tuple(dict.fromkeys(r[0] for r in part)) for part in parts])))


def full(name: str) -> str:
    """The usual full pinyin without tones: 王伟 → wangwei."""
    return "".join([part[0] for part in readings(script.split_units(name))])


def initials(name: str) -> str:
    """The usual first letters: 王伟 → ww."""
    return "".join([part[0][0] for part in readings(script.split_units(name))])


def sort_key(name: str, otherwise: str = "") -> str:
    """Orders names as a Chinese address book does: by pinyin and tone, the same character together.

    A name without readable characters comes after all others, ordered by `otherwise` (a phone number, say).
    """
    return _as_sorted(_spaced_keys(name), otherwise)


def _as_sorted(keys: list[str], otherwise: str) -> str:
    if not keys:
        return f"{NAMELESS_KEY}{otherwise}"[:SORT_KEY_LENGTH]
    first = keys[0][-1]
    if len(keys) > 2 and _begins_compound[first] and (compound := _compound(first, keys[1][-1])):
        keys[:2] = [compound[0] + first, compound[1] + keys[1][-1]]
    elif first in _surname_toned:
        keys[0] = _surname_toned[first]
    return " ".join(keys)[:SORT_KEY_LENGTH]


def sort_keys(names: Sequence[str], otherwise: Sequence[str]) -> list[str]:
    """The sort key of each name: as `sort_key`, all at once."""
    many = _LINE.join([name.replace(_LINE, " ") for name in names])
    keyed = many.translate(_key_of_character).split(_LINE) if names else []
    return [
        sort_key(name, other) if _SLOWLY in keys else _as_sorted(keys.split(), other)
        for name, keys, other in zip(names, keyed, otherwise, strict=True)
    ]


def _spaced_keys(name: str) -> list[str]:
    """The sort key of each unit. Character by character where no two of them make one, by the million that matters."""
    keyed = name.translate(_key_of_character)
    if _SLOWLY in keyed:
        return [_toned_reading[unit] for unit in script.split_units(name)]
    return keyed.split()


@lru_cache(maxsize=1)
def syllables() -> frozenset[str]:
    """Every toneless syllable of Mandarin."""
    marked = {PINYIN_DICT[code].split(",")[0] for code in range(0x4E00, 0x9FA6) if code in PINYIN_DICT}
    plain = {form for syllable in marked for form in _without_marks(syllable)}
    return frozenset(s for s in plain if re.fullmatch(r"[a-z]{1,6}", s) and re.search(r"[aeiouv]", s))


def _without_marks(syllable: str) -> Readings:
    letters = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    bare = "".join(char for char in letters if char.isascii())
    return (bare, bare.replace("v", "u"))
