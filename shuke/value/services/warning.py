"""Why customers are warned of: figures from their own orders, read when somebody asks."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from shuke.analytics import churn
from shuke.analytics.features import features_of
from shuke.team.queries import shop
from shuke.value.queries import Value
from shuke.value.rules import Reason, Warned, warning_reasons
from shuke.value.services.facts import day_number, read_customers


def reasons_of_warning(values: Sequence[Value], *, today: date, window_days: int) -> dict[int, list[Reason]]:
    """Reasons by customer, strongest first, in one reading however many there are. The caller has checked that they may be seen.

    "Recently" are the last `window_days`, "before" as many days before those.
    """
    ordered = sorted(values, key=lambda value: value.customer_id)
    if not ordered:
        return {}
    ids = [value.customer_id for value in ordered]
    bought = read_customers(ids, currency=shop().currency, as_of=today)
    features = features_of(bought, as_of=day_number(today), window_days=window_days)
    gaps = np.array([[_known(value.usual_gap_low_days), _known(value.usual_gap_days),
                      _known(value.usual_gap_high_days)] for value in ordered])  # fmt: skip
    found = churn.reasons_of(bought, features, gaps, window_days=window_days)
    return {
        value.customer_id: warning_reasons(
            found.codes(row),
            Warned(
                silent_days=int(found.silent_days[row]),
                usual_days=value.usual_gap_days,
                window_days=window_days,
                recent_purchases=int(found.recent_purchases[row]),
                before_purchases=int(found.before_purchases[row]),
                recent_fen=_amount(found.recent_fen[row]),
                before_fen=_amount(found.before_fen[row]),
            ),
        )
        for row, value in enumerate(ordered)
    }


def _known(figure: float | None) -> float:
    return float("nan") if figure is None else figure


def _amount(figure: float) -> int:
    return 0 if np.isnan(figure) else round(float(figure))
