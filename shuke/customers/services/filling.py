"""What order files know of customers who were there before: their blank fields are filled, nothing is overwritten."""

from collections import Counter

import polars as pl
from django.db import connection

from shuke.customers.importing import undoing, updating
from shuke.customers.importing.importer import importer_of
from shuke.customers.services.bulk import KEYS, CustomerFinder
from shuke.customers.services.terms import queue_terms
from shuke.imports.ports import Counts, Progress, Setting
from shuke.imports.services.keeping import overwritten_ids
from shuke.team.rules import Scope

PLACE = ("province", "city", "district", "address")
SHOWN = ("phone", "email", "wechat", "member")
FILLED = ("name", *SHOWN, *PLACE, "note", "store_id")
_COLUMN = {"member": "member_number"}


class BlankFiller:
    """Fills what is blank on the customers of one run's orders; each customer is looked at until nothing is missing."""

    def __init__(self, setting: Setting, finder: CustomerFinder) -> None:
        self._run_id, self._source = setting.run_id, setting.source
        self._finder = finder
        self._whole: set[int] = (
            set()
        )  # made by this run, out of reach, or without a blank that the file could fill

    def forget(self) -> None:
        """A rollback: what was seen may not be so."""
        self._whole.clear()

    def fill(self, rows: pl.DataFrame, customers: pl.Series) -> int:
        """Fill from these rows (KEYS and FACTS; the customer of each beside them), in order; how many customers it changed."""
        said = [code for code in FILLED if rows[code].null_count() < len(rows)]
        rows = rows.select(*KEYS, *(code for code in FILLED if code not in KEYS), customers.alias("id"))
        open_ids = set(customers.drop_nulls().unique().to_list()) - self._whole
        if not said or not open_ids:
            return 0
        blank = self._with_blanks(list(open_ids), said)
        rows = self._showing_own(rows.join(blank, on="id", how="inner", maintain_order="left"))
        if not len(rows):
            return 0
        importer = importer_of(self._run_id)
        setting = Setting(
            self._run_id, self._source, {_code(code): code for code in said}, {"wins": "blanks"}
        )
        return len(updating.update(_once_each(rows), setting, importer.actor, Counter(), []))

    def _with_blanks(self, ids: list[int], said: list[str]) -> pl.DataFrame:
        """Of these customers, those who were there before, may be changed, and lack something the file says: their places."""
        lacks = " or ".join(
            f"{column} is null" if column == "store_id" else f"{column} = ''"
            for column in (_COLUMN.get(code, code) for code in said)
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"select id, {', '.join(PLACE)} from customers_customer where id = any(%s) and ({lacks})"
                " and import_run_id is distinct from %s",
                [ids, self._run_id],
            )
            found = cursor.fetchall()
        within = self._within_reach([row[0] for row in found])
        self._whole |= set(ids) - within
        schema = {"id": pl.Int64} | {f"our_{part}": pl.String for part in PLACE}
        return pl.DataFrame([row for row in found if row[0] in within], schema=schema, orient="row")

    def _within_reach(self, ids: list[int]) -> set[int]:
        reach = importer_of(self._run_id).reach
        if not ids or reach.scope is Scope.ALL:
            return set(ids)
        return updating.within_reach(ids, reach, self._run_id)

    def _showing_own(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Without keys that are somebody else's, and without places that are not where the record says."""
        for key in SHOWN:
            if rows[key].null_count() < len(rows):
                is_own = pl.Series(self._finder.holders(key, rows[key])) == rows["id"]
                rows = rows.with_columns(pl.when(is_own).then(pl.col(key)).alias(key))
        fits = pl.all_horizontal(
            (pl.col(f"our_{part}") == "") | pl.col(part).is_null() | (pl.col(part) == pl.col(f"our_{part}"))
            for part in PLACE
        )
        return rows.with_columns(pl.when(fits).then(pl.col(part)).alias(part) for part in PLACE)


def _code(column: str) -> str:
    return "store" if column == "store_id" else column


def _once_each(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each customer: the first that says something, field by field; the parts of a place from one row."""
    facts = [code for code in FILLED if code not in PLACE]
    has_place = pl.any_horizontal(pl.col(part).is_not_null() for part in PLACE)
    return rows.group_by("id", maintain_order=True).agg(
        *(pl.col(code).drop_nulls().first() for code in facts),
        *(pl.col(part).filter(has_place).first() for part in PLACE),
        pl.lit(0).alias("line"),
        pl.lit(None, dtype=pl.Datetime("us")).alias("modified"),
        pl.lit(None, dtype=pl.String).alias("extras"),
    )


def queue_terms_of_filled(run_id: int) -> None:
    """Make customers findable by what a run filled in."""
    queue_terms(overwritten_ids(run_id, updating.KIND))


def empty_filled(run_id: int, progress: Progress) -> Counts:
    """Make blank again what a run filled and nobody changed since. Safe to repeat."""
    return undoing.put_back_fields(run_id, progress)
