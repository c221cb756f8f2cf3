"""Fields about who a customer is: what their record says, and what is kept beside it."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from shuke.customers.queries.choices import EDUCATION, INCOME
from shuke.desk import rules
from shuke.desk.ports import IN, NO, NONE, NOT, SPAN, YES, Asked, FilterField, Kind, numbers_of, span_of
from shuke.desk.queries.filtering import words
from shuke.desk.queries.filtering.columns import (
    DAYS,
    MORE,
    PROFILE,
    YEARS,
    Choices,
    days_column,
    field,
    id_column,
    kept_choices,
    text_column,
    words_field,
)
from shuke.desk.queries.filtering.facets import facet_field, has_field
from shuke.imports.queries import visible_runs
from shuke.kernel import clock

BY_PHONE, BY_WECHAT, BY_EMAIL = 1, 2, 4
MOST_RUNS = 40


def _added(asked: Asked) -> Q:
    low, high = span_of(asked, most=36_500)
    found = (
        Q(created_at__gte=clock.day_start(asked.today - timedelta(days=high))) if high is not None else Q()
    )
    if low is None:
        return found
    return found & Q(created_at__lt=clock.day_start(asked.today - timedelta(days=low - 1)))


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


def _reachable(bit: int, asked: Asked) -> Q:
    sums = range(BY_PHONE + BY_WECHAT + BY_EMAIL + 1)
    return Q(reachable__in=[number for number in sums if bool(number & bit) == (asked.op == YES)])


def _age(asked: Asked) -> Q:
    """By the year of birth: whoever has that birthday this year."""
    if asked.op == NONE:
        return Q(birth_year=0)
    low, high = span_of(asked, most=200)
    latest = asked.today.year - (low or 0)
    found = Q(birth_year__gt=0, birth_year__lte=latest)
    return found & Q(birth_year__gte=asked.today.year - high) if high is not None else found


def _added_by(asked: Asked) -> Q:
    if asked.op == NONE:
        return Q(import_run_id=0)
    return id_column("import_run_id", asked)


def _months(actor: Any) -> Choices:
    return [(str(month), _("%(n)s 月") % {"n": month}) for month in range(1, 13)]


def _runs(actor: Any) -> Choices:
    """The last imports of people or orders, for who may import."""

    def ask() -> Choices:
        runs = visible_runs(actor)[:MOST_RUNS]
        return [(str(run.pk), f"{localtime(run.created_at):%m-%d} {run.file_name}"[:60]) for run in runs]

    return kept_choices(actor, f"runs:{actor.may('imports.run')}", ask)


IDENTITY: tuple[FilterField, ...] = (
    field("birthday", _("生日月份"), PROFILE, Kind.CHOICE, IN, _birthday, choices=_months),
    field("birthday_in", _("生日还有"), PROFILE, Kind.AHEAD, SPAN, _birthday_ahead, unit=DAYS),
    words_field("gender", _("性别"), PROFILE, "gender", (rules.GENDERS, words.GENDER_WORDS)),
    words_field("kind", _("类型"), PROFILE, "kind", (rules.KINDS, words.KIND_WORDS)),
    field("place", _("省份或城市"), PROFILE, Kind.TEXT, f"{IN} {NOT} {NONE}", _place),
    field(
        "channel", _("来源"), PROFILE, Kind.TEXT, f"{IN} {NOT} {NONE}", partial(text_column, "first_channel")
    ),
    field("added", _("添加时间"), PROFILE, Kind.DAYS, SPAN, _added, unit=DAYS),
    field("phone", _("有手机号"), PROFILE, Kind.FLAG, f"{YES} {NO}", partial(_reachable, BY_PHONE)),
    field("wechat", _("有微信号"), PROFILE, Kind.FLAG, f"{YES} {NO}", partial(_reachable, BY_WECHAT)),
    field("email", _("有邮箱"), PROFILE, Kind.FLAG, f"{YES} {NO}", partial(_reachable, BY_EMAIL)),
    field("age", _("年龄"), PROFILE, Kind.NUMBER, f"{SPAN} {NONE}", _age, unit=YEARS),
    has_field("birthday_month", _("有生日"), PROFILE),
    facet_field("district", _("区县"), PROFILE),
    facet_field("occupation", _("职业"), PROFILE),
    facet_field("industry", _("行业"), PROFILE),
    facet_field("education", _("学历"), PROFILE, choices=EDUCATION),
    facet_field("income_band", _("收入"), PROFILE, choices=INCOME),
    field("run", _("哪次导入加的"), PROFILE, Kind.CHOICE, f"{IN} {NOT} {NONE}", _added_by, choices=_runs),
    field(
        "changed", _("资料最近改动"), PROFILE, Kind.DAYS, SPAN, partial(days_column, "updated_on"), unit=DAYS
    ),
    has_field("address", _("有地址"), MORE),
    has_field("member_number", _("有会员号"), MORE),
    has_field("note", _("有备注"), MORE),
    has_field("preferred_products", _("写了喜欢的商品"), MORE),
    has_field("household", _("有一家人"), MORE),
    has_field("at_company", _("是公司的联系人"), MORE),
    has_field("has_contacts", _("公司有联系人"), MORE),
    has_field("invoice", _("有发票抬头"), MORE),
    has_field("file", _("有文件"), MORE),
)
