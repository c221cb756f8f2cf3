"""Jobs of the value room."""

from shuke.kernel.jobs import NETWORK_TROUBLE, enqueue_once, nightly, task
from shuke.team.queries import SYSTEM
from shuke.value import services

SOON = {"seconds": 30}


@task(name="value.refresh_values", queueing_lock="value.refresh_values", retry=NETWORK_TROUBLE)
def refresh_values() -> None:
    """Compute everybody's values; again a little later if a customer was removed meanwhile."""
    services.refresh_all(SYSTEM)


@task(name="value.recount_summaries", queueing_lock="value.recount_summaries", retry=NETWORK_TROUBLE)
def recount_summaries() -> None:
    """Count the figures of the pages anew."""
    services.recount_summaries(SYSTEM)


@task(name="value.keep_facts", retry=NETWORK_TROUBLE)
def keep_facts() -> None:
    """Let changes flow into the Parquet facts at once; the nightly run does it too."""
    services.bring_up_to_date()


@task(name="value.recommend", queueing_lock="value.recommend", retry=NETWORK_TROUBLE)
def recommend() -> None:
    """Work out what everybody is recommended, and what became of it."""
    services.recommend_all(SYSTEM)
    services.settle_shown()


@task(name="value.count_products", queueing_lock="value.count_products", retry=NETWORK_TROUBLE)
def count_products() -> None:
    """Make the figures of products ready."""
    services.count_products(SYSTEM)


@task(name="value.count_views", queueing_lock="value.count_views", retry=NETWORK_TROUBLE)
def count_views() -> None:
    """Make the figures of 留存 and RFM ready."""
    services.count_views(SYSTEM)


# Cron times are UTC: 19:30 is half past three at night in the shop's usual zone.
@nightly("30 19 * * *", name="value.nightly_refresh_values")
def nightly_refresh_values(timestamp: int) -> None:
    """Every night: silence grows for everybody, so everybody's values are due."""
    services.refresh_all(SYSTEM)


def ask_for_refresh() -> None:
    """Have everybody's values computed soon; asking again before that changes nothing."""
    enqueue_once(refresh_values, lock="value.refresh_values")


def ask_for_recount() -> None:
    """Have the figures of the pages counted anew in half a minute: deletions that follow each other share one count."""
    enqueue_once(recount_summaries, lock="value.recount_summaries", schedule_in=SOON)


def ask_for_ready_figures() -> None:
    """Have recommendations and the figures of products, 留存 and RFM worked out soon; asking again changes nothing."""
    enqueue_once(count_views, lock="value.count_views")
    enqueue_once(recommend, lock="value.recommend")
    enqueue_once(count_products, lock="value.count_products")
