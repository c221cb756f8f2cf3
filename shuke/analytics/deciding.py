"""What a shop's own last months settle: which forecast, what the warning is made of, and how spend is predicted.

Compared on a sample of buyers: more would not change the answer, and a comparison costs the same in every shop. Page
docs/methods/choice.md.
"""

from dataclasses import dataclass, replace

from shuke.analytics import boosting, churn, spend
from shuke.analytics.candidates import BOOSTING, MEAN
from shuke.analytics.choosing import Comparison, Examination, Rules, examine
from shuke.analytics.churn import WarningReport
from shuke.analytics.forecasting import Decision
from shuke.analytics.purchases import Purchases, with_customers
from shuke.analytics.spend import SpendReport

SAMPLED = 8_000
TREES_FROM = 1_000
THRIFTY_FROM = 50_000
KEPT_DAYS = 7
CHANGED_BY = 1.25


@dataclass(frozen=True)
class Findings:
    """A decision and all that speaks for it.

    `sampled` of `buyers` buyers were looked at. `warning` is the report of the warning as decided, made of the forecasts
    `warned_by`; `brier_alone` is what the winner's own would have scored. Money on the hidden days is predicted with the amount
    per purchase that `spend` favours (None: too few purchases to tell).
    """

    decision: Decision
    comparison: Comparison
    warning: WarningReport
    warned_by: tuple[str, ...]
    brier_alone: float
    spend: SpendReport | None
    predicted_fen: int
    came_fen: int
    sampled: int
    buyers: int


def decide(
    purchases: Purchases, *, as_of: int, horizon_days: int, with_trees: bool | None = None
) -> Findings | None:
    """Compare all candidates on the last `horizon_days` and settle; None with too little history to hide that much.

    Parameters
    ----------
    with_trees : bool, optional
        Whether trees are candidates; None: from 1,000 buyers on, below they would learn noise.

    Notes
    -----
    From 50,000 buyers on a tie goes to what costs least to ask (`choosing.winner_of`), and the warning is the winner's unless
    another lowers its Brier score by more than a standard error.
    """
    past = purchases.until(as_of)
    buyers = int((past.groups.counts > 0).sum())
    sample = sample_of(past, SAMPLED)
    has_trees = buyers >= TREES_FROM if with_trees is None else with_trees
    rules = Rules(has_trees=has_trees, is_thrifty=buyers >= THRIFTY_FROM)
    found = examine(sample, as_of=as_of, hidden_days=horizon_days, rules=rules)
    if found is None:
        return None
    decision = _decision(found, sample, as_of=as_of, rules=rules)
    decision = replace(decision, purchases=int(past.day.size))
    return _findings(found, decision, sample, buyers=buyers)


def sample_of(purchases: Purchases, most: int) -> Purchases:
    """Evenly taken buyers, at most so many, with all their purchases."""
    bought = purchases.customer[purchases.groups.counts > 0]
    step = -(-bought.size // most)
    return purchases if step <= 1 else with_customers(purchases, bought[::step])


def is_still_good(decision: Decision, purchases: Purchases, *, as_of: int, horizon_days: int) -> bool:
    """Whether a decision of the last days holds: within a week, the same horizon, and about as many purchases as then."""
    now = max(int(purchases.day.size), 1)
    ratio = now / max(decision.purchases, 1)
    is_young = 0 <= as_of - decision.made_on < KEPT_DAYS
    is_same_shop = 1 / CHANGED_BY <= ratio <= CHANGED_BY
    return decision.is_tested and is_young and is_same_shop and decision.horizon_days == horizon_days


def _decision(found: Examination, sample: Purchases, *, as_of: int, rules: Rules) -> Decision:
    """The winner with what it needs: trees that learn from the hidden days too, and the weights those days teach."""
    comparison = found.comparison
    winner, horizon = comparison.winner, comparison.hidden_days
    warned_by = churn.best_way(found.trial, winner, is_thrifty=rules.is_thrifty)
    has_trees = BOOSTING in found.trial.forecasts and (BOOSTING in warned_by or winner in (BOOSTING, MEAN))
    trees = boosting.train(sample, as_of=as_of, horizon_days=horizon) if has_trees else None
    if trees is None:
        winner = MEAN if winner == BOOSTING else winner
        warned_by = (winner,)
    return Decision(
        made_on=as_of,
        purchases=0,
        horizon_days=horizon,
        winner=winner,
        weights=comparison.next_weights if trees is not None and winner == MEAN else None,
        boosting=trees,
        warned_by=warned_by,
    )


def _findings(found: Examination, decision: Decision, sample: Purchases, *, buyers: int) -> Findings:
    made, cut, horizon = found.trial, found.comparison.cut, decision.horizon_days
    winner = found.comparison.winner
    warned_by = decision.warned_by if decision.winner == winner else (winner,)
    own, warned = (
        churn.report_of(made, churn.warning_of(made.forecasts, names), cut=cut, horizon_days=horizon)
        for names in ((winner,), warned_by)
    )
    amounts = spend.compare(sample, as_of=decision.made_on, hidden_days=horizon)
    before, later = sample.until(cut), sample.after(cut).until(decision.made_on)
    known = before.groups.counts > 0
    each = spend.predicted_spend(before, amounts.winner if amounts else spend.POPULATION)
    each = spend.predicted_spend(before, spend.POPULATION) if each is None else each
    assert each is not None
    return Findings(
        decision=decision,
        comparison=found.comparison,
        warning=warned,
        warned_by=warned_by,
        brier_alone=own.brier,
        spend=amounts,
        predicted_fen=round(float(made.forecasts[winner].purchases @ each[known])),
        came_fen=int(later.groups.sums(later.amount_fen)[known].sum()),
        sampled=int(sample.customer.size),
        buyers=buyers,
    )
