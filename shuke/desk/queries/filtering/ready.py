"""The fields that every shop can filter by. All but the last few are columns of the row itself."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shuke.customers.queries import all_tags, customers_shared_with, due_follow_ups, open_follow_ups
from shuke.desk import rules
from shuke.desk.models import FAR_DAY, NO_DAY
from shuke.desk.ports import (
    ALL,
    IN,
    NO,
    NONE,
    NOT,
    SOME,
    SPAN,
    YES,
    Asked,
    FilterField,
    Kind,
    numbers_of,
    register_filter_fields,
    span_of,
)
from shuke.desk.queries.filtering import words
from shuke.kernel import clock
from shuke.team.queries import reach_of, visible_staff, visible_stores

VALUE, BEHAVIOUR, PROFILE, CARE = _("价值"), _("消费"), _("资料"), _("联系与归属")
FAR, NEVER = date.fromisoformat(FAR_DAY), date.fromisoformat(NO_DAY)
EARLIEST = date(1900, 1, 1)
NAMES_KEPT_SECONDS, MOST_CHOICES = 20, 200
ME = "me"
BY_PHONE, BY_WECHAT, BY_EMAIL = 1, 2, 4
Choices = Sequence[tuple[str, str | Promise]]


def _one_of(column: str, numbers: list[int], op: str) -> Q:
    found = Q(**{column: numbers[0]}) if len(numbers) == 1 else Q(**{f"{column}__in": numbers})
    return ~found if op == NOT else found


def _word_column(column: str, vocabulary: tuple[str, ...], asked: Asked) -> Q:
    known = ["" if value == "unknown" else value for value in asked.values]
    found = rules.positions(tuple(known), vocabulary)
    if not found:
        raise ValueError(asked.values)
    return _one_of(column, found, asked.op)


def _number_column(column: str, times: float, asked: Asked) -> Q:
    low, high = span_of(asked)
    found = Q(**{f"{column}__gte": low * times}) if low is not None else Q()
    return found & Q(**{f"{column}__lte": high * times}) if high is not None else found


def _id_column(column: str, asked: Asked) -> Q:
    own = [str(asked.actor.id) if value == ME else value for value in asked.values]
    return _one_of(column, numbers_of(Asked(asked.actor, asked.op, tuple(own), asked.today)), asked.op)


def _days_column(column: str, asked: Asked) -> Q:
    """So many days ago; never is a day long past."""
    if asked.op == NONE:
        return Q(**{column: NEVER})
    low, high = span_of(asked, most=36_500)
    found = Q(**{f"{column}__lte": asked.today - timedelta(days=low)}) if low is not None else Q()
    earliest = asked.today - timedelta(days=high) if high is not None else EARLIEST
    return found & Q(**{f"{column}__gte": earliest})


def _between_days(column: str, asked: Asked) -> Q:
    low, high = span_of(asked)
    found = Q(**{f"{column}__gte": _day(low)}) if low is not None else Q(**{f"{column}__gte": EARLIEST})
    return found & Q(**{f"{column}__lte": _day(high)}) if high is not None else found


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)


def _added(asked: Asked) -> Q:
    low, high = span_of(asked, most=36_500)
    found = (
        Q(created_at__gte=clock.day_start(asked.today - timedelta(days=high))) if high is not None else Q()
    )
    if low is None:
        return found
    return found & Q(created_at__lt=clock.day_start(asked.today - timedelta(days=low - 1)))


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


def _birthday(asked: Asked) -> Q:
    months = [month for month in numbers_of(asked) if 1 <= month <= 12]
    if not months:
        raise ValueError(asked.values)
    found = Q()
    for month in months:
        found |= Q(birthday_key__range=rules.birthday_keys(month))
    return found


def _birthday_ahead(asked: Asked) -> Q:
    low, high = span_of(asked, most=366)
    first, last = asked.today + timedelta(days=low or 0), asked.today + timedelta(days=high or 366)
    start, end = first.month * 100 + first.day, last.month * 100 + last.day
    if (last - first).days >= 365:
        return Q(birthday_key__gt=0)
    if start <= end:
        return Q(birthday_key__range=(start, end))
    return Q(birthday_key__gte=start) | Q(birthday_key__range=(101, end))


def _tags(asked: Asked) -> Q:
    if asked.op in (NONE, SOME):
        return Q(tag_ids=[]) if asked.op == NONE else ~Q(tag_ids=[])
    ids = numbers_of(asked)
    if asked.op == ALL:
        return Q(tag_ids__contains=ids)
    found = Q(tag_ids__overlap=ids)
    return ~found if asked.op == NOT else found


def _text_column(column: str, asked: Asked) -> Q:
    if asked.op == NONE:
        return Q(**{column: ""})
    wanted = [value.strip() for value in asked.values if value.strip()]
    if not wanted:
        raise ValueError(asked.values)
    found = Q(**{f"{column}__in": wanted})
    return ~found if asked.op == NOT else found


def _place(asked: Asked) -> Q:
    """A province or a city, with or without its 省 or 市."""
    if asked.op == NONE:
        return Q(province="", city="")
    wanted = [value.strip() for value in asked.values if value.strip()]
    if not wanted:
        raise ValueError(asked.values)
    provinces = [form for value in wanted for form in (value, f"{value}省", f"{value}市")]
    cities = [form for value in wanted for form in (value, f"{value}市")]
    found = Q(province__in=provinces) | (Q(city__in=cities) & ~Q(province=""))
    return ~found if asked.op == NOT else found


def _collaborator(asked: Asked) -> Q:
    own = [str(asked.actor.id) if value == ME else value for value in asked.values]
    ids = numbers_of(Asked(asked.actor, asked.op, tuple(own), asked.today))
    found = Q(customer_id__in=customers_shared_with(ids))
    return ~found if asked.op == NOT else found


def _flag(yes: Q, asked: Asked) -> Q:
    return ~yes if asked.op == NO else yes


def _reachable(bit: int, asked: Asked) -> Q:
    sums = range(BY_PHONE + BY_WECHAT + BY_EMAIL + 1)
    return Q(reachable__in=[number for number in sums if bool(number & bit) == (asked.op == YES)])


def _follow_up(asked: Asked) -> Q:
    found = Q()
    for value in asked.values:
        due = {
            "overdue": lambda: Q(
                customer_id__in=_of(due_follow_ups(asked.actor, asked.today - timedelta(days=1)))
            ),
            "today": lambda: Q(customer_id__in=_of(open_follow_ups(asked.actor).filter(due_on=asked.today))),
            "open": lambda: Q(customer_id__in=_of(open_follow_ups(asked.actor))),
            "nothing": lambda: ~Q(customer_id__in=_of(open_follow_ups(asked.actor))),
        }
        if value not in due:
            raise ValueError(value)
        found |= due[value]()
    return found


def _of(follow_ups: Any) -> Any:
    return follow_ups.order_by().values("customer_id")


def _fixed(choices: words.Words) -> Callable[[Any], Choices]:
    return lambda actor: list(choices.items())


def _scores(actor: Any) -> Choices:
    return [(str(score), str(score)) for score in range(1, 6)]


def _months(actor: Any) -> Choices:
    return [(str(month), _("%(n)s 月") % {"n": month}) for month in range(1, 13)]


def _stores(actor: Any) -> Choices:
    return _kept(
        actor, "stores", lambda: [(str(one.pk), one.name) for one in visible_stores(actor)[:MOST_CHOICES]]
    )


def _managers(actor: Any) -> Choices:
    people = _kept(
        actor, "people", lambda: [(str(one.pk), one.name) for one in visible_staff(actor)[:MOST_CHOICES]]
    )
    return [(ME, _("我自己")), ("0", _("还没有负责人")), *people]


def _helpers(actor: Any) -> Choices:
    return [choice for choice in _managers(actor) if choice[0] != "0"]


def _known_tags(actor: Any) -> Choices:
    return _kept(actor, "tags", lambda: [(str(tag.pk), tag.name) for tag in all_tags()[:MOST_CHOICES]])


def _kept(actor: Any, what: str, ask: Callable[[], Choices]) -> Choices:
    found = cache.get_or_set(f"desk.{what}:{reach_of(actor).key}", ask, NAMES_KEPT_SECONDS)
    return found or ()


def ready_fields(actor: Any) -> Iterable[FilterField]:
    """What the shop's own rows know."""
    yield from _READY


def _field(code: str, label: Any, section: Any, kind: Kind, ops: str, build: Any, **more: Any) -> FilterField:
    return FilterField(code, label, section, kind, tuple(ops.split()), build, **more)


def _words_field(code: str, label: Any, section: Any, column: str, beside: tuple[Any, Any]) -> FilterField:
    vocabulary, known = beside
    build = partial(_word_column, column, vocabulary)
    return _field(code, label, section, Kind.CHOICE, f"{IN} {NOT}", build, choices=_fixed(known))


_YUAN, _TIMES, _DAYS = _("元"), _("次"), _("天")
_READY: tuple[FilterField, ...] = (
    _words_field("group", _("分群"), VALUE, "group", (rules.GROUPS, words.GROUP_WORDS)),
    _words_field("level", _("价值"), VALUE, "level", (rules.LEVELS, words.LEVEL_WORDS)),
    _words_field("stage", _("阶段"), VALUE, "stage", (rules.STAGES, words.STAGE_WORDS)),
    _words_field("phase", _("周期"), VALUE, "phase", (rules.PHASES, words.PHASE_WORDS)),
    _field("slipping", _("即将流失"), VALUE, Kind.FLAG, f"{YES} {NO}", partial(_flag, Q(at_stake_fen__gt=0))),
    _field(
        "clv",
        _("未来一年价值"),
        VALUE,
        Kind.MONEY,
        SPAN,
        partial(_number_column, "clv_year_fen", 100),
        unit=_YUAN,
    ),
    _field(
        "stake",
        _("可能失去"),
        VALUE,
        Kind.MONEY,
        SPAN,
        partial(_number_column, "at_stake_fen", 100),
        unit=_YUAN,
    ),
    _field("r", _("最近得分 R"), VALUE, Kind.CHOICE, IN, partial(_id_column, "r_score"), choices=_scores),
    _field("fm", _("消费得分 FM"), VALUE, Kind.CHOICE, IN, partial(_id_column, "fm_score"), choices=_scores),
    _field(
        "last",
        _("最近消费"),
        BEHAVIOUR,
        Kind.DAYS,
        f"{SPAN} {NONE}",
        partial(_days_column, "last_on"),
        unit=_DAYS,
    ),
    _field("last_day", _("最近消费日"), BEHAVIOUR, Kind.DAY, SPAN, partial(_between_days, "last_on")),
    _field(
        "spent",
        _("累计消费"),
        BEHAVIOUR,
        Kind.MONEY,
        SPAN,
        partial(_number_column, "spent_fen", 100),
        unit=_YUAN,
    ),
    _field(
        "times",
        _("消费次数"),
        BEHAVIOUR,
        Kind.NUMBER,
        SPAN,
        partial(_number_column, "purchases", 1),
        unit=_TIMES,
    ),
    _field("next", _("下次预计"), BEHAVIOUR, Kind.AHEAD, f"{SPAN} {NONE}", _next_expected, unit=_DAYS),
    _field("overdue", _("超过预计没来"), BEHAVIOUR, Kind.NUMBER, SPAN, _overdue, unit=_DAYS),
    _field(
        "store", _("门店"), CARE, Kind.CHOICE, f"{IN} {NOT}", partial(_id_column, "store_id"), choices=_stores
    ),
    _field(
        "manager",
        _("负责人"),
        CARE,
        Kind.CHOICE,
        f"{IN} {NOT}",
        partial(_id_column, "account_manager_id"),
        choices=_managers,
    ),
    _field("collaborator", _("协作人"), CARE, Kind.CHOICE, f"{IN} {NOT}", _collaborator, choices=_helpers),
    _field(
        "tag", _("标签"), CARE, Kind.CHOICE, f"{IN} {ALL} {NOT} {NONE} {SOME}", _tags, choices=_known_tags
    ),
    _field("follow", _("跟进"), CARE, Kind.CHOICE, IN, _follow_up, choices=_fixed(words.FOLLOW_UP_WORDS)),
    _field("birthday", _("生日月份"), PROFILE, Kind.CHOICE, IN, _birthday, choices=_months),
    _field("birthday_in", _("生日还有"), PROFILE, Kind.AHEAD, SPAN, _birthday_ahead, unit=_DAYS),
    _words_field("gender", _("性别"), PROFILE, "gender", (rules.GENDERS, words.GENDER_WORDS)),
    _words_field("kind", _("类型"), PROFILE, "kind", (rules.KINDS, words.KIND_WORDS)),
    _field("place", _("省份或城市"), PROFILE, Kind.TEXT, f"{IN} {NOT} {NONE}", _place),
    _field(
        "channel", _("来源"), PROFILE, Kind.TEXT, f"{IN} {NOT} {NONE}", partial(_text_column, "first_channel")
    ),
    _field("added", _("添加时间"), PROFILE, Kind.DAYS, SPAN, _added, unit=_DAYS),
    _field("phone", _("有手机号"), PROFILE, Kind.FLAG, f"{YES} {NO}", partial(_reachable, BY_PHONE)),
    _field("wechat", _("有微信号"), PROFILE, Kind.FLAG, f"{YES} {NO}", partial(_reachable, BY_WECHAT)),
    _field("email", _("有邮箱"), PROFILE, Kind.FLAG, f"{YES} {NO}", partial(_reachable, BY_EMAIL)),
)
register_filter_fields(ready_fields)
