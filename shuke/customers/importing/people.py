"""Writing customers and contacts: new ones by COPY, known ones field by field as the shop's rules say."""

from collections import Counter
from dataclasses import dataclass

import polars as pl

from shuke.customers.importing import attaching, updating, words
from shuke.customers.importing.custom import CustomColumns, touch
from shuke.customers.importing.linking import AMBIGUOUS, MISSING, Link, find_linked
from shuke.customers.importing.reading import Labels, People, read_people
from shuke.customers.importing.recognising import (
    KEYS,
    KNOWN,
    NEW,
    Recognised,
    Recogniser,
    open_conflicts,
)
from shuke.customers.queries import living_ids
from shuke.imports.ports import Counts, Difference, Prepared, Setting
from shuke.imports.rules import Hints
from shuke.imports.services.keeping import LateReject, WaitingRow, park_rows, reject_late
from shuke.kernel import clock
from shuke.kernel.bulk import ReadyRows
from shuke.team.queries import Actor, Reach
from shuke.team.rules import Scope
from shuke.zh import pinyin

NEW_COLUMNS = (
    "id", "kind", "name", "name_key", "phone", "email", "wechat", "member_number", "gender", "birthday_calendar",
    "birthday_month", "birthday_day", "birthday_is_leap", "birth_year", "province", "city", "district", "address",
    "occupation", "education", "industry", "income_band", "preferred_channel", "note", "first_channel", "store_id",
    "account_manager_id", "import_run_id", "created_at", "updated_at",
)  # fmt: skip
BARRED = "barred"
REASONS = {MISSING: "company_missing", AMBIGUOUS: "company_ambiguous", BARRED: "customer_out_of_reach"}


@dataclass(frozen=True)
class House:
    """Who imports, and the names of stores and staff by which files speak of them."""

    actor: Actor
    reach: Reach
    stores: dict[str, int]
    staff: dict[str, int]


class PeopleReader:
    """Reads and writes the batches of one run of customers or contacts."""

    def __init__(
        self, setting: Setting, *, hints: Hints, labels: Labels, house: House, is_last_try: bool = False
    ) -> None:
        self.setting = setting
        self.hints = hints
        self.labels = labels
        self.house = house
        self.is_last_try = is_last_try
        self.differences: list[Difference] = []
        self.own = CustomColumns(setting, house.actor)
        mode = str(setting.options.get("mode") or "both")
        self.recogniser = Recogniser(run_id=setting.run_id, source=setting.source, mode=mode)

    # --- what the runner calls ---

    def prepare(self, frame: pl.DataFrame, *, is_last: bool) -> Prepared:
        people = read_people(frame, self.setting, self.hints, self.labels, self.own.read)
        return Prepared(len(frame), people, people.rejected)

    def foresee(self, prepared: Prepared) -> Prepared:
        return prepared

    def replay(self, prepared: Prepared) -> None:
        """Nothing is remembered between batches."""

    def forget(self) -> None:
        """Only the numbers of new choices are remembered between batches."""
        self.own.forget()

    def write(self, prepared: Prepared) -> Counts:
        people: People = prepared.content
        counts: Counter[str] = Counter()
        table, companies = self._linked(people, counts)
        table, companies = self._placed(people, table, companies, counts)
        table, companies = self._owned(people, table, companies, counts)
        if not len(table):
            return dict(counts)
        found = self.recogniser.recognise({key: table[key].to_list() for key in ("own", *KEYS)})
        names = table["name"].to_list()
        table = table.with_columns(
            pl.Series("id", found.ids, dtype=pl.Int64),
            pl.Series("fate", found.fates),
            pl.Series("linked", companies, dtype=pl.Int64),
        )
        counts["rows_skipped"] += int((table["fate"] == "skipped").sum())
        table = self._reached(people, table, found, counts)
        counts["conflicts"] += open_conflicts(self.setting.run_id, found.rivals, names)
        table = self._showing_own(table, found)
        table = self.own.resolved(table)
        new = table.filter(pl.col("fate") == NEW)
        if len(new):
            self._insert(new, counts)
        attaching.add_identities(found.claims, self.setting.run_id)
        known_rows = table.filter(pl.col("fate") == KNOWN)
        own = self.own.update(known_rows, counts, self.differences)
        changed = updating.update(known_rows, self.setting, self.house.actor, counts, self.differences)
        touch(known_rows, own - changed, self.setting.run_id)
        changed |= own | self._attach(table, found)
        known = known_rows["id"]
        updated = int(known.is_in(list(changed)).sum()) if changed else 0
        counts["rows_updated"] += updated
        counts["rows_unchanged"] += len(known) - updated
        return dict(counts)

    # --- rows with our own number ---

    def _owned(
        self, people: People, table: pl.DataFrame, companies: list[int | None], counts: Counter[str]
    ) -> tuple[pl.DataFrame, list[int | None]]:
        """`own` becomes the id under which the record lives; numbers that nobody has come back."""
        numbers = table["own"].to_list()
        if not any(numbers):
            return table, companies
        living = living_ids(number for number in numbers if number)
        gone = [row for row, number in enumerate(numbers) if number and number not in living]
        lines = table["line"].to_list()
        self._give_back(people, {lines[row]: "own_number_unknown" for row in gone}, counts)
        table = table.with_columns(
            pl.Series("own", [living.get(number or 0) for number in numbers], dtype=pl.Int64)
        )
        keep = sorted(set(range(len(table))) - set(gone))
        return table[keep], [companies[row] for row in keep]

    # --- the company a row belongs to ---

    def _linked(self, people: People, counts: Counter[str]) -> tuple[pl.DataFrame, list[int | None]]:
        table = people.frame
        if not ({"company", "company_number"} & self.setting.mapping.keys()):
            return table, [None] * len(table)
        pairs = zip(table["company_number"].to_list(), table["company"].to_list(), strict=True)
        links = [Link((number,) if number else (), name or "") for number, name in pairs]
        answers = self._within_reach(find_linked(links, source=self.setting.source, companies_only=True))
        open_rows = [row for row, answer in enumerate(answers) if isinstance(answer, str)]
        if not open_rows:
            return table, answers  # type: ignore[return-value]
        if self.setting.options.get("link") == "create" and self.setting.options.get("mode") != "update":
            answers = self._with_new_companies(links, answers)
            open_rows = [row for row, answer in enumerate(answers) if isinstance(answer, str)]
        if self.setting.options.get("link") == "without":
            return self._unlinked(table, open_rows), [a if isinstance(a, int) else None for a in answers]
        lines = table["line"].to_list()
        self._give_back(people, {lines[row]: REASONS[str(answers[row])] for row in open_rows}, counts)
        keep = [row for row, answer in enumerate(answers) if not isinstance(answer, str)]
        return table[keep], [answers[row] for row in keep]  # type: ignore[misc]

    def _with_new_companies(
        self, links: list[Link], answers: list[int | str | None]
    ) -> list[int | str | None]:
        pairs = list(zip(links, answers, strict=True))
        wanted: dict[str, attaching.NewCompany] = {}
        for link, answer in pairs:
            if answer == MISSING and link.name:
                number = next(iter(link.numbers), "")
                wanted.setdefault(number or link.name, attaching.NewCompany(link.name, number))
        reach = self.house.reach
        store = min(reach.store_ids) if reach.scope is Scope.STORE and reach.store_ids else None
        made = attaching.add_companies(wanted, self.setting, store) if wanted else {}
        return [
            made.get(next(iter(link.numbers), "") or link.name, answer) if answer == MISSING else answer
            for link, answer in pairs
        ]

    def _within_reach(self, answers: list[int | str | None]) -> list[int | str | None]:
        """Companies of other stores are not the importer's to hang people on."""
        reach = self.house.reach
        ids = {answer for answer in answers if isinstance(answer, int)}
        if reach.scope is Scope.ALL or not ids:
            return answers
        within = updating.within_reach(ids, reach, self.setting.run_id)
        return [BARRED if isinstance(answer, int) and answer not in within else answer for answer in answers]

    def _unlinked(self, table: pl.DataFrame, rows: list[int]) -> pl.DataFrame:
        """The company's name is kept in words."""
        is_open = pl.Series([False]).new_from_index(0, len(table)).scatter(rows, values=True)
        return table.with_columns(
            _with_line(is_open, self.labels.fields["company"], pl.coalesce("company", "company_number"))
        )

    def _give_back(self, people: People, why: dict[int, str], counts: Counter[str]) -> None:
        """Rows that cannot be written now: a missing company may still come, so they wait; else they are rejected."""
        raw = people.raw.filter(pl.col("line").is_in(list(why)))
        cells = {int(row["line"]): row for row in raw.iter_rows(named=True)}
        waiting = (
            [] if self.is_last_try else [line for line, code in why.items() if code == "company_missing"]
        )
        names = list(self.labels.columns)
        if waiting:
            park_rows(
                self.setting.run_id,
                [WaitingRow(line, [cells[line].get(n) or "" for n in names]) for line in waiting],
            )
            counts["rows_waiting"] += len(waiting)
        column = self.setting.mapping.get("company_number") or self.setting.mapping.get("company", "")
        late = [
            LateReject(line, self._column_of(code, column), str(cells[line].get(self._column_of(code, column)) or ""), code,
                       [cells[line].get(n) for n in names])
            for line, code in why.items() if line not in set(waiting)
        ]  # fmt: skip
        counts["rows_rejected"] += reject_late(self.setting.run_id, late)

    def _column_of(self, code: str, link_column: str) -> str:
        if code.startswith("company"):
            return link_column
        if code == "own_number_unknown":
            return self.setting.mapping.get("own", "")
        return self.setting.mapping.get("store", "") if code == "store_out_of_reach" else ""

    # --- stores and account managers, and whose they may be ---

    def _placed(
        self, people: People, table: pl.DataFrame, companies: list[int | None], counts: Counter[str]
    ) -> tuple[pl.DataFrame, list[int | None]]:
        table = table.with_columns(
            _ids_of(table["store"], self.house.stores).alias("store_id"),
            _ids_of(table["manager"], self.house.staff).alias("account_manager_id"),
        )
        for code, column in (("store", "store_id"), ("manager", "account_manager_id")):
            unknown = pl.col(code).is_not_null() & pl.col(column).is_null()
            table = table.with_columns(_with_line(unknown, self.labels.fields[code], pl.col(code)))
        reach = self.house.reach
        if reach.scope is Scope.ALL:
            return table, companies
        outside = table["store_id"].is_not_null() & ~table["store_id"].is_in(sorted(reach.store_ids))
        if outside.any():
            self._give_back(
                people, dict.fromkeys(table.filter(outside)["line"].to_list(), "store_out_of_reach"), counts
            )
            rows = (~outside).arg_true().to_list()
            table, companies = table[rows], [companies[row] for row in rows]
        return table, companies

    def _reached(
        self, people: People, table: pl.DataFrame, found: Recognised, counts: Counter[str]
    ) -> pl.DataFrame:
        """Rows about customers whom the importer may not change come back, and leave nothing with those customers."""
        reach = self.house.reach
        known = table.filter(pl.col("fate") == KNOWN)["id"].unique().to_list()
        if reach.scope is Scope.ALL or not known:
            return table
        made = set(table.filter(pl.col("fate") == NEW)["id"].to_list())
        barred = set(known) - made - updating.within_reach(known, reach, self.setting.run_id)
        if not barred:
            return table
        outside = (table["fate"] == KNOWN) & table["id"].is_in(list(barred))
        lines = table.filter(outside)["line"].to_list()
        self._give_back(people, dict.fromkeys(lines, "customer_out_of_reach"), counts)
        found.claims = [claim for claim in found.claims if claim[2] not in barred]
        found.shared = [share for share in found.shared if share[2] not in barred]
        found.rivals = [rival for rival in found.rivals if rival[1] not in barred]
        return table.filter(~outside)

    # --- new ones ---

    def _showing_own(self, table: pl.DataFrame, found: Recognised) -> pl.DataFrame:
        """Keys that are somebody else's are shown only on records that have a number of their own."""
        if not found.shared:
            return table
        theirs = {(pk, space, value) for space, value, pk in found.shared}
        for key in ("phone", "email", "wechat", "member"):
            if table[key].null_count() == len(table):
                continue
            has_number = table["external"].is_not_null() | table["own"].is_not_null()
            mask = [
                (pk, key, value) in theirs and (not numbered or key == "member")
                for pk, value, numbered in zip(table["id"], table[key], has_number, strict=True)
            ]
            table = table.with_columns(pl.when(~pl.Series(mask)).then(pl.col(key)).alias(key))
        return table

    def _insert(self, table: pl.DataFrame, counts: Counter[str]) -> None:
        rows, columns = self.new_rows(table), NEW_COLUMNS
        if self.own.fields:
            rows, columns = rows.with_columns(self.own.new_values(table)), (*columns, "custom")
        ReadyRows.of("customers_customer", columns, rows).write()
        counts["rows_created"] += len(table)
        counts["customers_created"] += len(table)

    def new_rows(self, table: pl.DataFrame) -> pl.DataFrame:
        """Customers as they go into COPY."""
        default_kind = str(self.setting.options.get("kind") or "person")
        phones = updating.shown_phones(table["phone"])
        names = table.select(pl.coalesce("name", "nickname").fill_null("")).to_series()
        keys = pinyin.sort_keys(names.to_list(), phones.fill_null("").to_list())
        now = clock.now()
        created = updating.as_stored(table["created"]).fill_null(now.isoformat())
        reach = self.house.reach
        store = min(reach.store_ids) if reach.scope is Scope.STORE and reach.store_ids else None
        manager = self.house.actor.id if reach.scope is Scope.OWN else None
        notes = [
            words.note_with("", note or "", (extras or "").splitlines(), self.setting.source)
            if note or extras
            else ""
            for note, extras in zip(table["note"], table["extras"], strict=True)
        ]
        plain = ("email", "wechat", "gender", "birthday_calendar", "province", "city", "district", "address", "occupation",
                 "education", "industry", "income_band", "preferred_channel", "first_channel")  # fmt: skip
        return table.select(
            "id",
            pl.col("kind").fill_null(default_kind),
            names.alias("name"),
            pl.Series("name_key", keys, dtype=pl.String),
            phones.fill_null("").str.slice(0, 20).alias("phone"),
            pl.col("member").fill_null("").str.slice(0, 40).alias("member_number"),
            *(pl.col(code).fill_null("") for code in plain),
            "birthday_month", "birthday_day", pl.col("birthday_is_leap").fill_null(value=False), "birth_year",
            pl.Series("note", notes, dtype=pl.String),
            pl.col("store_id").fill_null(store) if store is not None else pl.col("store_id"),
            pl.col("account_manager_id").fill_null(manager) if manager is not None else pl.col("account_manager_id"),
            pl.lit(self.setting.run_id).alias("import_run_id"),
            created.alias("created_at"),
            created.alias("updated_at"),
        ).select(NEW_COLUMNS)  # fmt: skip

    # --- what hangs on customers ---

    def _attach(self, table: pl.DataFrame, found: Recognised) -> set[int]:
        written = table.filter(pl.col("fate") != "skipped")
        run_id, source = self.setting.run_id, self.setting.source
        changed = attaching.add_more_keys(written, run_id)
        changed |= attaching.add_company_names(written, run_id, source)
        known = set(written.filter(pl.col("fate") == KNOWN)["id"].to_list())
        everybody = set(written["id"].to_list())
        changed |= attaching.add_shared_points(found.shared, everybody, known, self.setting)
        changed |= attaching.add_tags(written, run_id)
        changed |= attaching.add_company_contacts(written, known, run_id)
        return changed | {pk for _space, _value, pk in found.claims}


def _with_line(where: pl.Expr | pl.Series, label: str, words_: pl.Expr) -> pl.Expr:
    """`extras` with one more line where something has no place of its own."""
    more = pl.concat_str("extras", pl.lit(f"{label}：") + words_, separator="\n", ignore_nulls=True)
    return pl.when(where).then(more).otherwise(pl.col("extras")).alias("extras")


def _ids_of(texts: pl.Series, known: dict[str, int]) -> pl.Series:
    different = texts.drop_nulls().unique().to_list()
    ids = [known.get(text) or known.get(text.lower()) for text in different]
    return texts.replace_strict(different, ids, default=None, return_dtype=pl.Int64)
