"""Keyset paging: a page starts after the last row seen, so page 10,000 costs what page 1 does."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan


@dataclass(frozen=True)
class Page:
    """Rows of one page and the cursors around it (empty: no more)."""

    rows: list[Any]
    next_cursor: str
    previous_cursor: str


class BadCursor(ValueError):
    """The cursor in the address is not one of ours."""


def encode_cursor(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise BadCursor(cursor) from error
    if (
        not isinstance(values, list)
        or len(values) != 2
        or any(isinstance(v, (dict, list, type(None))) for v in values)
    ):
        raise BadCursor(cursor)
    return values


def keyset_page(
    queryset: QuerySet[Any], *, order: str, key: str = "pk", after: str = "", before: str = "", size: int = 50
) -> Page:
    """One page of `queryset` ordered by `order` ("-field" descending) with `key` as tie-breaker.

    `order` names a column that is never null: the step is one row comparison that an index on (order, key)
    answers. A cursor holds [order value, key value]. Raises BadCursor.
    """
    field, is_descending = order.removeprefix("-"), order.startswith("-")
    backward = bool(before)
    cursor = before or after
    down = is_descending != backward
    rows = _ordered(queryset, field, key, descending=down)
    found = _beyond_cursor(rows, field, key, cursor, descending=down, limit=size + 1)
    has_more = len(found) > size
    found = found[:size]
    if backward:
        found.reverse()
    return Page(
        rows=found,
        next_cursor=_cursor_of(found[-1], field, key) if found and (has_more or backward) else "",
        previous_cursor=_cursor_of(found[0], field, key)
        if found and (cursor and (has_more or not backward))
        else "",
    )


def within_walk(
    rows: QuerySet[Any],
    walk: QuerySet[Any],
    *,
    order: str,
    key: str = "pk",
    after: str = "",
    before: str = "",
    entries: int,
) -> QuerySet[Any]:
    """Those of `rows` that are among the next so many entries of `walk` from the cursor on. Raises BadCursor.

    For filters that the index of the order does not know: looking through a few entries of it is cheap whatever they hold.
    """
    field, backward, cursor = order.removeprefix("-"), bool(before), before or after
    down = order.startswith("-") != backward
    ahead = _ordered(walk.values(field, key), field, key, descending=down)
    found = _beyond_cursor(ahead, field, key, cursor, descending=down, limit=1, skip=entries)
    if not found:
        return rows
    last = [_value(found[0], field), _value(found[0], key)]
    return rows.filter(_beyond(field, key, last, descending=not down))


def _cursor_of(row: Any, field: str, key: str) -> str:
    return encode_cursor([_value(row, field), _value(row, key)])


def _value(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, dict) else getattr(row, name)


def _ordered(queryset: QuerySet[Any], field: str, key: str, *, descending: bool) -> QuerySet[Any]:
    return queryset.order_by(f"-{field}", f"-{key}") if descending else queryset.order_by(field, key)


def _beyond_cursor(
    rows: QuerySet[Any], field: str, key: str, cursor: str, *, descending: bool, limit: int, skip: int = 0
) -> list[Any]:
    part = slice(skip, skip + limit)
    if not cursor:
        return list(rows[part])
    try:
        return list(rows.filter(_beyond(field, key, decode_cursor(cursor), descending=descending))[part])
    except (TypeError, ValueError, ValidationError) as error:  # a value that the column cannot hold
        raise BadCursor(cursor) from error


def _beyond(field: str, key: str, cursor: list[Any], *, descending: bool) -> TupleGreaterThan | TupleLessThan:
    beyond = TupleLessThan if descending else TupleGreaterThan
    return beyond(Tuple(F(field), F(key)), tuple(cursor))
