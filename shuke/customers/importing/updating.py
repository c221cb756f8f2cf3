"""Known customers get what the file says where the rules let it win; what was overwritten is kept for undo and history."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection
from django.utils import timezone

from shuke.customers import rules
from shuke.customers.importing import policy, words
from shuke.customers.models import Customer
from shuke.imports.ports import Difference, Setting
from shuke.imports.services.keeping import Overwritten, keep_overwritten
from shuke.kernel import clock
from shuke.kernel.bulk import ReadyRows, copy_rows
from shuke.team.queries import Actor, Reach
from shuke.team.services import record_audit
from shuke.zh import pinyin

KIND = "customer"
OURS = (
    "id", "name", "phone", "email", "wechat", "member_number", "gender", "birthday_calendar", "birthday_month", "birthday_day",
    "birthday_is_leap", "birth_year", "province", "city", "district", "address", "occupation", "education", "industry",
    "income_band", "preferred_channel", "first_channel", "store_id", "account_manager_id", "note", "updated_at", "import_run_id",
)  # fmt: skip
TYPES: dict[str, Any] = dict.fromkeys(OURS, pl.String) | {
    "id": pl.Int64, "birthday_month": pl.Int64, "birthday_day": pl.Int64, "birthday_is_leap": pl.Boolean,
    "birth_year": pl.Int64, "store_id": pl.Int64, "account_manager_id": pl.Int64, "import_run_id": pl.Int64,
    "updated_at": pl.Datetime("us"),
}  # fmt: skip
CHANGING = tuple(column for column in OURS if column not in ("id", "import_run_id"))
SHOWN_DIFFERENCES = 12
_HISTORY_NAMES = {"store": "store_id", "manager": "account_manager_id", "member": "member_number"}


def update(
    rows: pl.DataFrame, setting: Setting, actor: Actor, counts: Counter[str], differences: list[Difference]
) -> set[int]:
    """Bring customers up to what these rows say; returns those who changed. Of several rows the later ones count."""
    if not len(rows):
        return set()
    changed: set[int] = set()
    rank = rows.select(pl.col("id").cum_count().over("id")).to_series()
    first = rows.filter(rank == 1)
    changed |= _update_once(first, setting, actor, counts, differences)
    again = rows.filter(rank > 1)
    if len(again):
        said = [column for column in again.columns if column not in ("id", "line")]
        merged = again.group_by("id", maintain_order=True).agg(
            pl.col("line").last(), *(pl.col(column).drop_nulls().last() for column in said)
        )
        changed |= _update_once(merged.select(rows.columns), setting, actor, counts, differences)
    return changed


def _update_once(
    rows: pl.DataFrame, setting: Setting, actor: Actor, counts: Counter[str], differences: list[Difference]
) -> set[int]:
    ours = _current(rows["id"].to_list())
    theirs = _renamed(rows)
    table = ours.join(theirs, on="id", how="inner", maintain_order="right")
    table = table.with_columns(
        (pl.col("import_run_id") == setting.run_id).fill_null(value=False).alias("is_own")
    )
    unnamed = pl.col("name") == ""
    table = table.with_columns(pl.coalesce("new_name", pl.when(unnamed).then("nickname")).alias("new_name"))
    before = table.select("id", *CHANGING)
    mapped = _mapped_codes(setting)
    for code in policy.RULED:
        if code in mapped and code != "note":
            table = policy.decide(table, code, policy.rule_for(code, setting.options))
    table = _with_notes(table, setting)
    codes = [code for code in policy.RULED if f"takes_{code}" in table.columns]
    takes = (
        table.select(pl.any_horizontal(pl.col(f"takes_{code}") for code in codes)).to_series()
        if codes
        else None
    )
    counts["fields_differing"] += sum(int(table[f"differs_{code}"].sum()) for code in codes)
    _show_differences(table, before, codes, setting, differences)
    if takes is None or not takes.any():
        return set()
    changed, was = table.filter(takes), before.filter(takes)
    changed = _finished(changed, was, setting)
    _write(changed)
    _remember(changed, was, codes, setting, actor)
    return set(changed["id"].to_list())


def _current(ids: list[int]) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {', '.join(OURS)} from customers_customer where id = any(%s) for update", [ids]
        )
        rows = cursor.fetchall()
    at = OURS.index("updated_at")
    zone = shop_zone()
    rows = [(*row[:at], row[at].astimezone(zone).replace(tzinfo=None), *row[at + 1 :]) for row in rows]
    return pl.DataFrame(rows, schema=TYPES, orient="row")


def _renamed(rows: pl.DataFrame) -> pl.DataFrame:
    """What the file says, under new_<column of ours>."""
    rows = rows.with_columns(shown_phones(rows["phone"]).alias("phone"))
    names = {column: column for column in CHANGING if column in rows.columns} | {"member_number": "member"}
    said = [
        pl.col(theirs).cast(TYPES[ours]).alias(f"new_{ours}")
        for ours, theirs in names.items()
        if ours != "updated_at"
    ]
    nickname = pl.col("nickname") if "nickname" in rows.columns else pl.lit(None, dtype=pl.String)
    return rows.select("id", "line", "modified", "extras", nickname.alias("nickname"), *said)


def _mapped_codes(setting: Setting) -> set[str]:
    codes = set(setting.mapping)
    if codes & {"family_name", "given_name", "nickname"}:
        codes.add("name")
    if "region" in codes:
        codes |= {"province", "city", "district"}
    if codes & {"phone2", "phone3"}:
        codes.add("phone")
    if "email2" in codes:
        codes.add("email")
    if "birthday" in codes:
        codes.add("birth_year")
    return codes


def _with_notes(table: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """The note's own words by their rule; what the other system knew besides is brought up to date in its own block."""
    has_words = "note" in setting.mapping
    if not has_words and table["extras"].null_count() == len(table):
        return table
    rule = policy.rule_for("note", setting.options)
    differs, takes, notes = [], [], []
    columns = ("note", "new_note", "extras", "is_own", "modified", "updated_at")
    for note, said, extras, is_own, modified, updated_at in table.select(columns).iter_rows():
        own = words.split_note(note)[0]
        said_own = words.split_note(said)[0] if said else ""
        is_newer = modified is not None and modified > updated_at
        wins = (
            is_own
            or rule == policy.FILE
            or (rule == policy.NEWER and is_newer)
            or (rule != policy.OURS and not own)
        )
        new = words.note_with(
            note, said if said and wins else None, (extras or "").splitlines(), setting.source
        )
        differs.append(bool(said_own and own and said_own != own))
        takes.append(new != note)
        notes.append(new)
    return table.with_columns(
        pl.Series("note", notes, dtype=pl.String),
        pl.Series("differs_note", differs),
        pl.Series("takes_note", takes),
    )


def _finished(changed: pl.DataFrame, was: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """Sort keys of changed names; the moment of the change (customers of this very run stay as if just made)."""
    pairs = zip(changed["name"].to_list(), changed["phone"].to_list(), strict=True)
    now = clock.now().astimezone(shop_zone()).replace(tzinfo=None)
    moment = pl.coalesce("modified", pl.lit(now)) if "modified" in setting.mapping else pl.lit(now)
    return changed.with_columns(
        pl.Series("name_key", [pinyin.sort_key(name, phone) for name, phone in pairs], dtype=pl.String),
        pl.when(pl.col("is_own"))
        .then(pl.col("updated_at"))
        .otherwise(pl.max_horizontal(moment, "updated_at"))
        .alias("updated_at"),
    )


def _write(changed: pl.DataFrame) -> None:
    columns = ("id", "name_key", *CHANGING)
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temp table if not exists customers_staged on commit delete rows as select {', '.join(columns)}"
            " from customers_customer with no data"
        )
        cursor.execute("truncate customers_staged")
    frame = changed.select(columns).with_columns(as_stored(changed["updated_at"]).alias("updated_at"))
    ReadyRows.of("customers_staged", columns, frame).write()
    assigned = ", ".join(f"{column} = s.{column}" for column in columns if column != "id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"update customers_customer c set {assigned} from customers_staged s where c.id = s.id"
        )


def _remember(
    changed: pl.DataFrame, was: pl.DataFrame, codes: list[str], setting: Setting, actor: Actor
) -> None:
    """Keep the former values with the run, and in the history of the fields; not of customers this very run made."""
    fields = {code: policy.COLUMNS[code] for code in codes}
    kept, history = [], []
    old_rows = was.with_columns(as_stored(was["updated_at"]).alias("updated_at"))
    new_rows = changed.with_columns(as_stored(changed["updated_at"]).alias("updated_at"))
    for old, new in zip(old_rows.iter_rows(named=True), new_rows.iter_rows(named=True), strict=True):
        if new["is_own"]:
            continue
        taken = [code for code in codes if new[f"takes_{code}"]]
        columns = [column for code in taken for column in fields[code]]
        kept.append(
            Overwritten(
                new["id"],
                {column: old[column] for column in [*columns, "updated_at"]},
                {column: new[column] for column in [*columns, "updated_at"]},
            )
        )
        history += [(new["id"], code, _told(code, old), _told(code, new)) for code in taken]
    keep_overwritten(setting.run_id, KIND, kept)
    if history:
        write_history(history, setting, actor)


def _told(code: str, row: dict[str, Any]) -> Any:
    if code == "birthday":
        if row["birthday_month"] is None:
            return None
        return {
            "calendar": row["birthday_calendar"], "month": row["birthday_month"], "day": row["birthday_day"],
            "is_leap": bool(row["birthday_is_leap"]),
        }  # fmt: skip
    value = row[policy.COLUMNS[code][0]]
    return None if value == "" else value


def write_history(history: list[tuple[int, str, Any, Any]], setting: Setting, actor: Actor) -> None:
    ids = {pk for pk, *_rest in history}
    after = {"run": setting.run_id, "source": setting.source, "customers": len(ids)}
    entry = record_audit(actor, "customers_updated_by_import", after=after)
    now = clock.now()
    copy_rows(
        "customers_fieldchange",
        ("customer_id", "field", "before", "after", "actor_id", "changed_at", "audit_id", "undo"),
        [
            (
                pk, _HISTORY_NAMES.get(code, code), _json(before), _json(now_is), actor.id, now, entry.pk, "",
            )
            for pk, code, before, now_is in history
        ],
    )  # fmt: skip


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _show_differences(
    table: pl.DataFrame,
    before: pl.DataFrame,
    codes: list[str],
    setting: Setting,
    differences: list[Difference],
) -> None:
    for code in codes:
        if len(differences) >= SHOWN_DIFFERENCES:
            return
        rows = table[f"differs_{code}"].arg_true().to_list()[:3]
        column = policy.COLUMNS[code][0]
        for row in rows:
            now, old = table.row(row, named=True), before.row(row, named=True)
            differences.append(
                Difference(
                    int(now["line"]), old["name"] or old["phone"], code, str(old[column])[:60],
                    str(now[f"new_{column}"])[:60], bool(now[f"takes_{code}"]),
                )
            )  # fmt: skip


def within_reach(ids: Iterable[int], reach: Reach, run_id: int) -> set[int]:
    """Those of these customers whom the importer may change: within reach, or made by this run."""
    found = Customer.objects.filter(pk__in=list(ids))
    mine = set(found.filter(reach.filter()).values_list("pk", flat=True))
    return mine | set(found.filter(import_run_id=run_id).values_list("pk", flat=True))


def shown_phones(phones: pl.Series) -> pl.Series:
    """Normalised phones as they are dialled at home."""
    mobile = phones.str.contains(r"^\+861[3-9]\d{9}$").fill_null(value=False)
    shown = pl.select(pl.when(mobile).then(phones.str.slice(3)).otherwise(phones)).to_series()
    odd = phones.filter(~mobile & phones.is_not_null()).unique().to_list()
    return shown.replace({text: rules.shown_phone(text) for text in odd}) if odd else shown


def as_stored(moments: pl.Series) -> pl.Series:
    """Local naive moments as text that PostgreSQL reads without doubt."""
    zone = timezone.get_default_timezone_name()
    aware = moments.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return aware.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%d %H:%M:%S%.6f+00")


def shop_zone() -> ZoneInfo:
    """The shop's time zone."""
    return ZoneInfo(timezone.get_default_timezone_name())
