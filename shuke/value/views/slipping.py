"""即将流失: whom to turn to this week, why, and how good such a list has been."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shuke.value import queries
from shuke.value.model_words import warning_words
from shuke.value.queries import RunReport
from shuke.value.views import model_charts
from shuke.value.views.pages import Place, page_context
from shuke.value.views.slipping_rows import slipping_rows

SHOWN_LATER, MOST_SHOWN = 40, 200


@require_GET
def slipping(request: HttpRequest) -> HttpResponse:
    """Regulars who stay away longer than usual, most money first; the line is drawn where the shop's week is full."""
    context = page_context(request, "slipping")
    report = context["report"]
    if report:
        capacity = _capacity(context["place"])
        shown = min(capacity + SHOWN_LATER, MOST_SHOWN)
        window_days = report.parameters["churn_horizon_days"]
        rows = slipping_rows(request, context["place"].store_id, shown, window_days=window_days)
        context |= {
            "rows": rows[:capacity],
            "later": rows[capacity:],
            "capacity": capacity,
            "may_configure": request.user.may("value.configure"),
            **_judged(report),
        }
    return render(request, "value/slipping.html", context)


def _capacity(place: Place) -> int:
    """How many the shown stores can turn to in a week."""
    stores = 1 if place.store_id is not None else max(1, len(place.stores))
    return queries.policy().weekly_warnings * stores


def _judged(report: RunReport) -> dict[str, Any]:
    choice = report.figures.get("choice")
    words = warning_words(choice, horizon_days=report.parameters["churn_horizon_days"])
    has_curve = bool(choice and choice["warning"]["left"])
    return {"judged": words, "capture": model_charts.capture(choice) if choice and has_curve else None}
