"""More phones, e-mails, WeChats and addresses of a customer than the record shows.

Identities stay what recognises somebody. A number that is another customer's identity can be shared: this customer has it too,
and orders that name it still find its holder.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shuke.customers import rules
from shuke.customers.models import Address, ContactPoint, Customer, Identity
from shuke.customers.rules.profile import mask_contact, tidy_place
from shuke.customers.services.identity import IdentityTaken, claim_identity, living
from shuke.customers.services.kept import KeptRows, Values, note_change, opened
from shuke.kernel import clock
from shuke.team.queries import Actor, reach_of
from shuke.zh import pinyin, regions

STAFF = "staff"
PLACE = ("province", "city", "district", "detail")


@dataclass(frozen=True)
class PointForm:
    """A phone, e-mail or WeChat as somebody fills it in. `is_shared`: it may stay another customer's identity."""

    kind: str
    value: str
    label: str = ""
    valid_until: date | None = None
    is_verified: bool = False
    is_main: bool = False
    is_shared: bool = False
    source: str = "typed"


@dataclass(frozen=True)
class AddressForm:
    """An address as somebody fills it in; one pasted into `detail` as a whole is taken apart."""

    label: str = ""
    recipient: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    detail: str = ""
    valid_until: date | None = None
    is_verified: bool = False
    is_main: bool = False
    source: str = "typed"


class PointRows(KeptRows):
    """Phones, e-mails, WeChats."""

    prefix, model = "point", ContactPoint
    words = gettext_lazy("联系方式")
    columns = ("kind", "value", "label", "valid_until", "verified_on", "verified_by", "is_shared")
    follows = frozenset({"is_main"})

    def snapshot(self, row: ContactPoint) -> Values | None:
        values = super().snapshot(row)
        return values and values | {"is_main": is_main_point(row)}

    def restore(self, row: ContactPoint, values: Values | None) -> None:
        before = (row.kind, row.value)
        if values is not None:
            _release(row.customer, *before)
        super().restore(row, values)
        if values is not None and before != (row.kind, row.value):
            _show_another(row.customer, *before)
        _show(row, is_main=bool(values and values["is_main"]))

    def keep_in_step(self, row: ContactPoint) -> None:
        """Active and its own: an identity. Shared or removed: none."""
        row.save()
        if row.removed_at is None and not row.is_shared:
            claim_identity(row.customer, row.kind, row.value, verified_by=row.verified_by)
        else:
            _release(row.customer, row.kind, row.value)

    def describe(self, values: Mapping[str, Any], *, is_masked: bool) -> str:
        shown = shown_value(values["kind"], values["value"])
        parts = [
            str(ContactPoint.Kind(values["kind"]).label),
            mask_contact(values["kind"], shown) if is_masked else shown,
            values["label"],
            _("已验证") if values["verified_on"] else "",
            _("共用") if values["is_shared"] else "",
            _("用到 %(day)s") % {"day": values["valid_until"]} if values["valid_until"] else "",
        ]
        return " · ".join(part for part in parts if part)


class AddressRows(KeptRows):
    """Addresses."""

    prefix, model = "address", Address
    words = gettext_lazy("地址")
    columns = ("label", "recipient", *PLACE, "valid_until", "verified_on", "verified_by", "is_main")
    follows = frozenset({"is_main"})

    def keep_in_step(self, row: Address) -> None:
        """The main one is shown on the record; there is always a main one while there is any."""
        others = Address.objects.filter(customer=row.customer, removed_at=None).exclude(pk=row.pk)
        if row.removed_at is not None:
            was_main, row.is_main = row.is_main, False
            row.save()
            heir = others.order_by("-is_main", "-pk").first()
            if was_main and heir is not None:
                heir.is_main = True
                heir.save(update_fields=["is_main"])
            if was_main:
                _show_address(row.customer, heir)
            return
        row.is_main = row.is_main or not others.filter(is_main=True).exists()
        if row.is_main:
            others.filter(is_main=True).update(is_main=False)
        row.save()
        if row.is_main:
            _show_address(row.customer, row)

    def describe(self, values: Mapping[str, Any], *, is_masked: bool) -> str:
        place = str(regions.Region(*(values[part] for part in PLACE)))
        parts = (values["label"], place, values["recipient"], _("已验证") if values["verified_on"] else "")
        return " · ".join(part for part in parts if part)


POINTS, ADDRESSES = PointRows(), AddressRows()


def shown_value(kind: str, value: str) -> str:
    """A stored value as people write it."""
    return rules.shown_phone(value) if kind == rules.PHONE else value


def is_main_point(row: ContactPoint) -> bool:
    """Whether the record shows this one."""
    shown: str = getattr(row.customer, row.kind)
    return bool(shown) and shown == shown_value(row.kind, row.value)


def _normal(kind: str, value: str) -> str:
    if kind == rules.PHONE:
        normal = rules.normalise_phone(value)
        if normal is None:
            raise ValidationError({"value": _("这个号码不像电话。手机请填 11 位数字，座机请带区号。")})
        return normal
    if kind == rules.EMAIL:
        normal = rules.normalise_email(value)
        if normal is None:
            raise ValidationError({"value": _("邮箱应像 name@example.com，请检查 @ 和后面的域名。")})
        return normal
    plain = rules.clean_line(value)[:60].lower()
    if kind != rules.WECHAT or not plain:
        raise ValidationError({"value": _("请填写微信号。")})
    return plain


@transaction.atomic
def add_point(*, actor: Actor, customer_id: int, form: PointForm) -> int | None:
    """Add a phone, e-mail or WeChat, or say more about one that is known; returns the change to take back.

    The first of its kind is shown on the record. Raises ValidationError, PermissionDenied, and IdentityTaken when it is
    somebody else's, unless the form says that it is shared and the actor reaches whoever has it.
    """
    customer = opened(actor, customer_id)
    value = _normal(form.kind, form.value)
    row = point_row(customer, form.kind, value)
    before = POINTS.snapshot(row)
    form = replace(form, is_shared=_is_somebody_elses(actor, customer, form, value))
    _fill_point(row, form, value)
    row.source = rules.clean_line(form.source)[:40]
    POINTS.restore(row, _point_values(row) | {"is_main": form.is_main or is_main_point(row)})
    return note_change(actor, POINTS, row, before, customer)


@transaction.atomic
def change_point(*, actor: Actor, customer_id: int, kind: str, value: str, form: PointForm) -> int | None:
    """Change what is known of a point the customer has; an empty `form.value` leaves the number itself alone."""
    customer = opened(actor, customer_id)
    row = _known_point(customer, kind, value)
    before = POINTS.snapshot(row)
    new = _normal(kind, form.value) if form.value.strip() else row.value
    if new != row.value:
        if ContactPoint.objects.filter(customer=customer, kind=kind, value=new, removed_at=None).exists():
            raise ValidationError({"value": _("这位客户已经有这个号码了。")})
        ContactPoint.objects.filter(customer=customer, kind=kind, value=new).delete()
        form = replace(form, is_shared=_is_somebody_elses(actor, customer, form, new))
    else:
        form = replace(form, is_shared=row.is_shared)
    values = _filled(row, form, new) | {"is_main": form.is_main or is_main_point(row)}
    POINTS.restore(row, values)
    return note_change(actor, POINTS, row, before, customer)


@transaction.atomic
def show_point(*, actor: Actor, customer_id: int, kind: str, value: str) -> int | None:
    """Make this the one that the record shows."""
    customer = opened(actor, customer_id)
    row = _known_point(customer, kind, value)
    before = POINTS.snapshot(row)
    _show(row, is_main=True)
    return note_change(actor, POINTS, row, before, customer)


@transaction.atomic
def verify_point(*, actor: Actor, customer_id: int, kind: str, value: str) -> int | None:
    """Say that it was proven today: the customer answered there."""
    customer = opened(actor, customer_id)
    row = _known_point(customer, kind, value)
    before = POINTS.snapshot(row)
    row.verified_on, row.verified_by = clock.today(), STAFF
    row.save()
    Identity.objects.filter(customer=customer, namespace=kind, value=row.value, verified_by="").update(
        verified_by=STAFF
    )
    return note_change(actor, POINTS, row, before, customer)


@transaction.atomic
def remove_point(*, actor: Actor, customer_id: int, kind: str, value: str) -> int | None:
    """Take a point off; the record shows the next one of its kind. The change returned puts it back."""
    customer = opened(actor, customer_id)
    row = _known_point(customer, kind, value)
    before = POINTS.snapshot(row)
    POINTS.restore(row, None)
    return note_change(actor, POINTS, row, before, customer)


def point_row(customer: Customer, kind: str, value: str) -> ContactPoint:
    """The row about a value, made without label when there is none; not saved."""
    row = ContactPoint.objects.filter(customer=customer, kind=kind, value=value).first()
    row = row or ContactPoint(customer=customer, kind=kind, value=value)
    row.customer = customer
    return row


def _known_point(customer: Customer, kind: str, value: str) -> ContactPoint:
    """The row about a value that the customer has; one is made for a bare identity. Raises ValidationError for none."""
    row = point_row(customer, kind, value)
    if row.pk is not None and row.removed_at is None:
        return row
    identity = Identity.objects.filter(customer=customer, namespace=kind, value=value).first()
    if identity is None and getattr(customer, kind, "") != shown_value(kind, value):
        raise ValidationError(_("这个号码已经不在这位客户名下，请刷新页面。"))
    row.removed_at = None
    row.source = "identity"
    row.save()
    return row


def _is_somebody_elses(actor: Actor, customer: Customer, form: PointForm, value: str) -> bool:
    """Whether the value has to be shared. Raises IdentityTaken when it is another's and the form does not say so."""
    held = Identity.objects.filter(namespace=form.kind, value=value).select_related("customer").first()
    holder = living(held.customer) if held else None
    if holder is None or holder.pk == customer.pk:
        return False
    within = reach_of(actor).covers(store_id=holder.store_id, owner_id=holder.account_manager_id)
    if not form.is_shared or not within:
        raise IdentityTaken(form.kind, holder.pk)
    return True


def _filled(row: ContactPoint, form: PointForm, value: str) -> Values:
    """The row's values as the form says them; what was proven stays proven while the number is the same."""
    is_proven = form.is_verified or (bool(row.verified_on) and value == row.value)
    day = row.verified_on if row.verified_on and value == row.value else clock.today()
    return {
        "kind": row.kind,
        "value": value,
        "label": rules.clean_line(form.label)[:20],
        "valid_until": form.valid_until.isoformat() if form.valid_until else None,
        "verified_on": day.isoformat() if is_proven else None,
        "verified_by": (row.verified_by or STAFF) if is_proven else "",
        "is_shared": form.is_shared,
    }


def _fill_point(row: ContactPoint, form: PointForm, value: str) -> None:
    for column, held in _filled(row, form, value).items():
        is_day = column in ("valid_until", "verified_on") and held
        setattr(row, column, date.fromisoformat(held) if is_day else held)


def _point_values(row: ContactPoint) -> Values:
    return _filled(
        row,
        PointForm(
            row.kind, row.value, row.label, row.valid_until, bool(row.verified_on), is_shared=row.is_shared
        ),
        row.value,
    )


def _release(customer: Customer, kind: str, value: str) -> None:
    Identity.objects.filter(customer=customer, namespace=kind, value=value).delete()


def _show(row: ContactPoint, *, is_main: bool) -> None:
    """Keep the record's own column in step with this row."""
    customer = row.customer
    if row.removed_at is not None:
        _show_another(customer, row.kind, row.value)
    elif is_main or not getattr(customer, row.kind):
        _set_shown(customer, row.kind, shown_value(row.kind, row.value))


def _show_another(customer: Customer, kind: str, value: str) -> None:
    """Where the record shows a value that it no longer has: the next one, or nothing."""
    if getattr(customer, kind) != shown_value(kind, value):
        return
    points = ContactPoint.objects.filter(customer=customer, kind=kind, removed_at=None).exclude(value=value)
    owned = Identity.objects.filter(customer=customer, namespace=kind).exclude(value=value)
    values = [
        *points.order_by("is_shared", "pk").values_list("value", flat=True),
        *owned.order_by("pk").values_list("value", flat=True),
    ]
    _set_shown(customer, kind, shown_value(kind, values[0]) if values else "")


def _set_shown(customer: Customer, kind: str, shown: str) -> None:
    setattr(customer, kind, shown)
    customer.name_key = pinyin.sort_key(customer.name, customer.phone)
    customer.save(update_fields=[kind, "name_key"])


# --- addresses ---


@transaction.atomic
def save_address(
    *, actor: Actor, customer_id: int, form: AddressForm, address_id: int | None = None
) -> int | None:
    """Add an address, or change the one of that id; returns the change to take back.

    The first is the main one. Raises ValidationError for an empty one, PermissionDenied, DoesNotExist.
    """
    customer = opened(actor, customer_id)
    keep_address_of_record(customer)
    row = (
        Address(customer=customer, source=rules.clean_line(form.source)[:40])
        if address_id is None
        else Address.objects.get(pk=address_id, customer=customer)
    )
    row.customer = customer
    before = ADDRESSES.snapshot(row)
    _fill_address(row, form)
    ADDRESSES.keep_in_step(row)
    return note_change(actor, ADDRESSES, row, before, customer)


@transaction.atomic
def remove_address(*, actor: Actor, customer_id: int, address_id: int) -> int | None:
    """Take an address off; the newest other one becomes the main one if this was it."""
    customer = opened(actor, customer_id)
    row = Address.objects.get(pk=address_id, customer=customer)
    row.customer = customer
    before = ADDRESSES.snapshot(row)
    ADDRESSES.restore(row, None)
    return note_change(actor, ADDRESSES, row, before, customer)


def keep_address_of_record(customer: Customer) -> Address | None:
    """The main address as a row, in step with what the record shows: imports and merges write the record only."""
    shown = {part: getattr(customer, "address" if part == "detail" else part) for part in PLACE}
    row = Address.objects.filter(customer=customer, is_main=True, removed_at=None).first()
    if row is None:
        if not any(shown.values()):
            return None
        return Address.objects.create(customer=customer, is_main=True, source="record", **shown)
    if any(getattr(row, part) != value for part, value in shown.items()):
        Address.objects.filter(pk=row.pk).update(**shown, verified_on=None, verified_by="")
        row.refresh_from_db()
    return row


def _fill_address(row: Address, form: AddressForm) -> None:
    place = tidy_place(form.province, form.city, form.district, form.detail)
    if not any((place.province, place.city, place.district, place.detail)):
        raise ValidationError({"detail": _("请填写地址，可以整段粘贴。")})
    moved = any(getattr(row, part) != getattr(place, part) for part in PLACE)
    for part in PLACE:
        setattr(row, part, getattr(place, part)[: 200 if part == "detail" else 40])
    row.label, row.recipient = rules.clean_line(form.label)[:20], rules.clean_line(form.recipient)[:40]
    row.valid_until, row.is_main = form.valid_until, form.is_main or row.is_main
    if not form.is_verified or moved or row.verified_on is None:
        row.verified_on = clock.today() if form.is_verified else None
        row.verified_by = STAFF if form.is_verified else ""


def _show_address(customer: Customer, row: Address | None) -> None:
    customer.province = row.province if row else ""
    customer.city = row.city if row else ""
    customer.district = row.district if row else ""
    customer.address = row.detail if row else ""
    customer.save(update_fields=["province", "city", "district", "address"])
