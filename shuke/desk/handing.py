"""What of the desk goes along when somebody hands over: lists they share, and lines of 今天 that wait for them."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext_lazy as _

from shuke.customers.ports import Given, HandedRow
from shuke.desk.models import SavedView, Suggestion
from shuke.desk.wording import REASON_WORDS

WAITING = (Suggestion.State.OPEN, Suggestion.State.LATER)


class SharedViews:
    """Views that everybody uses must not go with whoever made them."""

    code, label, order, is_personal = "views", _("共享的视图"), 50, True

    def held(self, staff_id: int, customer_ids: Collection[int] | None) -> list[HandedRow]:
        rows = SavedView.objects.filter(owner_id=staff_id, is_shared=True, deleted_at=None).order_by("pk")
        return [HandedRow(row.pk, None, row.name) for row in rows]

    def give(self, given: Sequence[Given]) -> set[int]:
        return {
            one.row_id
            for one in given
            if SavedView.objects.filter(pk=one.row_id, owner_id=one.from_id).update(owner_id=one.to_id)
        }


class WaitingLines:
    """Whom somebody was to contact."""

    code, label, order, is_personal = "suggestions", _("今天要联系的"), 30, False

    def held(self, staff_id: int, customer_ids: Collection[int] | None) -> list[HandedRow]:
        rows = Suggestion.objects.filter(account_manager_id=staff_id, state__in=WAITING)
        if customer_ids is not None:
            rows = rows.filter(customer_id__in=list(customer_ids))
        return [
            HandedRow(row.pk, row.customer_id, str(REASON_WORDS.get(row.reason, "")))
            for row in rows.order_by("-weight")
        ]

    def give(self, given: Sequence[Given]) -> set[int]:
        by_pair: dict[tuple[int, int], list[int]] = {}
        for one in given:
            by_pair.setdefault((one.from_id, one.to_id), []).append(one.row_id)
        moved: set[int] = set()
        for (leaving, taker), ids in sorted(by_pair.items()):
            rows = Suggestion.objects.select_for_update().filter(pk__in=ids, account_manager_id=leaving)
            there = list(rows.values_list("pk", flat=True))
            Suggestion.objects.filter(pk__in=there).update(account_manager_id=taker)
            moved |= set(there)
        return moved
