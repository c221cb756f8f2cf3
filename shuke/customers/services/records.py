"""Adding and changing customers by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.events import CustomerAdded, CustomerChanged
from shuke.customers.models import ContactPoint, Customer, Identity
from shuke.customers.queries.day_words import birthday_words
from shuke.customers.queries.records import birthday_of
from shuke.customers.services.custom_values import audited, checked_values, put_into, with_words
from shuke.customers.services.history import FieldChanged, differences, record_field_changes
from shuke.customers.services.identity import IdentityTaken, claim_identity
from shuke.customers.services.tags import set_tags
from shuke.customers.services.telling_managers import FIELD as MANAGER
from shuke.customers.services.telling_managers import tell_new_manager
from shuke.customers.services.terms import index_terms
from shuke.customers.services.texts import write_texts
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor, reach_of
from shuke.team.rules import Scope
from shuke.team.services import record_audit, require
from shuke.zh import pinyin
from shuke.zh.calendar import Birthday

KEY_FIELDS = {
    "phone": rules.PHONE,
    "email": rules.EMAIL,
    "wechat": rules.WECHAT,
    "member_number": rules.MEMBER,
}
TEXT_FIELDS = frozenset(
    {
        "province",
        "city",
        "district",
        "address",
        "occupation",
        "education",
        "industry",
        "income_band",
        "preferred_channel",
        "preferred_hours",
        "preferred_products",
        "first_channel",
    }
)
OTHER_FIELDS = frozenset(
    {"kind", "gender", "birth_year", "store_id", "account_manager_id", "note", "birthday", "tags", "custom"}
)
BESIDE = frozenset({"tags", "custom"})  # no columns of their own
CHANGEABLE = frozenset({"name"}) | KEY_FIELDS.keys() | TEXT_FIELDS | OTHER_FIELDS
SEARCHED = frozenset({"name", "store_id", "note"}) | KEY_FIELDS.keys()


@dataclass(frozen=True)
class NewCustomer:
    """What is known of somebody new. Only a name or a phone number is required."""

    name: str = ""
    phone: str = ""
    email: str = ""
    wechat: str = ""
    member_number: str = ""
    kind: str = "person"
    gender: str = ""
    birthday: Birthday | None = None
    birth_year: int | None = None
    province: str = ""
    city: str = ""
    district: str = ""
    address: str = ""
    occupation: str = ""
    education: str = ""
    industry: str = ""
    income_band: str = ""
    preferred_channel: str = ""
    preferred_hours: str = ""
    preferred_products: str = ""
    note: str = ""
    first_channel: str = ""
    store_id: int | None = None
    account_manager_id: int | None = None
    tags: tuple[str, ...] = ()
    custom: Mapping[int, Any] | None = (
        None  # the shop's own fields by number; given: required ones must be there
    )


@transaction.atomic
def add_customer(*, actor: Actor, form: NewCustomer) -> Customer:
    """Add a customer, findable at once.

    Raises ValidationError with what to mend, IdentityTaken when a number belongs to a customer already. Somebody who sees
    only their own store adds to it.
    """
    require(actor, "customers.add")
    _raise_problems(form.name, form.phone, form.email, form.birthday)
    values = {field.name: getattr(form, field.name) for field in fields(form) if field.name not in BESIDE}
    customer = Customer(**_columns({key: value for key, value in values.items() if value not in ("", None)}))
    _place_within_reach(actor, customer)
    customer.name_key = pinyin.sort_key(customer.name, customer.phone)
    held = (
        [] if form.custom is None else put_into(customer, checked_values(form.custom, form.kind, is_new=True))
    )
    customer.save()
    _claim_keys(customer, {key: values[key] for key in KEY_FIELDS})
    set_tags(customer, form.tags, source="typed")
    record_audit(actor, "customer_added", customer, after=_readable(values) | audited(held, "after"))
    given = FieldChanged(customer.pk, MANAGER, None, customer.account_manager_id)
    tell_new_manager(actor, [given], key="added")
    index_terms([customer.pk])
    publish(CustomerAdded(customer_id=customer.pk))
    return customer


@transaction.atomic
def change_customer(*, actor: Actor, customer_id: int, **changes: Any) -> Customer:
    """Change fields of a customer; the audit keeps each field's value before and after. `custom` maps own fields to values.

    Raises ValidationError, IdentityTaken, PermissionDenied (also for a store or manager out of reach), DoesNotExist.
    """
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise ValueError(f"not fields of a customer: {sorted(unknown)}")
    customer = Customer.objects.select_for_update().get(pk=customer_id, merged_into=None, deleted_at=None)
    require(actor, "customers.edit", customer)
    tags, custom = changes.pop("tags", None), changes.pop("custom", None)
    before = {key: _current(customer, key) for key in changes}
    _check_changed(customer, changes)
    _apply(customer, changes)
    require(actor, "customers.edit", customer)
    after = {key: _current(customer, key) for key in changes}
    changed = {key for key in changes if before[key] != after[key]}
    if tags is not None:
        old, new = set_tags(customer, tags, source="typed")
        if old != new:
            before["tags"], after["tags"] = old, new
            changed.add("tags")
    own = put_into(customer, checked_values(custom, customer.kind)) if custom else []
    if not changed and not own:
        return customer
    _save_changed(customer, changed, before, after)
    write_texts(with_words(own))
    audit = record_audit(
        actor,
        "customer_changed",
        customer,
        before=_readable({key: before[key] for key in sorted(changed)}) | audited(own, "before"),
        after=_readable({key: after[key] for key in sorted(changed)}) | audited(own, "after"),
    )
    told = [*differences(customer.pk, before, after, changed), *own]
    record_field_changes(actor=actor, audit_id=audit.pk, changes=told)
    tell_new_manager(actor, told, key=str(audit.pk))
    publish(CustomerChanged(customer_id=customer.pk))
    return customer


@transaction.atomic
def set_custom_values(*, actor: Actor, customer_id: int, values: Mapping[int, Any]) -> Customer:
    """Write the shop's own fields of a customer, by field number; None empties one. Raises as `change_customer`."""
    return change_customer(actor=actor, customer_id=customer_id, custom=values)


def _save_changed(
    customer: Customer, changed: set[str], before: dict[str, Any], after: dict[str, Any]
) -> None:
    if changed & {"name", "phone"}:
        customer.name_key = pinyin.sort_key(customer.name, customer.phone)
    customer.updated_at = clock.now()
    customer.save()
    keys = changed & KEY_FIELDS.keys()
    for key in keys:
        _release(customer, key, before[key])
    _claim_keys(customer, {key: after[key] for key in keys})
    if changed & SEARCHED:
        index_terms([customer.pk])


def _check_changed(customer: Customer, changes: dict[str, Any]) -> None:
    new = {key: changes.get(key, getattr(customer, key)) or "" for key in ("name", "phone", "email")}
    _raise_problems(**new, birthday=changes.get("birthday"))


def _raise_problems(name: str, phone: str, email: str, birthday: Birthday | None) -> None:
    problems = rules.problems_of(name=name, phone=phone, email=email, birthday=birthday)
    if problems:
        raise ValidationError({problem.field: _(problem.message) for problem in problems})


def _apply(customer: Customer, changes: dict[str, Any]) -> None:
    for column, value in _columns(changes).items():
        setattr(customer, column, value)


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """Fields as columns, cleaned and normalised."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if key == "birthday":
            found |= _birthday_columns(value)
        elif key in KEY_FIELDS:
            found[key] = _shown(key, value)
        elif key == "note":
            found[key] = rules.clean_text(value)
        elif key == "name" or key in TEXT_FIELDS:
            found[key] = rules.clean_line(value)[: _length(key)]
        else:
            found[key] = value
    return found


def _length(column: str) -> int | None:
    length: int | None = getattr(Customer._meta.get_field(column), "max_length", None)
    return length


def _birthday_columns(birthday: Birthday | None) -> dict[str, Any]:
    return {
        "birthday_calendar": birthday.calendar if birthday else "",
        "birthday_month": birthday.month if birthday else None,
        "birthday_day": birthday.day if birthday else None,
        "birthday_is_leap": birthday.is_leap if birthday else False,
    }


def _current(customer: Customer, key: str) -> Any:
    return birthday_of(customer) if key == "birthday" else getattr(customer, key)


def _normalised(key: str, value: str) -> str:
    """What identifies: E.164, lower case."""
    if key == "phone":
        return rules.normalise_phone(value) or ""
    if key == "email":
        return rules.normalise_email(value) or ""
    plain = rules.clean_line(value)[: _length(key)]
    return plain.lower() if key == "wechat" else plain


def _shown(key: str, value: str) -> str:
    normal = _normalised(key, value)
    return rules.shown_phone(normal) if key == "phone" else normal


def _claim_keys(customer: Customer, keys: dict[str, str]) -> None:
    for key, value in keys.items():
        if normal := _normalised(key, value):
            try:
                with transaction.atomic():
                    claim_identity(customer, KEY_FIELDS[key], normal)
                    points = ContactPoint.objects.filter(
                        customer=customer, kind=KEY_FIELDS[key], value=normal
                    )
                    points.update(removed_at=None, is_shared=False)
            except IntegrityError as error:  # taken by somebody this very moment
                holder = Identity.objects.get(namespace=KEY_FIELDS[key], value=normal)
                raise IdentityTaken(KEY_FIELDS[key], holder.customer_id) from error


def _release(customer: Customer, key: str, value: str) -> None:
    if normal := _normalised(key, value):
        ContactPoint.objects.filter(customer=customer, kind=KEY_FIELDS[key], value=normal).update(
            removed_at=clock.now()
        )
        Identity.objects.filter(customer=customer, namespace=KEY_FIELDS[key], value=normal).delete()


def _place_within_reach(actor: Actor, customer: Customer) -> None:
    """A record nobody who added it could see again would be lost: it goes to their store, or to themselves."""
    reach = reach_of(actor)
    if reach.scope is Scope.STORE and customer.store_id is None and reach.store_ids:
        customer.store_id = min(reach.store_ids)
    elif reach.scope is Scope.OWN and customer.account_manager_id is None:
        customer.account_manager_id = actor.id
    require(actor, "customers.add", customer)


def _readable(values: dict[str, Any]) -> dict[str, Any]:
    """For the audit: JSON values, empty ones as empty text."""
    return {
        key: _written(value)
        for key, value in values.items()
        if value not in ("", None, ()) or key in KEY_FIELDS
    }


def _written(value: Any) -> Any:
    if isinstance(value, Birthday):
        return birthday_words(value)
    return list(value) if isinstance(value, tuple) else value
