"""The words for what the value room finds. Figures come from `rules`; words go through translation."""

from typing import Protocol

from django.utils.translation import gettext as _

from shuke.kernel.money import format_fen
from shuke.value.rules import Reason


def percent(share: float) -> str:
    """0.684 as 68%; below one percent with a decimal; never a false 100%."""
    value = share * 100
    if 99.5 <= value < 100:
        return "> 99%"
    return f"{value:.1f}%" if 0 < value < 1 else f"{value:.0f}%"


def yuan(fen: int | float) -> str:
    """Whole yuan, with the currency sign."""
    return format_fen(round(fen / 100) * 100, with_zeros=False)


class Ranged(Protocol):
    """A value with its range."""

    @property
    def clv_low_fen(self) -> int: ...
    @property
    def clv_high_fen(self) -> int: ...
    @property
    def leaving_chance(self) -> float | None: ...


def range_words(value: Ranged) -> str:
    """How far the year's figure may be off."""
    words = {"low": yuan(value.clv_low_fen), "high": yuan(value.clv_high_fen)}
    if value.leaving_chance is None:
        return _("大致在 %(low)s 到 %(high)s 之间。") % words
    if value.clv_high_fen == 0:
        return _("九成以上的可能是不再来。")
    return _("八成的情形落在 %(low)s 到 %(high)s 之间。") % words


def reason_text(reason: Reason) -> str:
    """One reason as a sentence."""
    figures = {
        "days": reason.days,
        "usual": reason.usual_days,
        "count": f"{reason.count:g}",
        "share": percent(reason.share),
        "amount": format_fen(round(reason.amount_fen, -2), with_zeros=False),
        "before": f"{reason.before_count:,}",
        "before_amount": format_fen(round(reason.before_fen, -2), with_zeros=False),
    }
    return _SENTENCES[reason.code]() % figures


_SENTENCES = {
    "once": lambda: _("只来过一次，在 %(days)s 天前"),
    "on_time": lambda: _("通常每 %(usual)s 天来一次，上次是 %(days)s 天前，节奏正常"),
    "overdue": lambda: _("通常每 %(usual)s 天来一次，已 %(days)s 天未到店"),
    "rarer": lambda: _("近 %(days)s 天来了 %(count)s 次，之前同样长的日子来了 %(before)s 次"),
    "smaller": lambda: _("近来每次约 %(amount)s，之前每次约 %(before_amount)s"),
    "stake": lambda: _("照同类客户的规律，%(share)s 的可能不再来，一年约 %(amount)s 会随之失去"),
    "may_leave": lambda: _("照同类客户的规律，近期不再来的可能是 %(share)s"),
    "top": lambda: _("累计消费 %(amount)s，排在全店前 %(share)s"),
    "outlook": lambda: _("照过去的节奏，未来 12 个月预计来 %(count)s 次，每次约 %(amount)s"),
    "like_last_year": lambda: _("店里的记录还少，先按过去一年的 %(count)s 次估计，每次约 %(amount)s"),
}


def step_name(step: str) -> str:
    """A step of a run; a step that nobody knows keeps its own name."""
    known = {
        "facts": _("读取订单的改动"),
        "learn": _("比较算法，从全店学规律"),
        "backtest": _("拿最近三个月检验"),
        "score": _("算每位客户"),
        "write": _("写回有变化的"),
        "summaries": _("汇总页面上的数字"),
    }
    return known.get(step, step)


def engine_name(engine: str) -> str:
    """Where a run was computed."""
    return {"duckdb": _("本机"), "spark": _("Spark 集群")}.get(engine, engine)


def duration(seconds: float) -> str:
    """0.4 秒, 12 秒, 3 分 5 秒."""
    if seconds < 10:
        return _("%(seconds)s 秒") % {"seconds": f"{seconds:.1f}"}
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _("%(seconds)s 秒") % {"seconds": rest}
    return _("%(minutes)s 分 %(seconds)s 秒") % {"minutes": minutes, "seconds": rest}


def problem_words(problem: str) -> str:
    """Why a run was not finished and what that means, for somebody who runs a shop."""
    stays = _("各页仍是上一次的结果。")
    for mark, words in (
        ("interrupted", _("算到一半程序停了，多半是重启或断电。下一次会重新算。")),
        ("ForeignKey", _("计算时有客户被删除，过一会儿会自动再算。")),
        ("MemoryError", _("内存不够，请给这台机器加内存，或关掉别的程序再算。")),
        ("No space left", _("磁盘满了，请腾出空间再算。")),
        ("OperationalError", _("数据库一时连不上，过一会儿会自动再算。")),
    ):
        if mark in problem:
            return words + stays
    return _("出了没料到的问题。请再算一次；还不行，请把下面这句话告诉技术支持。") + stays
