"""Single cells of customer files: names in parts, birthdays, regions, and what is kept of columns nobody asked for. Pure."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from shuke.zh.calendar import Birthday, birthday_error
from shuke.zh.script import even

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_YMD = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[ T].*)?$")
_COMPACT = re.compile(r"((?:18|19|20)\d{2})(\d{2})(\d{2})$")
_MD = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?$")
_MDY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ T].*)?$")
_LUNAR = re.compile(
    r"(?:农历|阴历|旧历)?\s*(?:(\d{4})年)?\s*(闰?)([正一二三四五六七八九十冬腊]{1,2})月"
    r"(初?[一二三四五六七八九十廿卅]{1,3})[日号]?$"
)
_LUNAR_MARK = re.compile(r"[(（]?(?:农历|阴历|旧历)[)）]?")
_MONTHS = {word: i for i, word in enumerate("正 二 三 四 五 六 七 八 九 十 冬 腊".split(), 1)} | {
    "一": 1, "十一": 11, "十二": 12,
}  # fmt: skip
_ONES = {word: i for i, word in enumerate("一二三四五六七八九十", 1)}
_MAN = frozenset("男 男性 男士 先生 m male man mr 1".split())
_WOMAN = frozenset("女 女性 女士 小姐 太太 f female woman ms mrs miss 2".split())
_COMPANY = frozenset(
    "公司 企业 单位 机构 组织 团体 company organization organisation account business 企业客户 公司客户".split()
)
_PROVINCE = re.compile(r"^(.{2,7}?(?:省|自治区|特别行政区))")
_CITY = re.compile(r"^(.{2,8}?(?:自治州|地区|盟|市))")
_DISTRICT = re.compile(r"^(.{1,9}?(?:区|县|旗|市))")
MUNICIPALITIES = ("北京", "上海", "天津", "重庆")


def full_name(family: str, given: str) -> str:
    """One name from its parts: 王 + 小茶 → 王小茶, Li + Wei → Wei Li."""
    if _CHINESE.search(family + given):
        return family + given
    return " ".join(part for part in (given, family) if part)


def gender_of(text: str) -> str:
    """female, male, or empty where the word says neither."""
    word = even(text).strip().lower().rstrip(".")
    return "male" if word in _MAN else "female" if word in _WOMAN else ""


def kind_of(text: str) -> str:
    """company or person."""
    return "company" if even(text).strip().lower() in _COMPANY else "person"


def birthday_of(text: str, *, month_first: bool = True) -> tuple[Birthday, int | None] | None:
    """A birthday and the year where it is told; None when it cannot be read.

    1988-08-15, 1988年8月15日, 8月15日, 08-15, 19880815, 农历八月十五, 闰六月初一, 腊月三十, 农历 08-15, and Excel's day numbers.
    """
    plain = even(text).strip().replace("阴历", "农历")
    lunar = _lunar_words(plain)
    if lunar is not None:
        return lunar
    is_lunar = "农历" in plain
    plain = _LUNAR_MARK.sub("", plain).strip()
    found = _numbers(plain, month_first)
    if found is None:
        return None
    year, month, day = found
    birthday = Birthday("lunar" if is_lunar else "solar", month, day)
    if birthday_error(birthday) or (year is not None and not 1880 <= year <= 2200):
        return None
    return birthday, year


def _lunar_words(text: str) -> tuple[Birthday, int | None] | None:
    match = _LUNAR.match(text)
    if match is None:
        return None
    month, day = _MONTHS.get(match[3]), _lunar_day(match[4])
    if month is None or not day:
        return None
    birthday = Birthday("lunar", month, day, bool(match[2]))
    return None if birthday_error(birthday) else (birthday, int(match[1]) if match[1] else None)


def _lunar_day(text: str) -> int:
    text = text.removeprefix("初")
    for head, tens in (("廿", 20), ("二十", 20), ("卅", 30), ("三十", 30)):
        if text.startswith(head):
            return tens + _ONES.get(text.removeprefix(head), 0)
    if text.startswith("十"):
        return 10 + _ONES.get(text.removeprefix("十"), 0)
    return _ONES.get(text, 0)


def _numbers(text: str, month_first: bool) -> tuple[int | None, int, int] | None:
    for pattern in (_YMD, _COMPACT):
        if match := pattern.match(text):
            return int(match[1]), int(match[2]), int(match[3])
    if match := _MD.match(text):
        return None, int(match[1]), int(match[2])
    if match := _MDY.match(text):
        one, other, year = int(match[1]), int(match[2]), int(match[3])
        is_month_first = other > 12 or (one <= 12 and month_first)
        return (year, one, other) if is_month_first else (year, other, one)
    if re.fullmatch(r"\d{4,5}(?:\.0+)?", text) and 1 <= (number := int(float(text))) < 60_000:
        day = date(1899, 12, 30) + timedelta(days=number)
        return day.year, day.month, day.day
    return None


def split_region(text: str) -> tuple[str, str, str]:
    """(province, city, district) of 浙江省杭州市西湖区, 浙江 杭州 西湖, 浙江/杭州/西湖区; what is not told is empty."""
    plain = even(text).strip() if text.isascii() else text.strip()
    parts = [part for part in re.split(r"[\s/,，、\-—|>]+", plain) if part]
    if len(parts) > 1:
        padded = [*parts, "", ""]
        return padded[0], padded[1], "".join(padded[2:])
    return _run_together(plain)


def _run_together(text: str) -> tuple[str, str, str]:
    municipality = next((name for name in MUNICIPALITIES if text.startswith(name)), "")
    if municipality:
        rest = (
            text.removeprefix(municipality).removeprefix("市").removeprefix(municipality).removeprefix("市")
        )
        return municipality, municipality, rest
    found = []
    for pattern in (_PROVINCE, _CITY, _DISTRICT):
        match = pattern.match(text)
        found.append(match[1] if match else "")
        text = text[len(match[1]) :] if match else text
    return (found[0], found[1], found[2] + text) if any(found) else (text, "", "")


# --- what other systems knew besides ---

EXTRAS = "原系统其他信息"


def extras_title(source: str) -> str:
    """The line above what is kept of columns nobody asked for."""
    return f"【{EXTRAS} · {source}】"


def note_with(note: str, words: str | None, extras: Sequence[str], source: str) -> str:
    """A note whose own words become `words` (None: stay) and whose block of this source becomes `extras` (none: stays)."""
    own, blocks = split_note(note)
    if words is not None:
        own, told = split_note(words)  # a note that we exported ourselves carries its blocks
        blocks |= told
    if extras:
        blocks[extras_title(source)] = "\n".join(extras)
    return "\n\n".join([*([own] if own else []), *(f"{title}\n{body}" for title, body in blocks.items())])


def split_note(note: str) -> tuple[str, dict[str, str]]:
    """A note's own words, and the blocks of other systems by their title lines."""
    if EXTRAS not in note:
        return note.strip(), {}
    own, *rest = re.split(rf"(?m)^(【{EXTRAS} · [^】\n]*】)$", note)
    blocks = {title: body.strip("\n") for title, body in zip(rest[::2], rest[1::2], strict=True)}
    return own.strip(), blocks
