"""Plans of follow-ups when their author hands over: they go on in somebody else's name."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext_lazy as _

from shuke.customers.models import FollowUpPlan
from shuke.customers.ports import Given, HandedRow


class PlanHandover:
    """Running plans that a person has made."""

    code, label, order, is_personal = "plans", _("跟进计划"), 40, True

    def held(self, staff_id: int, customer_ids: Collection[int] | None) -> list[HandedRow]:
        rows = FollowUpPlan.objects.filter(created_by_id=staff_id, is_active=True).order_by("pk")
        return [HandedRow(row.pk, None, row.name) for row in rows]

    def give(self, given: Sequence[Given]) -> set[int]:
        return {
            one.row_id
            for one in given
            if FollowUpPlan.objects.filter(pk=one.row_id, created_by_id=one.from_id).update(
                created_by_id=one.to_id
            )
        }
