"""People at a company and people of one household."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shuke.customers import rules
from shuke.customers.models import CompanyContact, Customer, Household, HouseholdMember
from shuke.customers.queries.records import display_name
from shuke.customers.services.kept import KeptRows, Values, note_change, opened
from shuke.customers.services.records import NewCustomer, add_customer
from shuke.team.queries import Actor


@dataclass(frozen=True)
class ContactForm:
    """What somebody does at a company."""

    role: str = ""
    is_main: bool = False


class ContactRows(KeptRows):
    """Contacts of companies: a change of one is in the history of both."""

    prefix, model = "contact", CompanyContact
    words = gettext_lazy("公司联系人")
    columns = ("company_id", "person_id", "role", "is_main")
    gone = "ended_at"
    owners = ("company_id", "person_id")
    follows = frozenset({"is_main"})

    def keep_in_step(self, row: CompanyContact) -> None:
        """A company has one first contact."""
        if row.is_main and row.ended_at is None:
            others = CompanyContact.objects.filter(company_id=row.company_id, is_main=True)
            others.exclude(pk=row.pk).update(is_main=False)
        row.save()

    def describe(self, values: Mapping[str, Any], *, is_masked: bool) -> str:
        names = _names(values["company_id"], values["person_id"])
        return " · ".join(part for part in (*names, values["role"]) if part)


class MemberRows(KeptRows):
    """Members of households."""

    prefix, model = "household", HouseholdMember
    words = gettext_lazy("家庭")
    columns = ("household_id", "relation")
    gone = "left_at"

    def describe(self, values: Mapping[str, Any], *, is_masked: bool) -> str:
        home = Household.objects.filter(pk=values["household_id"]).values_list("name", flat=True).first()
        return " · ".join(part for part in (home or _("一家人"), values["relation"]) if part)


CONTACTS, MEMBERS = ContactRows(), MemberRows()


def _names(*ids: int) -> list[str]:
    found = {customer.pk: display_name(customer) for customer in Customer.objects.filter(pk__in=ids)}
    return [found.get(pk, "") for pk in ids]


def _locked_pair(actor: Actor, one_id: int, other_id: int) -> tuple[Customer, Customer]:
    """Both, locked in the order of their ids: two people linking crosswise do not wait for each other."""
    found = {pk: opened(actor, pk) for pk in sorted({one_id, other_id})}
    return found[one_id], found[other_id]


@transaction.atomic
def link_contact(*, actor: Actor, company_id: int, person_id: int, form: ContactForm) -> int | None:
    """Make a person a contact of a company, or say anew what they do there; returns the change to take back."""
    if company_id == person_id:
        raise ValidationError(_("公司不能是自己的联系人，请选另一位客户。"))
    company, person = _locked_pair(actor, company_id, person_id)
    if company.kind != Customer.Kind.COMPANY:
        raise ValidationError(_("请先把这位客户的类型改成公司。"))
    if person.kind == Customer.Kind.COMPANY:
        raise ValidationError(_("联系人要是个人，不能是另一家公司。"))
    row = CompanyContact.objects.filter(company=company, person=person).first()
    row = row or CompanyContact(company=company, person=person)
    before = CONTACTS.snapshot(row)
    row.role, row.is_main = rules.clean_line(form.role)[:40], form.is_main
    row.ended_at = None
    CONTACTS.keep_in_step(row)
    return note_change(actor, CONTACTS, row, before, company)


@transaction.atomic
def add_contact(*, actor: Actor, company_id: int, new: NewCustomer, form: ContactForm) -> Customer:
    """Add somebody new who is a contact of a company, in one go. Raises what `add_customer` raises."""
    company = opened(actor, company_id)
    person = add_customer(actor=actor, form=new)
    if person.store_id is None and company.store_id is not None:
        Customer.objects.filter(pk=person.pk).update(store_id=company.store_id)
    link_contact(actor=actor, company_id=company_id, person_id=person.pk, form=form)
    return person


@transaction.atomic
def unlink_contact(*, actor: Actor, contact_id: int) -> int | None:
    """The person is no longer with the company; what they did together stays."""
    row = CompanyContact.objects.select_related("company").get(pk=contact_id)
    _locked_pair(actor, row.company_id, row.person_id)
    before = CONTACTS.snapshot(row)
    CONTACTS.restore(row, None)
    return note_change(actor, CONTACTS, row, before, row.company)


# --- households ---


@transaction.atomic
def join_household(
    *, actor: Actor, customer_id: int, other_id: int, relation: str = "", other_relation: str = ""
) -> int | None:
    """Make two people of one household: `other_id` joins that of `customer_id`, or it of theirs; returns the change to take back.

    Raises ValidationError when both live in different ones: taking somebody out is a step of its own.
    """
    if customer_id == other_id:
        raise ValidationError(_("请选另一位客户，不能和自己是一家人。"))
    one, other = _locked_pair(actor, customer_id, other_id)
    if Customer.Kind.COMPANY in (one.kind, other.kind):
        raise ValidationError(_("公司不能放进家庭，请用联系人。"))
    theirs = {row.customer_id: row for row in _memberships(one.pk, other.pk)}
    homes = {row.household_id for row in theirs.values()}
    if len(homes) > 1:
        raise ValidationError(_("这两位已经在两个家庭里，请先让其中一位退出。"))
    home = homes.pop() if homes else Household.objects.create().pk
    change = None
    for person, words in ((one, relation), (other, other_relation)):
        row = theirs.get(person.pk) or HouseholdMember(household_id=home, customer=person)
        before: Values | None = MEMBERS.snapshot(row)
        row.relation = rules.clean_line(words)[:20] or row.relation
        MEMBERS.keep_in_step(row)
        change = note_change(actor, MEMBERS, row, before, person) or change
    return change


@transaction.atomic
def leave_household(*, actor: Actor, customer_id: int) -> int | None:
    """The person is no longer of that household."""
    customer = opened(actor, customer_id)
    row = _memberships(customer.pk).first()
    if row is None:
        return None
    before = MEMBERS.snapshot(row)
    MEMBERS.restore(row, None)
    return note_change(actor, MEMBERS, row, before, customer)


def _memberships(*customer_ids: int) -> Any:
    return HouseholdMember.objects.filter(customer_id__in=customer_ids, left_at=None)
