"""Keeps `CustomerRow` equal to what the rooms below say. Set-based; rows that would not change are not written."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from shuke.customers.queries import card_rows, last_touch
from shuke.customers.queries.quality import quality_rows
from shuke.desk import rules
from shuke.desk.models import FAR_DAY, NO_DAY, CustomerRow
from shuke.desk.queries.own import column_of, filled_columns
from shuke.desk.services.refilling import ROWS_LOCK, Filling, changed_only, refill
from shuke.kernel.clock import today
from shuke.value.queries import value_rows
from shuke.zh import calendar

MANY = 50_000
VALUE_COLUMNS = (
    "customer_id",
    "purchases",
    "last_on",
    "spent_fen",
    "r_score",
    "f_score",
    "m_score",
    "group",
    "level",
    "stage",
    "phase",
    "next_expected_on",
    "leaving_chance",
    "clv_year_fen",
    "at_stake_fen",
    "first_on",
    "mean_spend_fen",
    "trend",
)
COLUMNS = [str(field.column) for field in CustomerRow._meta.concrete_fields]

_SELECT = """
select c.id, c.name_key, coalesce(c.store_id, 0), coalesce(c.account_manager_id, 0), c.created_at,
  coalesce(array_position(%s::text[], v.stage::text), 1) - 1,
  coalesce(array_position(%s::text[], v.phase::text), 1) - 1,
  coalesce(array_position(%s::text[], v."group"::text), 1) - 1,
  coalesce(array_position(%s::text[], v.level::text), 1) - 1,
  coalesce(v.r_score, 0), coalesce({fm_score}, 0),
  coalesce(case when c.birthday_calendar = 'lunar' then lunar.key
    else c.birthday_month * 100 + c.birthday_day end, 0),
  coalesce(v.purchases, 0), coalesce(v.last_on, %s::date), coalesce(v.next_expected_on, %s::date),
  coalesce(v.spent_fen, 0), coalesce(v.clv_year_fen, 0), coalesce(v.at_stake_fen, 0),
  coalesce(v.leaving_chance, 0), coalesce(c.tag_ids, '{{}}')::int[],
  coalesce(array_position(%s::text[], c.kind::text), 1) - 1, coalesce(array_position(%s::text[], c.gender::text), 1) - 1,
  c.province, c.city, c.first_channel,
  (c.phone <> '')::int + 2 * (c.wechat <> '')::int + 4 * (c.email <> '')::int,
  coalesce(round(v.leaving_chance * 100), 0), coalesce(v.first_on, %s::date), coalesce(v.mean_spend_fen, 0),
  coalesce((t.happened_at at time zone %s)::date, %s::date),
  coalesce(array_position(%s::text[], t.kind::text), 1) - 1, coalesce(t.staff_id, 0),
  coalesce(c.birth_year, 0), (c.updated_at at time zone %s)::date, coalesce(c.import_run_id, 0), c.facets,
  coalesce(q.score, 0), coalesce(array_position(%s::text[], v.trend::text), 1) - 1{own}
from ({cards}) c
left join ({values}) v on v.customer_id = c.id
left join lateral ({touch}) t on true
left join ({quality}) q on q.customer_id = c.id
left join unnest(%s::int[], %s::int[], %s::bool[], %s::int[]) as lunar (month, day, is_leap, key)
  on c.birthday_calendar = 'lunar' and lunar.month = c.birthday_month and lunar.day = c.birthday_day
  and lunar.is_leap = c.birthday_is_leap
"""


def rebuild_rows() -> int:
    """Bring every row up to date; rows of customers that are gone go too. Returns how many were written.

    A big shop's rows are filled anew beside the old ones (`refilling`), a small shop's written where they changed. Nobody who
    reads is held up.
    """
    if card_rows()[: MANY + 1].count() > MANY:
        written = refill(_filling(card_rows(), value_rows()))
    else:
        written = _upsert(card_rows(), value_rows())
        _sweep()
    analyze_rows()
    return written


def refresh_rows(customer_ids: list[int]) -> int:
    """Bring the rows of these customers up to date, at once."""
    written = _upsert(card_rows().filter(pk__in=customer_ids), value_rows().filter(pk__in=customer_ids))
    still_there = card_rows().filter(pk__in=customer_ids).values("pk")
    CustomerRow.objects.filter(pk__in=customer_ids).exclude(pk__in=still_there).delete()
    return written


def analyze_rows() -> None:
    """Tell the planner about the rows as they are now, and mark pages visible for index-only walks."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("analyze desk_customerrow")
        return
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze, index_cleanup auto) desk_customerrow")


@transaction.atomic
def _upsert(cards: QuerySet[Any], values: QuerySet[Any]) -> int:
    try:
        filling = _filling(cards, values)
    except EmptyResultSet:
        return 0
    names = ", ".join(f'"{column}"' for column in filling.columns)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ROWS_LOCK])
        cursor.execute("set local work_mem = '128MB'")
        cursor.execute(
            f"insert into desk_customerrow ({names}) {filling.select} {changed_only(filling.columns)}",
            filling.given,
        )
        return cursor.rowcount


def _filling(cards: QuerySet[Any], values: QuerySet[Any]) -> Filling:
    """What reads the rows of these customers from the rooms below. Raises EmptyResultSet."""
    cards_sql, cards_given = _compiled(cards)
    values_sql, values_given = _compiled(values.values(*VALUE_COLUMNS))
    quality_sql, quality_given = _compiled(quality_rows().values("customer_id", "score"))
    own = filled_columns()
    select = _SELECT.format(
        cards=cards_sql,
        values=values_sql,
        touch=last_touch("c.id"),
        quality=quality_sql,
        fm_score="(v.f_score + v.m_score + 1) / 2",
        own="".join(f", {kind.reads.format(key=repr(str(pk)))}" for pk, kind in own),
    )
    profile = [list(rules.KINDS), list(rules.GENDERS)]
    dates = [NO_DAY, FAR_DAY]
    lunar = _lunar_days(today().year)
    zone = timezone.get_default_timezone_name()
    touches = [NO_DAY, zone, NO_DAY, list(rules.TOUCHES), zone]
    trends = list(rules.TRENDS)
    given = [
        *_vocabularies(),
        *dates,
        *profile,
        *touches,
        trends,
        *cards_given,
        *values_given,
        *quality_given,
        *lunar,
    ]
    return Filling(select, given, [*COLUMNS, *(column_of(pk) for pk, _kind in own)])


def _compiled(queryset: QuerySet[Any]) -> tuple[str, list[Any]]:
    sql, given = queryset.order_by().query.sql_with_params()
    return sql, list(given)


def _vocabularies() -> list[list[str]]:
    return [list(words) for words in (rules.STAGES, rules.PHASES, rules.GROUPS, rules.LEVELS)]


@lru_cache(maxsize=4)
def _lunar_days(year: int) -> tuple[list[int], list[int], list[bool], list[int]]:
    """Columns of a table: lunar month, day, leap or not, and the key of the solar day it is kept on this year."""
    every = [
        calendar.Birthday(calendar.LUNAR, month, day, is_leap)
        for month in range(1, 13)
        for day in range(1, 31)
        for is_leap in (False, True)
    ]
    kept = {birthday: day for birthday in every if (day := _kept_on(birthday, year))}
    return (
        [birthday.month for birthday in kept],
        [birthday.day for birthday in kept],
        [birthday.is_leap for birthday in kept],
        [day.month * 100 + day.day for day in kept.values()],
    )


def _kept_on(birthday: calendar.Birthday, year: int) -> date | None:
    """The solar day of that year; None for a leap month that no calendar has."""
    try:
        return calendar.birthday_this_year(birthday, date(year, 1, 1))
    except ValueError:
        return None


def _sweep() -> None:
    """Take out rows whose customer is gone or merged away."""
    gone = CustomerRow.objects.exclude(pk__in=card_rows().values("pk"))
    gone.delete()
