"""Cohorts: customers by the month of their first purchase, and how many of them bought in each month after it."""

from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import FloatArray, IntArray
from shuke.analytics.purchases import Purchases

EPOCH = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True)
class Retention:
    """`month` (C,) of the first purchase, from 1970-01; `customers` (C,); and how many bought k months later, `active` (C, M).

    -1 in `active`: that month has not come yet. Months without a first purchase are not listed.
    """

    month: IntArray
    customers: IntArray
    active: IntArray

    @property
    def share(self) -> FloatArray:
        """Share of the cohort that bought, (C, M); NaN for months to come."""
        part = self.active / self.customers[:, None]
        return np.where(self.active >= 0, part, np.nan)


def months_of(day: IntArray) -> IntArray:
    """Calendar months since 1970-01 of days since 1970-01-01, (N,)."""
    months: IntArray = (EPOCH + day).astype("datetime64[M]").astype(np.int64)
    return months


def retention_of(purchases: Purchases, *, as_of: int) -> Retention:
    """Retention up to the month of day `as_of`; a customer counts once a month however often they came."""
    past = purchases.until(as_of)
    if past.day.size == 0:
        none = np.zeros(0, np.int64)
        return Retention(none, none, np.zeros((0, 0), np.int64))
    month, row = months_of(past.day), past.groups.row_group
    first = months_of(past.groups.firsts(past.day, 0))
    has_bought = past.groups.counts > 0
    cohort, customers = np.unique(first[has_bought], return_counts=True)
    last = int(months_of(np.array([as_of]))[0])
    width = last - int(cohort[0]) + 1
    seen = np.unique(row * width + month - first[row])
    place = np.searchsorted(cohort, first[seen // width])
    active = np.zeros((cohort.size, width), np.int64)
    np.add.at(active, (place, seen % width), 1)
    active[np.arange(width)[None, :] > (last - cohort)[:, None]] = -1
    return Retention(cohort, customers.astype(np.int64), active)
