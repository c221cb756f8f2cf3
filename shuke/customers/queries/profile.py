"""What is known of a customer beside the record: points, addresses, companies, household, invoices, files.

Everything here is about one customer whom the caller has found within reach; other people named are shown only as far as the
actor reaches them too.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from shuke.customers import rules
from shuke.customers.models import (
    Address,
    CompanyContact,
    ContactPoint,
    Customer,
    CustomerFile,
    HouseholdMember,
    Identity,
    InvoiceTitle,
)
from shuke.customers.queries.records import display_name, visible_customers
from shuke.customers.rules.files import KINDS
from shuke.customers.rules.profile import mask_contact
from shuke.kernel import clock
from shuke.team.queries import Actor, reads_contacts
from shuke.zh import phones, regions

MOST = 200
KIND_ORDER = (rules.PHONE, rules.WECHAT, rules.EMAIL)


@dataclass(frozen=True)
class Point:
    """A phone, e-mail or WeChat as the actor reads it. `key` names it in addresses; `full` is empty where it is masked."""

    key: str
    kind: str
    shown: str
    full: str
    label: str
    is_main: bool
    is_verified: bool
    verified_on: date | None
    valid_until: date | None
    is_expired: bool
    is_shared: bool
    origin: str

    @property
    def origin_key(self) -> str:
        """What names it among `field_origins`: the shown one by its field, others by their row."""
        return self.kind if self.is_main or not self.key.startswith("r") else f"point.{self.key[1:]}"

    @property
    def kind_label(self) -> str:
        return str(ContactPoint.Kind(self.kind).label)


@dataclass(frozen=True)
class Place:
    """An address. `id` 0: the one the record shows, which has no row yet."""

    id: int
    label: str
    recipient: str
    province: str
    city: str
    district: str
    detail: str
    is_main: bool
    is_verified: bool
    valid_until: date | None
    is_expired: bool

    @property
    def origin_key(self) -> str:
        """What names it among `field_origins`."""
        return "address" if self.is_main else f"address.{self.id}"

    def __str__(self) -> str:
        return str(regions.Region(self.province, self.city, self.district, self.detail))


@dataclass(frozen=True)
class Person:
    """Somebody who belongs to the customer. `customer_id` 0: out of the actor's reach, only counted."""

    link_id: int
    customer_id: int
    name: str
    role: str
    phone: str
    is_main: bool


@dataclass(frozen=True)
class Household:
    """The household of a customer, without themselves. `others_hidden`: members out of reach."""

    relation: str
    members: tuple[Person, ...]
    others_hidden: int


@dataclass(frozen=True)
class KeptFile:
    """A file of the customer."""

    id: int
    name: str
    icon: str
    size_bytes: int
    by: str
    created_at: datetime


@dataclass(frozen=True)
class _Sources:
    """Where the values of one customer's points stand: rows, identities, the record."""

    rows: dict[tuple[str, str], ContactPoint]
    identities: dict[tuple[str, str], Identity]
    shown: set[tuple[str, str]]

    @classmethod
    def of(cls, customer: Customer) -> "_Sources":
        identities = Identity.objects.filter(customer_id=customer.pk, namespace__in=KIND_ORDER)
        rows = ContactPoint.objects.filter(customer_id=customer.pk, removed_at=None)
        return cls(
            {(row.kind, row.value): row for row in rows},
            {(one.namespace, one.value): one for one in identities},
            _of_record(customer),
        )

    def every(self) -> set[tuple[str, str]]:
        return self.rows.keys() | self.identities.keys() | self.shown

    def name(self, key: tuple[str, str]) -> str:
        """What names a point in an address without telling its value."""
        if key in self.rows:
            return f"r{self.rows[key].pk}"
        return f"i{self.identities[key].pk}" if key in self.identities else f"s{key[0]}"


def contact_points(actor: Actor, customer: Customer) -> list[Point]:
    """Phones, WeChats and e-mails: the one the record shows first of each kind."""
    sources, today, masked = _Sources.of(customer), clock.today(), not reads_contacts(actor)
    found = [_point(customer, sources, key, today, masked) for key in sources.every()]
    return sorted(
        found, key=lambda one: (KIND_ORDER.index(one.kind), not one.is_main, one.is_expired, one.key)
    )


def point_named(customer: Customer, name: str) -> tuple[str, str] | None:
    """(kind, value) of the point of that name; None when the customer has none such."""
    sources = _Sources.of(customer)
    return next((key for key in sources.every() if sources.name(key) == name), None)


def _of_record(customer: Customer) -> set[tuple[str, str]]:
    """What the record shows, known as identity or not."""
    values = {
        rules.PHONE: rules.normalise_phone(customer.phone) or customer.phone,
        rules.EMAIL: customer.email,
        rules.WECHAT: customer.wechat.lower(),
    }
    return {(kind, value) for kind, value in values.items() if value}


def _point(customer: Customer, sources: _Sources, key: tuple[str, str], today: date, masked: bool) -> Point:
    kind, value = key
    row, identity = sources.rows.get(key), sources.identities.get(key)
    shown = rules.shown_phone(value) if kind == rules.PHONE else value
    return Point(
        key=sources.name(key),
        kind=kind,
        shown=mask_contact(kind, shown) if masked else shown,
        full="" if masked else shown,
        label=row.label if row else "",
        is_main=shown.lower() == getattr(customer, kind).lower(),
        is_verified=bool(identity and identity.verified_by) or bool(row and row.verified_on),
        verified_on=row.verified_on if row else None,
        valid_until=row.valid_until if row else None,
        is_expired=bool(row and row.valid_until and row.valid_until < today),
        is_shared=bool(row and row.is_shared),
        origin=phones.origin_of(value).words if kind == rules.PHONE else "",
    )


def places(customer: Customer) -> list[Place]:
    """Addresses, the main one first; what the record shows counts as one where no row tells of it."""
    today = clock.today()
    rows = list(
        Address.objects.filter(customer_id=customer.pk, removed_at=None).order_by("-is_main", "pk")[:MOST]
    )
    found = [
        Place(
            id=row.pk,
            label=row.label,
            recipient=row.recipient,
            province=customer.province if row.is_main else row.province,
            city=customer.city if row.is_main else row.city,
            district=customer.district if row.is_main else row.district,
            detail=customer.address if row.is_main else row.detail,
            is_main=row.is_main,
            is_verified=row.verified_on is not None,
            valid_until=row.valid_until,
            is_expired=bool(row.valid_until and row.valid_until < today),
        )
        for row in rows
    ]
    has_main = any(place.is_main for place in found)
    shown = (customer.province, customer.city, customer.district, customer.address)
    if not has_main and any(shown):
        found.insert(0, Place(0, "", "", *shown, True, False, None, False))
    return [place for place in found if str(place)]


def company_contacts(actor: Actor, customer: Customer) -> list[Person]:
    """The people of a company, the first contact first."""
    links = CompanyContact.objects.filter(company_id=customer.pk, ended_at=None).order_by("-is_main", "pk")[
        :MOST
    ]
    return _people(actor, [(link.pk, link.person_id, link.role, link.is_main) for link in links])


def companies_of(actor: Actor, customer: Customer) -> list[Person]:
    """The companies a person is a contact of."""
    links = CompanyContact.objects.filter(person_id=customer.pk, ended_at=None).order_by("pk")[:MOST]
    return _people(actor, [(link.pk, link.company_id, link.role, link.is_main) for link in links])


def household_of(actor: Actor, customer: Customer) -> Household | None:
    """The household a person is of; None for who is in none."""
    mine = HouseholdMember.objects.filter(customer_id=customer.pk, left_at=None).first()
    if mine is None:
        return None
    others = HouseholdMember.objects.filter(household_id=mine.household_id, left_at=None).exclude(pk=mine.pk)
    rows = [(row.pk, row.customer_id, row.relation, False) for row in others.order_by("pk")[:MOST]]
    people = _people(actor, rows)
    return Household(mine.relation, tuple(people), len(rows) - len(people))


def people_behind(actor: Actor, customer_id: int) -> list[int]:
    """A company and its contacts within the actor's reach: whose orders count for the company."""
    links = CompanyContact.objects.filter(company_id=customer_id, ended_at=None).values("person_id")
    wanted = Q(pk=customer_id) | Q(pk__in=links)
    return list(
        visible_customers(actor).filter(wanted).order_by("pk").values_list("pk", flat=True)[: MOST + 1]
    )


def _people(actor: Actor, rows: list[tuple[int, int, str, bool]]) -> list[Person]:
    if not rows:
        return []
    masked = not reads_contacts(actor)
    seen = {one.pk: one for one in visible_customers(actor).filter(pk__in=[pk for _id, pk, _r, _m in rows])}
    return [
        Person(
            link_id=link_id,
            customer_id=pk,
            name=display_name(seen[pk]),
            role=role,
            phone=rules.mask_phone(seen[pk].phone) if masked else seen[pk].phone,
            is_main=is_main,
        )
        for link_id, pk, role, is_main in rows
        if pk in seen
    ]


def invoices_of(customer: Customer) -> list[InvoiceTitle]:
    """Invoice titles, the default one first."""
    rows = InvoiceTitle.objects.filter(customer_id=customer.pk, removed_at=None)
    return list(rows.order_by("-is_default", "-pk")[:MOST])


def files_of(customer: Customer) -> list[KeptFile]:
    """Files, the newest first."""
    rows = CustomerFile.objects.filter(customer_id=customer.pk, removed_at=None).order_by("-pk")[:MOST]
    return [
        KeptFile(
            id=row.pk,
            name=row.name,
            icon=KINDS[row.kind].icon if row.kind in KINDS else "file",
            size_bytes=row.size_bytes,
            by=row.uploaded_by_name,
            created_at=row.created_at,
        )
        for row in rows
    ]
