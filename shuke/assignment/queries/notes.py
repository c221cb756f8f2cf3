"""What 设置 says beside people: who left customers behind."""

from collections.abc import Collection
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shuke.assignment.queries.handovers import may_hand_over
from shuke.customers.queries.holding import managed_counts
from shuke.team.ports import StaffNote


def leaver_notes(actor: Any, staff: Collection[Any]) -> dict[int, StaffNote]:
    """For each person whose customers may be handed over: an offer; for who left and still has some, a warning."""
    if not may_hand_over(actor):
        return {}
    counts = managed_counts([one.pk for one in staff])
    found = {}
    for one in staff:
        n = counts.get(one.pk, 0)
        url = reverse("assignment:hand_over", args=[one.pk])
        if n and not one.is_active:
            words = ngettext("还有 %(n)s 位客户没交接", "还有 %(n)s 位客户没交接", n) % {"n": n}
            found[one.pk] = StaffNote(words, url, _("交接"), is_warning=True)
        elif n:
            words = ngettext("%(n)s 位客户", "%(n)s 位客户", n) % {"n": n}
            found[one.pk] = StaffNote(words, url, _("交接"))
    return found
