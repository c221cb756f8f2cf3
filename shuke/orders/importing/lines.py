"""Reading: text columns of an order file become typed lines; cells that cannot be taken become rejects. No database."""

from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from shuke.customers.services.bulk import (
    Normalised,
    normalise_emails,
    normalise_phones,
    normalise_words,
)
from shuke.imports import rules
from shuke.imports.ports import Rejected, Setting
from shuke.imports.rules import Hints, columns
from shuke.orders.importing.fields import CALLED_OFF, KEY_FIELDS, NOT_SOLD
from shuke.orders.importing.grouping import MOST_LINES
from shuke.zh import regions

WORD_LIMITS = {
    "product": 200, "category": 80, "store": 80, "channel": 40, "name": 80, "province": 40, "city": 40,
    "district": 40, "address": 200, "note": 1000, "status": 40, "region": 200, "mends": 20,
}  # fmt: skip
KEY_LIMITS = {"number": 76, "sub_number": 76, "sku": 80} | dict.fromkeys(KEY_FIELDS, 254)
REGION_PARTS = ("province", "city", "district")
MONEY = ("amount", "refund", "subtotal")
REPEATED = ("moment", "status", "currency", "store", "channel", *KEY_FIELDS, "name", "province", "city",
            "district", "address", "note")  # fmt: skip
TYPES: dict[str, Any] = (
    {"moment": pl.Datetime("us"), "currency": pl.String}
    | dict.fromkeys((*MONEY, "price", "quantity"), pl.Int64)
    | dict.fromkeys((*WORD_LIMITS, *KEY_LIMITS), pl.String)
)


@dataclass(frozen=True)
class Lines:
    """The good rows of a batch, typed; `skipped` rows were no sales (unpaid, cancelled).

    `called_off` are the numbers of orders of which every row says that nothing is left of them.
    """

    frame: pl.DataFrame
    rejected: list[Rejected]
    skipped: int
    called_off: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Unfinished:
    """The order with which the batch before ended, and how many lines it had."""

    number: str = ""
    lines: int = 0


def read_lines(
    frame: pl.DataFrame, setting: Setting, hints: Hints, before: Unfinished = Unfinished()
) -> Lines:
    """Type every mapped column, drop what was not sold, and say what cannot be taken."""
    values = {"line": frame["line"]}
    problems: dict[str, pl.Series] = {}
    for code, column in setting.mapping.items():
        parsed = _read(code, columns.tidy(frame[column]), hints)
        values[code] = parsed.values
        if parsed.has_problems:
            problems[code] = parsed.problems
    typed = _complete(pl.DataFrame(values), len(frame))
    if "number" in setting.mapping:
        typed = _filled_within_orders(typed, setting)
    sold = typed.select(
        ~pl.col("status").fill_null("").map_batches(_not_sold, return_dtype=pl.Boolean)
    ).to_series()
    typed = _with_regions(typed)
    typed, bad = _with_keys(typed)
    problems |= bad
    problems |= _missing(typed, setting)
    problems |= _too_many(typed, sold, before)
    found = _sorted_out(frame, typed, sold, problems, setting)
    return replace(found, called_off=_called_off(typed, sold)) if found.skipped else found


def _called_off(typed: pl.DataFrame, sold: pl.Series) -> list[str]:
    """Orders of which every row here was called off: single rows may be sub-orders."""
    if not typed["number"].null_count() < len(typed):
        return []
    off = (
        typed["status"]
        .fill_null("")
        .map_elements(lambda status: rules.header_key(status) in CALLED_OFF, return_dtype=pl.Boolean)
    )
    rest = typed.filter(sold | ~off)["number"]
    numbers = typed.filter(~sold & off)["number"].drop_nulls().unique(maintain_order=True)
    return numbers.filter(~numbers.is_in(rest.implode())).to_list()


def _too_many(typed: pl.DataFrame, sold: pl.Series, before: Unfinished) -> dict[str, pl.Series]:
    """Lines past what one order can have."""
    longest = len(typed) - typed["number"].n_unique() + 1  # were all others of one line
    if before.lines + longest <= MOST_LINES or typed["number"].null_count() == len(typed):
        return {}
    earlier = pl.when(pl.col("number") == before.number).then(before.lines).otherwise(0)
    place = pl.col("is_sold").cast(pl.Int64).cum_sum().over("number") + earlier
    over = (
        typed.select("number", is_sold=sold)
        .select((place > MOST_LINES) & pl.col("number").is_not_null())
        .to_series()
        .fill_null(False)
    )
    return {"number:many": _flag(over, "too_many_lines")} if over.any() else {}


def _read(code: str, texts: pl.Series, hints: Hints) -> columns.Parsed:
    if code == "moment":
        return columns.read_moments(texts, hints)
    if code in MONEY:
        return columns.read_amounts(texts)
    if code == "price":
        return columns.read_prices(texts)
    if code == "quantity":
        return columns.read_quantities(texts)
    if code == "currency":
        return columns.read_codes(texts, rules.parse_currency)
    if code in KEY_LIMITS:
        return columns.read_keys(texts, KEY_LIMITS[code])
    return columns.read_words(texts, WORD_LIMITS[code])


def _complete(typed: pl.DataFrame, height: int) -> pl.DataFrame:
    absent = [
        pl.lit(None, dtype=kind).alias(code) for code, kind in TYPES.items() if code not in typed.columns
    ]
    return typed.with_columns(absent) if height else typed.with_columns(absent).clear()


def _filled_within_orders(typed: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """Some exports say who and when only on the first line of an order."""
    blank = typed["moment"].is_null() & typed["number"].is_not_null()
    if not blank.any():
        return typed
    mapped = [code for code in REPEATED if code in setting.mapping]
    return typed.with_columns(
        pl.col(code).fill_null(pl.col(code).drop_nulls().first().over("number")) for code in mapped
    )


def _not_sold(statuses: pl.Series) -> pl.Series:
    different = statuses.unique()
    closed = [s for s in different.to_list() if is_not_sold(s)]
    return statuses.is_in(closed)


def is_not_sold(status: str) -> bool:
    """Whether an order of this status was never paid or was called off."""
    return rules.header_key(status) in NOT_SOLD


def _with_regions(typed: pl.DataFrame) -> pl.DataFrame:
    """省市区 in one cell, taken apart into columns that the file does not have of their own."""
    different = typed["region"].drop_nulls().unique().to_list()
    if not different:
        return typed
    found = [regions.parse_region(cell) for cell in different]
    parts = pl.DataFrame(
        {
            "region": different,
            **{f"its_{part}": [getattr(region, part) or None for region in found] for part in REGION_PARTS},
        },
        schema_overrides={f"its_{part}": pl.String for part in REGION_PARTS},
    )
    joined = typed.join(parts, on="region", how="left", maintain_order="left")
    filled = [pl.coalesce(part, pl.col(f"its_{part}").str.slice(0, 40)).alias(part) for part in REGION_PARTS]
    return joined.with_columns(filled).drop(f"its_{part}" for part in REGION_PARTS)


def _with_keys(typed: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """Customer keys made comparable. A bad phone or e-mail costs the row only where nothing else says who it was."""
    found: dict[str, Normalised] = {}
    for code in KEY_FIELDS:
        if typed[code].null_count() == len(typed):
            continue
        reader = {"phone": normalise_phones, "email": normalise_emails}.get(code, normalise_words)
        found[code] = reader(typed[code])
    bad = {code: keys.is_bad for code, keys in found.items() if keys.is_bad.any()}
    typed = typed.with_columns(keys.values.alias(code) for code, keys in found.items())
    if not bad:
        return typed, {}
    nobody = typed.select(pl.all_horizontal(pl.col(code).is_null() for code in KEY_FIELDS)).to_series()
    return typed, {
        code: pl.select(pl.when(is_bad & nobody).then(pl.lit(f"bad_{code}"))).to_series()
        for code, is_bad in bad.items()
    }


def _missing(typed: pl.DataFrame, setting: Setting) -> dict[str, pl.Series]:
    found = {}
    for code in ("moment", "number"):
        if code in setting.mapping and typed[code].null_count():
            found[f"{code}:missing"] = _flag(typed[code].is_null(), "missing")
    is_order_level = setting.options.get("amount_level") == "order" and "number" in setting.mapping
    computed = pl.col("price").is_not_null() & pl.col("quantity").is_not_null()
    has_amount = pl.col("amount").is_not_null() | pl.col("subtotal").is_not_null() | computed
    if is_order_level:
        has_amount = has_amount.any().over("number")
    lacks = typed.select(~has_amount).to_series()
    if lacks.any():
        found["amount:missing"] = _flag(lacks, "no_amount")
    if typed["currency"].n_unique() > 1 and "number" in setting.mapping:
        mixed = typed.select(
            pl.col("currency") != pl.col("currency").drop_nulls().first().over("number")
        ).to_series()
        if mixed.any():
            found["currency:mixed"] = _flag(mixed, "mixed_currency")
    return found


def _flag(where: pl.Series, code: str) -> pl.Series:
    return pl.select(pl.when(where).then(pl.lit(code))).to_series()


def _sorted_out(
    frame: pl.DataFrame,
    typed: pl.DataFrame,
    sold: pl.Series,
    problems: dict[str, pl.Series],
    setting: Setting,
) -> Lines:
    skipped = len(sold) - int(sold.sum())
    if not problems:
        return Lines(typed.filter(sold) if skipped else typed, [], skipped)
    table = pl.DataFrame(list(problems.values()), schema=list(problems))
    is_bad = table.select(pl.any_horizontal(pl.all().is_not_null())).to_series() & sold
    rejected = []
    raw = frame.filter(is_bad)
    for row, codes in zip(raw.iter_rows(named=True), table.filter(is_bad).iter_rows(named=True), strict=True):
        code_of, code = next((name.split(":")[0], code) for name, code in codes.items() if code)
        column = setting.mapping.get(code_of, "")
        rejected.append(Rejected(int(row["line"]), column, str(row.get(column, "") or ""), code))
    return Lines(typed.filter(sold & ~is_bad), rejected, skipped)
