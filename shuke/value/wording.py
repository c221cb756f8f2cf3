"""The words for what the value room finds. Figures come from `rules`; words go through translation."""

from django.utils.translation import gettext as _

from shuke.kernel.money import format_fen
from shuke.value.rules import Reason


def percent(share: float) -> str:
    """0.684 as 68%; below one percent with a decimal."""
    value = share * 100
    return f"{value:.1f}%" if 0 < value < 1 else f"{value:.0f}%"


def reason_text(reason: Reason) -> str:
    """One reason as a sentence."""
    figures = {
        "days": reason.days,
        "usual": reason.usual_days,
        "count": f"{reason.count:g}",
        "share": percent(reason.share),
        "amount": format_fen(round(reason.amount_fen, -2), with_zeros=False),
    }
    return _SENTENCES[reason.code]() % figures


_SENTENCES = {
    "once": lambda: _("只来过一次,在 %(days)s 天前"),
    "on_time": lambda: _("通常每 %(usual)s 天来一次,上次是 %(days)s 天前,节奏正常"),
    "overdue": lambda: _("通常每 %(usual)s 天来一次,已 %(days)s 天未到店"),
    "stake": lambda: _("照同类客户的规律,%(share)s 的可能不再来,一年约 %(amount)s 会随之失去"),
    "may_leave": lambda: _("照同类客户的规律,近期不再来的可能是 %(share)s"),
    "top": lambda: _("累计消费 %(amount)s,排在全店前 %(share)s"),
    "outlook": lambda: _("照过去的节奏,未来 12 个月预计来 %(count)s 次,每次约 %(amount)s"),
    "like_last_year": lambda: _("店里的记录还少,先按过去一年的 %(count)s 次估计,每次约 %(amount)s"),
}
