"""The shop's own fields in files: cells become values, new choices are added, what was overwritten is kept for undo.

A value travels as the JSON text that is kept; choices as their names until they are written, when new ones get their numbers.
"""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl
from django.db import connection

from shuke.customers.importing import policy
from shuke.customers.importing.reading import Columns, picked
from shuke.customers.importing.updating import SHOWN_DIFFERENCES, as_stored, shop_zone, write_history
from shuke.customers.queries.custom import Definition, custom_fields, known_custom_fields, shown_words
from shuke.customers.rules import custom as rules
from shuke.customers.services.custom_fields import PERMISSION, add_choices
from shuke.imports.ports import Difference, Field, Setting
from shuke.imports.rules import columns as cells
from shuke.imports.services.keeping import Overwritten, keep_overwritten
from shuke.kernel import clock
from shuke.team.queries import Actor
from shuke.team.rules import NO_ROLE, may

KIND = "customer_custom"
READ_AS_THEY_STAND = frozenset(
    {rules.TEXT, rules.LONG, rules.FLAG, *rules.WITH_CHOICES}
)  # 无 is a word there
ADD, RETURN = "add", "return"


def import_fields(group: Any) -> list[Field]:
    """What a column can mean beside the record's own fields: each goes by its name."""
    return [Field(one.code, one.name, (one.name,), hint=one.hint, group=group) for one in custom_fields()]


def mapped_fields(mapping: Mapping[str, str]) -> dict[str, Definition]:
    """The shop's own fields among what columns mean, by code."""
    return {one.code: one for one in custom_fields() if one.code in mapping}


class CustomColumns:
    """The own fields of one run: reads their columns, writes their values."""

    def __init__(self, setting: Setting, actor: Actor) -> None:
        self.setting, self.actor = setting, actor
        self.fields = mapped_fields(setting.mapping)
        may_add = may(getattr(actor, "ready_role", NO_ROLE), PERMISSION)
        self.adds = may_add and setting.options.get("new_choices", ADD) == ADD
        self.names = {
            code: {one.name.lower(): one.name for one in field.choices} for code, field in self.fields.items()
        }
        self.ids: dict[str, dict[str, int]] = {}
        self.forget()

    def forget(self) -> None:
        """The numbers of choices as they are: a batch that added some may have been rolled back."""
        self.ids = {
            code: {one.name.lower(): one.id for one in field.choices}
            for code, field in mapped_fields(self.setting.mapping).items()
        }

    # --- reading ---

    def read(self, frame: pl.DataFrame, found: Columns, keeps_bad: bool) -> None:  # noqa: FBT001 - as reading.Beside
        """Type every mapped column; bad cells cost their row, or are kept as words."""
        for code, field in self.fields.items():
            raw = frame[self.setting.mapping[code]]
            texts = raw if field.kind in READ_AS_THEY_STAND else cells.tidy(raw)
            values, problems = self._typed(code, field, texts)
            found.values[code] = values
            if keeps_bad:
                found.keep(field.name, picked(problems, texts))
            else:
                found.reject(code, problems, f"custom_{field.kind}")

    def _typed(self, code: str, field: Definition, texts: pl.Series) -> tuple[pl.Series, pl.Series]:
        different = texts.drop_nulls().unique(maintain_order=True).to_list()
        answers = [self._cell(code, field, text) for text in different]
        values = texts.replace_strict(
            different,
            pl.Series([one for one, _bad in answers], dtype=pl.String),
            default=None,
            return_dtype=pl.String,
        )
        bad = [text for text, (_one, is_bad) in zip(different, answers, strict=True) if is_bad]
        return values, texts.is_in(bad).fill_null(value=False)

    def _cell(self, code: str, field: Definition, text: str) -> tuple[str | None, bool]:
        """A cell as JSON text, and whether it cannot be taken."""
        if text.strip() == rules.MASK:
            return None, False
        if field.kind in rules.WITH_CHOICES:
            names = rules.names_in(field.kind, text)
            good = [name for name in names if self._is_choice(code, name)]
            return (_json(good) if good else None), len(good) < len(names)
        try:
            value = rules.read_words(field.shape, text)
        except rules.Unfit:
            return None, True
        return (None if value is None else _json(value)), False

    def _is_choice(self, code: str, name: str) -> bool:
        known = self.names[code]
        if name.lower() in known:
            return True
        if not self.adds or len(name) > rules.CHOICE_LENGTH or len(known) >= rules.MOST_CHOICES:
            return False
        known[name.lower()] = name
        return True

    # --- writing ---

    def resolved(self, table: pl.DataFrame) -> pl.DataFrame:
        """Names of choices as their numbers; new ones are added in the caller's transaction."""
        for code, field in self.fields.items():
            if field.kind in rules.WITH_CHOICES:
                different = table[code].drop_nulls().unique(maintain_order=True).to_list()
                numbers = self._numbers(code, field, [json.loads(text) for text in different])
                column = table[code].replace_strict(different, numbers, default=None, return_dtype=pl.String)
                table = table.with_columns(column.alias(code))
        return table

    def _numbers(self, code: str, field: Definition, taken: list[list[str]]) -> list[str]:
        ids = self.ids[code]
        new = [name for names in taken for name in names if name.lower() not in ids]
        if new:
            added = add_choices(actor=self.actor, field_id=field.id, names=new)
            ids |= {name.lower(): pk for name, pk in added.items()}
        found = [sorted({ids[name.lower()] for name in names}) for names in taken]
        return [_json(one if field.kind == rules.MANY else one[0]) for one in found]

    def new_values(self, table: pl.DataFrame) -> pl.Series:
        """The column `custom` of new customers."""
        parts = [
            pl.lit(f'"{field.id}": ') + pl.col(code)
            for code, field in self.fields.items()
            if code in table.columns
        ]
        joined = pl.concat_str(parts, separator=", ", ignore_nulls=True)
        return table.select((pl.lit("{") + joined + pl.lit("}")).fill_null("{}").alias("custom")).to_series()

    def update(self, rows: pl.DataFrame, counts: Counter[str], differences: list[Difference]) -> set[int]:
        """Give known customers what these rows say where the rules let it win; returns those who changed.

        Of several rows of a customer the later ones count. To be called before the record's own columns are written:
        "the newer wins" asks when the record was changed before this batch.
        """
        if not self.fields or not len(rows):
            return set()
        said = rows.group_by("id", maintain_order=True).agg(
            pl.col("line").last(),
            pl.col("modified").max(),
            *(pl.col(code).drop_nulls().last() for code in self.fields),
        )
        table = self._current(said["id"].to_list()).join(
            said.rename({code: f"new_{code}" for code in self.fields}),
            on="id",
            how="inner",
            maintain_order="right",
        )
        before = table
        for code in self.fields:
            table = policy.decide(table, code, policy.rule_for(code, self.setting.options))
            counts["fields_differing"] += int(table[f"differs_{code}"].sum())
        self._show(table, before, differences)
        takes = table.select(pl.any_horizontal(pl.col(f"takes_{code}") for code in self.fields)).to_series()
        changed, was = table.filter(takes), before.filter(takes)
        if len(changed):
            self._write(changed)
            self._remember(changed, was)
        return set(changed["id"].to_list())

    def _current(self, ids: list[int]) -> pl.DataFrame:
        """What these customers hold, locked."""
        own = ", ".join(f"(custom->'{field.id}')::text" for field in self.fields.values())
        with connection.cursor() as cursor:
            cursor.execute(
                f"select id, coalesce(name, ''), updated_at, import_run_id, {own}"
                " from customers_customer where id = any(%s) for update",
                [ids],
            )
            rows = cursor.fetchall()
        zone = shop_zone()
        rows = [
            (*row[:2], row[2].astimezone(zone).replace(tzinfo=None), row[3] == self.setting.run_id, *row[4:])
            for row in rows
        ]
        schema = {"id": pl.Int64, "who": pl.String, "updated_at": pl.Datetime("us"), "is_own": pl.Boolean}
        return pl.DataFrame(rows, schema=schema | dict.fromkeys(self.fields, pl.String), orient="row")

    def _write(self, changed: pl.DataFrame) -> None:
        texts = [
            _json(
                {
                    str(field.id): json.loads(row[code])
                    for code, field in self.fields.items()
                    if row[f"takes_{code}"]
                }
            )
            for row in changed.iter_rows(named=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                "update customers_customer c set custom = c.custom || s.told::jsonb"
                " from unnest(%s::int[], %s::text[]) as s (id, told) where c.id = s.id",
                [changed["id"].to_list(), texts],
            )

    def _remember(self, changed: pl.DataFrame, was: pl.DataFrame) -> None:
        """Keep former values with the run and in the history; not of customers this very run made."""
        kept, history = [], []
        for old, new in zip(was.iter_rows(named=True), changed.iter_rows(named=True), strict=True):
            taken = [] if new["is_own"] else [code for code in self.fields if new[f"takes_{code}"]]
            if not taken:
                continue
            sides = [
                {rules.name_of(self.fields[code].id): _value(row[code]) for code in taken}
                for row in (old, new)
            ]
            kept.append(Overwritten(new["id"], *sides))
            history += [(new["id"], name, sides[0][name], sides[1][name]) for name in sides[0]]
        keep_overwritten(self.setting.run_id, KIND, kept)
        if history:
            write_history(history, self.setting, self.actor)

    def _show(self, table: pl.DataFrame, before: pl.DataFrame, differences: list[Difference]) -> None:
        known = known_custom_fields()
        for code, field in self.fields.items():
            field = known.get(field.id, field)
            for row in table[f"differs_{code}"].arg_true().to_list()[:3]:
                if len(differences) >= SHOWN_DIFFERENCES:
                    return
                now, old = table.row(row, named=True), before.row(row, named=True)
                words = [shown_words(field, _value(one))[:60] for one in (old[code], now[f"new_{code}"])]
                differences.append(
                    Difference(
                        int(now["line"]), old["who"], code, *words, is_taken=bool(now[f"takes_{code}"])
                    )
                )


def touch(rows: pl.DataFrame, ids: set[int], run_id: int) -> None:
    """Say when records were changed of which nothing but own fields changed; not of those this very run made."""
    if not ids:
        return
    said = rows.filter(pl.col("id").is_in(list(ids))).group_by("id").agg(pl.col("modified").max())
    now = clock.now().isoformat()
    with connection.cursor() as cursor:
        cursor.execute(
            "update customers_customer c set updated_at = greatest(c.updated_at, s.at::timestamptz)"
            " from unnest(%s::int[], %s::text[]) as s (id, at)"
            " where c.id = s.id and c.import_run_id is distinct from %s",
            [said["id"].to_list(), as_stored(said["modified"]).fill_null(now).to_list(), run_id],
        )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)
