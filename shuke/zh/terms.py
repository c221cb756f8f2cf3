"""Search terms: what is stored of a customer, and the ranges of terms that a typed text asks for.

Every term is found by its beginning. Names are stored from every character on, as written, in pinyin and in initials;
phones forwards and, marked by ~, backwards, so that the last digits are a beginning too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from shuke.zh import pinyin, script, texts
from shuke.zh.pinyin import Readings

TERM_LENGTH = 40
MOST_UNITS = 24
TAIL_MARK = "~"
LEAST_TAIL_DIGITS = 4
LEAST_HEAD_DIGITS = 3
LEAST_MISSPELT = 4
END = "\U0010ffff"
_SEPARATORS = re.compile(r"[\s()（）+＋.\-–—_/]+")
_NOT_DIGITS = re.compile(r"\D+")
_ABROAD = re.compile(r"^(?:00)?86(?=1\d{2}|0\d)")
_INITIALS = re.compile(r"zh|ch|sh|[a-hj-tw-z]")
_MOBILE = re.compile(r"(?:\+86)?(1[3-9][0-9]{9})")
_LOCAL_PART = re.compile(r"[^.+_\-@]+")
_MISSPELT = re.compile(r"[a-z0-9@._-]{4,20}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ALIKE = (
    ("ng", "n"), ("n", "ng"), ("zh", "z"), ("ch", "c"), ("sh", "s"), ("z", "zh"), ("c", "ch"), ("s", "sh"),
    ("l", "n"), ("n", "l"), ("f", "h"), ("h", "f"), ("r", "l"), ("v", "u"), ("u", "v"),
)  # fmt: skip


def terms_for(
    name: str = "",
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    wechats: Iterable[str] = (),
    member_number: str = "",
) -> set[str]:
    """All terms by whose beginning a customer is found. Phones in E.164 or as written."""
    terms = name_terms(name)
    for phone in phones:
        terms |= phone_terms(phone)
    for email in emails:
        terms |= email_terms(email)
    for word in (*wechats, member_number):
        if word:
            terms |= {_clipped(word), script.fold(word)[:TERM_LENGTH]}
    terms.discard("")
    return terms


def name_terms(name: str) -> set[str]:
    """A name from each of its units on: as written (simplified), in pinyin, in initials (of two and more)."""
    units = script.split_units(name)[:MOST_UNITS]
    parts = pinyin.readings(units)
    terms: set[str] = set()
    written = spelt = initials = ""
    is_plain = True  # no unit with several readings so far, from the end
    for start in range(len(units) - 1, -1, -1):
        part = parts[start]
        written = script.simplify(units[start]) + written
        is_plain = is_plain and len(part) == 1
        if is_plain:
            spelt, initials = part[0] + spelt, part[0][0] + initials
            ways, beginnings = [spelt], [initials]
        else:
            ways, beginnings = pinyin.spellings(parts[start:]), pinyin.initial_spellings(parts[start:])
        terms.add(written[:TERM_LENGTH])
        terms.update([way[:TERM_LENGTH] for way in ways])
        if start < len(units) - 1:
            terms.update([way[:TERM_LENGTH] for way in beginnings])
    return terms


def email_terms(email: str) -> set[str]:
    """An address from its beginning, and from each part of its local part on: bai.cha@… by bai and by cha."""
    plain = _clipped(email)
    at = plain.rfind("@")
    starts = [0, *(part.start() for part in _LOCAL_PART.finditer(plain, 0, max(at, 0)))]
    return {plain[start:][:TERM_LENGTH] for start in starts[:6]}


def phone_terms(phone: str) -> set[str]:
    """A phone's digits as dialled at home, forwards and backwards."""
    mobile = _MOBILE.fullmatch(phone)
    digits = mobile[1] if mobile else home_digits(phone)
    return {digits[:TERM_LENGTH], TAIL_MARK + digits[::-1][: TERM_LENGTH - 1]} if digits else set()


def home_digits(phone: str) -> str:
    """Digits without China's country code; a landline keeps its leading 0."""
    digits = _NOT_DIGITS.sub("", script.even(phone))
    if phone.startswith("+86"):
        rest = digits[2:].lstrip("0")
        is_whole = rest.startswith(("1", "400", "800")) and not rest.startswith("10")
        return rest if is_whole else f"0{rest}"
    return _ABROAD.sub("", digits)


def _clipped(word: str) -> str:
    return re.sub(r"\s+", "", script.simplify(script.even(word)))[:TERM_LENGTH]


@dataclass(frozen=True)
class TermRange:
    """Terms from `low` on and before `high`. `segments`: the name must also be spelt so, unit by unit."""

    low: str
    high: str
    segments: tuple[str, ...] = ()

    @property
    def is_single(self) -> bool:
        """Whether only the term itself is asked for."""
        return self.high == f"{self.low}\0"


@dataclass(frozen=True)
class TypedWord:
    """One thing the customer must be found by: any of `ranges`, or if they give too little, any of `guesses`.

    `plain` is the word with its marks kept, for looking into notes.
    """

    text: str
    ranges: tuple[TermRange, ...]
    guesses: tuple[TermRange, ...] = ()
    plain: str = ""

    @property
    def text_keys(self) -> tuple[int, ...]:
        """What a note must have to hold this word (zh.texts); nothing when the word is too short to look for."""
        return tuple(sorted(texts.asked_keys(self.plain)))


@dataclass(frozen=True)
class TypedQuery:
    """What somebody typed. `whole` reads it as one; `words` (two or more) must all hold."""

    whole: TypedWord | None
    words: tuple[TypedWord, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.whole is None


def typed_text(text: str) -> str:
    """What was typed in one form; what cannot be seen (control characters, joiners) is left out."""
    seen = "".join(char if char.isprintable() or char.isspace() else "" for char in script.even(text))
    return " ".join(seen.split())


def query_terms(text: str) -> TypedQuery:
    """Read what was typed into ranges of terms: names, pinyin, initials, digits of a phone, addresses, numbers."""
    text = typed_text(text).replace("'", "").replace("’", "")[:100]
    whole = _word(text)
    pieces = [] if _is_phone_like(text) else [word for word in map(_word, text.split()) if word]
    return TypedQuery(whole, tuple(pieces[:6]) if len(pieces) > 1 else ())


def _is_phone_like(text: str) -> bool:
    return _SEPARATORS.sub("", text).isdigit()


def _word(text: str) -> TypedWord | None:
    if _is_phone_like(text):
        return _digits_word(text)
    if "@" in text:
        plain = _clipped(text)
        return TypedWord(plain, (_beginning(plain),), plain=plain)
    units = script.split_units(text)[:MOST_UNITS]
    joined = script.simplify("".join(units))[:TERM_LENGTH]
    as_written = _clipped("".join(char for char in text if char.isprintable()))
    beginnings = dict.fromkeys(word for word in (joined, as_written) if word)
    if not joined:
        return None
    return TypedWord(joined, tuple(map(_beginning, beginnings)), tuple(_guesses(units)), texts.fold(text))


def _digits_word(text: str) -> TypedWord:
    digits = _NOT_DIGITS.sub("", text)
    home = _ABROAD.sub("", digits)
    if len(home) < LEAST_HEAD_DIGITS:
        return TypedWord(home, (TermRange(home, f"{home}\0"),), plain=digits)
    ranges = dict.fromkeys((_beginning(home), _beginning(digits)))
    if re.match(r"\s*(?:\+|00)\s*86", text) and digits.removeprefix("00").startswith("86"):
        ranges[_beginning("0" + digits.removeprefix("00")[2:])] = None  # a landline as dialled from abroad
    if len(home) >= LEAST_TAIL_DIGITS:
        ranges[_beginning(TAIL_MARK + home[::-1])] = None
    return TypedWord(home, tuple(ranges), plain=digits)


def _beginning(term: str) -> TermRange:
    term = term[:TERM_LENGTH]
    return TermRange(term, term + END)


def misspellings(typed: str) -> tuple[str, ...]:
    """Every Latin word that is one slip away from the one typed, the likeliest first; none for short words and numbers.

    A slip: sounds alike (n/ng, z/zh, l/n), two letters swapped, one missing, one too many, one wrong.
    """
    if not _MISSPELT.fullmatch(typed) or typed.isdigit():
        return ()
    places = range(len(typed))
    alike = [
        typed[:at] + other + typed[at + len(sound) :]
        for sound, other in _ALIKE
        for at in places
        if typed.startswith(sound, at)
    ]
    swapped = [typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :] for at in places[:-1]]
    missing = [typed[:at] + letter + typed[at:] for at in range(len(typed) + 1) for letter in _LETTERS]
    shorter = [typed[:at] + typed[at + 1 :] for at in places]
    wrong = [typed[:at] + letter + typed[at + 1 :] for at in places for letter in _LETTERS]
    found = dict.fromkeys(alike + swapped + missing + shorter + wrong)
    found.pop(typed, None)
    return tuple(word for word in found if len(word) >= LEAST_MISSPELT)


def _guesses(units: list[str]) -> Iterable[TermRange]:
    """Ways to read 王xl, 罗静lei, luojl: some characters or syllables in full, others by their beginning."""
    choices: list[list[tuple[str, ...]]] = [
        [(unit,)] if script.is_han(unit) else _segmentations(unit) for unit in units
    ]
    if not all(choices) or len(units) > 6:
        return
    seen: set[str] = set()
    for segments in islice(_combined(choices), 8):
        if not _needs_guess(segments):
            continue
        for initials in pinyin.initial_spellings(_beginnings_of(segments)):
            if initials not in seen and len(segments) > 1:
                seen.add(initials)
                yield TermRange(initials, initials + END, tuple(map(script.simplify, segments)))


def _combined(choices: list[list[tuple[str, ...]]]) -> Iterable[tuple[str, ...]]:
    if not choices:
        yield ()
        return
    for head in choices[0]:
        for tail in _combined(choices[1:]):
            yield head + tail


def _beginnings_of(segments: tuple[str, ...]) -> list[Readings]:
    if script.is_han(segments[0]):
        return pinyin.readings(list(segments))
    return [part for segment in segments for part in pinyin.readings([segment])]


def _needs_guess(segments: tuple[str, ...]) -> bool:
    """Not when a plain beginning finds it already: all characters, all initials, or full syllables and a rest."""
    is_han = [script.is_han(segment) for segment in segments]
    if any(is_han):
        return not all(is_han)
    is_full = [segment in pinyin.syllables() for segment in segments[:-1]]
    return not all(is_full) and any(len(segment) > 1 for segment in segments)


def _segmentations(letters: str) -> list[tuple[str, ...]]:
    """Latin letters as syllables and initials in a row; the last may be unfinished. Fewest pieces first."""
    if not re.fullmatch(r"[a-z]{1,24}", letters):
        return []
    found = sorted(islice(_cuts(letters, 6), 60), key=len)
    return found[:5]


def _cuts(letters: str, most: int) -> Iterable[tuple[str, ...]]:
    if not letters:
        yield ()
        return
    if most == 0:
        return
    if any(syllable.startswith(letters) for syllable in pinyin.syllables()):
        yield (letters,)
    for size in range(min(6, len(letters) - 1), 0, -1):
        head = letters[:size]
        if head in pinyin.syllables() or _INITIALS.fullmatch(head):
            for tail in _cuts(letters[size:], most - 1):
                yield (head, *tail)


def is_spelt(name: str, segments: tuple[str, ...]) -> bool:
    """Whether units of the name in a row answer to the segments: a character is itself, letters begin its reading."""
    units = script.split_units(name)[:MOST_UNITS]
    parts = pinyin.readings(units)
    for start in range(len(units) - len(segments) + 1):
        window = zip(segments, units[start:], parts[start:], strict=False)
        if all(_answers(segment, unit, part) for segment, unit, part in window):
            return True
    return False


def _answers(segment: str, unit: str, part: Readings) -> bool:
    return script.simplify(unit) == segment or any(reading.startswith(segment) for reading in part)
