"""What wins where the file and the record differ: decided field by field, whole columns at once. No database."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from shuke.imports.rules import winning
from shuke.imports.rules.winning import BLANKS, FILE, NEWER, OURS

RULED = (
    "name", "phone", "email", "wechat", "member", "gender", "birthday", "birth_year", "province", "city", "district",
    "address", "occupation", "education", "industry", "income_band", "preferred_channel", "first_channel", "store",
    "manager", "note",
)  # fmt: skip
COLUMNS: dict[str, tuple[str, ...]] = {code: (code,) for code in RULED} | {
    "member": ("member_number",),
    "birthday": ("birthday_month", "birthday_day", "birthday_calendar", "birthday_is_leap"),
    "store": ("store_id",),
    "manager": ("account_manager_id",),
}


def rule_for(code: str, options: Mapping[str, Any]) -> str:
    """What wins for a field: its own rule, else that of the run, else the file."""
    in_parts = code == "name" and not options.get("wins_name")
    return winning.rule_for("family_name" if in_parts else code, options)


def is_blank(column: str, kind: Any) -> pl.Expr:
    """Whether our value is none."""
    blank = pl.col(column).is_null()
    return blank | (pl.col(column) == "") if kind == pl.String else blank


def decide(table: pl.DataFrame, code: str, rule: str) -> pl.DataFrame:
    """One field of joined rows: `<column>` is ours, `new_<column>` the file's (null: says nothing), `is_own` made by this run.

    Columns come back as they shall be; `differs_<code>` marks where both had a value, `takes_<code>` where the file's was taken.
    """
    columns = COLUMNS.get(code, (code,))  # the shop's own fields are columns of their own name
    main = columns[0]
    said = pl.col(f"new_{main}").is_not_null()
    blank = is_blank(main, table.schema[main])
    unequal = pl.any_horizontal(pl.col(f"new_{c}").ne_missing(pl.col(c)) for c in columns)
    wins = {
        FILE: pl.lit(value=True),
        OURS: pl.lit(value=False),
        BLANKS: blank,
        NEWER: blank | (pl.col("modified") > pl.col("updated_at")).fill_null(value=False),
    }[rule]
    takes = said & unequal & (wins | pl.col("is_own"))
    table = table.with_columns(
        (said & unequal & ~blank).alias(f"differs_{code}"), takes.alias(f"takes_{code}")
    )
    return table.with_columns(
        pl.when(pl.col(f"takes_{code}")).then(pl.col(f"new_{c}")).otherwise(pl.col(c)).alias(c)
        for c in columns
    )
