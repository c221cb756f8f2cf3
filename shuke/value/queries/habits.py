"""How a customer buys: when they come, what is in their basket, which categories they like. Beside the shop's own habits."""

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

import numpy as np
from django.utils.translation import gettext as _

from shuke.analytics.preferences import PARTS_OF_DAY, favourite_of, part_of_day
from shuke.kernel import clock
from shuke.kernel.money import format_fen
from shuke.orders.queries.selling import Visit, earned_from, favourite_categories, visits_of
from shuke.value.queries.recommendations import ready_figures

LOOKED_BACK_DAYS = 730
VISIT_TIMES = "visit_times"
FEWEST_VISITS = 3


@dataclass(frozen=True)
class Habits:
    """What can be said of a customer, each in one sentence; empty where nothing can."""

    when: str = ""
    basket: str = ""
    categories: str = ""
    profit: str = ""

    @property
    def told(self) -> list[str]:
        return [one for one in (self.when, self.basket, self.categories, self.profit) if one]


def habits_of(customer_id: int, *, has_costs: bool = False) -> Habits:
    """Habits of a customer whom the caller may see; at least three sales are needed to speak of any. `has_costs`: also what is
    left of their money after costs.
    """
    visits = visits_of(customer_id, since=clock.today() - timedelta(days=LOOKED_BACK_DAYS))
    if len(visits) < FEWEST_VISITS:
        return Habits()
    categories = _categories(favourite_categories(customer_id))
    return Habits(_when(visits), _basket(visits), categories, _profit(customer_id) if has_costs else "")


def _profit(customer_id: int) -> str:
    earned = earned_from(customer_id, since=clock.today() - timedelta(days=LOOKED_BACK_DAYS))
    if earned.known_fen <= 0 or earned.money_fen <= 0:
        return ""
    profit = format_fen(round((earned.known_fen - earned.cost_fen) / 100) * 100, with_zeros=False)
    words = {"profit": profit, "share": f"{min(earned.known_fen / earned.money_fen, 1):.0%}"}
    return _("近两年毛利约 %(profit)s（%(share)s 的消费知道成本）。") % words


def _when(visits: list[Visit]) -> str:
    ready = ready_figures(VISIT_TIMES)
    timed = [one.at for one in visits if one.has_time]
    if ready is None or not timed:
        return ""
    parts = np.bincount(part_of_day(np.array([at.hour for at in timed])), minlength=len(PARTS_OF_DAY))
    weekdays = np.bincount([at.weekday() for at in timed], minlength=7)
    part = favourite_of(parts, np.array(ready.content["parts"]))
    weekday = favourite_of(weekdays, np.array(ready.content["weekdays"]))
    said = []
    if weekday >= 0:
        said.append(
            _("%(when)s（%(times)s 次）") % {"when": _weekday_words()[weekday], "times": weekdays[weekday]}
        )
    if part >= 0:
        said.append(_("%(when)s（%(times)s 次）") % {"when": _part_words()[part], "times": parts[part]})
    words = {"when": "、".join(said), "visits": len(timed)}
    return _("%(visits)s 次里多在%(when)s来，比店里别的客户偏得多。") % words if said else ""


def _basket(visits: list[Visit]) -> str:
    lines = sum(one.lines for one in visits) / len(visits)
    money = format_fen(round(median(one.amount_fen for one in visits) / 100) * 100, with_zeros=False)
    return _("一般一单 %(lines)s 样、%(money)s。") % {"lines": f"{lines:.1f}", "money": money}


def _categories(found: list[tuple[str, int]]) -> str:
    if not found:
        return ""
    said = [_("%(name)s %(days)s 次") % {"name": name, "days": days} for name, days in found]
    return _("最常买：%(categories)s。") % {"categories": "、".join(said)}


def _part_words() -> list[str]:
    return [_("早上"), _("中午"), _("下午"), _("傍晚"), _("夜里")]


def _weekday_words() -> list[str]:
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
