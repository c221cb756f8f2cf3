"""Keys by which running text is found: pairs of Chinese characters and the beginnings of Latin words, as small integers.

A text that holds a typed word holds all of the word's keys; whether it holds the word itself is seen by reading it (`holds`).
Pairs of common characters have keys of their own; all other keys are hashes, and two may share one.
"""

import itertools
import re
from zlib import crc32

from shuke.zh import script

LONGEST = 20_000  # characters of one text that are read
LEAST_LETTERS, MOST_LETTERS = 2, 8
_FIRST, _COUNT = 0x3400, 0x6C00  # the common planes of Chinese characters: 27,648
_PAIRS = _COUNT * _COUNT
_HASHES = 2**31 - 1 - _PAIRS
_RUN = re.compile(f"[{script.HAN}]+|[^\\W_{script.HAN}{script.OTHER_SINGLE}]+")
_PHONE = re.compile(r"(?:86)?1[3-9]\d{9}|0\d{9,11}")


def fold(text: str) -> str:
    """One form of a text for comparing: width, case, simplified; its marks and spaces stay."""
    return script.simplify(script.even(text))


def text_keys(text: str) -> set[int]:
    """The keys a text is found by. Numbers that look like phones give none: contacts are found as contacts."""
    keys: set[int] = set()
    for run in _RUN.findall(fold(text[:LONGEST])):
        if script.is_han(run[0]):
            keys.update([_pair(one, other) for one, other in itertools.pairwise(run)])
        elif not _PHONE.fullmatch(run):
            sizes = range(LEAST_LETTERS, min(len(run), MOST_LETTERS) + 1)
            keys.update([_hashed(run[:size]) for size in sizes])
    return keys


def asked_keys(typed: str) -> frozenset[int]:
    """The keys that a text must have to hold what was typed; none when that is too little to look for."""
    keys: set[int] = set()
    for run in _RUN.findall(fold(typed)):
        if script.is_han(run[0]):
            keys.update([_pair(one, other) for one, other in itertools.pairwise(run)])
        elif _PHONE.fullmatch(run):
            return frozenset()
        elif len(run) >= LEAST_LETTERS:
            keys.add(_hashed(run[:MOST_LETTERS]))
    return frozenset(keys)


def holds(folded: str, typed: str) -> bool:
    """Whether a folded text holds the typed word; Latin words from their beginning on."""
    return find(folded, typed) >= 0


def find(folded: str, typed: str) -> int:
    """Where a folded text holds the folded word, -1 for nowhere; Latin words from their beginning on."""
    at = folded.find(typed)
    while at > 0 and _is_word(typed[:1]) and _is_word(folded[at - 1]):
        at = folded.find(typed, at + 1)
    return at


def _is_word(char: str) -> bool:
    return char.isalnum() and not script.is_han(char)


def _pair(one: str, other: str) -> int:
    first, second = ord(one) - _FIRST, ord(other) - _FIRST
    if 0 <= first < _COUNT and 0 <= second < _COUNT:
        return first * _COUNT + second
    return _hashed(one + other)


def _hashed(word: str) -> int:
    return _PAIRS + crc32(word.encode()) % _HASHES
