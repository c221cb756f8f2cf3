"""Fills the table of list rows anew beside the old one and puts it in its place.

Writing a million changed rows one by one keeps fourteen indexes each time and leaves the table twice its size. A fresh table is
filled without indexes, gets those of the old one, and takes its name; until then lists are read from the old one.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

TABLE, NEXT, OLD = "desk_customerrow", "desk_customerrow_next", "desk_customerrow_old"
MOST_CHANGED_SHARE = 0.04
ROWS_LOCK = 7_301_002


@dataclass(frozen=True)
class Filling:
    """The statement that reads all rows as they should be, its values, and the columns it fills."""

    select: str
    given: list[Any]
    columns: list[str]


@transaction.atomic
def refill(filling: Filling) -> int:
    """Make the table equal to what the statement reads; returns how many rows are new or other than before.

    A few changed rows are written into the table as it stands; many make a new table of it. Writers of rows wait, readers
    do not.
    """
    _run("select pg_advisory_xact_lock(%s)", [ROWS_LOCK])
    _run("set local work_mem = '128MB'")
    _run("set local maintenance_work_mem = '256MB'")
    _run(f"drop table if exists {NEXT}")
    _run(f"create table {NEXT} (like {TABLE} including all excluding indexes excluding statistics)")
    names = ", ".join(f'"{column}"' for column in filling.columns)
    filled = _run(f"insert into {NEXT} ({names}) {filling.select}", filling.given)
    _run(f"analyze {NEXT}")
    changed = _count_changed(filling.columns)
    if changed <= filled * MOST_CHANGED_SHARE:
        _write_changes(filling.columns)
        _run(f"drop table {NEXT}")
    else:
        _take_its_place()
    return changed


def changed_only(columns: list[str]) -> str:
    """The end of an insert of rows: those that are there already change, unless nothing would."""
    others = [f'"{column}"' for column in columns if column != "customer_id"]
    sets = ", ".join(f"{column} = excluded.{column}" for column in others)
    old = ", ".join(f"{TABLE}.{column}" for column in others)
    new = ", ".join(f"excluded.{column}" for column in others)
    return f"on conflict (customer_id) do update set {sets} where ({old}) is distinct from ({new})"


def _run(statement: str, given: list[Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.rowcount


def _differing(columns: list[str]) -> str:
    old = ", ".join(f'o."{column}"' for column in columns)
    new = ", ".join(f'n."{column}"' for column in columns)
    return (
        f"from {NEXT} n left join {TABLE} o on o.customer_id = n.customer_id "
        f"where ({new}) is distinct from ({old})"
    )


def _count_changed(columns: list[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) {_differing(columns)}")
        return int(cursor.fetchone()[0])


def _write_changes(columns: list[str]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    new = ", ".join(f'n."{column}"' for column in columns)
    _run(f"insert into {TABLE} ({names}) select {new} {_differing(columns)} {changed_only(columns)}")
    _run(
        f"delete from {TABLE} o where not exists (select 1 from {NEXT} n where n.customer_id = o.customer_id)"
    )


def _take_its_place() -> None:
    """Give the new table the indexes and statistics of the old one, and its name."""
    made = [_made_beside(name, definition) for name, definition in (*_indexes(), *_statistics())]
    primary = _primary_key()
    for name, target in _statistics_targets():
        _run(f"alter statistics {name}_next set statistics {int(target)}")
    _run(f"alter table {NEXT} add constraint {primary}_next primary key using index {primary}_next")
    _run(f"analyze {NEXT}")
    _run(f"alter table {TABLE} rename to {OLD}")
    _run(f"alter table {NEXT} rename to {TABLE}")
    _run(f"drop table {OLD}")
    for kind, name in made:
        _run(f"alter {kind} {name}_next rename to {name}")


def _made_beside(name: str, definition: str) -> tuple[str, str]:
    """Make this index or statistics for the new table; returns what kind of thing it is, and its name."""
    named = re.sub(rf'\b{name}\b"?', f"{name}_next", definition, count=1)
    _run(re.sub(rf"\b{TABLE}\b", NEXT, named).replace("%", "%%"), [])
    return ("statistics" if definition.startswith("CREATE STATISTICS") else "index", name)


def _indexes() -> list[tuple[str, str]]:
    return _rows(
        "select indexname, indexdef from pg_indexes where tablename = %s and schemaname = current_schema()"
    )


def _statistics() -> list[tuple[str, str]]:
    return _rows(
        "select stxname, pg_get_statisticsobjdef(oid) from pg_statistic_ext where stxrelid = %s::regclass"
    )


def _statistics_targets() -> list[tuple[str, str]]:
    return _rows(
        "select stxname, stxstattarget::text from pg_statistic_ext "
        "where stxrelid = %s::regclass and stxstattarget is not null"
    )


def _primary_key() -> str:
    rows = _rows(
        "select conname, contype::text from pg_constraint where conrelid = %s::regclass and contype = 'p'"
    )
    return rows[0][0]


def _rows(statement: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [TABLE])
        return list(cursor.fetchall())
