"""Lunar birthdays, festivals, working days."""

from datetime import date, timedelta

import pytest
from lunar_python import LunarYear

from shuke.zh import calendar
from shuke.zh.calendar import LUNAR, SOLAR, Birthday


@pytest.mark.parametrize(
    ("birthday", "today", "kept_on"),
    [
        (Birthday(LUNAR, 10, 4), date(2026, 1, 1), date(2026, 11, 12)),
        (Birthday(LUNAR, 12, 30), date(2026, 2, 1), date(2026, 2, 16)),  # 腊月 has 29 days
        (Birthday(LUNAR, 12, 30), date(2026, 2, 17), date(2027, 2, 5)),
        (Birthday(LUNAR, 6, 15, True), date(2025, 1, 1), date(2025, 8, 8)),  # a year with 闰六月
        (Birthday(LUNAR, 6, 15, True), date(2026, 1, 1), date(2026, 7, 28)),  # a year without
        (Birthday(LUNAR, 6, 15), date(2025, 1, 1), date(2025, 7, 9)),
        (Birthday(SOLAR, 2, 29), date(2026, 1, 1), date(2026, 2, 28)),
        (Birthday(SOLAR, 2, 29), date(2028, 1, 1), date(2028, 2, 29)),
        (Birthday(SOLAR, 3, 8), date(2026, 3, 9), date(2027, 3, 8)),
        (Birthday(SOLAR, 3, 8), date(2026, 3, 8), date(2026, 3, 8)),
    ],
)
def test_a_birthday_is_kept_on_its_day(birthday: Birthday, today: date, kept_on: date) -> None:
    assert calendar.next_birthday(birthday, today) == kept_on


@pytest.mark.parametrize("year", [2025, 2026, 2033])
def test_every_lunar_birthday_is_found_by_the_day_it_is_kept_on(year: int) -> None:
    for month in range(1, 13):
        for day in (1, 15, 29, 30):
            for is_leap in (False, True):
                birthday = Birthday(LUNAR, month, day, is_leap)
                kept = calendar.next_birthday(birthday, date(year, 1, 1))
                assert birthday in calendar.birthdays_kept_on(kept)


def test_no_day_keeps_a_birthday_twice_within_a_lunar_year() -> None:
    start, days = (
        date(2025, 1, 29),
        354,
    )  # 正月初一 to the end of 2025's lunar year (with a leap sixth month: 384)
    seen = [b for n in range(days) for b in calendar.birthdays_kept_on(start + timedelta(days=n))]
    lunar = [b for b in seen if b.calendar == LUNAR]
    assert len(lunar) == len(set(lunar))


@pytest.mark.parametrize(
    "wrong", [Birthday(SOLAR, 2, 30), Birthday(SOLAR, 13, 1), Birthday(LUNAR, 1, 31), Birthday(LUNAR, 0, 1)]
)
def test_a_day_that_never_is_is_refused(wrong: Birthday) -> None:
    assert calendar.birthday_error(wrong)
    with pytest.raises(ValueError, match="no such birthday"):
        calendar.next_birthday(wrong, date(2026, 1, 1))


def test_lunar_days_are_written_as_people_say_them() -> None:
    assert calendar.lunar_words(10, 4) == "十月初四"
    assert calendar.lunar_words(12, 30) == "腊月三十"
    assert calendar.lunar_words(6, 15, True) == "闰六月十五"
    assert calendar.lunar_words(1, 21) == "正月廿一"
    assert calendar.lunar_words_of(date(2026, 11, 22)) == "十月十四"


def test_days_carry_their_solar_term_and_festivals() -> None:
    assert calendar.day_names(date(2026, 11, 22)) == ("小雪",)
    assert calendar.day_names(date(2026, 2, 16)) == ("除夕",)
    assert calendar.day_names(date(2026, 9, 25)) == ("中秋节",)
    assert calendar.day_names(date(2026, 6, 21)) == ("夏至", "父亲节")
    assert calendar.day_names(date(2026, 11, 24)) == ()


def test_working_days_follow_holidays_and_make_up_days() -> None:
    assert not calendar.is_working_day(date(2026, 10, 1))
    assert calendar.is_working_day(date(2026, 10, 10))  # a Saturday worked for the holiday
    assert calendar.next_working_day(date(2026, 10, 1)) == date(2026, 10, 8)


@pytest.mark.parametrize("year", [1999, 2031, 2150])
def test_years_without_an_announced_calendar_fall_back_to_weekends(year: int) -> None:
    saturday = next(date(year, 7, day) for day in range(1, 8) if date(year, 7, day).weekday() == 5)
    assert not calendar.is_working_day(saturday)
    assert calendar.is_working_day(saturday - timedelta(days=2))


def test_a_leap_month_that_no_year_has_is_known() -> None:
    months = range(1, 13)
    assert [month for month in months if calendar.is_never_leap(Birthday(LUNAR, month, 1, True))] == [1, 12]
    assert not any(calendar.is_never_leap(Birthday(LUNAR, month, 1)) for month in months)
    years = [LunarYear.fromYear(year).getLeapMonth() for year in range(1900, 2101)]
    assert set(years) <= {0, *range(2, 12)}
