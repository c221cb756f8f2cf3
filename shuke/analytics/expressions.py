"""The same figures as `purchases` and `features`, as Ibis expressions: for data that one machine's memory does not hold.

Tables in, tables out; nothing is computed until an engine (DuckDB, Spark) is asked. What both engines must agree on is kept
to what both say alike: days are whole numbers since 1970-01-01, money whole fen, every window has a full order, no division.
Equality with the NumPy functions and between engines is tested to 1e-9.
"""

from collections.abc import Sequence
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import IntegerValue, Table, Value

from shuke.analytics.features import YEAR_DAYS

ALL_TIME_DAYS = 10**6
QUARTERS = (1, 2, 3)  # own gaps at 25, 50 and 75 %


def current_rows(rows: Table, named: Table) -> Table:
    """Facts as they stand: of each customer the rows of the newest layer that names them.

    Parameters
    ----------
    rows : Table
        Facts with `customer` and `layer`; layer 0 is the base.
    named : Table
        `customer`, `layer`: whom each later layer tells anew (with rows or without).
    """
    newest = named.group_by("customer").agg(newest=_.layer.max())
    joined = rows.left_join(newest, "customer")
    kept = joined.filter(joined.layer == ibis.coalesce(joined.newest, 0))
    return kept.select([name for name in rows.columns if name != "layer"])


def movements(orders: Table, *, as_of: int) -> Table:
    """Orders (`customer`, `day`, `sold_fen`, `returned_fen`) added up per customer and day, up to a day."""
    known = orders.filter(_.day <= as_of)
    return known.group_by("customer", "day").agg(
        sold_fen=_total(_.sold_fen), returned_fen=_total(_.returned_fen)
    )


def purchases(moved: Table) -> Table:
    """Purchase days net of returns, newest eaten first: `customer`, `day`, `amount_fen` > 0.

    Notes
    -----
    The reflected walk of `analytics.purchases.net_purchases`: heights H from running sums and running minima, and of day i
    stays clip(min_(j >= i) H_j - H_(i-1), 0, sold_i).
    """
    so_far = ibis.cumulative_window(group_by="customer", order_by="day")
    from_here = ibis.window(group_by="customer", order_by="day", preceding=0, following=None)
    walked = moved.mutate(walk=_total(_.sold_fen - _.returned_fen).over(so_far))
    lowest = walked.mutate(lowest=_.walk.min().over(so_far))
    stacked = lowest.mutate(height=_.walk - ibis.least(_.lowest, 0))
    seen = stacked.mutate(
        ahead=_.height.min().over(from_here),
        below=ibis.coalesce(_.height.lag(1).over(_by_day()), 0),
    )
    left = seen.mutate(amount_fen=ibis.least(ibis.greatest(_.ahead - _.below, 0), _.sold_fen))
    return left.filter(_.amount_fen > 0).select("customer", "day", "amount_fen")


def features(bought: Table, *, as_of: int, window_days: int) -> Table:
    """What the models read of each customer with a purchase: the columns of `analytics.features.Features`.

    `gap_25`, `gap_50`, `gap_75` stand for `gap_quantiles`; null below two purchases.
    """
    numbered = _numbered(bought)
    since = as_of - (window_days or ALL_TIME_DAYS)
    found = numbered.group_by("customer").agg(
        purchases=_.count(),
        first_day=_.day.min(),
        last_day=_.day.max(),
        spent_fen=_total(_.amount_fen),
        repeat_fen=_sum_where(_.amount_fen, _.place > 0),
        window_purchases=_sum_where(1, _.day > since),
        window_fen=_sum_where(_.amount_fen, _.day > since),
        year_purchases=_sum_where(1, _.day > as_of - YEAR_DAYS),
        year_fen=_sum_where(_.amount_fen, _.day > as_of - YEAR_DAYS),
        worth_fen=_sum_where(_.amount_fen, _.day > _.newest_day - YEAR_DAYS),
    )
    quantiles = _gap_quantiles(gaps(bought))
    joined = found.left_join(quantiles, "customer")
    return joined.select([*found.columns, *(name for name in quantiles.columns if name != "customer")])


def gaps(bought: Table) -> Table:
    """Days between neighbouring purchases: `customer`, `day` of the later one, `gap_days`."""
    before = bought.mutate(gap_days=_.day - _.day.lag(1).over(_by_day()))
    return before.filter(_.gap_days.notnull()).select("customer", "day", "gap_days")


def gap_counts(bought: Table) -> Table:
    """How often each number of days lies between purchases in the whole shop: `gap_days`, `times`."""
    return gaps(bought).group_by("gap_days").agg(times=_.count())


def cells(found: Table, *, as_of: int) -> Table:
    """Sufficient statistics of the purchase models: distinct (`x`, `t_x`, `T`) in days, and `customers` who share each."""
    summed = found.select(
        x=_.purchases - 1,
        t_x=_.last_day - _.first_day,
        T=as_of - _.first_day,
    )
    return summed.group_by("x", "t_x", "T").agg(customers=_.count())


def spend(found: Table) -> Table:
    """Sufficient statistics of the spend model: per repeat buyer `x` and the money of the repeats, `repeat_fen`."""
    return found.filter(_.purchases > 1).select("customer", "repeat_fen", x=_.purchases - 1)


def rfm_scores(
    found: Table, *, as_of: int, edges: tuple[Sequence[float], Sequence[float], Sequence[float]]
) -> Table:
    """`customer` and `r`, `f`, `m` from 1 to 5, by edges of silence in days, purchases and fen; 5 is best."""
    silence, times, money = edges
    return found.select(
        "customer",
        r=5 - _above(as_of - found.last_day, silence),
        f=1 + _above(found.window_purchases, times),
        m=1 + _above(found.window_fen, money),
    )


def _above(value: IntegerValue, edges: Sequence[float]) -> IntegerValue:
    """How many edges lie below the value: on an edge belongs below it."""
    first, *others = [(value > edge).ifelse(1, 0) for edge in edges]
    total = first
    for one in others:
        total = total + one
    return total


def _numbered(bought: Table) -> Table:
    whole = ibis.window(group_by="customer")
    return bought.mutate(
        place=ibis.row_number().over(_by_day()),
        newest_day=_.day.max().over(whole),
    )


def _gap_quantiles(between: Table) -> Table:
    """Linear quantiles at quarters, by rank: (n - 1) q / 4 lies between two ranks, its remainder is the weight."""
    ranked = between.mutate(
        rank=ibis.row_number().over(ibis.window(group_by="customer", order_by=["gap_days", "day"])),
        gaps=_.count().over(ibis.window(group_by="customer")),
    )
    return ranked.group_by("customer").agg(
        **{f"gap_{25 * quarter}": _quantile(ranked, quarter) for quarter in QUARTERS}
    )


def _quantile(ranked: Table, quarter: int) -> Value:
    place = (ranked.gaps - 1) * quarter
    low = (place.cast("float64") * 0.25).floor().cast("int64")
    part = (place - low * 4).cast("float64") * 0.25
    high = ibis.least(low + 1, ranked.gaps - 1)
    days = ranked.gap_days.cast("float64")
    below = (ranked["rank"] == low).ifelse(days * (1.0 - part), 0.0)
    above = (ranked["rank"] == high).ifelse(days * part, 0.0)
    return (below + above).sum()


def _by_day() -> Any:
    return ibis.window(group_by="customer", order_by="day")


def _total(value: Value) -> Value:
    return value.sum().cast("int64")


def _sum_where(value: Value | int, condition: Value) -> Value:
    return _total(condition.ifelse(value, 0))
