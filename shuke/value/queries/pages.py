"""Ready figures for the pages: summaries of a store or the shop, and the report of the last run."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shuke.kernel.compiled import Compiled, given
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


_LATEST_DONE = Compiled(lambda: ModelRun.objects.filter(state=ModelRun.State.DONE).order_by("-pk")[:1])
_NEWEST = Compiled(lambda: ModelRun.objects.only("state", "progress", "problem").order_by("-pk")[:1])
_OF_SHOP = Compiled(lambda: ValueSummary.objects.filter(store_id=None).values_list("name", "content"))
_OF_STORE = Compiled(
    lambda: ValueSummary.objects.filter(store_id=given("store", "bigint")).values_list("name", "content")
)


def latest_report() -> RunReport | None:
    """The last finished run; None before the first."""
    run = _LATEST_DONE.first()
    if run is None:
        return None
    return RunReport(run.pk, run.as_of, run.finished_at, run.parameters, run.figures)


@dataclass(frozen=True)
class RunLine:
    """One run as its log tells it. `seconds` by step in their order; None where a run did not get so far."""

    run_id: int
    state: str
    progress: int
    as_of: date
    started_at: datetime
    finished_at: datetime | None
    problem: str
    seconds: dict[str, float]
    figures: dict[str, Any]
    parameters: dict[str, Any]

    @property
    def total_seconds(self) -> float:
        """Time computed, without the time between a death and going on."""
        return sum(self.seconds.values())


STEPS = ("facts", "learn", "backtest", "score", "write", "summaries")


def recent_runs(limit: int = 30) -> list[RunLine]:
    """The last runs, newest first, finished or not."""
    rows = ModelRun.objects.order_by("-pk")[:limit]
    return [
        RunLine(
            row.pk,
            row.state,
            row.progress,
            row.as_of,
            row.started_at,
            row.finished_at,
            row.problem,
            _in_order(row.figures.get("seconds", {})),
            row.figures,
            row.parameters,
        )
        for row in rows
    ]


def _in_order(seconds: dict[str, float]) -> dict[str, float]:
    known = {step: seconds[step] for step in STEPS if step in seconds}
    return known | {step: taken for step, taken in seconds.items() if step not in known}


@dataclass(frozen=True)
class RunState:
    """How far the newest run is; `step` is what it is at, empty when it is over."""

    run_id: int
    progress: int
    is_running: bool
    problem: str

    @property
    def before(self) -> int:
        """The number that this run comes after."""
        return self.run_id - 1

    @property
    def step(self) -> str:
        """The step under way."""
        return (
            next((name for percent, name in UNDER_WAY if self.progress < percent), "")
            if self.is_running
            else ""
        )


UNDER_WAY = ((20, "facts"), (55, "learn"), (75, "score"), (90, "write"), (100, "summaries"))


def newest_run() -> RunState | None:
    """The newest run, finished or not; None before the first."""
    run = _NEWEST.first()
    if run is None:
        return None
    has_failed = run.state == ModelRun.State.FAILED
    return RunState(
        run.pk, run.progress, run.state == ModelRun.State.RUNNING, run.problem if has_failed else ""
    )


def summaries_for(actor: Actor, store_id: int | None = None) -> dict[str, dict[str, Any]]:
    """Summaries by name, of the whole shop (for those who see all) or a store within reach; else empty."""
    if store_id is None and reach_of(actor).scope is not Scope.ALL:
        return {}
    if store_id is not None and not visible_stores(actor).filter(pk=store_id).exists():
        return {}
    found = _OF_SHOP.rows() if store_id is None else _OF_STORE.rows(store=store_id)
    return dict(found)


def stores_with_summaries(actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of the stores whose figures the actor may open."""
    return [(store.pk, store.name) for store in visible_stores(actor)]


def policy() -> ValuePolicy:
    """The shop's rules of value as they stand (defaults where none were saved)."""
    return ValuePolicy.objects.first() or ValuePolicy()
