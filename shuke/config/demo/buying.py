"""How the demo's customers buy: regular and chance buyers who drop out some day, gift buyers, companies in autumn.

Between two purchases lies a wait measured in the shop's own busyness (a quiet day counts less than the Saturday before
a festival); after each purchase some never come back. That is the world the value models assume, with the seasons and gifts
they do not know about.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from shuke.config.demo.baskets import Baskets, fill_baskets
from shuke.config.demo.days import Day, festivals
from shuke.config.demo.people import HABITS, ONLINE, Crowd

CHANNELS = ("门店", "小程序", "淘宝", "美团", "电话")
_COUNTER_HOURS = np.array([0] * 9 + [2, 6, 8, 7, 6, 7, 9, 10, 11, 10, 9, 7, 3] + [0] * 2, dtype=float)
_ONLINE_HOURS = np.array(
    [2, 1, 0.5, 0.3, 0.2, 0.3, 1, 2, 4, 6, 7, 7, 8, 7, 6, 6, 6, 6, 7, 9, 12, 13, 10, 5], dtype=float
)
MOST_PURCHASES = 110


@dataclass(frozen=True)
class Sales:
    """Every order as arrays, in order of time."""

    customer: np.ndarray
    day: np.ndarray
    second: np.ndarray
    channel: np.ndarray
    store: np.ndarray
    is_gift: np.ndarray
    baskets: Baskets


@dataclass(frozen=True)
class _Wait:
    """How a habit waits and leaves: median gap in days, its spread, regularity, and how soon they leave."""

    gap_days: float
    spread: float
    shape: float
    leave_a: float
    leave_b: float


_WAITS = {0: _Wait(17, 0.55, 2.6, 1.1, 34), 1: _Wait(62, 0.7, 1.0, 1.0, 4.2)}


def sales(crowd: Crowd, days: list[Day], now: datetime, rng: np.random.Generator) -> Sales:
    """Everything bought up to `now` (naive, the shop's time)."""
    customer, day = _purchases(crowd, days, rng)
    is_gift = _gifts(crowd, days, customer, day, rng)
    channel = _channels(crowd, customer, rng)
    second = _seconds(channel, rng)
    last = len(days) - 1
    passed = (day < last) | (second <= now.hour * 3600 + now.minute * 60 + now.second)
    order = np.lexsort((second[passed], day[passed]))
    customer, day, second, channel, is_gift = (
        values[passed][order] for values in (customer, day, second, channel, is_gift)
    )
    store = np.where((channel == 1) | (channel == 2), ONLINE, crowd.store[customer])
    store = np.where((store == ONLINE) & (channel != 1) & (channel != 2), customer % ONLINE, store)
    baskets = fill_baskets(crowd, customer, is_gift, last - day, rng)
    return Sales(customer, day, second, channel, store, is_gift, baskets)


def _purchases(crowd: Crowd, days: list[Day], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    busy = np.cumsum([day.weight for day in days])
    busy = busy * (len(days) / busy[-1])
    parts = [_steady(crowd, habit, wait, busy, rng) for habit, wait in _WAITS.items()]
    parts.append(_gift_buyers(crowd, days, rng))
    parts.append(_companies(crowd, days, rng))
    customers, on = zip(*parts, strict=True)
    return np.concatenate(customers), np.concatenate(on)


def _steady(
    crowd: Crowd, habit: int, wait: _Wait, busy: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    who = np.flatnonzero(crowd.habit == habit)
    n, length = len(who), len(busy)
    is_old = rng.random(n) < 0.34
    first = np.where(is_old, rng.exponential(18, n), rng.uniform(0, length, n))
    mean = wait.gap_days * np.exp(rng.normal(0, wait.spread, n))
    gaps = rng.gamma(wait.shape, mean[:, None] / wait.shape, (n, MOST_PURCHASES - 1))
    stays = rng.geometric(np.clip(rng.beta(wait.leave_a, wait.leave_b, n), 0.002, 1))
    times = first[:, None] + np.concatenate([np.zeros((n, 1)), np.cumsum(gaps, axis=1)], axis=1)
    bought = (times < length) & (np.arange(MOST_PURCHASES) < stays[:, None])
    rows, _ = np.nonzero(bought)
    return who[rows], np.searchsorted(busy, times[bought]).clip(0, length - 1)


def _day_index(days: list[Day], on: date) -> int:
    return (on - days[0].on).days


def _gift_buyers(crowd: Crowd, days: list[Day], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    who = np.flatnonzero(crowd.habit == HABITS.index("gift"))
    is_here = rng.random(len(who)) < 0.75
    customers, on = [], []
    for festival in _festivals_of(days):
        comes = is_here & (rng.random(len(who)) < 0.45 + 0.25 * min(festival.strength, 1))
        ahead = rng.integers(1, festival.days_ahead, len(who))
        for _ in range(2 if festival.strength > 1 else 1):
            customers.append(who[comes])
            on.append(_day_index(days, festival.on) - ahead[comes])
            comes = comes & (rng.random(len(who)) < 0.3)
            ahead = np.maximum(ahead - 3, 1)
        is_here = (is_here & (rng.random(len(who)) < 0.9)) | (rng.random(len(who)) < 0.12)
    return _within(np.concatenate(customers), np.concatenate(on), len(days))


def _festivals_of(days: list[Day]) -> list:
    years = range(days[0].on.year, days[-1].on.year + 2)
    every = [festival for year in years for festival in festivals(year) if festival.strength >= 0.5]
    return sorted(every, key=lambda festival: festival.on)


def _companies(crowd: Crowd, days: list[Day], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    who = np.flatnonzero(crowd.habit == HABITS.index("company"))
    customers, on = [], []
    for year in range(days[0].on.year, days[-1].on.year + 2):
        new_year = festivals(year)[0].on
        for start, length, share in (
            (date(year, 9, 12), 70, 0.8),
            (date(year, 10, 20), 35, 0.35),
            (new_year - timedelta(days=34), 26, 0.7),
            (date(year, 3, 10), 90, 0.35),
        ):
            comes = rng.random(len(who)) < share
            customers.append(who[comes])
            on.append(_day_index(days, start) + rng.integers(0, length, comes.sum()))
    return _within(np.concatenate(customers), np.concatenate(on), len(days))


def _within(customers: np.ndarray, on: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    inside = (on >= 0) & (on < length)
    return customers[inside], on[inside]


def _gifts(
    crowd: Crowd, days: list[Day], customer: np.ndarray, day: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    pull = np.array([d.gift_pull for d in days])[day]
    always = np.isin(crowd.habit[customer], [HABITS.index("gift"), HABITS.index("company")])
    return rng.random(len(customer)) < np.where(always, 0.92, 0.05 + 0.4 * pull)


def _channels(crowd: Crowd, customer: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    n = len(crowd.people)
    is_online = crowd.store == ONLINE
    usual = np.where(
        is_online, rng.choice(5, n, p=(0, 0.5, 0.5, 0, 0)), rng.choice(5, n, p=(0.86, 0.06, 0, 0.06, 0.02))
    )
    usual = np.where(crowd.habit == HABITS.index("company"), rng.choice(5, n, p=(0.35, 0, 0, 0, 0.65)), usual)
    other = np.where(
        is_online[customer],
        rng.choice(5, len(customer), p=(0.06, 0.54, 0.4, 0, 0)),
        rng.choice(5, len(customer), p=(0.5, 0.26, 0.06, 0.12, 0.06)),
    )
    return np.where(rng.random(len(customer)) < 0.82, usual[customer], other)


def _seconds(channel: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    n = len(channel)
    counter = rng.choice(24, n, p=_COUNTER_HOURS / _COUNTER_HOURS.sum())
    online = rng.choice(24, n, p=_ONLINE_HOURS / _ONLINE_HOURS.sum())
    hour = np.where((channel == 1) | (channel == 2), online, counter)
    return hour * 3600 + rng.integers(0, 3600, n)
