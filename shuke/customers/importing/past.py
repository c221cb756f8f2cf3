"""Communications and follow-ups of other systems: found their customer, with their own author and date, known again by number."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import polars as pl
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import override

from shuke.customers import rules
from shuke.customers.importing import past_words, updating
from shuke.customers.importing.linking import AMBIGUOUS, MISSING, Link, find_linked
from shuke.customers.importing.past_rules import PastOutcome, rules_of
from shuke.customers.importing.past_shown import shown_differences
from shuke.customers.importing.people import House
from shuke.customers.importing.reading import (
    Columns,
    Labels,
    cleaned,
    extras_of,
    picked,
    read_moment,
    rejects_of,
    with_lines,
)
from shuke.customers.services.bulk import normalise_emails, normalise_phones, normalise_words
from shuke.imports.ports import Counts, Difference, Prepared, Rejected, Setting
from shuke.imports.rules import Hints, columns
from shuke.imports.services.keeping import (
    LateReject,
    Overwritten,
    WaitingRow,
    keep_overwritten,
    park_rows,
    reject_late,
)
from shuke.kernel import clock
from shuke.kernel.bulk import copy_rows
from shuke.team.rules import Scope

NUMBERS = ("external", "customer_number", "contact_number")
MOMENTS = ("moment", "due", "done", "created", "modified")
TEXTS = {
    "kind": 40, "title": 200, "direction": 40, "result": 200, "duration": 40, "author": 60, "customer": 80, "contact": 80,
    "purpose": 120, "state": 40,
}  # fmt: skip
LONG = {"body": 20_000, "note": 4000}
KEYS = ("phone", "email", "member")
REASONS = {MISSING: "customer_missing", AMBIGUOUS: "customer_ambiguous", None: "customer_not_named"}
TOUCH_COLUMNS = ("customer_id", "kind", "direction", "body", "result", "channel", "staff_id", "author_name", "happened_at",
                 "created_at", "changed_at", "origin", "import_run_id")  # fmt: skip
STEP_COLUMNS = ("customer_id", "purpose", "due_on", "assignee_id", "state", "result", "done_at", "created_by_id", "created_at",
                "origin", "import_run_id")  # fmt: skip
SHOWN_DIFFERENCES = 12
ORIGIN_LENGTH = 120


@dataclass(frozen=True)
class PastRows:
    """The good rows of a batch, typed, and all of its rows as they stood."""

    frame: pl.DataFrame
    raw: pl.DataFrame


class PastReader:
    """Reads and writes the batches of one run of communications or follow-ups."""

    def __init__(  # noqa: PLR0913
        self,
        setting: Setting,
        *,
        hints: Hints,
        labels: Labels,
        house: House,
        is_plan: bool,
        is_last_try: bool = False,
    ) -> None:
        self.setting = setting
        self.hints = hints
        self.labels = labels
        self.house = house
        self.is_plan = is_plan
        self.is_last_try = is_last_try
        self.differences: list[Difference] = []
        self._rules = rules_of(setting.mapping, setting.options, is_plan=is_plan)
        self._seen: Counter[str] = Counter()
        with override("zh-hans"):
            self._formerly = _("原负责人：%s")

    def prepare(self, frame: pl.DataFrame, *, is_last: bool) -> Prepared:
        table, rejected = self._read(frame)
        return Prepared(len(frame), PastRows(table, frame), rejected)

    def foresee(self, prepared: Prepared) -> Prepared:
        return prepared

    def replay(self, prepared: Prepared) -> None:
        """Equal rows were counted while reading; nothing else is remembered."""

    def forget(self) -> None:
        """Nothing that a transaction wrote is remembered."""

    def write(self, prepared: Prepared) -> Counts:
        content: PastRows = prepared.content
        counts: Counter[str] = Counter()
        table = self._with_customers(content, counts)
        if len(table):
            self._write(table, counts)
        return dict(counts)

    # --- reading ---

    def _read(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Rejected]]:
        found = Columns({"line": frame["line"].cast(pl.Int64)})
        for code, column in self.setting.mapping.items():
            texts = columns.tidy(frame[column])
            texts = with_lines(frame[column], texts) if code in LONG else texts
            self._read_one(code, texts, found)
        table = self._complete(found, len(frame))
        table = self._prefixed(table)
        extras = extras_of(frame, found, self.setting, self.labels)
        table = table.with_columns(extras)
        need = "due" if self.is_plan else "moment"
        found.reject(need, table[need].is_null() & ~_has_problem(found, need, len(frame)), "missing")
        empty = table.select(
            pl.all_horizontal(
                pl.col(c).is_null() for c in (("purpose",) if self.is_plan else ("body", "title"))
            )
        ).to_series()
        if self.is_plan:
            found.reject("purpose", empty, "missing")
        else:
            plain_note = pl.Series([self.setting.options.get("kind", "note") == "note"]).new_from_index(
                0, len(frame)
            )
            kinds = table["kind"].is_null() & plain_note
            found.reject("body", empty & kinds & table["extras"].is_null(), "missing")
        rows, rejected = rejects_of(frame, found, self.setting)
        table = table.with_columns(pl.Series("origin", self._origins(table), dtype=pl.String))
        if rows:
            good = pl.Series([True]).new_from_index(0, len(frame)).scatter(rows, values=False)
            table = table.filter(good)
        return table, rejected

    def _read_one(self, code: str, texts: pl.Series, found: Columns) -> None:
        label = self.labels.fields.get(code, code)
        if code in MOMENTS:
            read_moment(code, texts, found, self.hints, label, keeps_bad=False)
        elif code in NUMBERS or code == "member":
            found.values[code] = normalise_words(columns.read_words(texts, 200).values).values
        elif code in ("phone", "email"):
            found.values[code] = (normalise_phones if code == "phone" else normalise_emails)(texts).values
        elif code in LONG:
            found.values[code] = cleaned(texts, rules.clean_text, LONG[code])
            found.keep(label, picked(texts.str.len_chars() > LONG[code], texts.str.slice(LONG[code])))
        else:
            found.values[code] = cleaned(texts, rules.clean_line, TEXTS.get(code, 200))

    def _complete(self, found: Columns, height: int) -> pl.DataFrame:
        kinds: dict[str, Any] = dict.fromkeys((*NUMBERS, *TEXTS, *LONG, *KEYS), pl.String)
        kinds |= dict.fromkeys(MOMENTS, pl.Datetime("us"))
        values = dict(found.values)
        for code, kind in kinds.items():
            if code not in values:
                values[code] = pl.Series(code, [None], dtype=kind).new_from_index(0, height)
        return pl.DataFrame(values)

    def _prefixed(self, table: pl.DataFrame) -> pl.DataFrame:
        for code, option in (
            ("external", "prefix"),
            ("customer_number", "customer_prefix"),
            ("contact_number", "contact_prefix"),
        ):
            prefix = str(self.setting.options.get(option) or "")
            if prefix:
                numbers = (
                    pl.col(code).str.split(";").list.eval(pl.lit(prefix) + pl.element().str.strip_chars())
                )
                table = table.with_columns(numbers.list.join(";").alias(code))
        return table

    def _origins(self, table: pl.DataFrame) -> list[str]:
        """What a row is known by: its source and number; without one, what it says and how many equal ones came before."""
        space = f"{'step' if self.is_plan else 'touch'}:{self.setting.source}:"
        said = [name for name in table.columns if name not in ("line", "external", "modified")]
        rows = table.select(
            pl.concat_str([pl.col(n).cast(pl.String).fill_null("") for n in said], separator="\x1f")
        ).to_series()
        return [
            _fitting(space + number) if number else self._counted(space, text)
            for number, text in zip(table["external"].to_list(), rows.to_list(), strict=True)
        ]

    def _counted(self, space: str, text: str) -> str:
        digest = hashlib.sha256(text.encode()).hexdigest()[:24]
        self._seen[digest] += 1
        return _fitting(f"{space}#{digest}.{self._seen[digest]}")

    # --- whose it is ---

    def _with_customers(self, content: PastRows, counts: Counter[str]) -> pl.DataFrame:
        table = content.frame
        people = find_linked(self._links(table, "contact"), source=self.setting.source, companies_only=False)
        others = find_linked(self._links(table, "customer"), source=self.setting.source, companies_only=False)
        by_parent = self._parents(table, people, others)
        answers = [
            person
            if isinstance(person, int)
            else other
            if isinstance(other, int)
            else parent or _why(person, other)
            for person, other, parent in zip(people, others, by_parent, strict=True)
        ]
        lines = table["line"].to_list()
        open_rows = {lines[i]: REASONS[a] for i, a in enumerate(answers) if not isinstance(a, int)}
        table = table.with_columns(
            pl.Series("customer_id", [a if isinstance(a, int) else None for a in answers], dtype=pl.Int64)
        )
        table = self._reached(table, open_rows)
        if open_rows:
            self._give_back(content, open_rows, counts)
            table = table.filter(~pl.col("line").is_in(list(open_rows)))
        return table

    def _links(self, table: pl.DataFrame, what: str) -> list[Link]:
        keys = [(key, table[key].to_list()) for key in KEYS] if what == "customer" else []
        return [
            Link(
                tuple(n.strip() for n in (number or "").split(";") if n.strip()),
                name or "",
                tuple((space, values[i]) for space, values in keys if values[i]),
            )
            for i, (number, name) in enumerate(
                zip(table[f"{what}_number"].to_list(), table[what].to_list(), strict=True)
            )
        ]

    def _parents(self, table: pl.DataFrame, *answers: list[int | str | None]) -> list[int | None]:
        """A note may hang on a record that came in as a communication itself (a deal): its customer is ours too."""
        numbers = table["customer_number"].to_list()
        wanted = {
            _fitting(f"touch:{self.setting.source}:{number}")
            for row, number in enumerate(numbers)
            if number and not any(isinstance(answer[row], int) for answer in answers)
        }
        if not wanted:
            return [None] * len(numbers)
        with connection.cursor() as cursor:
            cursor.execute(
                "select origin, customer_id from customers_interaction where origin = any(%s)",
                [sorted(wanted)],
            )
            known = dict(cursor.fetchall())
        return [
            known.get(_fitting(f"touch:{self.setting.source}:{number}")) if number else None
            for number in numbers
        ]

    def _reached(self, table: pl.DataFrame, open_rows: dict[int, str]) -> pl.DataFrame:
        reach = self.house.reach
        if reach.scope is Scope.ALL:
            return table
        ids = table["customer_id"].drop_nulls().unique().to_list()
        within = updating.within_reach(ids, reach, self.setting.run_id)
        barred = table.filter(pl.col("customer_id").is_in([pk for pk in ids if pk not in within]))
        open_rows |= dict.fromkeys(barred["line"].to_list(), "customer_out_of_reach")
        return table

    def _give_back(self, content: PastRows, why: dict[int, str], counts: Counter[str]) -> None:
        raw = content.raw.filter(pl.col("line").is_in(list(why)))
        cells = {int(row["line"]): row for row in raw.iter_rows(named=True)}
        names = list(self.labels.columns)
        waiting = (
            [] if self.is_last_try else [line for line, code in why.items() if code == "customer_missing"]
        )
        park_rows(
            self.setting.run_id,
            [WaitingRow(line, [cells[line].get(n) or "" for n in names]) for line in waiting],
        )
        mapping = self.setting.mapping
        codes = ("contact_number", "customer_number", "contact", "customer", *KEYS)
        columns_ = [mapping[code] for code in codes if code in mapping]
        late = []
        for line, code in why.items():
            if line not in waiting:
                row = cells[line]
                column = next((c for c in columns_ if row.get(c)), columns_[0] if columns_ else "")
                late.append(
                    LateReject(line, column, str(row.get(column) or ""), code, [row.get(n) for n in names])
                )
        counts["rows_waiting"] += len(waiting)
        counts["rows_rejected"] += reject_late(self.setting.run_id, late)

    # --- writing ---

    def _write(self, table: pl.DataFrame, counts: Counter[str]) -> None:
        height = len(table)
        table = table.unique(subset="origin", keep="last", maintain_order=True)
        rows = [self._row(row) for row in table.iter_rows(named=True)]
        known = self._known([row["origin"] for row in rows])
        fresh = [row for row in rows if row["origin"] not in known]
        there = [row for row in rows if row["origin"] in known]
        mode, skipped = str(self.setting.options.get("mode") or "both"), 0
        if mode == "update":
            skipped, fresh = len(fresh), []
        elif mode == "create":
            mine = [row for row in there if known[row["origin"]]["import_run_id"] == self.setting.run_id]
            skipped, there = len(there) - len(mine), mine
        target, names = (
            ("customers_followup", STEP_COLUMNS) if self.is_plan else ("customers_interaction", TOUCH_COLUMNS)
        )
        copy_rows(target, names, [[(row | row["first"])[name] for name in names] for row in fresh])
        updated = self._update(there, known, counts)
        counts["rows_created"] += len(fresh)
        counts["follow_ups_created" if self.is_plan else "interactions_created"] += len(fresh)
        counts["rows_updated"] += updated
        counts["rows_skipped"] += skipped
        counts["rows_unchanged"] += height - len(fresh) - updated - skipped

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        author = row["author"] or ""
        staff = self.house.staff.get(author) or self.house.staff.get(author.lower())
        zone = updating.shop_zone()
        base = {
            "customer_id": row["customer_id"],
            "origin": row["origin"],
            "import_run_id": self.setting.run_id,
            "line": row["line"],
            "modified": _aware(row["modified"], zone),
        }
        if self.is_plan:
            state = past_words.state_of(row["state"] or "", is_done=row["done"] is not None)
            formerly = "" if staff or not author else self._formerly % author
            result = (row["result"] or "")[:200]
            return base | {
                "purpose": past_words.purpose_of(row["purpose"], row["note"] or ""),
                "due_on": row["due"].date(),
                "assignee_id": staff,
                "state": state,
                "result": result,
                "first": {
                    "result": (result or formerly)[:200]
                },  # who was to do it is said when it comes, never again
                "done_at": _aware(row["done"] or row["due"], zone) if state == "done" else None,
                "created_by_id": staff,
                "created_at": _aware(row["created"], zone) or clock.now(),
            }
        told = row["kind"] or ""
        return base | {
            "first": {},
            "kind": past_words.kind_of(told) or str(self.setting.options.get("kind") or "note"),
            "direction": past_words.direction_of(row["direction"] or told),
            "body": past_words.body_of(row, self.labels.fields, self.setting.source),
            "result": (row["result"] or "")[:40],
            "channel": "",
            "staff_id": staff,
            "author_name": "" if staff else author[:60],
            "happened_at": _aware(row["moment"], zone),
            "created_at": clock.now(),
            "changed_at": base["modified"] if row["modified"] and row["modified"] > row["moment"] else None,
        }

    @property
    def _table(self) -> str:
        return "customers_followup" if self.is_plan else "customers_interaction"

    def _known(self, origins: list[str]) -> dict[str, dict[str, Any]]:
        names = ("origin", "id", "import_run_id", "customer_id", *self._rules.compared)
        since = "created_at" if self.is_plan else "coalesce(changed_at, created_at)"
        with connection.cursor() as cursor:
            cursor.execute(
                f"select {', '.join(names)}, {since} from {self._table} where origin = any(%s)", [origins]
            )
            return {row[0]: dict(zip((*names, "since"), row, strict=True)) for row in cursor.fetchall()}

    def _update(
        self, rows: list[dict[str, Any]], known: dict[str, dict[str, Any]], counts: Counter[str]
    ) -> int:
        """Bring rows that are there up to what the file says where it wins; gives how many changed."""
        decided = [(row, known[row["origin"]]) for row in rows]
        outcomes = [self._outcome(row, ours) for row, ours in decided]
        counts["fields_differing"] += sum(len(outcome.differs) for outcome in outcomes)
        room = SHOWN_DIFFERENCES - len(self.differences)
        self.differences += shown_differences(decided, outcomes, self._rules, limit=room)
        changed, kept = [], []
        for (_row, ours), outcome in zip(decided, outcomes, strict=True):
            if not outcome.takes:
                continue
            now = ours | dict(outcome.takes)
            changed.append([*(now[name] for name in self._rules.compared), ours["id"]])
            if ours["import_run_id"] != self.setting.run_id:
                kept.append(
                    Overwritten(ours["id"], {name: ours[name] for name in outcome.takes}, outcome.takes)
                )
        if changed:
            assigned = ", ".join(f"{name} = %s" for name in self._rules.compared)
            with connection.cursor() as cursor:
                cursor.executemany(f"update {self._table} set {assigned} where id = %s", changed)
            keep_overwritten(self.setting.run_id, "follow_up" if self.is_plan else "interaction", kept)
        return len(changed)

    def _outcome(self, row: dict[str, Any], ours: dict[str, Any]) -> PastOutcome:
        is_newer = row["modified"] is not None and row["modified"] > ours["since"]
        is_own = ours["import_run_id"] == self.setting.run_id
        return self._rules.decide(ours, row, is_newer=is_newer, is_own=is_own)


def _why(*answers: int | str | None) -> str | None:
    said = [answer for answer in answers if isinstance(answer, str)]
    return MISSING if MISSING in said else said[0] if said else None


def _has_problem(found: Columns, code: str, height: int) -> pl.Series:
    bad = pl.Series([False]).new_from_index(0, height)
    for field, where, _reason in found.problems:
        if field == code:
            bad |= where
    return bad


def _fitting(origin: str) -> str:
    """An origin within its column; a longer one ends with a hash of all of it."""
    if len(origin) <= ORIGIN_LENGTH:
        return origin
    return f"{origin[: ORIGIN_LENGTH - 25]}~{hashlib.sha256(origin.encode()).hexdigest()[:24]}"


def _aware(moment: Any, zone: Any) -> Any:
    return None if moment is None else moment.replace(tzinfo=zone).astimezone(UTC)
