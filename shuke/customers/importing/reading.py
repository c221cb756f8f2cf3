"""Whole columns of customer files, typed; cells that cannot be taken become rejects. No database."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from shuke.customers import rules
from shuke.customers.importing import words
from shuke.customers.queries.choices import CHANNELS, EDUCATION, INCOME, Choices
from shuke.customers.rules.custom import id_in
from shuke.customers.rules.numbers import read_customer_number
from shuke.customers.services.bulk import normalise_emails, normalise_phones, normalise_words
from shuke.imports.ports import Rejected, Setting
from shuke.imports.rules import Hints, columns

PHONES, EMAILS = ("phone", "phone2", "phone3"), ("email", "email2")
WORDS = ("member", "unionid", "external", "company_number")
LINES = {
    "name": 80, "nickname": 80, "family_name": 40, "given_name": 40, "province": 40, "city": 40, "district": 40, "region": 200,
    "address": 200, "occupation": 60, "education": 30, "industry": 60, "income_band": 30, "preferred_channel": 20,
    "first_channel": 40, "store": 80, "manager": 60, "company": 80,
}  # fmt: skip
NOTE_LENGTH = 4000
_ODD = r"[\x00-\x1f\x7f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]|\s\s"
MOST_TAGS = 20
TEXTS = ("name", "phone", "phone2", "phone3", "email", "email2", "wechat", "unionid", "member", "external", "kind",
         "gender", "province", "city", "district", "address", "occupation", "education", "industry", "income_band",
         "preferred_channel", "first_channel", "store", "manager", "company", "company_number", "note", "extras",
         "birthday_calendar", "tags", "nickname")  # fmt: skip
NUMBERS = ("own", "birthday_month", "birthday_day", "birth_year")
UNTOLD = ("未知", "保密", "没说过", "不详", "unknown", "Unknown")


class _Codes(dict[str, str | None]):
    """The code of a word that a choice goes by; None for any other."""

    def __init__(self, choices: Choices, **others: str) -> None:
        words_ = {str(label): code for code, label in choices if code}
        super().__init__({code: code for code in words_.values()} | words_ | others)

    def __missing__(self, word: str) -> None:
        return None


CODED = {
    "education": _Codes(
        EDUCATION, 小学="middle", 初中="middle", 初中及以下="middle", 高中="high", 中专="high", 职高="high", 专科="college",
        大学="bachelor", 学士="bachelor", 大学本科="bachelor", 硕士="master", 研究生="master", 博士="master", 硕士及以上="master",
    ),
    "income_band": _Codes(INCOME),
    "preferred_channel": _Codes(CHANNELS, 手机="phone", 邮箱="email", Phone="phone", Email="email", WeChat="wechat", SMS="sms"),
}  # fmt: skip
KEY_CODES = ("external", "member", "phone", "email", "unionid", "wechat")


@dataclass
class Columns:
    """What was read so far: typed columns, rows that cannot be taken, and words that had no place."""

    values: dict[str, pl.Series]
    problems: list[tuple[str, pl.Series, str]] = field(default_factory=list)  # field, where, code
    leftovers: list[tuple[str, pl.Series]] = field(default_factory=list)  # label, texts (null: nothing)
    keeps_hidden: bool = True  # whether 138****1234 is worth keeping as words

    def reject(self, code: str, where: pl.Series, reason: str) -> None:
        if where.any():
            self.problems.append((code, where, reason))

    def keep(self, label: str, texts: pl.Series) -> None:
        if texts.null_count() < len(texts):
            self.leftovers.append((label, texts))


Beside = Callable[[pl.DataFrame, Columns, bool], None]


@dataclass(frozen=True)
class People:
    """The good rows of a batch, typed; `raw` are all of its rows as they stood, by line."""

    frame: pl.DataFrame
    raw: pl.DataFrame
    rejected: list[Rejected]


@dataclass(frozen=True)
class Labels:
    """Headers of the file by column id, and names of fields by code: what is kept aside is kept under them."""

    columns: Mapping[str, str]
    fields: Mapping[str, str]


def read_people(
    frame: pl.DataFrame, setting: Setting, hints: Hints, labels: Labels, beside: Beside | None = None
) -> People:
    """Type every mapped column; bad cells cost their row, or are kept as words where the shop chose so.

    `beside` reads the columns that are no fields of the record.
    """
    keeps_bad = setting.options.get("bad_cells") == "keep"
    keeps_hidden = setting.options.get("extras", "keep") == "keep"
    found = Columns({"line": frame["line"].cast(pl.Int64)}, keeps_hidden=keeps_hidden)
    for code, column in setting.mapping.items():
        if id_in(code) is not None:
            continue
        texts = columns.tidy(frame[column])
        texts = with_lines(frame[column], texts) if code == "note" else texts
        _read(code, texts, found, hints, labels, keeps_bad=keeps_bad)
    if beside is not None:
        beside(frame, found, keeps_bad)
    _put_together(found, len(frame))
    _keep_nicknames(found, labels)
    table = _complete(found, len(frame))
    table = _with_defaults(table, setting)
    table = table.with_columns(extras_of(frame, found, setting, labels))
    nobody = table.select(
        pl.all_horizontal(pl.col(code).is_null() for code in ("own", "name", "nickname", *KEY_CODES))
    ).to_series()
    found.reject("name", nobody, "nobody")
    return _sorted_out(frame, table, found, setting)


def _read(
    code: str, texts: pl.Series, found: Columns, hints: Hints, labels: Labels, *, keeps_bad: bool
) -> None:
    label = labels.fields.get(code, code)
    if code in PHONES or code in EMAILS:
        known = (normalise_phones if code in PHONES else normalise_emails)(texts)
        found.values[code] = known.values
        hidden = known.values.is_null() & ~known.is_bad & texts.is_not_null()
        if found.keeps_hidden:
            found.keep(label, picked(hidden, texts))
        if keeps_bad:
            found.keep(label, picked(known.is_bad, texts))
        else:
            found.reject(code, known.is_bad, "bad_phone_cell" if code in PHONES else "bad_email_cell")
    elif code in WORDS:
        parsed = columns.read_keys(texts, 40 if code == "member" else 200)
        found.values[code] = normalise_words(parsed.values).values
        for reason in parsed.problems.drop_nulls().unique().to_list():
            found.reject(code, (parsed.problems == reason).fill_null(value=False), reason)
    elif code == "own":
        found.values[code] = _mapped(texts, read_customer_number, pl.Int64)
        found.reject(code, texts.is_not_null() & found.values[code].is_null(), "bad_own_number")
    elif code == "wechat":
        found.values[code] = normalise_words(texts).values.str.to_lowercase().str.slice(0, 60)
    elif code in ("created", "modified"):
        read_moment(code, texts, found, hints, label, keeps_bad=keeps_bad)
    elif code == "birthday":
        _read_birthday(texts, found, hints, label, keeps_bad=keeps_bad)
    elif code == "birth_year":
        found.values[code] = _mapped(texts, _year, pl.Int64)
    elif code in CODED:
        found.values[code] = _mapped(texts, CODED[code].__getitem__, pl.String)
        found.keep(label, picked(found.values[code].is_null() & ~texts.is_in(UNTOLD), texts))
    elif code in ("gender", "kind"):
        found.values[code] = _mapped(texts, words.gender_of if code == "gender" else words.kind_of, pl.String)
        if code == "gender":
            found.keep(label, picked((found.values[code] == "") & ~texts.is_in(UNTOLD), texts))
            found.values[code] = picked(found.values[code] != "", found.values[code])
    elif code == "note":
        found.values[code] = cleaned(texts, rules.clean_text, NOTE_LENGTH)
    elif code == "tags":
        found.values[code] = cleaned(texts, rules.clean_line, 800)
    else:
        limit = LINES.get(code, 200)
        found.values[code] = cleaned(texts, rules.clean_line, limit)
        found.keep(label, picked(texts.str.len_chars() > limit, texts))


def with_lines(raw: pl.Series, tidied: pl.Series) -> pl.Series:
    """Long words keep their line breaks, which tidying takes for blanks."""
    broken = raw.str.contains(r"[\r\n]").fill_null(value=False) & tidied.is_not_null()
    if not broken.any():
        return tidied
    kept = raw.str.strip_chars().str.strip_prefix("'").str.replace_all("\r\n?", "\n")
    return pl.select(pl.when(broken).then(kept).otherwise(tidied)).to_series()


def cleaned(texts: pl.Series, exact: Callable[[str], str], limit: int) -> pl.Series:
    """Words without control characters, cut; the odd ones only are looked at one by one."""
    odd = texts.str.contains(
        r"[\x00-\x1f\x7f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]|\s\s"
    ).fill_null(value=False)
    if odd.any():
        table = {text: exact(text) for text in texts.filter(odd).unique().to_list()}
        texts = pl.select(pl.when(odd).then(texts.replace(table)).otherwise(texts)).to_series()
    texts = texts.str.slice(0, limit)
    return picked(texts != "", texts)


def picked(where: pl.Series, texts: pl.Series) -> pl.Series:
    """The texts where that is so, null elsewhere."""
    return pl.select(pl.when(where.fill_null(value=False)).then(texts)).to_series()


def _mapped(texts: pl.Series, exact: Callable[[str], Any], kind: Any) -> pl.Series:
    different = texts.drop_nulls().unique().to_list()
    answers = [exact(text) for text in different]
    return texts.replace_strict(different, answers, default=None, return_dtype=kind)


def _year(text: str) -> int | None:
    digits = text.removesuffix("年")
    return int(digits) if digits.isdigit() and 1880 <= int(digits) <= 2200 else None


def read_moment(
    code: str, texts: pl.Series, found: Columns, hints: Hints, label: str, *, keeps_bad: bool
) -> None:
    """A column of moments; bad cells cost their row, or are kept as words."""
    parsed = columns.read_moments(texts, hints)
    found.values[code] = parsed.values
    if not parsed.has_problems:
        return
    if keeps_bad:
        found.keep(label, picked(parsed.problems.is_not_null(), texts))
        return
    for reason in parsed.problems.drop_nulls().unique().to_list():
        found.reject(code, (parsed.problems == reason).fill_null(value=False), reason)


def _read_birthday(texts: pl.Series, found: Columns, hints: Hints, label: str, *, keeps_bad: bool) -> None:
    month_first = hints.day_first is not True
    different = texts.drop_nulls().unique().to_list()
    answers = [words.birthday_of(text, month_first=month_first) for text in different]
    parts: dict[str, list[Any]] = {
        "birthday_calendar": [a[0].calendar if a else None for a in answers],
        "birthday_month": [a[0].month if a else None for a in answers],
        "birthday_day": [a[0].day if a else None for a in answers],
        "birthday_is_leap": [a[0].is_leap if a else None for a in answers],
        "birth_year": [a[1] if a else None for a in answers],
    }
    kinds: dict[str, Any] = {"birthday_calendar": pl.String, "birthday_is_leap": pl.Boolean}
    for code, values in parts.items():
        kind: Any = kinds.get(code, pl.Int64)
        read = texts.replace_strict(different, pl.Series(values, dtype=kind), default=None, return_dtype=kind)
        told = found.values.get(code)
        found.values[code] = read if told is None else pl.select(pl.coalesce(told, read)).to_series()
    bad = texts.is_not_null() & found.values["birthday_month"].is_null()
    if keeps_bad:
        found.keep(label, picked(bad, texts))
    else:
        found.reject("birthday", bad, "bad_birthday")


def _put_together(found: Columns, height: int) -> None:
    """Names from their parts, places from one cell."""
    family, given = found.values.pop("family_name", None), found.values.pop("given_name", None)
    if family is not None or given is not None:
        none = pl.Series([None], dtype=pl.String).new_from_index(0, height)
        pairs = pl.DataFrame(
            {"family": none if family is None else family, "given": none if given is None else given}
        )
        table = pairs.unique()
        made = [words.full_name(f or "", g or "")[: rules.NAME_LENGTH] or None for f, g in table.rows()]
        table = table.with_columns(pl.Series("made", made, dtype=pl.String))
        joined = pairs.join(
            table, on=["family", "given"], how="left", nulls_equal=True, maintain_order="left"
        )["made"]
        named = found.values.get("name")
        found.values["name"] = joined if named is None else pl.select(pl.coalesce(joined, named)).to_series()
    region = found.values.pop("region", None)
    if region is not None:
        different = region.drop_nulls().unique().to_list()
        split = [words.split_region(text) for text in different]
        for i, code in enumerate(("province", "city", "district")):
            part = region.replace_strict(
                different, [s[i][:40] or None for s in split], default=None, return_dtype=pl.String
            )
            told = found.values.get(code)
            found.values[code] = part if told is None else pl.select(pl.coalesce(told, part)).to_series()


def _keep_nicknames(found: Columns, labels: Labels) -> None:
    """A nickname is a name only where there is none; beside one it is kept in words."""
    nickname, name = found.values.get("nickname"), found.values.get("name")
    if nickname is not None and name is not None:
        found.keep(labels.fields["nickname"], picked(name.is_not_null() & (name != nickname), nickname))


def _complete(found: Columns, height: int) -> pl.DataFrame:
    kinds: dict[str, Any] = dict.fromkeys(TEXTS, pl.String) | dict.fromkeys(NUMBERS, pl.Int64)
    kinds |= {"birthday_is_leap": pl.Boolean, "created": pl.Datetime("us"), "modified": pl.Datetime("us")}
    columns_ = dict(found.values)
    for code, kind in kinds.items():
        if code not in columns_:
            columns_[code] = pl.Series(code, [None], dtype=kind).new_from_index(0, height)
    return pl.DataFrame(columns_)


def _with_defaults(table: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """Numbers get the prefix of their source; the first phone moves up where the better column is empty."""
    for code, option in (("external", "prefix"), ("company_number", "company_prefix")):
        prefix = str(setting.options.get(option) or "")
        if prefix:
            table = table.with_columns((pl.lit(prefix) + pl.col(code)).alias(code))
    table = table.with_columns(pl.col("company_number").str.split(";").list.first().str.strip_chars())
    for first, *others in (PHONES, EMAILS):
        for other in others:
            is_moved = pl.col(first).is_null() | (pl.col(first) == pl.col(other))
            table = table.with_columns(
                pl.coalesce(first, other).alias(first),
                pl.when(~is_moved.fill_null(value=False)).then(pl.col(other)).alias(other),
            )
    return table


def extras_of(frame: pl.DataFrame, found: Columns, setting: Setting, labels: Labels) -> pl.Series:
    """What no field took, one line for each column."""
    parts: list[tuple[str, pl.Series]] = list(found.leftovers)
    if setting.options.get("extras", "keep") == "keep":
        taken = set(setting.mapping.values())
        parts += [
            (name, columns.tidy(frame[column]))
            for column, name in labels.columns.items()
            if column not in taken and column in frame.columns
        ]
    lines = [
        pl.select(
            pl.when(texts.is_not_null()).then(pl.lit(f"{_header(label)}：") + _one_line(texts))
        ).to_series()
        for label, texts in parts
    ]
    if not lines:
        return pl.Series("extras", [None], dtype=pl.String).new_from_index(0, len(frame))
    table = pl.DataFrame({str(i): line for i, line in enumerate(lines)})
    joined = table.select(pl.concat_str(pl.all(), separator="\n", ignore_nulls=True)).to_series()
    return picked(joined != "", joined).alias("extras")


def _header(label: str) -> str:
    return rules.clean_line(label)[:60]


def _one_line(texts: pl.Series) -> pl.Series:
    return cleaned(texts, rules.clean_line, 1000).fill_null("")


def rejects_of(frame: pl.DataFrame, found: Columns, setting: Setting) -> tuple[list[int], list[Rejected]]:
    """Which rows cannot be taken, in order, and the first reason of each."""
    bad: dict[int, tuple[str, str]] = {}
    for code, where, reason in found.problems:
        for row in where.arg_true().to_list():
            bad.setdefault(row, (code, reason))
    rows = sorted(bad)
    rejected = []
    for row, cells in zip(rows, frame[rows].iter_rows(named=True), strict=True):
        code, reason = bad[row]
        column = setting.mapping.get(code, "")
        rejected.append(Rejected(int(cells["line"]), column, str(cells.get(column) or ""), reason))
    return rows, rejected


def _sorted_out(frame: pl.DataFrame, table: pl.DataFrame, found: Columns, setting: Setting) -> People:
    rows, rejected = rejects_of(frame, found, setting)
    if not rows:
        return People(table, frame, [])
    is_good = pl.Series([True]).new_from_index(0, len(frame)).scatter(rows, values=False)
    return People(table.filter(is_good), frame, rejected)


def split_tags(text: str | None) -> Iterable[str]:
    """The tags of one cell."""
    for mark in ("；", ";", "，", "、", "|", "\n"):
        text = (text or "").replace(mark, ",")
    found = [word.strip()[:40] for word in (text or "").split(",")]
    return list(dict.fromkeys(word for word in found if word))[:MOST_TAGS]
