"""How notices of this room read."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shuke.assignment.models import Handover
from shuke.customers.queries.holding import reached_names
from shuke.team.queries import staff_names

Facts = Sequence[dict[str, Any]]


def handed_over_lines(actor: Any, facts: Facts) -> list[str]:
    """林店长把 12 位客户交给了你：离职交接."""
    staff = staff_names()
    known = Handover.objects.in_bulk([fact["handover"] for fact in facts])
    return [_handed_over(fact, known.get(fact["handover"]), staff) for fact in facts]


def _handed_over(fact: dict[str, Any], handover: Handover | None, staff: dict[int, str]) -> str:
    if handover is None:
        return ""
    words = {"who": staff.get(fact.get("by") or 0, _("熟客")), "n": fact["count"], "why": handover.reason}
    said = ngettext("%(who)s把 %(n)s 位客户交给了你", "%(who)s把 %(n)s 位客户交给了你", fact["count"]) % words
    why = handover.reason or ("" if handover.kind == Handover.Kind.SOME else str(handover.get_kind_display()))
    return f"{said} · {why}" if why else said


def assigned_lines(actor: Any, facts: Facts) -> list[str]:
    """新客户 陈茶香 分给你了."""
    names = reached_names(actor, [fact["customer"] for fact in facts])
    return [
        _("新客户 %(name)s 分给你了") % {"name": names[fact["customer"]]} if fact["customer"] in names else ""
        for fact in facts
    ]


def warned_lines(actor: Any, facts: Facts) -> list[str]:
    """3 位客户 3 天后将回到公海：联系一下就留下."""
    return [
        ngettext(
            "你有 %(n)s 位客户 %(days)s 天后将回到公海：联系一下就留下",
            "你有 %(n)s 位客户 %(days)s 天后将回到公海：联系一下就留下",
            fact["count"],
        )
        % {"n": fact["count"], "days": fact["days"]}
        for fact in facts
    ]


def recalled_lines(actor: Any, facts: Facts) -> list[str]:
    """你的 3 位客户回到了公海."""
    return [
        ngettext("你的 %(n)s 位客户回到了公海", "你的 %(n)s 位客户回到了公海", fact["count"])
        % {"n": fact["count"]}
        for fact in facts
    ]
