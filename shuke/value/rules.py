"""Pure decisions of the value room: why a customer is valued so. Wording is in `wording`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

LONG_SILENCE_FACTOR = 1.2


class Valued(Protocol):
    """What the reasons read of a value."""

    @property
    def purchases(self) -> int: ...
    @property
    def last_on(self) -> date | None: ...
    @property
    def usual_gap_days(self) -> float | None: ...
    @property
    def leaving_chance(self) -> float | None: ...
    @property
    def expected_purchases_year(self) -> float | None: ...
    @property
    def mean_spend_fen(self) -> int: ...
    @property
    def spent_fen(self) -> int: ...
    @property
    def top_share(self) -> float | None: ...
    @property
    def at_stake_fen(self) -> int: ...


@dataclass(frozen=True)
class Reason:
    """One reason: its kind and the figures that made it (days, counts, shares, fen)."""

    code: str
    days: int = 0
    usual_days: int = 0
    count: float = 0
    share: float = 0.0
    amount_fen: int = 0
    before_count: int = 0
    before_fen: int = 0


@dataclass(frozen=True)
class Warned:
    """Figures behind a warning: of the last `window_days`, and of as many before those; money is per purchase."""

    silent_days: int
    usual_days: float | None
    window_days: int
    recent_purchases: int
    before_purchases: int
    recent_fen: int
    before_fen: int


def warning_reasons(codes: Sequence[str], figures: Warned) -> list[Reason]:
    """The reasons that hold, as `churn.Reasons.codes` names them, with their figures."""
    usual = max(1, round(figures.usual_days or 0))
    known = {
        "overdue": Reason("overdue", days=figures.silent_days, usual_days=usual),
        "rarer": Reason(
            "rarer",
            days=figures.window_days,
            count=figures.recent_purchases,
            before_count=figures.before_purchases,
        ),
        "smaller": Reason("smaller", amount_fen=figures.recent_fen, before_fen=figures.before_fen),
        "single": Reason("once", days=figures.silent_days),
    }
    return [known[code] for code in codes]


def reasons_for(value: Valued, today: date) -> list[Reason]:
    """The reasons behind a value, weightiest first; none for somebody who has not bought."""
    if value.purchases < 1 or value.last_on is None:
        return []
    silent = (today - value.last_on).days
    found = [_rhythm(value, silent)]
    if value.at_stake_fen > 0 and value.leaving_chance is not None:
        found.append(Reason("stake", share=value.leaving_chance, amount_fen=value.at_stake_fen))
    elif value.leaving_chance is not None and value.leaving_chance >= 0.5:
        found.append(Reason("may_leave", share=value.leaving_chance))
    if value.top_share is not None and value.top_share <= 0.2:
        found.append(Reason("top", share=value.top_share, amount_fen=value.spent_fen))
    found.append(_outlook(value))
    return found


def _rhythm(value: Valued, silent: int) -> Reason:
    if value.purchases == 1:
        return Reason("once", days=silent)
    usual = max(1, round(value.usual_gap_days or 0))
    overdue = value.usual_gap_days is not None and silent > LONG_SILENCE_FACTOR * usual
    return Reason("overdue" if overdue else "on_time", days=silent, usual_days=usual, count=value.purchases)


def _outlook(value: Valued) -> Reason:
    expected = value.expected_purchases_year
    if value.leaving_chance is None or expected is None:
        return Reason("like_last_year", count=expected or 0, amount_fen=value.mean_spend_fen)
    return Reason("outlook", count=round(expected, 1), amount_fen=value.mean_spend_fen)
