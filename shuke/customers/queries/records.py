"""Customers as seen by an actor: which ones, and how much of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from shuke.customers import rules
from shuke.customers.models import Customer, CustomerTag, IdentityConflict, Tag
from shuke.customers.queries.day_words import birthday_shown
from shuke.customers.queries.facets import facets_of
from shuke.customers.rules.keeping import TOUCH_KINDS
from shuke.customers.rules.masking import masked_text
from shuke.customers.rules.numbers import customer_number
from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given, given_list
from shuke.team.queries import Actor, reach_of, reads_contacts, within_sight
from shuke.team.rules import NO_ROLE, Scope, may
from shuke.zh import calendar
from shuke.zh.calendar import Birthday

SAID_IN_LISTS = (
    "name",
    "phone",
    "email",
    "wechat",
    "member_number",
    "gender",
    "birthday_calendar",
    "birthday_month",
    "birthday_day",
    "birthday_is_leap",
    "occupation",
    "industry",
    "education",
    "income_band",
    "preferred_channel",
    "note",
    "updated_at",
    "store_id",
    "account_manager_id",
)


@dataclass(frozen=True)
class Contacts:
    """A customer's contacts as the actor reads them. `is_masked`: there is more to reveal."""

    phone: str
    email: str
    wechat: str
    is_masked: bool


@dataclass(frozen=True)
class Card:
    """The head of a customer's page."""

    id: int
    number: str
    name: str
    display_name: str
    kind: str
    contacts: Contacts
    member_number: str
    gender: str
    birthday: Birthday | None
    birthday_words: str
    next_birthday_on: date | None
    birth_year: int | None
    region: str
    note: str
    store_id: int | None
    store_name: str
    account_manager_id: int | None
    account_manager_name: str
    first_channel: str
    preferred_channel: str
    tags: tuple[str, ...]
    created_at: datetime
    record: Customer


def may_view(actor: Actor) -> bool:
    """Whether the actor may see any customer at all."""
    return may(getattr(actor, "ready_role", NO_ROLE), "customers.view")


def visible_customers(actor: Actor) -> QuerySet[Customer]:
    """The customers the actor sees: those within their reach and those shared with them; merged and deleted ones left out.

    Nothing for who may not view customers. What is shared is there to be read: services ask `require` for the record.
    """
    if not may_view(actor):
        return Customer.objects.none()
    return Customer.objects.filter(reach_of(actor).seen(), merged_into=None, deleted_at=None)


def people_reached(actor: Actor, customer_ids: Iterable[int]) -> dict[int, Customer]:
    """Those of these customers whom `visible_customers` gives, by id, with what lists say of a person."""
    reach, ids = reach_of(actor), list(customer_ids)
    if not ids or not may_view(actor):
        return {}
    return {row.pk: row for row in _people(reach.scope).rows(ids=ids, **reach.given)}


@cache
def _people(scope: Scope) -> Compiled[Customer]:
    return Compiled(
        lambda: living_in_sight(scope).filter(pk__among=given_list("ids", "bigint")).only(*SAID_IN_LISTS)
    )


@cache
def _person(scope: Scope) -> Compiled[Customer]:
    return Compiled(
        lambda: (
            living_in_sight(scope).filter(pk=given("id", "bigint")).select_related("store", "account_manager")
        )
    )


def living_in_sight(scope: Scope) -> QuerySet[Customer]:
    """As `visible_customers`, for a compiled query of this scope; whether one may view customers the caller has asked."""
    return Customer.objects.filter(within_sight(scope), merged_into=None, deleted_at=None)


def living_with_store() -> str:
    """A select of every living customer's id and store_id, to stand in another statement's FROM. For jobs: no reach."""
    return "select id, store_id from customers_customer where merged_into_id is null and deleted_at is null"


def last_touch(customer: str) -> str:
    """A select of the last touch (kind, staff_id, happened_at) of the customer whose id stands in that column of the statement
    around it. Notes are no touch: nobody was talked to. For jobs: no reach.
    """
    kinds = ", ".join(f"'{kind}'" for kind in TOUCH_KINDS)
    return (
        "select kind, staff_id, happened_at from customers_interaction"
        f" where customer_id = {customer} and removed_at is null and kind in ({kinds})"
        " order by happened_at desc, id desc limit 1"
    )


def contacts_for(actor: Actor, customer: Any) -> Contacts:
    """The contacts of a record (or of anything with phone, email, wechat), masked by the actor's role."""
    if reads_contacts(actor):
        return Contacts(customer.phone, customer.email, customer.wechat, is_masked=False)
    return Contacts(
        rules.mask_phone(customer.phone),
        rules.mask_email(customer.email),
        rules.mask_word(customer.wechat),
        is_masked=True,
    )


def note_for(actor: Actor, note: str) -> str:
    """A note as the actor reads it: other systems' exports leave phone numbers there."""
    return note if not note or reads_contacts(actor) else masked_text(note)


def display_name(customer: Any) -> str:
    """What a customer is called on screen: the name, else the masked phone, else the member number."""
    return customer.name or rules.mask_phone(customer.phone) or customer.member_number or f"#{customer.pk}"


def birthday_of(customer: Any) -> Birthday | None:
    """The birthday in a customer's columns."""
    if not customer.birthday_month or not customer.birthday_day:
        return None
    return Birthday(
        customer.birthday_calendar or calendar.SOLAR,
        customer.birthday_month,
        customer.birthday_day,
        customer.birthday_is_leap,
    )


def customer_card(actor: Actor, customer_id: int) -> Card:
    """One customer's head. Raises Customer.DoesNotExist when there is none within reach."""
    reach = reach_of(actor)
    customer = _person(reach.scope).first(id=customer_id, **reach.given) if may_view(actor) else None
    if customer is None:
        raise Customer.DoesNotExist
    birthday = birthday_of(customer)
    return Card(
        id=customer.pk,
        number=customer_number(customer.pk),
        name=customer.name,
        display_name=display_name(customer),
        kind=customer.kind,
        contacts=contacts_for(actor, customer),
        member_number=customer.member_number,
        gender=customer.gender,
        birthday=birthday,
        birthday_words=birthday_shown(birthday),
        next_birthday_on=calendar.next_birthday(birthday, clock.today()) if birthday else None,
        birth_year=customer.birth_year,
        region=" ".join(part for part in (customer.province, customer.city, customer.district) if part),
        note=note_for(actor, customer.note),
        store_id=customer.store_id,
        store_name=customer.store.name if customer.store else "",
        account_manager_id=customer.account_manager_id,
        account_manager_name=customer.account_manager.name if customer.account_manager else "",
        first_channel=customer.first_channel,
        preferred_channel=customer.preferred_channel,
        tags=tuple(tags_of([customer.pk]).get(customer.pk, ())),
        created_at=customer.created_at,
        record=customer,
    )


def living_id(customer_id: int) -> int | None:
    """The id under which a customer lives on after merges; None when there never was one, or it was deleted."""
    seen: set[int] = set()
    while customer_id not in seen:
        seen.add(customer_id)
        row = Customer.objects.filter(pk=customer_id, deleted_at=None).values_list(
            "merged_into_id", flat=True
        )
        found = list(row)
        if not found:
            return None
        if found[0] is None:
            return customer_id
        customer_id = found[0]
    return None


def living_ids(customer_ids: Iterable[int]) -> dict[int, int]:
    """`living_id` of many; those who live on nowhere are left out."""
    found: dict[int, int] = {}
    open_ids = {pk: pk for pk in customer_ids}
    while open_ids:
        rows = Customer.objects.filter(pk__in=set(open_ids.values()), deleted_at=None)
        into = dict(rows.values_list("pk", "merged_into_id"))
        found |= {first: pk for first, pk in open_ids.items() if pk in into and into[pk] is None}
        open_ids = {first: winner for first, pk in open_ids.items() if (winner := into.get(pk))}
    return found


_TAGS = Compiled(
    lambda: (
        CustomerTag.objects.filter(customer_id__among=given_list("ids", "bigint"), tag__merged_into=None)
        .order_by("tag__name")
        .values_list("customer_id", "tag__name")
    )
)


def tags_of(customer_ids: Iterable[int]) -> dict[int, list[str]]:
    """Tag names per customer, by name."""
    found: dict[int, list[str]] = {}
    for pk, name in _TAGS.rows(ids=list(customer_ids)):
        found.setdefault(pk, []).append(name)
    return found


def all_tags() -> QuerySet[Tag]:
    """Every tag of the shop, by category and name; those merged into others left out."""
    return Tag.objects.filter(merged_into=None).order_by("category", "name")


def card_rows(customer_ids: Iterable[int] | None = None) -> QuerySet[Customer, Any]:
    """Columns for a read model of lists, one dict per living customer.

    Keys: id, name_key, store_id, account_manager_id, created_at, birthday_calendar, birthday_month, birthday_day,
    birthday_is_leap, tag_ids, kind, gender, province, city, first_channel, phone, email,
    wechat, birth_year, updated_at, import_run_id, facets (`queries.facets`), custom.
    """
    rows = Customer.objects.filter(merged_into=None, deleted_at=None)
    if customer_ids is not None:
        rows = rows.filter(pk__in=list(customer_ids))
    tags = CustomerTag.objects.filter(customer=OuterRef("pk")).order_by("tag_id").values("tag_id")
    return rows.annotate(tag_ids=ArraySubquery(tags), facets=facets_of()).values(
        "id",
        "name_key",
        "store_id",
        "account_manager_id",
        "created_at",
        "birthday_calendar",
        "birthday_month",
        "birthday_day",
        "birthday_is_leap",
        "tag_ids",
        "kind",
        "gender",
        "province",
        "city",
        "first_channel",
        "phone",
        "email",
        "wechat",
        "birth_year",
        "updated_at",
        "import_run_id",
        "facets",
        "custom",
    )


def open_conflicts(actor: Actor) -> QuerySet[IdentityConflict]:
    """Pairs to look at, both within reach, the oldest first; those put off until later left out."""
    rows = _waiting(visible_customers(actor), clock.today())
    return rows.select_related("first__store", "second__store").order_by("id")


def count_conflicts(actor: Actor, most: int = 100) -> int:
    """How many pairs wait for the actor's look, counted no further than `most`; none for who may not decide."""
    if not may_view(actor) or not may(getattr(actor, "ready_role", NO_ROLE), "customers.edit"):
        return 0
    reach = reach_of(actor)
    return len(_some_waiting(reach.scope, most).rows(today=clock.today(), **reach.given))


def _waiting(seen: QuerySet[Customer], today: Any) -> QuerySet[IdentityConflict]:
    is_due = Q(shown_from=None) | Q(shown_from__lte=today)
    return IdentityConflict.objects.filter(is_due, is_open=True, first__in=seen, second__in=seen)


@cache
def _some_waiting(scope: Scope, most: int) -> Compiled[Any]:
    today = given("today", "date")
    return Compiled(lambda: _waiting(living_in_sight(scope), today).values_list("pk")[:most])
