"""值多少: the value panel of the customer page, with its reasons."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from shuke.customers.queries import visible_customers
from shuke.kernel import clock
from shuke.team.services import require
from shuke.ui.rhythm import RhythmStrip, build_rhythm
from shuke.value import queries
from shuke.value.model_words import trust_words
from shuke.value.queries import Value
from shuke.value.rules import reasons_for
from shuke.value.services import purchase_days
from shuke.value.wording import range_words, reason_text, yuan


@require_GET
def panel(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Reasons, scores, stages and how far the figures can be trusted; with `?size=full` also worth and rhythm."""
    require(request.user, "value.view")
    get_object_or_404(visible_customers(request.user), pk=customer_id)
    value = queries.value_of(customer_id)
    context: dict[str, Any] = {"value": value, "size": "full" if request.GET.get("size") == "full" else ""}
    if value and value.purchases:
        today = clock.today()
        report = queries.latest_report()
        context |= {
            "strip": _strip(value, purchase_days(customer_id), today) if context["size"] else None,
            "reasons": [reason_text(reason) for reason in reasons_for(value, today)],
            "trust": trust_words(report.figures if report else {}),
            "steps": queries.stage_history(customer_id)[-6:],
            "worth": yuan(value.clv_year_fen),
            "range_words": range_words(value),
        }
    return render(request, "value/panel.html", context)


def _strip(value: Value, days: list[date], today: date) -> RhythmStrip:
    low, high = value.usual_gap_low_days, value.usual_gap_high_days
    has_own_gap = value.purchases > 1 and low is not None and high is not None
    return build_rhythm(
        days,
        today,
        max(1, round(low or 0)) if has_own_gap else None,
        max(1, round(high or 0)) if has_own_gap else None,
        value.next_expected_on if has_own_gap else None,
    )
