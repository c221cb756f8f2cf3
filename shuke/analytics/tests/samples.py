"""Readers of the public data sets, as purchases. Plain Python on purpose: independent of the code under test."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from shuke.analytics.arrays import FloatArray
from shuke.analytics.purchases import Movements, Purchases, merge_days, net_purchases

CALIBRATION_END = date(1997, 9, 30)
EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def cdnow_rows(path: Path) -> list[tuple[int, date, int]]:
    """(customer, day, US cents) per line of the sample or the master file."""
    rows = []
    for line in path.read_text().splitlines():
        words = line.split()
        if len(words) < 4 or not words[0].isdigit():
            continue
        customer, day, dollars = words[-4], words[-3], words[-1]
        rows.append(
            (
                int(customer),
                date(int(day[:4]), int(day[4:6]), int(day[6:])),
                round(float(dollars) * 100),
            )
        )
    return rows


def purchases_of(rows: list[tuple[int, date, int]]) -> Purchases:
    """Rows (customer, day, cents; negative: a return) through the code under test."""
    customer, day, cents = (
        np.array([row[0] for row in rows], np.int64),
        np.array([day_number(row[1]) for row in rows], np.int64),
        np.array([row[2] for row in rows], np.int64),
    )
    movements: Movements = merge_days(customer, day, np.maximum(cents, 0), np.maximum(-cents, 0))
    return net_purchases(movements)


@dataclass(frozen=True)
class Summary:
    """x, t_x, T in weeks; repeat purchases above zero and their mean in dollars."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    paid: FloatArray
    mean: FloatArray


def summary_of(rows: list[tuple[int, date, int]], end: date) -> Summary:
    """The summary of the papers, in plain Python: zero amounts count as transactions but not as spend."""
    days: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for customer, day, cents in rows:
        if day <= end:
            days[customer][day] += cents
    found = []
    for by_day in days.values():
        ordered = sorted(by_day)
        repeat = [by_day[day] / 100 for day in ordered[1:] if by_day[day] > 0]
        found.append(
            (
                len(ordered) - 1,
                (ordered[-1] - ordered[0]).days / 7,
                (end - ordered[0]).days / 7,
                len(repeat),
                sum(repeat) / len(repeat) if repeat else 0.0,
            )
        )
    columns = np.array(found, np.float64).T
    return Summary(*columns)
