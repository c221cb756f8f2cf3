"""A whole customer book at once, with its history: written by COPY, known by its source, and taken away as a whole."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from shuke.customers import rules
from shuke.customers.events import CustomersRemoved
from shuke.customers.models import Customer, CustomerTag, FollowUp, Identity, Interaction
from shuke.customers.services.records import BESIDE, KEY_FIELDS, NewCustomer, _columns, _normalised
from shuke.customers.services.tags import tags_named
from shuke.customers.services.terms import index_terms
from shuke.customers.services.texts import write_texts
from shuke.kernel.bulk import copy_rows, take_ids
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require
from shuke.zh import pinyin

TERMS_AT_ONCE = 2_000
_TABLE = "customers_customer"


@dataclass(frozen=True)
class RosterEntry:
    """One customer of the book: `key` is its number there, `since` the day it was begun."""

    key: str
    form: NewCustomer
    since: datetime


@dataclass(frozen=True)
class PastTouch:
    """A touch that happened before; `staff_id` is who had it, or `author_name` when that is nobody of the staff.

    `origin` ("zoho:Notes:123") names its row elsewhere and is known once; `import_run_id` is the run that brings it.
    """

    customer_id: int
    kind: str
    direction: str
    body: str
    result: str
    staff_id: int | None
    happened_at: datetime
    author_name: str = ""
    channel: str = ""
    origin: str | None = None
    import_run_id: int | None = None


@dataclass(frozen=True)
class PlannedStep:
    """A follow-up of the book: open, or done with a result."""

    customer_id: int
    purpose: str
    due_on: date
    assignee_id: int | None
    result: str = ""
    done_at: datetime | None = None
    kind: str = ""
    origin: str | None = None
    import_run_id: int | None = None


def namespace_of(source: str) -> str:
    """The namespace of a source's own numbers."""
    return f"external:{source}"[:60]


@transaction.atomic
def add_roster(*, actor: Actor, source: str, entries: Sequence[RosterEntry]) -> dict[str, int]:
    """Add the customers of a book whom we do not know from it yet; returns everybody's id by their key there.

    Phones and the like that belong to other customers already are left with those.
    """
    require(actor, "imports.run")
    known = roster_ids(source)
    fresh = [entry for entry in entries if entry.key not in known]
    ids = dict(zip((entry.key for entry in fresh), take_ids(_TABLE, len(fresh)), strict=True))
    copy_rows(_TABLE, _CUSTOMER_COLUMNS, [_customer_row(ids[entry.key], entry) for entry in fresh])
    copy_rows(
        "customers_identity",
        ("namespace", "value", "customer_id", "verified_by", "last_seen"),
        list(_keys(source, fresh, ids)),
    )
    _tag(source, fresh, ids)
    record_audit(actor, "roster_added", after={"name": source, "customers": len(fresh)})
    written = sorted(ids.values())
    for start in range(0, len(written), TERMS_AT_ONCE):
        index_terms(written[start : start + TERMS_AT_ONCE])
    return known | ids


def roster_ids(source: str) -> dict[str, int]:
    """The ids of a book's customers by their key there."""
    return dict(Identity.objects.filter(namespace=namespace_of(source)).values_list("value", "customer_id"))


_FIELDS = tuple(field.name for field in fields(NewCustomer) if field.name not in {"birthday", *BESIDE})
_BIRTHDAY = ("birthday_calendar", "birthday_month", "birthday_day", "birthday_is_leap")
_CUSTOMER_COLUMNS = ("id", "name_key", "created_at", "updated_at", *_FIELDS, *_BIRTHDAY)


def _customer_row(pk: int, entry: RosterEntry) -> list[Any]:
    given = {name: getattr(entry.form, name) for name in (*_FIELDS, "birthday")}
    columns = _columns(given)
    key = pinyin.sort_key(columns["name"], columns["phone"])
    return [pk, key, entry.since, entry.since, *(columns[name] for name in (*_FIELDS, *_BIRTHDAY))]


def _keys(source: str, entries: Iterable[RosterEntry], ids: dict[str, int]) -> Iterator[list[Any]]:
    pairs = []
    since = {ids[entry.key]: entry.since for entry in entries}
    for entry in entries:
        pairs.append((namespace_of(source), entry.key, ids[entry.key]))
        for field, namespace in KEY_FIELDS.items():
            value = _normalised(field, getattr(entry.form, field) or "")
            if value:
                pairs.append((namespace, value, ids[entry.key]))
    values = list({value for _namespace, value, _pk in pairs})
    taken = set(Identity.objects.filter(value__in=values).values_list("namespace", "value"))
    for namespace, value, pk in pairs:
        if (namespace, value) not in taken:
            taken.add((namespace, value))
            yield [namespace, value, pk, "roster", since[pk]]


def _tag(source: str, entries: Iterable[RosterEntry], ids: dict[str, int]) -> None:
    wanted = [(ids[entry.key], name) for entry in entries for name in entry.form.tags]
    tags = {tag.name: tag for tag in tags_named(name for _pk, name in wanted)}
    CustomerTag.objects.bulk_create(
        [
            CustomerTag(customer_id=pk, tag=tags[name], source=source[:40])
            for pk, name in wanted
            if name in tags
        ],
        batch_size=5_000,
    )


@transaction.atomic
def add_past(*, actor: Actor, touches: Sequence[PastTouch], steps: Sequence[PlannedStep]) -> None:
    """Write down what happened with customers before, and what is planned: as it was, without new events."""
    require(actor, "imports.run")
    Interaction.objects.bulk_create(
        [
            Interaction(
                customer_id=touch.customer_id,
                kind=touch.kind,
                direction=touch.direction,
                body=rules.clean_text(touch.body),
                result=touch.result,
                staff_id=touch.staff_id,
                author_name=rules.clean_line(touch.author_name)[:60],
                channel=rules.clean_line(touch.channel)[:40],
                happened_at=touch.happened_at,
                created_at=touch.happened_at,
                origin=touch.origin,
                import_run_id=touch.import_run_id,
            )
            for touch in touches
        ],
        batch_size=2_000,
    )
    FollowUp.objects.bulk_create([_follow_up(step) for step in steps], batch_size=2_000)
    write_texts(sorted({touch.customer_id for touch in touches}))
    record_audit(actor, "past_added", after={"touches": len(touches), "follow_ups": len(steps)})


def _follow_up(step: PlannedStep) -> FollowUp:
    return FollowUp(
        customer_id=step.customer_id,
        purpose=rules.clean_line(step.purpose),
        kind=step.kind,
        due_on=step.due_on,
        assignee_id=step.assignee_id,
        origin=step.origin,
        import_run_id=step.import_run_id,
        created_by_id=step.assignee_id,
        state=FollowUp.State.DONE if step.done_at else FollowUp.State.OPEN,
        result=step.result,
        done_at=step.done_at,
    )


@transaction.atomic
def remove_roster(*, actor: Actor, source: str) -> int:
    """Take away the customers known from that source, with all that is written about them; returns how many.

    Customers of any other origin stay, also those into whom one of these was merged.
    """
    require(actor, "demo.clear")
    ids = list(roster_ids(source).values())
    lives_on = set(Customer.objects.filter(merged_into_id__in=ids).values_list("merged_into_id", flat=True))
    leaving = [pk for pk in ids if pk not in lives_on]
    Customer.objects.filter(pk__in=leaving).delete()
    Identity.objects.filter(namespace=namespace_of(source)).delete()
    _forget_unused_tags(source)
    record_audit(actor, "roster_removed", before={"name": source, "customers": len(leaving)})
    publish(CustomersRemoved(run_id=None))
    return len(leaving)


def _forget_unused_tags(source: str) -> None:
    """Tags that nobody carries any more and nobody sorted go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from customers_tag t where t.category = '' and t.merged_into_id is null"
            " and not exists (select 1 from customers_customertag c where t.id in (c.tag_id, c.merged_from_id))"
            " and not exists (select 1 from customers_tag o where o.merged_into_id = t.id)"
        )
