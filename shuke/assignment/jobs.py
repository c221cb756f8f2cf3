"""Background work on who looks after whom. Ids only; every job may run twice."""

from shuke.assignment import services
from shuke.customers.queries.holding import unowned_customers
from shuke.kernel.jobs import nightly, task


@task(name="assignment.assign_imported")
def assign_imported(run_id: int) -> None:
    """Give the new customers of an import to somebody, where their store has a rule."""
    ids = unowned_customers().filter(import_run_id=run_id).order_by("pk").values_list("pk", flat=True)
    services.assign_new(list(ids[: services.MOST_NEW]))


# Cron times are UTC: 20:10 is ten past four in the morning in the shop's usual zone, after the night's values and before 今天.
@nightly("10 20 * * *", name="assignment.nightly_pool")
def nightly_pool(timestamp: int) -> None:
    """Warn of customers who will go back to the pool, and send back who was warned long enough ago."""
    services.run_pool()
