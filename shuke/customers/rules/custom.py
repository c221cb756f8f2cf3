"""Fields a shop makes for itself: what a value of each kind is, read from words and said in words. Pure.

Values as they are kept (JSON): text, long and link are text; number a decimal in plain digits ("12.5"); money integer fen; date
"2026-11-28"; choice the number of a choice; many those numbers, ascending; flag true or false. Nothing is None, never kept.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from shuke.customers.rules import clean_line, clean_text
from shuke.customers.rules.exporting import FORMULA_STARTS
from shuke.imports.rules import Unreadable, parse_amount_fen, parse_decimal

TEXT, LONG, NUMBER, MONEY, DATE, CHOICE, MANY, FLAG, LINK = (
    "text",
    "long",
    "number",
    "money",
    "date",
    "choice",
    "many",
    "flag",
    "link",
)
KINDS = (TEXT, LONG, NUMBER, MONEY, DATE, CHOICE, MANY, FLAG, LINK)
WITH_CHOICES = frozenset({CHOICE, MANY})
WITH_WORDS = frozenset({TEXT, LONG, LINK})
PERSONS, COMPANIES = "person", "company"
NAME_LENGTH, HINT_LENGTH, CHOICE_LENGTH = 30, 100, 40
TEXT_LENGTH, LONG_LENGTH, LINK_LENGTH = 200, 2000, 500
MOST_FIELDS, MOST_CHOICES, MOST_TAKEN = 60, 200, 50
NUMBER_PLACES, NUMBER_LIMIT, FEN_LIMIT = 4, Decimal(10) ** 12, 10**12
FIRST_DAY, LAST_DAY = date(1800, 1, 1), date(2999, 12, 31)
PREFIX, MASK = "custom", "••••"
PARTING = "、"
_PARTINGS = re.compile(r"[、,，;；|\n]")
_DAY = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d\d.*)?$")
_DIGITS_DAY = re.compile(r"^((?:18|19|2\d)\d\d)(\d\d)(\d\d)$")
_HOST = re.compile(r"^[^\s@:/?#\"'<>\\]+\.[^\s@:/?#\"'<>\\.]{2,}(?::\d{1,5})?$")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.I)
YES_WORDS = frozenset({"是", "有", "对", "√", "✓", "yes", "y", "true", "t", "1", "on"})
NO_WORDS = frozenset({"否", "无", "没有", "不是", "错", "×", "✗", "no", "n", "false", "f", "0", "off"})

Value = Any


def _(message: str) -> str:
    """Marks a message for translation."""
    return message


@dataclass(frozen=True)
class Choice:
    """One of the words that a field of choices offers; a hidden one is kept where it stands and offered no longer."""

    id: int
    name: str
    is_hidden: bool = False


@dataclass(frozen=True)
class Shape:
    """What a value has to be like."""

    kind: str
    choices: tuple[Choice, ...] = field(default=())

    def choice_named(self, name: str) -> Choice | None:
        """The choice of that name, small and capital letters alike."""
        wanted = clean_line(name).lower()
        return next((one for one in self.choices if one.name.lower() == wanted), None)


class Unfit(ValueError):
    """The value cannot be kept; `message` (a msgid) says what to mend, `given` fills it in."""

    def __init__(self, message: str, **given: Any) -> None:
        super().__init__(message)
        self.message, self.given = message, given


def code_of(field_id: int) -> str:
    """What the field goes by in addresses, forms, imports and exports: custom_12."""
    return f"{PREFIX}_{field_id}"


def name_of(field_id: int) -> str:
    """What the field goes by in histories and merges: custom.12."""
    return f"{PREFIX}.{field_id}"


def id_in(code: str) -> int | None:
    """The field of a code or name; None when it is none."""
    prefix, digits = code[: len(PREFIX) + 1], code[len(PREFIX) + 1 :]
    is_one = (
        prefix in (f"{PREFIX}_", f"{PREFIX}.") and digits.isascii() and digits.isdigit() and len(digits) < 10
    )
    return int(digits) if is_one else None


# --- from words ---


def read_words(shape: Shape, words: str) -> Value | None:
    """The value that somebody typed, or that stands in a file; None for nothing. Raises Unfit."""
    if not clean_line(words):
        return None
    return _READERS[shape.kind](shape, words)


def tidy_text(words: str) -> str:
    """One line; an apostrophe that only keeps spreadsheets from calculating is none of it."""
    return _unmarked(clean_line(words))


def _unmarked(text: str) -> str:
    while text[:1] == "'" and text[1:].lstrip()[:1] in FORMULA_STARTS and text[1:].lstrip():
        text = text[1:].lstrip()
    return text


def _read_text(shape: Shape, words: str) -> str:
    return _short_enough(tidy_text(words), TEXT_LENGTH)


def _read_long(shape: Shape, words: str) -> str:
    return _short_enough(
        _unmarked(clean_text(words.replace("\r", "\n") if "\r\n" not in words else words)), LONG_LENGTH
    )


def _short_enough(text: str, most: int) -> str:
    if len(text) > most:
        raise Unfit(_("最多 %(n)s 个字，现在是 %(now)s 个，请写短一些。"), n=most, now=len(text))
    return text


def _read_number(shape: Shape, words: str) -> str:
    try:
        return number_text(parse_decimal(words))
    except Unreadable:
        raise Unfit(_("这里要填数字，例如 12 或 12.5。")) from None


def number_text(number: Decimal) -> str:
    """A number in plain digits. Raises Unfit."""
    if abs(number) >= NUMBER_LIMIT:
        raise Unfit(_("这个数太大了，最多 12 位整数。"))
    rounded = number.quantize(Decimal(1).scaleb(-NUMBER_PLACES))
    if rounded != number:
        raise Unfit(_("小数最多 4 位。"))
    plain = f"{rounded:f}".rstrip("0").rstrip(".")
    return "0" if plain in ("-0", "") else plain


def _read_money(shape: Shape, words: str) -> int:
    try:
        amount = parse_amount_fen(words)
    except Unreadable:
        raise Unfit(_("这里要填金额，例如 1280 或 1280.50。")) from None
    return _fen(amount)


def _fen(amount: int) -> int:
    if abs(amount) > FEN_LIMIT:
        raise Unfit(_("这个金额太大了，最多 100 亿元。"))
    return amount


def _read_date(shape: Shape, words: str) -> str:
    text = clean_line(words)
    found = _DAY.match(text) or _DIGITS_DAY.match(text)
    if found is None:
        raise Unfit(_("这里要填日期，例如 2026-11-28。"))
    return _day(*(int(part) for part in found.groups()))


def _day(year: int, month: int, day: int) -> str:
    try:
        found = date(year, month, day)
    except ValueError:
        raise Unfit(_("没有这一天，请检查月和日。")) from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Unfit(_("年份要在 1800 到 2999 之间。"))
    return found.isoformat()


def names_in(kind: str, words: str) -> list[str]:
    """The names of choices in a cell: one, or several parted by marks."""
    names = parted(words) if kind == MANY else [clean_line(words)]
    return [name for name in map(tidy_text, names) if name]


def _read_choice(shape: Shape, words: str) -> int:
    found = shape.choice_named(tidy_text(words))
    if found is None:
        raise Unfit(_("没有“%(name)s”这个选项，请从列出的里面选。"), name=clean_line(words)[:CHOICE_LENGTH])
    return found.id


def parted(words: str) -> list[str]:
    """Several choices written in one cell."""
    return list(dict.fromkeys(part for part in (clean_line(one) for one in _PARTINGS.split(words)) if part))


def _read_many(shape: Shape, words: str) -> list[int] | None:
    return _many(_read_choice(shape, part) for part in parted(words))


def _many(ids: Iterable[int]) -> list[int] | None:
    found = sorted(set(ids))
    if len(found) > MOST_TAKEN:
        raise Unfit(_("最多选 %(n)s 项。"), n=MOST_TAKEN)
    return found or None


def _read_flag(shape: Shape, words: str) -> bool:
    word = clean_line(words).lower()
    if word in YES_WORDS or word in NO_WORDS:
        return word in YES_WORDS
    raise Unfit(_("这里只能填“是”或“否”。"))


def _read_link(shape: Shape, words: str) -> str:
    text = clean_line(words)
    text = text if _SCHEME.match(text) and not _HOST.match(text.partition("/")[0]) else f"https://{text}"
    parts = urlsplit(text) if " " not in text else urlsplit("")
    if (
        parts.scheme.lower() not in ("http", "https")
        or not _HOST.match(parts.netloc)
        or re.search(r"[\"'<>\\]", text)
    ):
        raise Unfit(_("这里要填网址，例如 https://example.com。"))
    return _short_enough(text, LINK_LENGTH)


_READERS: dict[str, Any] = {
    TEXT: _read_text,
    LONG: _read_long,
    NUMBER: _read_number,
    MONEY: _read_money,
    DATE: _read_date,
    CHOICE: _read_choice,
    MANY: _read_many,
    FLAG: _read_flag,
    LINK: _read_link,
}


# --- checked ---


def checked(shape: Shape, value: Any) -> Value | None:
    """A value as it is kept, from one of the right type (a program's) or in words (a form's). Raises Unfit."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and shape.kind not in WITH_CHOICES:
        return read_words(shape, value)
    checker = _CHECKERS.get(shape.kind)
    if checker is None:
        raise Unfit(_("这里要填文字。"))
    return checker(shape, value)


def _check_number(shape: Shape, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Unfit(_("这里要填数字，例如 12 或 12.5。"))
    return number_text(Decimal(value))


def _check_money(shape: Shape, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit(_("这里要填金额，例如 1280 或 1280.50。"))
    return _fen(value)


def _check_date(shape: Shape, value: Any) -> str:
    if not isinstance(value, date):
        raise Unfit(_("这里要填日期，例如 2026-11-28。"))
    return _day(value.year, value.month, value.day)


def _check_choice(shape: Shape, value: Any) -> int:
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) < 10):
        return _read_choice(shape, value)
    if isinstance(value, bool) or int(value) not in {one.id for one in shape.choices}:
        raise Unfit(_("没有这个选项，请从列出的里面选。"))
    return int(value)


def _check_many(shape: Shape, value: Any) -> list[int] | None:
    if isinstance(value, str):
        return _read_many(shape, value)
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise Unfit(_("没有这个选项，请从列出的里面选。"))
    return _many(_check_choice(shape, one) for one in value)


def _check_flag(shape: Shape, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit(_("这里只能填“是”或“否”。"))
    return value


_CHECKERS: dict[str, Any] = {
    NUMBER: _check_number,
    MONEY: _check_money,
    DATE: _check_date,
    CHOICE: _check_choice,
    MANY: _check_many,
    FLAG: _check_flag,
}


# --- into words ---


def names_of(shape: Shape, value: Value) -> list[str]:
    """The names of the choices taken, in the order of the field."""
    taken = {value} if isinstance(value, int) else set(value or ())
    return [one.name for one in shape.choices if one.id in taken]


def typed_words(shape: Shape, value: Value) -> str:
    """A value as it is typed again: 1280.50, 送礼、自用. `read_words` of it gives the value."""
    if value is None:
        return ""
    if shape.kind == MONEY:
        sign, amount = "-" if value < 0 else "", abs(value)
        return f"{sign}{amount // 100}.{amount % 100:02d}"
    if shape.kind in WITH_CHOICES:
        return PARTING.join(names_of(shape, value))
    if shape.kind == FLAG:
        return "是" if value else "否"
    return str(value)


# --- guessing ---

GUESSED_FROM, MOST_GUESSED = 6, 20
_MONEY_WORDS = re.compile(r"^-?\s*[¥￥]|元$|^-?[\d,]+\.\d\d$")
_LONG_DIGITS = re.compile(r"^(?:0\d|\d{11,})")


def guessed_kind(cells: Sequence[str]) -> str:
    """The kind of field that cells of a file would be; short text when in doubt."""
    words = [cell for cell in (clean_text(one) for one in cells) if cell]
    if not words:
        return TEXT
    if any(len(word) > TEXT_LENGTH or "\n" in word for word in words):
        return LONG
    for kind in (FLAG, DATE, NUMBER, LINK):
        if all(_fits(kind, word) for word in words):
            return MONEY if kind == NUMBER and all(_MONEY_WORDS.search(word) for word in words) else kind
    return _guessed_words(words)


def _fits(kind: str, word: str) -> bool:
    if kind == NUMBER and _LONG_DIGITS.match(word):
        return False
    if kind == LINK and "/" not in word:
        return False
    try:
        return read_words(Shape(kind), word) is not None
    except Unfit:
        return False


def _guessed_words(words: Sequence[str]) -> str:
    """Few different words that come again and again are choices."""
    if len(words) < GUESSED_FROM:
        return TEXT
    whole = set(words)
    if len(whole) <= MOST_GUESSED and len(whole) * 3 <= len(words) and _are_choices(whole):
        return MANY if any(len(parted(word)) > 1 for word in whole) else CHOICE
    parts = {part for word in words for part in parted(word)}
    is_parted = sum(len(parted(word)) > 1 for word in words) * 3 >= len(words)
    return MANY if is_parted and len(parts) <= MOST_GUESSED and _are_choices(parts) else TEXT


def _are_choices(words: Iterable[str]) -> bool:
    return all(len(part) <= CHOICE_LENGTH for word in words for part in parted(word))
