"""What the pages of merging show: two records side by side, the queue of likely pairs, merges and what they left open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shuke.customers.models import Customer, DuplicatePair, DuplicateScan, Identity, Merge, MergeQuestion
from shuke.customers.queries.custom import all_custom_fields, known_custom_fields, words_for
from shuke.customers.queries.day_words import birthday_shown
from shuke.customers.queries.records import (
    birthday_of,
    contacts_for,
    display_name,
    living_in_sight,
    may_view,
    note_for,
    tags_of,
    visible_customers,
)
from shuke.customers.rules import custom, duplicates, mask_email, mask_phone, mask_word, shown_phone
from shuke.customers.rules.merging import (
    BOTH,
    EMPTY,
    JOINED,
    LOSER,
    TOGETHER,
    WINNER,
    grouped,
    is_empty,
    side_taken,
)
from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given
from shuke.team.queries import Actor, reach_of, reads_contacts
from shuke.team.rules import NO_ROLE, Scope, may

CONTACTS = {"phone", "email", "wechat"}
GROUP_LABELS = {"birthday": "生日", "place": "地址"}
NOT_SHOWN = frozenset(
    {"id", "name_key", "merged_into_id", "created_at", "updated_at", "import_run_id", "deleted_at", "custom"}
) | {"deleted_by_id"}


@dataclass(frozen=True)
class Cell:
    """One side's value of a field. `is_taken`: it stands after merging; `choice` is what choosing it sends."""

    words: str
    is_taken: bool
    choice: str


@dataclass(frozen=True)
class Line:
    """A field of both records. `is_open`: both have a value and they differ, so somebody has to choose."""

    key: str
    label: str
    cells: tuple[Cell, Cell]
    is_open: bool
    may_keep_both: bool
    keeps_both: bool


@dataclass(frozen=True)
class Side:
    """One of the two records."""

    id: int
    name: str
    phone: str
    store_name: str
    created_at: Any
    tags: tuple[str, ...]
    record: Customer


@dataclass(frozen=True)
class Sheet:
    """Two records side by side; the first is the one that stays."""

    sides: tuple[Side, Side]
    lines: tuple[Line, ...]
    same: tuple[Line, ...]


@dataclass(frozen=True)
class ShownPair:
    """A likely pair with its reasons in words."""

    pair: DuplicatePair
    reasons: tuple[str, ...]
    against: tuple[str, ...]


def merge_sheet(actor: Actor, winner_id: int, loser_id: int, *, all_from: str = "") -> Sheet:
    """Both records field by field, with what would stand by itself, or all of one side. Raises Customer.DoesNotExist."""
    rows = visible_customers(actor).select_related("store", "account_manager")
    winner, loser = rows.get(pk=winner_id), rows.get(pk=loser_id)
    tags = tags_of([winner.pk, loser.pk])
    fields = [f for f in Customer._meta.concrete_fields if f.attname not in NOT_SHOWN]
    groups = grouped([field.attname for field in fields])
    labels = {field.attname: str(field.verbose_name) for field in fields}
    own = {custom.name_of(one.id): one for one in all_custom_fields().values() if not one.is_deleted}
    groups |= {name: (name,) for name in own}
    labels |= {name: one.name for name, one in own.items()}
    values = tuple(
        {f.attname: getattr(one, f.attname) for f in fields}
        | {name: one.custom.get(field.key) for name, field in own.items()}
        for one in (winner, loser)
    )
    lines = [
        _line(actor, key, columns, values, (winner, loser), labels, all_from)
        for key, columns in groups.items()
    ]
    shown = [line for line in lines if any(cell.words for cell in line.cells)]
    differing = tuple(line for line in shown if line.cells[0].words != line.cells[1].words)
    same = tuple(line for line in shown if line not in differing)
    first, second = (_side(actor, one, tags.get(one.pk, [])) for one in (winner, loser))
    return Sheet((first, second), differing, same)


def _line(
    actor: Actor,
    key: str,
    columns: tuple[str, ...],
    values: tuple[dict[str, Any], ...],
    people: tuple[Customer, Customer],
    labels: Mapping[str, str],
    all_from: str,
) -> Line:
    taken = side_taken(key, columns, values[0], values[1], all_from)
    words = [_words(actor, key, columns, one) for one in people]
    is_full = [any(not is_empty(key, side[column]) for column in columns) for side in values]
    return Line(
        key=key,
        label=_(GROUP_LABELS[key]) if key in TOGETHER else labels[columns[0]],
        cells=(
            Cell(words[0], taken in (WINNER, BOTH), WINNER),
            Cell(words[1], taken in (LOSER, BOTH), LOSER),
        ),
        is_open=all(is_full) and words[0] != words[1],
        may_keep_both=key in JOINED,
        keeps_both=taken == BOTH,
    )


def _words(actor: Actor, key: str, columns: tuple[str, ...], one: Customer) -> str:
    if key == "birthday":
        return birthday_shown(birthday_of(one))
    if key == "place":
        return " ".join(str(getattr(one, column)) for column in columns if getattr(one, column))
    if key in CONTACTS:
        return str(getattr(contacts_for(actor, one), key))
    if key == "note":
        return note_for(actor, one.note)
    if (field_id := custom.id_in(key)) is not None:
        return words_for(actor, known_custom_fields()[field_id], one.custom.get(str(field_id)))
    field = next(f for f in Customer._meta.concrete_fields if f.attname == columns[0])
    value = getattr(one, field.name)
    if value in EMPTY:
        return ""
    return str(dict(field.flatchoices).get(value, value)) if field.choices else str(value)


def _side(actor: Actor, one: Customer, tags: list[str]) -> Side:
    store = one.store.name if one.store else ""
    phone = contacts_for(actor, one).phone
    return Side(one.pk, display_name(one), phone, store, one.created_at, tuple(tags), one)


# --- likely pairs ---


def open_pairs(actor: Actor) -> QuerySet[DuplicatePair]:
    """Pairs to look at, both within reach, the likeliest first; those put off until later left out."""
    if not may(getattr(actor, "ready_role", NO_ROLE), "customers.edit"):
        return DuplicatePair.objects.none()
    return _waiting(visible_customers(actor), clock.today()).order_by("-score", "id")


def _waiting(seen: QuerySet[Customer], today: Any) -> QuerySet[DuplicatePair]:
    is_due = Q(shown_from=None) | Q(shown_from__lte=today)
    return DuplicatePair.objects.filter(
        is_due, state=DuplicatePair.State.OPEN, first__in=seen, second__in=seen
    )


def count_pairs(actor: Actor, most: int = 100) -> int:
    """How many pairs wait for the actor's look, counted no further than `most`."""
    if not may_view(actor) or not may(getattr(actor, "ready_role", NO_ROLE), "customers.edit"):
        return 0
    reach = reach_of(actor)
    return len(_some_waiting(reach.scope, most).rows(today=clock.today(), **reach.given))


@cache
def _some_waiting(scope: Scope, most: int) -> Compiled[Any]:
    today = given("today", "date")
    return Compiled(lambda: _waiting(living_in_sight(scope), today).values_list("pk")[:most])


def shown_pair(pair: DuplicatePair) -> ShownPair:
    """Its reasons in words: what speaks for one person, and what against."""
    pro = [code for code in pair.reasons if duplicates.POINTS.get(code, 0) > 0]
    con = [code for code in pair.reasons if duplicates.POINTS.get(code, 0) < 0]
    return ShownPair(
        pair,
        tuple(_(word) for word in duplicates.words_of(pro)),
        tuple(_(word) for word in duplicates.words_of(con)),
    )


def last_scan() -> DuplicateScan | None:
    """The search that is running, or ran last."""
    return DuplicateScan.objects.order_by("-pk").first()


# --- merges ---


def merges_seen(actor: Actor) -> QuerySet[Merge]:
    """Merges of which the actor reaches the record that stayed, the latest first."""
    if not may(getattr(actor, "ready_role", NO_ROLE), "customers.merge"):
        return Merge.objects.none()
    seen = visible_customers(actor)
    direct = Merge.objects.filter(winner__in=seen)
    further = Merge.objects.filter(winner__merged_into__in=seen)
    return (direct | further).select_related("winner", "loser").order_by("-id")


def open_questions(actor: Actor) -> QuerySet[MergeQuestion]:
    """What nobody has said yet whose it is, both customers within reach."""
    if not may(getattr(actor, "ready_role", NO_ROLE), "customers.merge"):
        return MergeQuestion.objects.none()
    seen = visible_customers(actor)
    rows = MergeQuestion.objects.filter(answer="", merge__winner__in=seen, merge__loser__in=seen)
    return rows.select_related("merge__winner", "merge__loser").order_by("merge_id", "part", "id")


def keys_in_words(actor: Actor, customer_id: int) -> list[str]:
    """Every number and account of a customer, masked as the actor reads them."""
    found = Identity.objects.filter(customer_id=customer_id).order_by("namespace", "pk")
    return [_key_words(actor, row) for row in found.exclude(namespace__startswith="external:")]


def _key_words(actor: Actor, row: Identity) -> str:
    value = shown_phone(row.value) if row.namespace == "phone" else row.value
    if reads_contacts(actor) or row.namespace == "member":
        return value
    if row.namespace == "phone":
        return mask_phone(row.value)
    return mask_email(value) if "@" in value else mask_word(value)


def merged_names(ids: Iterable[int]) -> dict[int, str]:
    """What these records are called, merged or not."""
    return {one.pk: display_name(one) for one in Customer.objects.filter(pk__in=list(ids))}
