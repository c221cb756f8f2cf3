"""How notices about customers read: for each reader only of customers whom they still see."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shuke.customers import rules
from shuke.customers.models import FollowUp, Interaction
from shuke.customers.queries.collaborating import access_words
from shuke.customers.queries.records import display_name, visible_customers
from shuke.kernel.money import format_fen
from shuke.team.queries import staff_names

LONGEST_SAID = 60
HAPPENED = {
    "note": gettext_lazy("有一条新备注"),
    "call": gettext_lazy("通了电话"),
    "sms": gettext_lazy("有短信往来"),
    "email": gettext_lazy("有邮件往来"),
    "wechat": gettext_lazy("有微信往来"),
    "visit": gettext_lazy("有一次拜访"),
    "meeting": gettext_lazy("见了面"),
    "gift": gettext_lazy("送了礼物"),
    "changed": gettext_lazy("资料有改动"),
    "order": gettext_lazy("买了东西"),
    "return": gettext_lazy("退了货"),
}
Facts = Sequence[dict[str, Any]]
Line = Callable[[dict[str, Any], str], str]


def mention_lines(actor: Any, facts: Facts) -> list[str]:
    """林店长在 陈茶香 的记录里提到你：… ; empty where the touch was taken back."""
    bodies = dict(Interaction.objects.filter(pk__in=_ids(facts, "touch")).values_list("pk", "body"))
    staff = staff_names()

    def line(fact: dict[str, Any], name: str) -> str:
        if fact["touch"] not in bodies:
            return ""
        return _("%(who)s在 %(name)s 的记录里提到你：%(said)s") % {
            "who": staff.get(fact.get("by") or 0, _("有同事")),
            "name": name,
            "said": said(bodies[fact["touch"]]),
        }

    return _lines(actor, facts, line)


def followed_lines(actor: Any, facts: Facts) -> list[str]:
    """你关注的 陈茶香 买了东西：¥368."""

    def line(fact: dict[str, Any], name: str) -> str:
        words = {"name": name, "what": HAPPENED.get(fact["what"], _("有新动态"))}
        if fact.get("number"):
            words["sum"] = format_fen(fact["number"], with_zeros=False)
            return _("你关注的 %(name)s %(what)s：%(sum)s") % words
        return _("你关注的 %(name)s %(what)s") % words

    return _lines(actor, facts, line)


def assigned_lines(actor: Any, facts: Facts) -> list[str]:
    """林店长请你跟进 陈茶香：送样茶."""
    steps = dict(FollowUp.objects.filter(pk__in=_ids(facts, "step")).values_list("pk", "purpose"))
    staff = staff_names()

    def line(fact: dict[str, Any], name: str) -> str:
        return _("%(who)s请你跟进 %(name)s：%(purpose)s") % {
            "who": staff.get(fact.get("by") or 0, _("有同事")),
            "name": name,
            "purpose": steps.get(fact["step"], ""),
        }

    return _lines(actor, facts, line)


def collaborating_lines(actor: Any, facts: Facts) -> list[str]:
    """林店长请你协作 陈茶香：可以记录和跟进."""
    staff = staff_names()

    def line(fact: dict[str, Any], name: str) -> str:
        return _("%(who)s请你协作 %(name)s：%(access)s") % {
            "who": staff.get(fact.get("by") or 0, _("有同事")),
            "name": name,
            "access": access_words(fact["access"]),
        }

    return _lines(actor, facts, line)


def given_lines(actor: Any, facts: Facts) -> list[str]:
    """林店长把 陈茶香 交给你负责."""
    staff = staff_names()

    def line(fact: dict[str, Any], name: str) -> str:
        words = {"who": staff.get(fact.get("by") or 0, _("有同事")), "name": name}
        return _("%(who)s把 %(name)s 交给你负责") % words

    return _lines(actor, facts, line)


def given_many_lines(actor: Any, facts: Facts) -> list[str]:
    """林店长把 12 位客户交给你负责."""
    staff = staff_names()
    return [
        ngettext("%(who)s把 %(n)s 位客户交给你负责", "%(who)s把 %(n)s 位客户交给你负责", fact["count"])
        % {"who": staff.get(fact.get("by") or 0, _("有同事")), "n": fact["count"]}
        for fact in facts
    ]


def given_back_lines(actor: Any, facts: Facts) -> list[str]:
    """交给你的 12 位客户撤回去了."""
    return [
        ngettext("交给你的 %(n)s 位客户撤回去了", "交给你的 %(n)s 位客户撤回去了", fact["count"])
        % {"n": fact["count"]}
        for fact in facts
    ]


def overdue_lines(actor: Any, facts: Facts) -> list[str]:
    """你有 3 件跟进逾期了."""
    return [
        ngettext("你有 %(n)s 件跟进逾期了。", "你有 %(n)s 件跟进逾期了。", fact["count"])
        % {"n": fact["count"]}
        for fact in facts
    ]


def escalated_lines(actor: Any, facts: Facts) -> list[str]:
    """店里有 3 件跟进逾期多日没人做."""
    return [
        ngettext(
            "店里有 %(n)s 件跟进逾期多日还没做，请看看怎么安排。",
            "店里有 %(n)s 件跟进逾期多日还没做，请看看怎么安排。",
            fact["count"],
        )
        % {"n": fact["count"]}
        for fact in facts
    ]


def said(text: str) -> str:
    """The beginning of what was said, in one line."""
    line = rules.clean_line(text)
    return line if len(line) <= LONGEST_SAID else f"{line[:LONGEST_SAID]}…"


def _ids(facts: Facts, key: str) -> set[int]:
    return {fact[key] for fact in facts if fact.get(key)}


def _lines(actor: Any, facts: Facts, line: Line) -> list[str]:
    rows = visible_customers(actor).filter(pk__in=_ids(facts, "customer"))
    names = {row.pk: display_name(row) for row in rows}
    return [line(fact, names[fact["customer"]]) if fact["customer"] in names else "" for fact in facts]
