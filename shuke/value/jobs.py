"""Jobs of the value room."""

from shuke.kernel.jobs import NETWORK_TROUBLE, enqueue_once, nightly, task
from shuke.team.queries import SYSTEM
from shuke.value.services import refresh_all


@task(name="value.refresh_values", queueing_lock="value.refresh_values", retry=NETWORK_TROUBLE)
def refresh_values() -> None:
    """Compute everybody's values; again a little later if a customer was removed meanwhile."""
    refresh_all(SYSTEM)


# Cron times are UTC: 19:30 is half past three at night in the shop's usual zone.
@nightly("30 19 * * *", name="value.nightly_refresh_values")
def nightly_refresh_values(timestamp: int) -> None:
    """Every night: silence grows for everybody, so everybody's values are due."""
    refresh_all(SYSTEM)


def ask_for_refresh() -> None:
    """Have everybody's values computed soon; asking again before that changes nothing."""
    enqueue_once(refresh_values, lock="value.refresh_values")
