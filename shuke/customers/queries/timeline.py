"""What customers themselves bring to their timeline: touches, finished follow-ups, changes, and how they came in."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from shuke.customers.models import Customer, FieldChange, FollowUp, Interaction
from shuke.customers.ports import keeper_of
from shuke.customers.queries.asking import answer_entries
from shuke.customers.queries.records import display_name
from shuke.imports.queries import run_titles
from shuke.kernel.compiled import Compiled, given_list
from shuke.kernel.timeline import SourceRows, TimelineEntry, TimelineWanted, laid_side_by_side
from shuke.team.ports import audit_words
from shuke.team.queries import AUDIT_SOURCE, AuditedChange, audit_about, staff_names

TOUCH, STEP, BEGINNING, CHANGE = "touch", "follow_up", "beginning", "change"
UNSPOKEN = frozenset({"note", "gift"})
MERGES = frozenset({"customers_merged", "customers_unmerged"})
MANAGER = "account_manager_id"
MOST_CHOICES = 60


@dataclass(frozen=True)
class TimelinePerson:
    """Somebody who had touches with a customer: staff by id, others by name."""

    staff_id: int | None
    name: str


_TOUCHES = SourceRows(lambda: Interaction.objects.all(), TOUCH)
_DONE = SourceRows(
    lambda: FollowUp.objects.filter(state=FollowUp.State.DONE, done_at__isnull=False), STEP, moment="done_at"
)
_LATER = FieldChange.objects.filter(  # of the fields of one saving, the last one stands for it
    customer_id=OuterRef("customer_id"), audit_id=OuterRef("audit_id"), pk__gt=OuterRef("pk")
)
_CHANGES = SourceRows(
    lambda: FieldChange.objects.filter(~Exists(_LATER)).select_related("change_set"),
    CHANGE,
    moment="changed_at",
)
_FAMILY = Compiled(
    lambda: Customer.objects.filter(
        Q(pk__among=given_list("ids", "bigint")) | Q(merged_into__among=given_list("ids", "bigint"))
    ).only("name", "phone", "member_number", "created_at", "import_run_id", "first_channel", "merged_into_id")
)
_SAME_SAVING = Compiled(
    lambda: (
        FieldChange.objects.filter(
            customer_id__among=given_list("ids", "bigint"), audit_id__among=given_list("savings", "bigint")
        )
        .select_related("change_set")
        .order_by("pk")
    )
)


def recent_touches(customer_id: int, limit: int = 5) -> QuerySet[Interaction]:
    """A customer's latest touches."""
    rows = Interaction.objects.filter(customer_id=customer_id).select_related("staff")
    return rows.order_by("-happened_at", "-id")[:limit]


def timeline_entries(
    customer_ids: Iterable[int], wanted: TimelineWanted | None = None
) -> list[TimelineEntry]:
    """What the rooms of customers know of these customers, a page of it in the order of the timeline.

    The caller has checked that they may be seen.
    """
    ids, asked = list(customer_ids), wanted or TimelineWanted()
    names, family = staff_names(), _family(ids)
    joined = {one.pk: display_name(one) for one in family if one.pk not in ids}
    found = [
        *_touches(ids, asked, names),
        *_done(ids, asked, names),
        *_changes(ids, joined, asked, names),
        *_beginnings(family, joined, asked),
        *answer_entries([one.pk for one in family], asked),
    ]
    return laid_side_by_side(found)[: asked.limit]


def _family(customer_ids: list[int]) -> list[Customer]:
    """These customers and the records that live on in them: their history stays with them."""
    found = {row.pk: row for row in _FAMILY.rows(ids=customer_ids)}
    joined = found.keys() - set(customer_ids)
    while joined:
        new = {row.pk: row for row in Customer.objects.filter(merged_into__in=joined)}
        found |= new
        joined = set(new)
    return list(found.values())


def _told(title: str, customer_id: int, joined: dict[int, str]) -> str:
    """What happened to a record that was merged in says of whom it tells."""
    if customer_id not in joined:
        return title
    return _("%(title)s（合并进来的 %(name)s）") % {"title": title, "name": joined[customer_id]}


def timeline_people(customer_id: int) -> list[TimelinePerson]:
    """Who had touches with a customer, by name."""
    names = staff_names()
    rows = (
        Interaction.objects.filter(customer_id=customer_id)
        .order_by()
        .values_list("staff_id", "author_name")
        .distinct()[:MOST_CHOICES]
    )
    found = {
        TimelinePerson(None if author else staff_id, author or names.get(staff_id or 0, ""))
        for staff_id, author in rows
    }
    return sorted((person for person in found if person.name), key=lambda person: person.name)


def touch_channels(customer_id: int) -> list[str]:
    """The channels that are written with a customer's touches."""
    rows = Interaction.objects.filter(customer_id=customer_id).exclude(channel="")
    return sorted(rows.order_by().values_list("channel", flat=True).distinct()[:MOST_CHOICES])


def _touches(ids: list[int], wanted: TimelineWanted, names: dict[int, str]) -> list[TimelineEntry]:
    if not wanted.wants(Interaction.Kind.values):
        return []
    found = _TOUCHES.page(ids, wanted, lambda rows: _narrowed_touches(rows, wanted))
    return [_touch_entry(row, names) for row in found]


def _narrowed_touches(rows: QuerySet[Interaction], wanted: TimelineWanted) -> QuerySet[Interaction]:
    if wanted.kinds:
        rows = rows.filter(kind__in=sorted(wanted.kinds))
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.direction:
        rows = rows.filter(direction=wanted.direction).exclude(kind__in=sorted(UNSPOKEN))
    if wanted.staff_id is not None:
        rows = rows.filter(staff_id=wanted.staff_id, author_name="")
    if wanted.author:
        rows = rows.filter(author_name=wanted.author)
    if wanted.text:
        words = Q(body__icontains=wanted.text) | Q(result__icontains=wanted.text)
        rows = rows.filter(words | Q(author_name__icontains=wanted.text))
    return rows


def _touch_entry(row: Interaction, names: dict[int, str]) -> TimelineEntry:
    kind = str(Interaction.Kind(row.kind).label)
    return TimelineEntry(
        happened_at=row.happened_at,
        kind=row.kind,
        title=f"{kind} · {row.result}" if row.result else kind,
        body=row.body,
        channel=row.channel,
        direction="" if row.kind in UNSPOKEN else row.direction,
        who=row.author_name or names.get(row.staff_id or 0, ""),
        source=TOUCH,
        id=row.pk,
        is_changed=row.changed_at is not None,
    )


def _done(ids: list[int], wanted: TimelineWanted, names: dict[int, str]) -> list[TimelineEntry]:
    if not wanted.wants(("follow_up",)) or wanted.channel or wanted.direction or wanted.author:
        return []
    return [
        TimelineEntry(
            happened_at=cast(datetime, row.done_at),
            kind="follow_up",
            title=_("完成跟进：%(purpose)s") % {"purpose": row.purpose},
            body="" if row.interaction_id else row.result,  # the touch that finished it says so itself
            who=names.get(row.assignee_id or 0, ""),
            source=STEP,
            id=row.pk,
        )
        for row in _DONE.page(ids, wanted, lambda rows: _narrowed_done(rows, wanted))
    ]


def _narrowed_done(rows: QuerySet[FollowUp], wanted: TimelineWanted) -> QuerySet[FollowUp]:
    if wanted.staff_id is not None:
        rows = rows.filter(assignee_id=wanted.staff_id)
    if wanted.text:
        rows = rows.filter(Q(purpose__icontains=wanted.text) | Q(result__icontains=wanted.text))
    return rows


def _changes(
    ids: list[int], joined: dict[int, str], wanted: TimelineWanted, names: dict[int, str]
) -> list[TimelineEntry]:
    """Fields that were changed, saving by saving, by hand or in bulk; and merges."""
    if (
        not wanted.wants(("change", "merge"))
        or wanted.channel
        or wanted.direction
        or wanted.author
        or wanted.text
    ):
        return []
    everybody = [*ids, *joined]
    saved = _saved(everybody, joined, wanted, names) if wanted.wants(("change",)) else []
    merges = audit_about("Customer", everybody, wanted, only=MERGES) if wanted.wants(("merge",)) else []
    return [*saved, *(_merge_entry(entry) for entry in merges)]


def _saved(
    ids: list[int], joined: dict[int, str], wanted: TimelineWanted, names: dict[int, str]
) -> list[TimelineEntry]:
    """One entry for each saving: the place is that of its last field, so that no saving is cut in two by a page."""
    by = {} if wanted.staff_id is None else {"actor_id": wanted.staff_id}
    found = _CHANGES.page(ids, wanted, lambda rows: rows.filter(**by))
    together: dict[tuple[int, int], list[FieldChange]] = defaultdict(list)
    savings = [row.audit_id for row in found]
    for one in _SAME_SAVING.rows(ids=ids, savings=savings) if found else ():
        together[one.customer_id, one.audit_id].append(one)
    entries = [(row, _saved_entry(row, together[row.customer_id, row.audit_id], names)) for row in found]
    return [replace(entry, title=_told(entry.title, row.customer_id, joined)) for row, entry in entries]


def _saved_entry(row: FieldChange, together: list[FieldChange], names: dict[int, str]) -> TimelineEntry:
    """A change of who looks after the customer is said in words; of others only which fields."""
    moved = next((one for one in together if one.field == MANAGER), None)
    others = "、".join(_field_words(one.field for one in together if one is not moved))
    reason = row.change_set.arguments.get("reason", "") if row.change_set else ""
    return TimelineEntry(
        happened_at=row.changed_at,
        kind="change",
        title=_moved_words(moved, names) if moved else _("修改资料"),
        body=" · ".join(part for part in (reason, others) if part),
        who=names.get(row.actor_id or 0, _("系统")),
        source=CHANGE,
        id=row.pk,
    )


def _moved_words(change: FieldChange, names: dict[int, str]) -> str:
    """负责人由 王小茶 改为 林店长."""
    before, after = (names.get(pk, "") if pk else "" for pk in (change.before, change.after))
    if not before:
        return _("负责人定为 %(after)s") % {"after": after}
    if not after:
        return _("负责人 %(before)s 不再负责") % {"before": before}
    return _("负责人由 %(before)s 改为 %(after)s") % {"before": before, "after": after}


def _merge_entry(entry: AuditedChange) -> TimelineEntry:
    return TimelineEntry(
        happened_at=entry.happened_at,
        kind="merge",
        title=str(audit_words(entry.action)),
        who=_("系统") if entry.is_system else entry.who,
        source=AUDIT_SOURCE,
        id=entry.id,
    )


def _field_words(fields: Iterable[str]) -> list[str]:
    """The names of fields, in the words of the shop; what has none is left out."""
    found = []
    for name in fields:
        keeper = keeper_of(name)
        label = str(keeper.label(name)) if keeper is not None else _column_words(name)
        if label and not label.isascii():
            found.append(label)
    return list(dict.fromkeys(found))


def _column_words(name: str) -> str:
    if name == "birthday":
        return _("生日")
    try:
        return str(getattr(Customer._meta.get_field(name.removesuffix("_id")), "verbose_name", ""))
    except FieldDoesNotExist:
        return ""


def _beginnings(
    family: list[Customer], joined: dict[int, str], wanted: TimelineWanted
) -> list[TimelineEntry]:
    is_asked = wanted.wants(("change", "import"))
    if not is_asked or wanted.direction or wanted.author or wanted.text or wanted.staff_id is not None:
        return []
    found = [one for one in family if _is_wanted(one, wanted)]
    titles = run_titles(row.import_run_id for row in found if row.import_run_id)
    return [
        TimelineEntry(
            happened_at=row.created_at,
            kind=_began_as(row),
            title=_told(_("从导入建档") if row.import_run_id else _("建档"), row.pk, joined),
            body=titles.get(row.import_run_id or 0, ""),
            channel=row.first_channel,
            source=BEGINNING,
            id=row.pk,
        )
        for row in found
    ]


def _is_wanted(one: Customer, wanted: TimelineWanted) -> bool:
    return (
        wanted.wants((_began_as(one),))
        and wanted.channel in ("", one.first_channel)
        and wanted.takes((one.created_at, BEGINNING, one.pk))
    )


def _began_as(one: Customer) -> str:
    return "import" if one.import_run_id else "change"
