"""How busy each day is: weekday, season, festivals of both calendars, shopping days, slow growth."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from shuke.zh.calendar import LunarDay, to_solar

WEEKDAY = (0.84, 0.82, 0.86, 0.90, 1.08, 1.32, 1.24)
MONTH = (1.02, 0.95, 1.06, 1.22, 1.08, 0.92, 0.84, 0.86, 1.02, 1.04, 1.08, 1.06)


@dataclass(frozen=True)
class Festival:
    """A day that people buy gifts for: how many days ahead they start, and how much more they buy."""

    name: str
    on: date
    days_ahead: int
    strength: float


@dataclass(frozen=True)
class Day:
    """One day of the shop: its weight, and how strongly it is about gifts (0 to 1)."""

    on: date
    weight: float
    gift_pull: float
    festival: str


@cache
def festivals(year: int) -> tuple[Festival, ...]:
    """The gift festivals of a solar year."""
    return (
        Festival("春节", to_solar(LunarDay(year, 1, 1)), 26, 1.7),
        Festival("端午", to_solar(LunarDay(year, 5, 5)), 11, 0.6),
        Festival("中秋", to_solar(LunarDay(year, 8, 15)), 22, 1.3),
        Festival("教师节", date(year, 9, 10), 5, 0.2),
        Festival("父亲节", date(year, 6, 16), 5, 0.15),
    )


def pull(day: date) -> tuple[float, float, str]:
    """How much more is bought that day, how much of it as gifts, and for which festival."""
    best = (0.0, 0.0, "")
    for festival in (*festivals(day.year), *festivals(day.year + 1)):
        ahead = (festival.on - day).days
        if 0 < ahead <= festival.days_ahead:
            ramp = 1 - abs(ahead - festival.days_ahead * 0.3) / festival.days_ahead
            if ramp * festival.strength > best[0]:
                best = (ramp * festival.strength, ramp * min(festival.strength, 1), festival.name)
    return best


def _is_new_year_rest(day: date) -> bool:
    new_year = festivals(day.year)[0].on
    return -1 <= (day - new_year).days <= 5


def _weight(day: date, position: float, noise: float) -> Day:
    more, gift_pull, festival = pull(day)
    weight = WEEKDAY[day.weekday()] * MONTH[day.month - 1] * (1 + more) * (0.92 + 0.2 * position) * noise
    if _is_new_year_rest(day):
        weight *= 0.3
    if (day.month, day.day) in ((11, 11), (6, 18), (12, 12)):
        weight *= 1.7
    return Day(day, weight, gift_pull, festival)


def days_until(today: date, length: int, rng: np.random.Generator) -> list[Day]:
    """The last `length` days, today included."""
    noise = np.exp(rng.normal(0, 0.09, length))
    first = today - timedelta(days=length - 1)
    return [_weight(first + timedelta(days=i), i / length, float(noise[i])) for i in range(length)]
