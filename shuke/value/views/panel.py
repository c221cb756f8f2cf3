"""值多少: the value panel of the customer page, with its reasons."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.analytics.scoring import TREND_DAYS
from shuke.customers.queries import visible_customers
from shuke.kernel import clock
from shuke.team.services import require
from shuke.ui.rhythm import RhythmStrip, build_rhythm
from shuke.value import queries
from shuke.value.model_words import trust_words
from shuke.value.models import Trend
from shuke.value.queries import RunReport, Value
from shuke.value.queries.habits import habits_of
from shuke.value.rules import Reason, reasons_for
from shuke.value.services import purchase_days, reasons_of_warning
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
            "reasons": [reason_text(reason) for reason in _reasons(value, report, today)],
            "trust": trust_words(report.figures if report else {}),
            "steps": queries.stage_history(customer_id)[-6:],
            "trend_words": _trend_words(value, customer_id, today),
            "habits": habits_of(customer_id, has_costs=request.user.may("value.costs")).told,
            "worth": yuan(value.clv_year_fen),
            "range_words": range_words(value),
        }
    return render(request, "value/panel.html", context)


def _reasons(value: Value, report: RunReport | None, today: date) -> list[Reason]:
    """The reasons of the value; of somebody who is slipping also what became rarer or smaller, from their orders."""
    reasons = reasons_for(value, today)
    if report and value.is_slipping:
        window_days = report.parameters["churn_horizon_days"]
        warned = reasons_of_warning([value], today=today, window_days=window_days)[value.customer_id]
        reasons[1:1] = [reason for reason in warned if reason.code in ("rarer", "smaller")]
    return reasons


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


def _trend_words(value: Value, customer_id: int, today: date) -> str:
    """Rising or falling in figures; empty for who comes as before."""
    if value.trend not in (Trend.RISING, Trend.FALLING):
        return ""
    ago = [(today - day).days for day in purchase_days(customer_id)[1:]]
    recent, before = (
        sum(days < TREND_DAYS for days in ago),
        sum(TREND_DAYS <= days < 2 * TREND_DAYS for days in ago),
    )
    words = {"recent": recent, "before": before}
    if value.trend == Trend.RISING:
        return _("近半年来了 %(recent)s 次，再往前半年 %(before)s 次：来得比以前勤，不是碰巧。") % words
    return _("近半年来了 %(recent)s 次，再往前半年 %(before)s 次：来得比以前少，不是碰巧。") % words
