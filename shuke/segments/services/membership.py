"""Brings membership up to date: one statement finds who is in by now, and writes only what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from shuke.desk.queries.filtering import Narrowed
from shuke.desk.queries.rows import matching_rows
from shuke.kernel import clock
from shuke.segments.models import Segment
from shuke.segments.queries.segments import asked_by
from shuke.team.queries import SYSTEM

NOBODY = "select null::bigint as customer_id where false"
_REFRESH = """
with found as materialized ({found}),
gone as (
  delete from segments_member m where m.segment_id = %s
    and not exists (select 1 from found f where f.customer_id = m.customer_id)
  returning m.customer_id),
come as (
  insert into segments_member (segment_id, customer_id, entered_on)
  select %s, f.customer_id, %s from found f
  where not exists (select 1 from segments_member m where m.segment_id = %s and m.customer_id = f.customer_id)
  returning customer_id),
moved as (select customer_id, true as is_entry from come union all select customer_id, false from gone),
back as (
  delete from segments_move m using moved where m.segment_id = %s and m.moved_on = %s
    and m.customer_id = moved.customer_id and m.is_entry <> moved.is_entry
  returning m.customer_id),
noted as (
  insert into segments_move (segment_id, customer_id, moved_on, is_entry, is_redefined)
  select %s, moved.customer_id, %s, moved.is_entry, %s from moved
  where %s and moved.customer_id not in (select customer_id from back)
  on conflict do nothing)
select count(*) filter (where is_entry), count(*) filter (where not is_entry) from moved
"""


@dataclass(frozen=True)
class Refreshed:
    """How many entered and left; `is_stuck`: the conditions cannot be asked, so nobody did."""

    entered: int = 0
    left: int = 0
    is_stuck: bool = False


@transaction.atomic
def refresh_members(segment_id: int, *, is_redefined: bool = False) -> Refreshed:
    """Bring a segment that follows its conditions up to date. Frozen and deleted ones stay as they are.

    The first count is where the history begins: who is in then has not entered. Safe to run twice. Whoever is of the house's
    whole, not of somebody's reach, is counted: pages show each visitor their own part.
    """
    segment = Segment.objects.select_for_update(no_key=True).filter(pk=segment_id, deleted_at=None).first()
    if segment is None or segment.frozen_at is not None:
        return Refreshed()
    today = clock.today()
    asked = asked_by(segment.conditions, today)
    if asked is None:
        Segment.objects.filter(pk=segment_id).update(is_stuck=True)
        return Refreshed(is_stuck=True)
    rows = matching_rows(SYSTEM, Narrowed(wanted=asked.wanted), today, asked.found)
    is_first = segment.followed_from is None
    entered, left = _write(segment_id, rows, is_noted=not is_first, is_redefined=is_redefined)
    Segment.objects.filter(pk=segment_id).update(
        followed_from=segment.followed_from or today, refreshed_at=clock.now(), is_stuck=False
    )
    return Refreshed(entered, left)


def _write(segment_id: int, rows: Any, *, is_noted: bool, is_redefined: bool) -> tuple[int, int]:
    found, given = _statement(rows)
    today = clock.today()
    marks = (
        segment_id,
        segment_id,
        today,
        segment_id,
        segment_id,
        today,
        segment_id,
        today,
        is_redefined,
        is_noted,
    )
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH.format(found=found), [*given, *marks])
        entered, left = cursor.fetchone()
    return entered, left


def _statement(rows: Any) -> tuple[str, Sequence[Any]]:
    try:
        sql, given = rows.order_by().values("customer_id").query.sql_with_params()
    except EmptyResultSet:
        return NOBODY, ()
    return sql, given
