"""One page of the customer list, ready to be shown."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Window
from django.urls import reverse
from django.utils.translation import get_language, ngettext

from shuke.customers.queries import (
    Contacts,
    contacts_for,
    display_name,
    note_for,
    people_reached,
    tags_of,
)
from shuke.customers.queries.custom import Definition, held_by, words_for
from shuke.customers.rules.custom import id_in
from shuke.desk import rules
from shuke.desk.models import FAR_DAY, NO_DAY
from shuke.desk.queries import rows as row_queries
from shuke.desk.queries.filtering import Narrowed, matching
from shuke.desk.queries.own import shown_fields
from shuke.desk.queries.rows import CappedCount
from shuke.kernel import clock
from shuke.kernel.keyset import Page
from shuke.kernel.scattered import scattered_reads
from shuke.team.queries import Actor, reach_of, staff_names, store_names

FAR, NEVER = date.fromisoformat(FAR_DAY), date.fromisoformat(NO_DAY)
SHOWN_TAGS, NAMES_KEPT_SECONDS, OVER_CAP_KEPT_SECONDS = 3, 20, 60


@dataclass(frozen=True)
class ListRow:
    """One customer as a line of the list."""

    id: int
    url: str
    name: str
    contacts: Contacts
    level: str
    group: str
    stage: str
    purchases_words: str
    spent_fen: int
    clv_year_fen: int
    bar_percent: int
    last_on: date | None
    next_expected_on: date | None
    overdue_words: str
    manager: str
    tags: tuple[str, ...]
    more_tags: int
    beside: "Beside"
    own: Mapping[str, str]  # the shop's own fields whose columns are chosen, in words


@dataclass(frozen=True)
class Beside:
    """What a line shows only when its column is chosen."""

    store: str
    phase: str
    purchases: int
    at_stake_fen: int
    leaving_chance: float
    place: str
    gender: str
    channel: str
    created_at: datetime
    first_on: date | None
    basket_fen: int
    touch: "Touched | None"
    age: int | None
    updated_on: date | None
    note: str
    record: Any
    quality: int
    trend: str


@dataclass(frozen=True)
class Touched:
    """The last touch: when, of which kind, by whom."""

    on: date
    kind: str
    who: str


@dataclass(frozen=True)
class ListPage:
    """Rows, the cursors around them, and how many match in all."""

    rows: list[ListRow]
    next_cursor: str
    previous_cursor: str
    count: CappedCount
    left_out: int


@dataclass(frozen=True)
class Wanted:
    """Which page of which list."""

    narrowed: Narrowed
    sort: str
    after: str = ""
    before: str = ""
    columns: tuple[str, ...] = ()


def list_page(actor: Actor, wanted: Wanted) -> ListPage:
    """The page an address asks for. Raises BadCursor."""
    found = matching(actor, wanted.narrowed.wanted, clock.today())
    rows = row_queries.matching_rows(actor, wanted.narrowed, clock.today(), found)
    if _is_counted_along(wanted):
        rows = rows.annotate(matched=Window(Count("*")))
    with ExitStack() as reading:
        if wanted.narrowed.text:
            reading.enter_context(scattered_reads())
        page = row_queries.page_of_ids(
            rows,
            sort=wanted.sort,
            after=wanted.after,
            before=wanted.before,
            is_uneven=not wanted.narrowed.text and row_queries.is_uneven(found.condition),
        )
        if not wanted.narrowed.text:
            reading.enter_context(scattered_reads())
        shown = _shown(actor, [row["customer_id"] for row in page.rows], own_columns(wanted.columns))
    return ListPage(
        rows=shown,
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        count=_count(actor, rows, page, wanted),
        left_out=found.left_out,
    )


def _is_counted_along(wanted: Wanted) -> bool:
    """Whether the page itself says how many match: of those found by words there are few, and all of them are read."""
    is_first = not (wanted.after or wanted.before)
    return bool(wanted.narrowed.text) and is_first


def count_matching(actor: Actor, narrowed: Narrowed) -> CappedCount:
    """How many customers match, counted up to the cap."""
    return row_queries.capped_count(row_queries.matching_rows(actor, narrowed, clock.today()))


def _count(actor: Actor, rows: Any, page: Page, wanted: Wanted) -> CappedCount:
    """How many match. That they are more than the cap is not asked again for a minute; a number always is."""
    if not (wanted.after or wanted.before or page.next_cursor):
        return CappedCount(len(page.rows), is_capped=False)
    if _is_counted_along(wanted):
        return CappedCount(page.rows[0]["matched"], is_capped=False)
    asked = f"{actor.id} {reach_of(actor).key} {wanted.narrowed} {clock.today()}"
    key = f"desk.over_cap:{sha256(asked.encode()).hexdigest()}"
    if cache.get(key):
        return CappedCount(rules.COUNT_CAP, is_capped=True)
    found = row_queries.capped_count(rows)
    if found.is_capped:
        cache.set(key, True, OVER_CAP_KEPT_SECONDS)
    return found


def own_columns(codes: Iterable[str]) -> list[Definition]:
    """The shop's own fields among chosen columns, in their order."""
    known = {one.code: one for one in shown_fields()} if any(map(id_in, codes)) else {}
    return [known[code] for code in codes if code in known]


def _shown(actor: Actor, ids: list[int], own: list[Definition]) -> list[ListRow]:
    if not ids:
        return []
    rows, by_id = row_queries.rows_by_id(actor, ids), people_reached(actor, ids)
    tagged = [pk for pk in ids if rows.get(pk, {}).get("tag_ids")]
    tags = tags_of(tagged) if tagged else {}
    page = _Page(
        highest_fen=_highest(clock.now().timestamp() // 300),
        managers=staff_names(),
        stores=cache.get_or_set("desk.store_names", store_names, NAMES_KEPT_SECONDS) or {},
        today=clock.today(),
        language=get_language() or "",
        own=own,
        held=held_by(ids) if own else {},
    )
    return [
        _row(actor, rows[pk], by_id[pk], tags.get(pk, []), page) for pk in ids if pk in rows and pk in by_id
    ]


@dataclass(frozen=True)
class _Page:
    """What all lines of a page are said with."""

    highest_fen: int
    managers: dict[int, str]
    stores: dict[int, str]
    today: date
    language: str
    own: list[Definition]
    held: dict[int, dict[str, Any]]


@lru_cache(maxsize=1)
def _highest(five_minutes: float) -> int:
    """The greatest value, asked once in five minutes: bars keep their scale while one pages."""
    return row_queries.highest_value_fen()


def _row(
    actor: Actor,
    row: dict[str, Any],
    person: Any,
    tags: list[str],
    page: _Page,
) -> ListRow:
    expected = row["next_expected_on"] if row["next_expected_on"] != FAR else None
    return ListRow(
        id=row["customer_id"],
        url=_address_of(row["customer_id"]),
        name=display_name(person),
        contacts=contacts_for(actor, person),
        level=rules.LEVELS[row["level"]],
        group=rules.GROUPS[row["group"]],
        stage=rules.STAGES[row["stage"]],
        purchases_words=_times(row["purchases"], page.language),
        spent_fen=row["spent_fen"],
        clv_year_fen=row["clv_year_fen"],
        bar_percent=rules.bar_percent(row["clv_year_fen"], page.highest_fen),
        last_on=_day_of(row["last_on"]),
        next_expected_on=expected,
        overdue_words=_overdue((page.today - expected).days, page.language) if expected else "",
        manager=page.managers.get(row["account_manager_id"], ""),
        tags=tuple(tags[:SHOWN_TAGS]),
        more_tags=max(len(tags) - SHOWN_TAGS, 0),
        beside=Beside(
            store=page.stores.get(row["store_id"], ""),
            phase=rules.PHASES[row["phase"]],
            purchases=row["purchases"],
            at_stake_fen=row["at_stake_fen"],
            leaving_chance=row["leaving_chance"],
            place=row["province"] if row["city"] in ("", row["province"]) else row["province"] + row["city"],
            gender=rules.GENDERS[row["gender"]],
            channel=row["first_channel"],
            created_at=row["created_at"],
            first_on=_day_of(row["first_on"]),
            basket_fen=row["mean_spend_fen"],
            touch=_touch(row, page.managers),
            age=page.today.year - row["birth_year"] if row["birth_year"] else None,
            updated_on=_day_of(row["updated_on"]),
            note=note_for(actor, person.note),
            record=person,
            quality=row["quality"],
            trend=rules.TRENDS[row["trend"]],
        ),
        own={one.code: words_for(actor, one, page.held.get(person.pk, {}).get(one.key)) for one in page.own},
    )


def _day_of(day: date) -> date | None:
    return day if day != NEVER else None


def _touch(row: dict[str, Any], names: dict[int, str]) -> Touched | None:
    on, kind = _day_of(row["touched_on"]), rules.TOUCHES[row["touch_kind"]]
    return Touched(on, kind, names.get(row["touch_by"], "")) if on else None


def _address_of(customer_id: int) -> str:
    return _address_pattern().replace("/0/", f"/{customer_id}/")


@lru_cache(maxsize=1)
def _address_pattern() -> str:
    return reverse("desk:customer", args=[0])


@lru_cache(maxsize=1_000)
def _times(purchases: int, language: str) -> str:
    return ngettext("%(n)s 次", "%(n)s 次", purchases) % {"n": purchases} if purchases else ""


@lru_cache(maxsize=2_000)
def _overdue(days: int, language: str) -> str:
    return ngettext("已过 %(n)s 天", "已过 %(n)s 天", days) % {"n": days} if days > 0 else ""
