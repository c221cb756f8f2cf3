"""The words of this room that several places say."""

from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shuke.assignment.rules.pooling import (
    COOLING_OFF,
    NOT_TOUCHED,
    TOO_MANY_HELD,
    TOO_MANY_TODAY,
)

LEVEL_WORDS: dict[str, str | Promise] = {
    "high": gettext_lazy("高价值"),
    "potential": gettext_lazy("有潜力"),
    "low": gettext_lazy("低价值"),
    "": gettext_lazy("还没消费"),
}
REFUSALS: dict[str, str | Promise] = {
    TOO_MANY_TODAY: gettext_lazy("今天认领的已经到上限了，明天再来。"),
    TOO_MANY_HELD: gettext_lazy("您名下的客户已经到上限了，先照看好手上的。"),
    COOLING_OFF: gettext_lazy("您刚让这位客户回到公海，过些天才能再认领。"),
}


def why_words(why: Iterable[Sequence[object]]) -> str:
    """60 天没有跟进 · 90 天没有消费."""
    said = []
    for kind, days in why:
        words = {"n": days}
        number = int(str(days))
        if kind == NOT_TOUCHED:
            said.append(ngettext("%(n)s 天没有跟进", "%(n)s 天没有跟进", number) % words)
        else:
            said.append(ngettext("%(n)s 天没有消费", "%(n)s 天没有消费", number) % words)
    return " · ".join(said) or _("放回公海")


def days_left_words(days: int, why: Iterable[Sequence[object]]) -> str:
    """3 天后将回到公海：联系一下就留下."""
    when = (
        _("今晚将回到公海")
        if days <= 0
        else ngettext("%(n)s 天后将回到公海", "%(n)s 天后将回到公海", days) % {"n": days}
    )
    kinds = {pair[0] for pair in why}
    how = _("联系一下就留下") if NOT_TOUCHED in kinds else _("约好下一次跟进就留下")
    return f"{when}：{how}"
