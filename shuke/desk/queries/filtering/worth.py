"""Fields about what a customer is worth and how they buy: columns of the row."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shuke.desk import rules
from shuke.desk.models import FAR_DAY
from shuke.desk.ports import IN, NO, NONE, SPAN, YES, Asked, FilterField, Kind, span_of
from shuke.desk.queries.filtering import words
from shuke.desk.queries.filtering.columns import (
    BEHAVIOUR,
    DAYS,
    EARLIEST,
    PERCENT,
    TIMES,
    VALUE,
    YUAN,
    Choices,
    between_days,
    days_column,
    field,
    flag,
    id_column,
    number_column,
    words_field,
)

FAR = date.fromisoformat(FAR_DAY)


def _next_expected(asked: Asked) -> Q:
    if asked.op == NONE:
        return Q(next_expected_on=FAR)
    low, high = span_of(asked, most=3_650)
    found = Q(next_expected_on__lt=FAR)
    if low is not None:
        found &= Q(next_expected_on__gte=asked.today + timedelta(days=low))
    return found & Q(next_expected_on__lte=asked.today + timedelta(days=high)) if high is not None else found


def _overdue(asked: Asked) -> Q:
    low, high = span_of(asked, most=36_500)
    found = Q(next_expected_on__lte=asked.today - timedelta(days=max(low or 1, 1)))
    return found & Q(next_expected_on__gte=asked.today - timedelta(days=high)) if high is not None else found


def _first(asked: Asked) -> Q:
    """Who came first in these days has come since: said again of the last visit, so that a walk by it begins there."""
    found = days_column("first_on", asked)
    if asked.op == NONE:
        return found
    _low, high = span_of(asked, most=36_500)
    return found & Q(last_on__gte=asked.today - timedelta(days=high)) if high is not None else found


def _leaving(asked: Asked) -> Q:
    """The chance that they do not come again; who never bought has none. Columns of the sorts' own indexes only."""
    return Q(last_on__gte=EARLIEST) & number_column("leaving_percent", 1, asked)


def _scores(actor: Any) -> Choices:
    return [(str(score), str(score)) for score in range(1, 6)]


WORTH: tuple[FilterField, ...] = (
    words_field("group", _("分群"), VALUE, "group", (rules.GROUPS, words.GROUP_WORDS)),
    words_field("level", _("价值"), VALUE, "level", (rules.LEVELS, words.LEVEL_WORDS)),
    words_field("stage", _("阶段"), VALUE, "stage", (rules.STAGES, words.STAGE_WORDS)),
    words_field("phase", _("周期"), VALUE, "phase", (rules.PHASES, words.PHASE_WORDS)),
    words_field("trend", _("价值趋势"), VALUE, "trend", (rules.TRENDS, words.TREND_WORDS)),
    field("slipping", _("即将流失"), VALUE, Kind.FLAG, f"{YES} {NO}", partial(flag, Q(at_stake_fen__gt=0))),
    field(
        "clv",
        _("未来一年价值"),
        VALUE,
        Kind.MONEY,
        SPAN,
        partial(number_column, "clv_year_fen", 100),
        unit=YUAN,
    ),
    field(
        "stake",
        _("可能失去"),
        VALUE,
        Kind.MONEY,
        SPAN,
        partial(number_column, "at_stake_fen", 100),
        unit=YUAN,
    ),
    field("r", _("最近得分 R"), VALUE, Kind.CHOICE, IN, partial(id_column, "r_score"), choices=_scores),
    field("fm", _("消费得分 FM"), VALUE, Kind.CHOICE, IN, partial(id_column, "fm_score"), choices=_scores),
    field("leaving", _("流失可能"), VALUE, Kind.NUMBER, SPAN, _leaving, unit=PERCENT),
    field(
        "last",
        _("最近消费"),
        BEHAVIOUR,
        Kind.DAYS,
        f"{SPAN} {NONE}",
        partial(days_column, "last_on"),
        unit=DAYS,
    ),
    field("last_day", _("最近消费日"), BEHAVIOUR, Kind.DAY, SPAN, partial(between_days, "last_on")),
    field(
        "spent",
        _("累计消费"),
        BEHAVIOUR,
        Kind.MONEY,
        SPAN,
        partial(number_column, "spent_fen", 100),
        unit=YUAN,
    ),
    field(
        "times",
        _("消费次数"),
        BEHAVIOUR,
        Kind.NUMBER,
        SPAN,
        partial(number_column, "purchases", 1),
        unit=TIMES,
    ),
    field("next", _("下次预计"), BEHAVIOUR, Kind.AHEAD, f"{SPAN} {NONE}", _next_expected, unit=DAYS),
    field("overdue", _("超过预计没来"), BEHAVIOUR, Kind.NUMBER, SPAN, _overdue, unit=DAYS),
    field(
        "first",
        _("第一次消费"),
        BEHAVIOUR,
        Kind.DAYS,
        f"{SPAN} {NONE}",
        _first,
        unit=DAYS,
    ),
    field("first_day", _("第一次消费日"), BEHAVIOUR, Kind.DAY, SPAN, partial(between_days, "first_on")),
    field(
        "basket",
        _("平均每次"),
        BEHAVIOUR,
        Kind.MONEY,
        SPAN,
        partial(number_column, "mean_spend_fen", 100),
        unit=YUAN,
    ),
)
