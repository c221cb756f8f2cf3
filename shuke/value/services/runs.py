"""The log of runs: which steps a run did, how long each took, what it learnt; and taking up a run whose process died."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection

from shuke.kernel import clock
from shuke.value.models import ModelRun

ALONE_LOCK = 7_301_015
INTERRUPTED = "interrupted"


@contextmanager
def alone() -> Iterator[None]:
    """One run at a time; the next waits. A process that dies lets go."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [ALONE_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [ALONE_LOCK])


def run_for(as_of: date, engine: str) -> "RunLog":
    """The run of that day that nobody works on any more, to go on with; else a new one. Call while `alone`.

    Other runs that were left are closed as interrupted.
    """
    left = ModelRun.objects.filter(state=ModelRun.State.RUNNING)
    run = left.filter(as_of=as_of).order_by("-pk").first()
    others = left.exclude(pk=run.pk) if run else left
    others.update(state=ModelRun.State.FAILED, problem=INTERRUPTED, finished_at=clock.now())
    return RunLog(run or ModelRun.objects.create(as_of=as_of), engine)


class RunLog:
    """One run and what is written down of it, step by step."""

    def __init__(self, run: ModelRun, engine: str) -> None:
        self._run, self._began = run, time.monotonic()
        self._resumed = bool(run.figures)
        run.figures = {
            "seconds": {}, **run.figures, "engine": engine, "resumed": run.figures.get("resumed", 0) + self._resumed
        }  # fmt: skip

    @property
    def pk(self) -> int:
        return self._run.pk

    @property
    def as_of(self) -> date:
        return self._run.as_of

    @property
    def learnt(self) -> dict[str, Any]:
        """The model that this run learnt before its process died; empty if it did not get so far."""
        return dict(self._run.parameters)

    def reached(self, step: str, percent: int, **figures: Any) -> None:
        """A step is done: note how long it took, how far the run is, and figures of the step."""
        moment = time.monotonic()
        self._run.figures |= figures
        self._run.figures["seconds"][step] = round(moment - self._began, 3)
        self._began, self._run.progress = moment, percent
        self._run.save(update_fields=["progress", "figures"])

    def keep_model(self, parameters: dict[str, Any], **figures: Any) -> None:
        """Keep what was learnt, for who scores one customer, and for going on after a death."""
        self._run.parameters = parameters
        self._run.figures |= figures
        self._run.save(update_fields=["parameters", "figures"])

    def finish(self) -> None:
        """Mark it done."""
        self._run.state, self._run.progress = ModelRun.State.DONE, 100
        self._run.finished_at = clock.now()
        self._run.save()

    def fail(self, error: Exception) -> None:
        """Mark it failed and say why."""
        ModelRun.objects.filter(pk=self.pk).update(
            state=ModelRun.State.FAILED, problem=f"{type(error).__name__}: {error}", finished_at=clock.now()
        )
