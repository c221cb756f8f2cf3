"""预测可信吗: the model report in plain words, with what was predicted beside what came."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.value.model_words import candidate_name, model_words
from shuke.value.queries import RunReport
from shuke.value.views import model_charts
from shuke.value.views.pages import page_context
from shuke.value.wording import percent

PARAMETERS = ("r", "alpha", "a", "b", "s", "beta", "p", "q", "v")  # as the papers write them


@require_GET
def model(request: HttpRequest) -> HttpResponse:
    """Whether to believe the figures: compared on the shop's own last months, told in words, charts and tables."""
    context = page_context(request, "model")
    report = context["report"]
    if report:
        context |= {
            "words": model_words(report.parameters, report.figures),
            "fits": _fits(report),
            **_compared(report.figures.get("choice")),
        }
        distribution = context["summaries"].get("clv_distribution")
        context["ranges"] = model_charts.worth_ranges(distribution) if distribution else None
    return render(request, "value/model.html", context)


def _compared(choice: dict[str, Any] | None) -> dict[str, Any]:
    if not choice:
        return {}
    return {
        "choice": choice,
        "made_on": date.fromisoformat(choice["made_on"]),
        "tenths": model_charts.tenths(choice),
        "cohorts": model_charts.cohorts(choice),
        "calibration": model_charts.calibration(choice) if choice["warning"]["calibration"] else None,
        "candidates": model_charts.candidates(choice),
        "weights": _weights(choice),
        "warned_by": " + ".join(candidate_name(name) for name in choice["warned_by"]),
    }


def _weights(choice: dict[str, Any]) -> str:
    """Shares of the mean, where it is in use and weighed."""
    shares = choice["weights"]
    if choice["winner"] != "mean" or not shares:
        return ""
    words = {"models": _("三种模型")} | {name: candidate_name(name) for name in ("boosting", "last_period")}
    return " · ".join(f"{words[part]} {percent(share)}" for part, share in shares.items() if share)


def _fits(report: RunReport) -> list[dict[str, Any]]:
    """Every fitted model: its name, its parameters with their standard errors, and whether they reached a boundary."""
    figures = report.figures
    found = dict(figures.get("purchases_fits") or {})
    rows = [(candidate_name(name), fit) for name, fit in found.items() if fit]
    if figures.get("spend_fit"):
        rows.append(("Gamma-Gamma", figures["spend_fit"]))
    return [
        {"name": name, "figures": parameters_words(fit), "is_at_boundary": fit["is_at_boundary"]}
        for name, fit in rows
    ]


def parameters_words(fit: dict[str, Any]) -> list[str]:
    """r 0.24 ± 0.01, alpha 4.4 ± 0.4 …"""
    parameters, errors = fit["parameters"], fit.get("errors", {})
    return [
        f"{name} {_short(parameters[name])}" + (f" ± {_short(errors[name], 2)}" if errors.get(name) else "")
        for name in sorted(parameters, key=PARAMETERS.index)
        if parameters[name] is not None
    ]


def _short(figure: float, digits: int = 4) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.{digits}g}"
