"""Showing what was found: a name or text cut into pieces, those that answer to what was typed marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from shuke.zh import pinyin, script, texts
from shuke.zh.pinyin import Readings

AROUND = 14  # characters shown before the first mark of a long text
SHOWN = 48
CUT = "…"


@dataclass(frozen=True)
class Piece:
    """A stretch of text, marked or not."""

    text: str
    is_hit: bool


Span = tuple[int, int]


def in_name(name: str, typed: str) -> tuple[Piece, ...]:
    """A name with what was typed of it marked: 罗静磊 by 静 is 罗[静]磊, by luoj [罗静]磊, by 羅 磊 [罗]静[磊]."""
    folded, places = _folded(name)
    whole = texts.fold(typed).strip()
    together = _span(folded, places, whole) or _spelt(name, whole)
    if together:
        return _cut(name, [together])
    spans = [span for word in whole.split() if (span := _span(folded, places, word) or _spelt(name, word))]
    return _cut(name, spans)


def in_text(text: str, words: Iterable[str]) -> tuple[Piece, ...]:
    """A stretch of a text around the first of the words it holds, each of them marked; … where it is cut."""
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    folded, places = _folded(text)
    spans = sorted(span for word in words if (span := _span(folded, places, texts.fold(word))))
    first = max(0, spans[0][0] - AROUND) if spans else 0
    if len(text) <= SHOWN:
        first = 0
    last = min(len(text), first + SHOWN)
    inside = [(start - first, min(end, last) - first) for start, end in spans if start < last]
    pieces = _cut(text[first:last], inside)
    before = (Piece(CUT, is_hit=False),) if first else ()
    after = (Piece(CUT, is_hit=False),) if last < len(text) else ()
    return before + pieces + after


def plain(text: str) -> tuple[Piece, ...]:
    """Text without a mark."""
    return (Piece(text, is_hit=False),) if text else ()


@lru_cache(maxsize=4096)
def _folded_char(char: str) -> str:
    return texts.fold(char)


def _folded(text: str) -> tuple[str, list[int]]:
    """The text folded, and for each of its characters the place in the original."""
    parts = [_folded_char(char) for char in text]
    return "".join(parts), [place for place, part in enumerate(parts) for _char in part]


def _span(folded: str, places: list[int], word: str) -> Span | None:
    at = texts.find(folded, word) if word else -1
    if at < 0:
        at = folded.find(word) if word else -1
    return (places[at], places[at + len(word) - 1] + 1) if at >= 0 else None


def _cut(text: str, spans: list[Span]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = 0
    for start, end in sorted(spans):
        if start < at:
            continue
        pieces += [Piece(text[at:start], is_hit=False), Piece(text[start:end], is_hit=True)]
        at = end
    pieces.append(Piece(text[at:], is_hit=False))
    return tuple(piece for piece in pieces if piece.text)


def _spelt(name: str, typed: str) -> Span | None:
    """Where the typed letters (and characters) spell characters of the name in a row: luoj, ljl, 罗jl."""
    letters = "".join(char for char in typed if char.isalnum())
    if not any(char.isascii() for char in letters):
        return None
    chars = list(name)
    parts = [part[:4] for part in pinyin.readings([texts.fold(char) or char for char in chars])]
    for start in range(len(chars)):
        if script.is_han(chars[start]) and (length := _length(chars[start:], parts[start:], letters)):
            return start, start + length
    return None


def _length(chars: list[str], parts: list[Readings], letters: str) -> int:
    """How many characters from the first on the letters spell; 0 when they do not."""
    if not letters or not chars or not script.is_han(chars[0]):
        return 0
    for reading in (script.simplify(chars[0]), *parts[0]):
        for size in range(min(len(reading), len(letters)), 0, -1):
            if not letters.startswith(reading[:size]):
                continue
            if size == len(letters):
                return 1
            if rest := _length(chars[1:], parts[1:], letters[size:]):
                return rest + 1
    return 0
