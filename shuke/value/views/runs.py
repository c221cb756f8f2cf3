"""运行记录: every computation of the values, what it took, what it found, and why one was not finished."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.ui.templatetags.shuke import day
from shuke.value import queries
from shuke.value.model_words import candidate_name, standing
from shuke.value.queries import RunLine
from shuke.value.views.model_report import parameters_words
from shuke.value.views.pages import page_context
from shuke.value.wording import duration, engine_name, problem_words, step_name


@dataclass(frozen=True)
class Told:
    """A run in words: `facts` are (label, figure) pairs, `steps` (name, how long) pairs."""

    line: RunLine
    lasted: str
    changed: str
    problem: str
    steps: list[tuple[str, str]]
    facts: list[tuple[str, str]]

    @property
    def has_more(self) -> bool:
        return bool(self.steps or self.facts)


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """The last runs, the newest first."""
    context = page_context(request, "model")
    told = [_told(line) for line in queries.recent_runs()]
    return render(request, "value/runs.html", context | {"runs": told})


def _told(line: RunLine) -> Told:
    return Told(
        line=line,
        lasted=duration(line.total_seconds) if line.seconds else "",
        changed=_count(line.figures.get("changed")),
        problem=problem_words(line.problem) if line.problem else "",
        steps=[(step_name(step), duration(taken)) for step, taken in line.seconds.items()],
        facts=[*_read(line), *_learnt(line)],
    )


def _read(line: RunLine) -> list[tuple[str, str]]:
    figures = line.figures
    if "rows" not in figures:
        return []
    told = _("全部重读") if figures.get("flowed") is None else _count(figures["flowed"])
    return [
        (_("在哪里算"), engine_name(figures.get("engine", ""))),
        (_("订单记录"), _count(figures["rows"])),
        (_("有改动的客户"), told),
        (_("客户"), _count(figures.get("customers"))),
        (_("买过的客户"), _count(figures.get("buyers"))),
        *([(_("中断后接着算"), _count(figures["resumed"]))] if figures.get("resumed") else []),
    ]


def _learnt(line: RunLine) -> list[tuple[str, str]]:
    figures = line.figures
    fits = {candidate_name(name): fit for name, fit in (figures.get("purchases_fits") or {}).items()}
    fits |= {"BG/NBD": figures.get("purchases_fit"), "Gamma-Gamma": figures.get("spend_fit")}
    found = [(name, " · ".join(parameters_words(fit))) for name, fit in fits.items() if fit]
    return [*_compared(figures.get("choice")), *found]


def _compared(choice: dict[str, Any] | None) -> list[tuple[str, str]]:
    if not choice:
        return []
    best = standing(choice, choice["winner"])
    return [
        (_("用哪种算法"), candidate_name(choice["winner"])),
        (_("比较是哪天做的"), day(date.fromisoformat(choice["made_on"]))),
        (_("检验:猜的单数 / 实际"), f"{choice['predicted']:,.0f} / {choice['came']:,}"),
        (_("检验:与实际的相关"), f"{best['correlation']:.2f}"),
        (_("检验:分得清谁不来"), f"{choice['warning']['auc']:.2f}"),
    ]


def _count(figure: int | None) -> str:
    return "" if figure is None else f"{figure:,}"
