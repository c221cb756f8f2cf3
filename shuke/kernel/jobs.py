"""Background jobs on PostgreSQL (procrastinate): enqueued in the caller's transaction, run at least once.

Ids in, never objects; safe to run twice. A job left behind by a killed worker is taken up again by `retry_stalled_jobs`.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from procrastinate import JobContext, RetryStrategy, exceptions
from procrastinate.contrib.django import app

STALLED_AFTER_SECONDS = 20
NETWORK_TROUBLE = RetryStrategy(max_attempts=5, exponential_wait=4)


def enqueue(
    task: Any, *, priority: int = 0, schedule_in: dict[str, int] | None = None, **arguments: Any
) -> int:
    """Put a job on the queue; it commits or rolls back with the caller's data. Returns the job's id."""
    options: dict[str, Any] = {"priority": priority}
    if schedule_in:
        options["schedule_in"] = schedule_in
    job_id: int = task.configure(**options).defer(**arguments)
    return job_id


def enqueue_named(name: str, *, schedule_in: dict[str, int] | None = None, **arguments: Any) -> int:
    """Put a job on the queue by its name: for services, which stand below the jobs that call them."""
    options: dict[str, Any] = {"schedule_in": schedule_in} if schedule_in else {}
    job_id: int = app.configure_task(name, allow_unknown=False, **options).defer(**arguments)
    return job_id


def enqueue_once(
    task: Any, *, lock: str, schedule_in: dict[str, int] | None = None, **arguments: Any
) -> int | None:
    """Put a job on the queue unless one with the same lock is waiting already; then returns None."""
    options: dict[str, Any] = {"schedule_in": schedule_in} if schedule_in else {}
    try:
        with transaction.atomic():
            job_id: int = task.configure(queueing_lock=lock, **options).defer(**arguments)
            return job_id
    except exceptions.AlreadyEnqueued:
        return None


def task(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declare a job: `@task(name="orders.import_batch")`."""
    return app.task(**options)


def nightly(cron: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declare a periodic job; the function receives `timestamp` (seconds)."""

    def declare(function: Callable[..., Any]) -> Any:
        return app.periodic(cron=cron)(app.task(queueing_lock=options.get("name"), **options)(function))

    return declare


@app.periodic(cron="* * * * * */10")
@app.task(
    queueing_lock="kernel.retry_stalled_jobs",
    pass_context=True,
    name="kernel.retry_stalled_jobs",
    priority=90,
)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Jobs whose worker stopped sending heartbeats run again."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await manager.retry_job(job)


@app.task(name="kernel.handle_event", retry=NETWORK_TROUBLE)
def handle_event(event_id: int, handler: str) -> None:
    """Deliver one event to one handler."""
    from shuke.kernel.outbox import deliver

    deliver(event_id=event_id, handler=handler)
