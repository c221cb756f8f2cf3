"""Background work of the desk. Every job may run twice."""

from shuke.desk.services import rows, suggestions
from shuke.desk.services.own_columns import make_missing_columns
from shuke.kernel.jobs import nightly, task


@task(name="desk.rebuild_rows")
def rebuild_rows() -> None:
    """Bring the rows of lists up to date."""
    rows.rebuild_rows()


@task(name="desk.complete_rows")
def complete_rows() -> None:
    """After an upgrade: columns and indexes that earlier versions did not make, and what they hold."""
    make_missing_columns()
    rows.rebuild_rows()


@task(name="desk.rebuild_rows_and_today")
def rebuild_rows_and_today() -> None:
    """After new values: rows first, then whom to contact."""
    rows.rebuild_rows()
    suggestions.suggest_for_today()


@nightly("20 5 * * *", name="desk.nightly_suggestions")
def nightly_suggestions(timestamp: int) -> None:
    """Before the shop opens: rows (lunar birthdays move with the year), then the day's list."""
    make_missing_columns()
    rows.rebuild_rows()
    suggestions.suggest_for_today()
