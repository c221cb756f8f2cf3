"""What is overdue: each person hears of their own, then the manager hears of what still waits. Safe to run twice a day."""

from collections import Counter
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, QuerySet

from shuke.customers.models import FollowUp
from shuke.customers.queries.contact import contact_policy
from shuke.kernel import clock
from shuke.team.queries import managers_of
from shuke.team.services import notify

OVERDUE, ESCALATED = "overdue", "escalated"
OVERDUE_URL = "/customers/follow-ups/?span=overdue"
ESCALATED_URL = "/customers/follow-ups/?span=overdue&who=all"


def overdue_on(day: date) -> QuerySet[FollowUp]:
    """Open follow-ups of living customers that should have been done before that day."""
    return FollowUp.objects.filter(
        state=FollowUp.State.OPEN,
        due_on__lt=day,
        customer__merged_into=None,
        customer__deleted_at=None,
    )


def remind_overdue() -> int:
    """Tell everybody once a day how many of their follow-ups are overdue; returns how many people were told."""
    today = clock.today()
    rows = overdue_on(today).exclude(assignee=None).order_by().values("assignee_id").annotate(n=Count("pk"))
    told = 0
    for row in rows:
        facts = {"count": row["n"]}
        told += notify(
            staff_ids=[row["assignee_id"]],
            kind=OVERDUE,
            key=today.isoformat(),
            facts=facts,
            url=OVERDUE_URL,
        )
    return told


@transaction.atomic
def escalate_overdue() -> int:
    """Tell each store's managers once of follow-ups that are overdue for too long; returns how many were passed on."""
    today = clock.today()
    since = today - timedelta(days=contact_policy().escalate_after_days - 1)
    rows = overdue_on(since).filter(escalated_on=None).select_for_update(of=("self",), skip_locked=True)
    waiting = list(rows.values_list("pk", "customer__store_id"))
    for store_id, count in Counter(store for _pk, store in waiting).items():
        notify(
            staff_ids=[person.pk for person in managers_of(store_id)],
            kind=ESCALATED,
            key=f"{today.isoformat()}:{store_id or 0}",
            facts={"count": count, "store": store_id},
            url=ESCALATED_URL,
        )
    FollowUp.objects.filter(pk__in=[pk for pk, _store in waiting]).update(escalated_on=today)
    return len(waiting)
