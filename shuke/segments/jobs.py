"""Background work of segments. Every job may run twice."""

from shuke.kernel.jobs import NETWORK_TROUBLE, enqueue, nightly, task
from shuke.segments import services
from shuke.segments.queries import visible_segments
from shuke.team.queries import SYSTEM


@task(name="segments.refresh_segment", retry=NETWORK_TROUBLE)
def refresh_segment(segment_id: int) -> None:
    """Bring one segment up to date."""
    services.refresh_members(segment_id)


# Cron times are UTC: 20:40 is twenty to five at night in the shop's usual zone, after values and rows.
@nightly("40 20 * * *", name="segments.nightly_refresh_segments")
def nightly_refresh_segments(timestamp: int) -> None:
    """Every segment that follows its conditions, each in a job of its own: one that fails does not hold up the others."""
    for segment_id in visible_segments(SYSTEM).filter(frozen_at=None).values_list("pk", flat=True):
        enqueue(refresh_segment, segment_id=segment_id)
