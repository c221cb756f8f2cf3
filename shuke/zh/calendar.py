"""The Chinese calendar: lunar birthdays, festivals, solar terms, working days.

A lunar birthday in a leap month is kept in the ordinary month of that number when the year has no such leap month; a 30th is
kept on the month's last day when the month has 29 (腊月三十 is always 除夕); 29 February on the 28th.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
import holidays
from lunar_python import Lunar, LunarMonth, LunarYear, Solar

SOLAR, LUNAR = "solar", "lunar"
MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
_TENS = ("初", "十", "廿", "三")
_ONES = ("十", "一", "二", "三", "四", "五", "六", "七", "八", "九")
_SHOP_FESTIVALS = frozenset(
    {
        "元旦节",
        "情人节",
        "妇女节",
        "劳动节",
        "青年节",
        "儿童节",
        "教师节",
        "国庆节",
        "平安夜",
        "圣诞节",
        "母亲节",
        "父亲节",
        "感恩节",
        "植树节",
    }
)


@dataclass(frozen=True)
class Birthday:
    """A day of the year in one of the two calendars."""

    calendar: str
    month: int
    day: int
    is_leap: bool = False


@dataclass(frozen=True)
class LunarDay:
    """A day of the lunar calendar."""

    year: int
    month: int
    day: int
    is_leap: bool = False


@lru_cache(maxsize=4096)
def to_lunar(day: date) -> LunarDay:
    """The lunar day of a solar one."""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    month = lunar.getMonth()
    return LunarDay(lunar.getYear(), abs(month), lunar.getDay(), month < 0)


@lru_cache(maxsize=4096)
def to_solar(day: LunarDay) -> date:
    """The solar day of a lunar one. Raises ValueError when that lunar year has no such day."""
    month = -day.month if day.is_leap else day.month
    if not 1 <= day.day <= _month_length(day.year, month):
        raise ValueError(f"no such lunar day: {day}")
    return _month_start(day.year, month) + timedelta(days=day.day - 1)


@lru_cache(maxsize=4096)
def _month_start(year: int, month: int) -> date:
    """The solar day on which a lunar month (negative: leap) begins; the library reckons a whole year for each answer."""
    solar = Lunar.fromYmd(year, month, 1).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@lru_cache(maxsize=4096)
def _month_length(year: int, month: int) -> int:
    found = LunarMonth.fromYm(year, month) if 1 <= abs(month) <= 12 else None
    return int(found.getDayCount()) if found else 0


@lru_cache(maxsize=4096)
def _has_leap(year: int, month: int) -> bool:
    return int(LunarYear.fromYear(year).getLeapMonth()) == month


def birthday_error(birthday: Birthday) -> bool:
    """Whether there is never such a day."""
    if birthday.calendar == LUNAR:
        return not (1 <= birthday.month <= 12 and 1 <= birthday.day <= 30)
    try:
        date(2024, birthday.month, birthday.day)
    except ValueError:
        return True
    return False


def is_never_leap(birthday: Birthday) -> bool:
    """Whether it is said to be in a leap month that no year from 1900 to 2100 has: 闰正月, 闰腊月."""
    return birthday.calendar == LUNAR and birthday.is_leap and birthday.month in (1, 12)


@lru_cache(maxsize=8192)
def birthday_in_lunar_year(birthday: Birthday, year: int) -> date:
    """The solar day on which a lunar birthday is kept in that lunar year."""
    month = -birthday.month if birthday.is_leap and _has_leap(year, birthday.month) else birthday.month
    day = min(birthday.day, _month_length(year, month))
    return to_solar(LunarDay(year, birthday.month, day, month < 0))


@lru_cache(maxsize=8192)
def next_birthday(birthday: Birthday, today: date) -> date:
    """The first day from `today` on when it is kept. Raises ValueError for a day that never is."""
    if birthday_error(birthday):
        raise ValueError(f"no such birthday: {birthday}")
    if birthday.calendar == LUNAR:
        year = to_lunar(today).year
        kept = (birthday_in_lunar_year(birthday, y) for y in (year, year + 1))
    else:
        kept = (_solar_birthday(birthday, y) for y in (today.year, today.year + 1))
    return next(day for day in kept if day >= today)


def birthday_this_year(birthday: Birthday, today: date) -> date:
    """The day nearest in this solar year when it is kept (a lunar one late in the year may fall into January)."""
    return next_birthday(birthday, date(today.year, 1, 1))


def _solar_birthday(birthday: Birthday, year: int) -> date:
    try:
        return date(year, birthday.month, birthday.day)
    except ValueError:
        return date(year, 2, 28)


def birthdays_kept_on(day: date) -> list[Birthday]:
    """Every birthday, solar and lunar, that is kept on this day: what a search for birthdays has to look for."""
    found = [Birthday(SOLAR, day.month, day.day)]
    if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
        found.append(Birthday(SOLAR, 2, 29))
    lunar = to_lunar(day)
    month = -lunar.month if lunar.is_leap else lunar.month
    is_last = lunar.day == _month_length(lunar.year, month)
    for number in (lunar.day, 30) if is_last and lunar.day == 29 else (lunar.day,):
        found += [Birthday(LUNAR, lunar.month, number, leap) for leap in _kept_leaps(lunar)]
    return found


def _kept_leaps(lunar: LunarDay) -> tuple[bool, ...]:
    if lunar.is_leap:
        return (True,)
    return (False,) if _has_leap(lunar.year, lunar.month) else (False, True)


def lunar_words(month: int, day: int, is_leap: bool = False) -> str:
    """十月初四, 闰六月十五, 腊月三十."""
    return f"{'闰' if is_leap else ''}{MONTHS[month - 1]}月{_day_words(day)}"


def _day_words(day: int) -> str:
    if day in (10, 20, 30):
        return {10: "初十", 20: "二十", 30: "三十"}[day]
    return _TENS[day // 10] + _ONES[day % 10]


def lunar_words_of(day: date) -> str:
    """The lunar day of a solar one in words."""
    lunar = to_lunar(day)
    return lunar_words(lunar.month, lunar.day, lunar.is_leap)


@lru_cache(maxsize=1024)
def day_names(day: date) -> tuple[str, ...]:
    """Solar term and festivals of a day: ("小雪",), ("中秋节",); most days have none."""
    solar = Solar.fromYmd(day.year, day.month, day.day)
    lunar = solar.getLunar()
    modern = [name for name in solar.getFestivals() if name in _SHOP_FESTIVALS]
    names = [lunar.getJieQi(), *lunar.getFestivals(), *modern]
    return tuple(dict.fromkeys(name for name in names if name))


def is_working_day(day: date) -> bool:
    """Whether people in China work on that day: holidays and make-up days where they are announced, else weekends."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except (RuntimeError, ValueError):  # a year that is not announced yet, or before its tables
        return day.weekday() < 5 and not _is_statutory(day)


def _is_statutory(day: date) -> bool:
    try:
        return day in _statutory(day.year)
    except (RuntimeError, ValueError, KeyError):
        return False


@lru_cache(maxsize=16)
def _statutory(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year)


def next_working_day(day: date) -> date:
    """The day itself or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
