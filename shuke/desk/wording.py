"""The words of 今天: why somebody is on the list, in figures, and what one might say to them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shuke.desk import rules
from shuke.kernel.money import format_fen

RESULT_WORDS = {
    "coming": gettext_lazy("会来"),
    "thinking": gettext_lazy("考虑"),
    "no_answer": gettext_lazy("没接通"),
    "unwanted": gettext_lazy("不想被打扰"),
    "other": gettext_lazy("聊过了"),
}
REASON_WORDS = {
    rules.FOLLOW_UP: gettext_lazy("约好的跟进"),
    rules.BIRTHDAY: gettext_lazy("生日"),
    rules.SLIPPING: gettext_lazy("可能流失"),
    rules.OVERDUE: gettext_lazy("该来了"),
    rules.SECOND: gettext_lazy("首购回访"),
    rules.POOL: gettext_lazy("快回公海"),
}
STATE_WORDS = {
    "done": gettext_lazy("已联系"),
    "later": gettext_lazy("过几天"),
    "dismissed": gettext_lazy("不需要"),
}
KIND_WORDS = {
    "note": gettext_lazy("备注"),
    "call": gettext_lazy("电话"),
    "sms": gettext_lazy("短信"),
    "wechat": gettext_lazy("微信"),
    "email": gettext_lazy("邮件"),
    "visit": gettext_lazy("拜访"),
    "meeting": gettext_lazy("见面"),
    "gift": gettext_lazy("礼物"),
    "follow_up": gettext_lazy("跟进"),
    "order": gettext_lazy("购买"),
    "return": gettext_lazy("退货"),
    "browse": gettext_lazy("浏览"),
    "search": gettext_lazy("搜索"),
    "click": gettext_lazy("点击"),
    "change": gettext_lazy("改动"),
    "import": gettext_lazy("导入"),
    "merge": gettext_lazy("合并"),
}
DIRECTION_WORDS = {"out": gettext_lazy("我方联系"), "in": gettext_lazy("客户联系")}
PERIOD_WORDS = {
    "30": gettext_lazy("近 30 天"),
    "90": gettext_lazy("近 90 天"),
    "365": gettext_lazy("近一年"),
    "between": gettext_lazy("自选日期"),
}


@dataclass(frozen=True)
class KindGroup:
    """Kinds of entries that people look for together."""

    label: Promise
    kinds: frozenset[str]


KIND_GROUPS = {
    "touch": KindGroup(
        gettext_lazy("联系记录"),
        frozenset({"note", "call", "sms", "email", "wechat", "visit", "meeting", "gift", "follow_up", "gap"}),
    ),
    "trade": KindGroup(gettext_lazy("买卖"), frozenset({"order", "return"})),
    "behaviour": KindGroup(gettext_lazy("浏览与搜索"), frozenset({"browse", "search", "click"})),
    "record": KindGroup(gettext_lazy("资料改动"), frozenset({"change", "import", "merge"})),
}
KIND_ICONS = {
    "note": "note",
    "call": "phone",
    "sms": "message",
    "wechat": "brand-wechat",
    "email": "mail",
    "visit": "door-enter",
    "meeting": "users",
    "gift": "gift",
    "follow_up": "calendar-check",
    "order": "receipt",
    "return": "receipt-refund",
    "browse": "eye",
    "search": "search",
    "click": "pointer",
    "change": "history",
    "gap": "alert-triangle",
    "import": "file-import",
    "merge": "arrows-exchange",
}
CAME_BACK = gettext_lazy("自己来了")


@dataclass(frozen=True)
class Situation:
    """What is known about somebody when one is about to call them."""

    reason: str
    name: str
    gender: str
    today: date
    last_on: date | None = None
    usual_gap_days: int | None = None
    expected_on: date | None = None
    leaving_chance: float | None = None
    at_stake_fen: int = 0
    spent_fen: int = 0
    purchases: int = 0
    last_item: str = ""
    last_amount_fen: int | None = None
    due_item: str = ""
    due_reason: str = ""
    kept_on: date | None = None
    birthday_words: str = ""
    purpose: str = ""
    pool_words: str = ""

    @property
    def silent_days(self) -> int | None:
        return (self.today - self.last_on).days if self.last_on else None


def greeting_name(name: str, gender: str) -> str:
    """王姐, 陈先生 when the gender is known; else the whole name and 您好. A company keeps its name."""
    surname, given = rules.split_name(name)
    if surname and given and gender == "female":
        return _("%(surname)s姐") % {"surname": surname}
    if surname and given and gender == "male":
        return _("%(surname)s先生") % {"surname": surname}
    return _("%(name)s您好") % {"name": name} if name else _("您好")


def headline(one: Situation) -> str:
    """The reason in one short line of figures."""
    if one.reason == rules.FOLLOW_UP:
        return one.purpose
    if one.reason == rules.POOL:
        return one.pool_words
    if one.reason == rules.BIRTHDAY and one.kept_on:
        return _birthday_line(one, (one.kept_on - one.today).days)
    if one.reason == rules.OVERDUE and one.expected_on:
        days = (one.today - one.expected_on).days
        return ngettext("比平时晚了 %(n)s 天", "比平时晚了 %(n)s 天", days) % {"n": days}
    if one.reason == rules.SECOND:
        days = one.silent_days or 0
        return ngettext(
            "第一次买已过 %(n)s 天，还没来第二次", "第一次买已过 %(n)s 天，还没来第二次", days
        ) % {"n": days}
    return _silence_line(one)


def _birthday_line(one: Situation, days: int) -> str:
    words = {"words": one.birthday_words}
    if days <= 0:
        return _("今天生日（%(words)s）") % words
    if days == 1:
        return _("明天生日（%(words)s）") % words
    return ngettext("%(n)s 天后生日（%(words)s）", "%(n)s 天后生日（%(words)s）", days) % {"n": days, **words}


def _silence_line(one: Situation) -> str:
    days = one.silent_days or 0
    if one.usual_gap_days:
        return _("%(days)s 天没来（通常 %(gap)s 天一次）") % {"days": days, "gap": one.usual_gap_days}
    return ngettext("%(n)s 天没来", "%(n)s 天没来", days) % {"n": days}


def figures(one: Situation) -> list[str]:
    """What else one should know before calling, each a few words."""
    found = []
    if one.reason in (rules.SLIPPING, rules.OVERDUE) and one.leaving_chance:
        tenths = round(one.leaving_chance * 10)
        if 5 <= tenths <= 9:
            found.append(_("再不联系，%(n)s 成可能不再来") % {"n": tenths})
        elif tenths == 10:
            found.append(_("再不联系，多半不再来"))
    if one.at_stake_fen > 0 and one.reason == rules.SLIPPING:
        money = format_fen(round(one.at_stake_fen, -2), with_zeros=False)
        found.append(_("每年约 %(money)s 会跟着走") % {"money": money})
    if one.reason in (rules.BIRTHDAY, rules.FOLLOW_UP, rules.POOL) and one.silent_days is not None:
        found.append(_("上次来是 %(n)s 天前") % {"n": one.silent_days})
    if one.last_item:
        found.append(_("上次买 %(item)s") % {"item": _with_money(one)})
    if one.due_item:
        found.append(_("该补 %(item)s：%(reason)s") % {"item": one.due_item, "reason": one.due_reason})
    return found


def _with_money(one: Situation) -> str:
    if one.last_amount_fen is None or one.last_amount_fen <= 0:
        return one.last_item
    return f"{one.last_item} {format_fen(one.last_amount_fen, with_zeros=False)}"


def script(one: Situation) -> str:
    """What one might say; begins with how this customer is addressed."""
    given = {"name": greeting_name(one.name, one.gender), "item": one.last_item, "due": one.due_item}
    if one.reason == rules.BIRTHDAY:
        return _("%(name)s，提前祝您生日快乐！给您备了一份小礼，这几天方便来店里坐坐吗？") % given
    if one.reason == rules.FOLLOW_UP:
        return _("%(name)s，上次说好跟您联系，现在方便说两句吗？") % given
    if one.reason == rules.SECOND:
        return _second_words(one) % given
    if one.reason == rules.OVERDUE:
        return _overdue_words(one) % given
    return _slipping_words(one) % given


def _second_words(one: Situation) -> str:
    if one.last_item:
        return _("%(name)s，上次带回去的%(item)s还合口味吗？哪里不满意您直说，下次来我给您换着试。")
    return _("%(name)s，上次买的还合适吗？哪里不满意您直说，下次来我帮您挑。")


def _overdue_words(one: Situation) -> str:
    if one.due_item:
        return _("%(name)s，您常买的%(due)s该快用完了吧？给您留一份，路过来取就行。")
    if one.last_item:
        return _("%(name)s，上次的%(item)s快用完了吧？给您留一份，路过来取就行。")
    return _("%(name)s，有阵子没见您了，店里到了新货，路过来看看？")


def _slipping_words(one: Situation) -> str:
    if one.due_item:
        return _("%(name)s，好久不见。您以前常买的%(due)s还在用吗？店里给您留着，哪里不合心意也请直说。")
    if one.last_item:
        return _("%(name)s，好久不见。上次的%(item)s您还喜欢吗？这次给您留了点新的，想请您来尝尝看看。")
    return _("%(name)s，好久不见，是不是哪里没做好？想听您说说，也给您留了一份心意。")


def greeting(moment: datetime) -> str:
    """早上好 … by the clock of the shop."""
    hour = timezone.localtime(moment).hour
    if 5 <= hour < 11:
        return _("早上好")
    if 11 <= hour < 13:
        return _("中午好")
    if 13 <= hour < 18:
        return _("下午好")
    return _("晚上好")
