"""Ready figures for the pages: summaries of a store or the shop, and the report of the last run."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shuke.team.queries import Actor, reach_of, visible_stores
from shuke.team.rules import Scope
from shuke.value.models import ModelRun, ValuePolicy, ValueSummary


@dataclass(frozen=True)
class RunReport:
    """The last finished run: what it learned and how well it predicts."""

    run_id: int
    as_of: date
    finished_at: datetime | None
    parameters: dict[str, Any]
    figures: dict[str, Any]


def latest_report() -> RunReport | None:
    """The last finished run; None before the first."""
    run = ModelRun.objects.filter(state=ModelRun.State.DONE).order_by("-pk").first()
    if run is None:
        return None
    return RunReport(run.pk, run.as_of, run.finished_at, run.parameters, run.figures)


def running_progress() -> int | None:
    """Percent of a run under way; None when none is."""
    newest = ModelRun.objects.order_by("-pk").first()
    return newest.progress if newest and newest.state == ModelRun.State.RUNNING else None


def last_problem() -> str:
    """Why the newest run failed; empty when it did not."""
    newest = ModelRun.objects.order_by("-pk").first()
    return newest.problem if newest and newest.state == ModelRun.State.FAILED else ""


def summaries_for(actor: Actor, store_id: int | None = None) -> dict[str, dict[str, Any]]:
    """Summaries by name, of the whole shop (for those who see all) or a store within reach; else empty."""
    if store_id is None and reach_of(actor).scope is not Scope.ALL:
        return {}
    if store_id is not None and not visible_stores(actor).filter(pk=store_id).exists():
        return {}
    rows = ValueSummary.objects.filter(store_id=store_id)
    return {row.name: row.content for row in rows}


def stores_with_summaries(actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of the stores whose figures the actor may open."""
    return [(store.pk, store.name) for store in visible_stores(actor)]


def policy() -> ValuePolicy:
    """The shop's rules of value as they stand (defaults where none were saved)."""
    return ValuePolicy.objects.first() or ValuePolicy()
