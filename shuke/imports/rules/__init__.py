"""How the cells of Chinese exports are read: exact, slow and pure. `columns` does the same by the million.

Each function takes a cleaned, non-empty cell and gives its value or raises Unreadable with a code (see `wording`).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

MAX_FEN = 10**13  # a hundred billion yuan: beyond it a cell is a mistake
MAX_QUANTITY = Decimal(10**8)
EXCEL_EPOCH = datetime(1899, 12, 30)
EARLIEST = date(1980, 1, 1)
INVISIBLE = (
    " \t\r\n\v\f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
    "\u3000\ufeff\u200b\u200c\u200d\u2060"
)
NOTHING = frozenset(
    {"", "-", "--", "—", "/", "\\", "null", "none", "nan", "n/a", "#n/a", "无", "空", "nil", "\\n"}
)


class Unreadable(ValueError):
    """A cell that cannot be taken; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Hints:
    """What the cells alone do not say."""

    zone: tzinfo
    latest: datetime  # local, naive: later moments are mistakes
    day_first: bool | None = None  # 03/04/2024: None refuses to guess


def clean(text: str) -> str:
    """The cell without invisible edges, export quoting (a leading ' or ="…") and control characters."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        text = "".join(" " if c in "\t\r\n\v\f" else c for c in text if ord(c) >= 32 or c in "\t\r\n\v\f")
        text = text.replace("\x7f", "")
    text = text.strip(INVISIBLE)
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1].strip(INVISIBLE)
    return text[1:].strip(INVISIBLE) if text.startswith("'") else text


def is_nothing(text: str) -> bool:
    """Whether a cleaned cell says that there is no value."""
    return text.lower() in NOTHING


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


# --- moments -----------------------------------------------------------------------------------------------------

_CHINESE_DATE = re.compile(r"(\d{2,4})年(\d{1,2})月(\d{1,2})[日号]?")
_CHINESE_TIME = re.compile(r"(\d{1,2})[时点](?:(\d{1,2})分?(?:(\d{1,2})秒?)?)?")
_WEEKDAY = re.compile(r"\(?(?:星期|周)[一二三四五六日天]\)?")
_DATE_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T,]*(.*))?$", re.S)
_DATE_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ T,]*(.*))?$", re.S)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ T]*(\d{2}):?(\d{2})(?::?(\d{2}))?)?$")
_TIME = re.compile(
    r"(上午|下午|晚上|中午|凌晨|AM|PM)?\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?\s*(上午|下午|AM|PM)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$",
    re.I,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?$")


def parse_moment(text: str, hints: Hints) -> datetime:
    """The moment in the shop's time, naive. Raises Unreadable."""
    moment = _moment(_plain(text), hints)
    if moment.date() < EARLIEST:
        raise Unreadable("moment_too_old")
    if moment > hints.latest:
        raise Unreadable("moment_in_future")
    return moment


def _moment(text: str, hints: Hints) -> datetime:
    if text.startswith("="):
        raise Unreadable("formula")
    text = _WEEKDAY.sub(" ", text).strip()
    text = _CHINESE_DATE.sub(r"\1-\2-\3 ", text)
    text = re.sub(r"\s+", " ", _CHINESE_TIME.sub(_clock, text)).strip()
    try:
        return _compact(text) or _dashed(text, hints) or _counted(text, hints)
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, Unreadable) else Unreadable("bad_moment") from error


def _clock(match: re.Match[str]) -> str:
    hour, minute, second = match.groups()
    return f"{hour}:{minute or '00'}:{second or '00'}"


def _compact(text: str) -> datetime | None:
    match = _COMPACT.match(text)
    if match is None or not 1900 <= int(match[1]) <= 2200:
        return None
    return datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]


def _dashed(text: str, hints: Hints) -> datetime | None:
    match = _DATE_FIRST.match(text)
    if match:
        return _with_time(date(int(match[1]), int(match[2]), int(match[3])), match[4] or "", hints)
    match = _DATE_LAST.match(text)
    if match is None:
        return None
    first, second = int(match[1]), int(match[2])
    day_first = True if first > 12 else False if second > 12 else hints.day_first
    if day_first is None and first != second:
        raise Unreadable("day_or_month")
    day, month = (first, second) if day_first else (second, first)
    return _with_time(date(int(match[3]), month, day), match[4] or "", hints)


def _with_time(day: date, rest: str, hints: Hints) -> datetime:
    rest = rest.strip()
    if not rest:
        return datetime(day.year, day.month, day.day)
    match = _TIME.match(rest)
    if match is None:
        raise Unreadable("bad_moment")
    before, hour, minute, second, fraction, after, zone = match.groups()
    hours = _hours(int(hour), (before or after or "").upper())
    micro = int((fraction or "0").ljust(6, "0")[:6])
    moment = datetime(day.year, day.month, day.day, 0, int(minute), int(second or 0), micro)
    if hours == 24 and (moment.minute, moment.second) == (0, 0):
        moment, hours = moment + timedelta(days=1), 0
    return _in_shop_time(moment.replace(hour=hours), zone, hints)


def _hours(hour: int, half: str) -> int:
    if half in {"下午", "晚上", "PM"} and hour < 12:
        return hour + 12
    if half == "中午" and hour < 11:
        return hour + 12
    return 0 if half in {"AM", "上午", "凌晨"} and hour == 12 else hour


def _in_shop_time(moment: datetime, zone: str | None, hints: Hints) -> datetime:
    if not zone:
        return moment
    if zone.upper() in {"Z", "UTC", "GMT"}:
        aware = moment.replace(tzinfo=UTC)
    else:
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        aware = moment.replace(tzinfo=timezone(offset if zone[0] == "+" else -offset))
    return aware.astimezone(hints.zone).replace(tzinfo=None)


def _counted(text: str, hints: Hints) -> datetime:
    """Excel day numbers and Unix seconds or milliseconds."""
    if not _NUMBER.match(text):
        raise Unreadable("bad_moment")
    number = Decimal(text)
    if Decimal(20_000) <= number < Decimal(80_000):
        seconds = (number * 86_400).quantize(Decimal(1), ROUND_HALF_UP)
        return EXCEL_EPOCH + timedelta(seconds=int(seconds))
    if Decimal(10**12) <= number < Decimal(10**13):
        number /= 1000
    if Decimal(5 * 10**8) <= number < Decimal(10**10):
        return datetime.fromtimestamp(int(number), hints.zone).replace(tzinfo=None)
    raise Unreadable("bad_moment")


# --- numbers -----------------------------------------------------------------------------------------------------

_CURRENCY_MARKS = re.compile(
    r"(?:人民币|RMB|CNY|USD|EUR|GBP|HKD|TWD|JPY|US\$|HK\$|NT\$|A\$|C\$|[¥$€£₩])", re.I
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?$|\d{1,4}(?:,\d{4})+(?:\.\d*)?$")
_DECIMAL = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d{1,3})?$", re.I)
_UNITS = {"元": 1, "块": 1, "圆": 1, "元整": 1, "万元": 10_000, "万": 10_000}
_COUNTS = (
    "件",
    "个",
    "盒",
    "份",
    "瓶",
    "袋",
    "包",
    "斤",
    "箱",
    "套",
    "杯",
    "条",
    "只",
    "张",
    "支",
    "kg",
    "KG",
)


def parse_decimal(text: str, *, code: str = "bad_number") -> Decimal:
    """A number with its sign; accepts currency marks, 元, thousands, (12.00), 12.00-, full-width digits, 1.2E+3."""
    body = re.sub(r"\s", "", _plain(text)).replace("−", "-").replace("﹣", "-").replace("，", ",")
    if body.startswith(("=", "@")):
        raise Unreadable("formula")
    is_negative, body = _sign(_CURRENCY_MARKS.sub("", body))
    scale = 1
    for unit in ("万元", "元整", "元", "块", "圆", "万"):
        if body.endswith(unit):
            body, scale = body[: -len(unit)], _UNITS[unit]
            break
    if _GROUPED.match(body):
        body = body.replace(",", "")
    if not _DECIMAL.match(body):
        raise Unreadable(code)
    try:
        value = Decimal(body) * scale
    except InvalidOperation as error:
        raise Unreadable(code) from error
    return -value if is_negative else value


def _sign(body: str) -> tuple[bool, str]:
    if body.startswith("(") and body.endswith(")"):
        return True, body[1:-1]
    if body.startswith(("-", "+")):
        return body[0] == "-", body[1:]
    if body.endswith("-"):
        return True, body[:-1]
    return False, body


def to_fen(yuan: Decimal) -> int:
    """Yuan to fen, half away from zero. Raises Unreadable when absurdly large."""
    fen = int((yuan * 100).quantize(Decimal(1), ROUND_HALF_UP)) if abs(yuan) < MAX_FEN else MAX_FEN + 1
    if abs(fen) > MAX_FEN:
        raise Unreadable("amount_too_large")
    return fen


def parse_amount_fen(text: str) -> int:
    """An amount in fen. Raises Unreadable."""
    return to_fen(parse_decimal(text, code="bad_amount"))


def parse_quantity(text: str) -> Decimal:
    """A count or weight to three places; a unit word after it is allowed. Raises Unreadable."""
    body = _plain(text)
    for word in _COUNTS:
        body = body.removesuffix(word)
    quantity = parse_decimal(body.lstrip("xX×"), code="bad_quantity")
    if abs(quantity) > MAX_QUANTITY:
        raise Unreadable("quantity_too_large")
    return quantity.quantize(Decimal("0.001"), ROUND_HALF_UP)


# --- words -------------------------------------------------------------------------------------------------------

_CURRENCIES = {
    "¥": "CNY", "￥": "CNY", "元": "CNY", "人民币": "CNY", "RMB": "CNY", "$": "USD", "US$": "USD", "美元": "USD",
    "€": "EUR", "欧元": "EUR", "£": "GBP", "英镑": "GBP", "港币": "HKD", "港元": "HKD", "HK$": "HKD",
    "新台币": "TWD", "台币": "TWD", "NT$": "TWD", "日元": "JPY", "日圆": "JPY", "澳元": "AUD", "加元": "CAD",
    "韩元": "KRW", "新加坡元": "SGD", "泰铢": "THB", "澳门元": "MOP", "瑞士法郎": "CHF",
}  # fmt: skip
CURRENCY_CODES = frozenset(
    "CNY USD EUR GBP HKD TWD JPY AUD CAD KRW SGD THB MOP CHF NZD SEK NOK DKK RUB INR MYR VND IDR PHP BRL MXN AED "
    "SAR ZAR TRY PLN CZK HUF ILS".split()
)


def parse_currency(text: str) -> str:
    """The three-letter code of a currency. Raises Unreadable."""
    word = text.strip().upper()
    code = _CURRENCIES.get(word, _CURRENCIES.get(text.strip(), word))
    if code not in CURRENCY_CODES:
        raise Unreadable("bad_currency")
    return code


def plain_key(text: str) -> str:
    """A number used as a name (order, member, SKU): half-width, without the .0 or E+ that spreadsheets add."""
    word = _plain(text)
    if re.fullmatch(r"\d+\.0+", word):
        return word.split(".")[0]
    if re.fullmatch(r"\d(?:\.\d+)?E\+\d{1,2}", word, re.I):
        raise Unreadable("key_lost_digits")
    return word


@lru_cache(maxsize=20_000)
def header_key(text: str) -> str:
    """A header reduced to what it says: no spaces, brackets, units or case."""
    word = _plain(text).lower()
    word = re.sub(r"[（(【\[][^）)】\]]*[）)】\]]", "", word)
    return re.sub(r"[\s_\-*:：/\\.#'\"“”]+", "", word)
