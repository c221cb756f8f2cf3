"""Makes the columns of the list's rows that the shop's own fields are filtered and sorted by, each with its index.

Everybody who writes rows takes `ROWS_LOCK` first, so nothing is lost between a column being made and being filled, and a plain
index holds up nobody who would not have waited anyway. Readers wait no longer than the moment in which a column is added: it
holds a constant until somebody fills in the field.
"""

from django.db import OperationalError, connection, transaction

from shuke.customers.queries.custom import all_custom_fields
from shuke.desk.queries.own import (
    PARTS,
    TYPES,
    OwnType,
    column_of,
    complete_columns,
    forget_columns,
    index_of,
    made_columns,
    parts_index_of,
)
from shuke.desk.services.refilling import ROWS_LOCK, TABLE

WAITS, PATIENCE = 20, "1s"


def make_column(field_id: int) -> None:
    """Make the column of a field with its index, filled; safe to repeat. Nothing for a field that is gone."""
    field = all_custom_fields().get(field_id)
    if field is None:
        return
    kind = TYPES[field.kind]
    if field_id not in made_columns():
        _patiently(
            f"alter table {TABLE} add column if not exists {column_of(field_id)} {kind.sql}"
            f" not null default {kind.nothing}"
        )
    _fill_and_index(field_id, kind)
    forget_columns()


def drop_column(field_id: int) -> None:
    """Drop the column of a field that was purged, and its index."""
    _patiently(f"alter table {TABLE} drop column if exists {column_of(field_id)}")
    forget_columns()


def make_missing_columns() -> int:
    """Make every column, and index of one, that is not there; returns of how many fields.

    For a table that was made anew or restored, and for fields that are older than one of their indexes.
    """
    whole = set(complete_columns())
    missing = sorted(pk for pk in all_custom_fields() if pk not in whole)
    for field_id in missing:
        make_column(field_id)
    return len(missing)


@transaction.atomic
def _fill_and_index(field_id: int, kind: OwnType) -> None:
    column, key = column_of(field_id), f"'{field_id}'"
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ROWS_LOCK])
        cursor.execute(
            f"update {TABLE} r set {column} = f.value from (select c.id, {kind.reads.format(key=key)} as value"
            f" from customers_customer c where jsonb_exists(c.custom, {key})) f"
            f" where f.id = r.customer_id and r.{column} is distinct from f.value"
        )
        on = f"({column}, customer_id)" if kind.sorts else f"({column})"
        cursor.execute(f"create index if not exists {index_of(field_id)} on {TABLE} using {kind.method} {on}")
        if kind.has_parts:
            cursor.execute(
                f"create index if not exists {parts_index_of(field_id)} on {TABLE} using gin ({PARTS}({column}))"
                f" with (fastupdate = off) where {column} > ''"
            )
        cursor.execute(f"analyze {TABLE} ({column})")


def _patiently(statement: str) -> None:
    """Change the table as soon as no long reading is in the way, holding up others for a second at most each time."""
    for attempt in range(WAITS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select pg_advisory_xact_lock(%s)", [ROWS_LOCK])
                cursor.execute(f"set local lock_timeout = '{PATIENCE}'")
                cursor.execute(statement)
            return
        except OperationalError:
            if attempt == WAITS - 1 or connection.in_atomic_block:
                raise
