"""What is done to the team, and the two doors every service of every room goes through: `require` and `record_audit`."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team import rules
from shuke.team.events import StaffAdded, StaffDisabled
from shuke.team.models import AuditEntry, Notice, Shop, Staff, Store
from shuke.team.ports import unused_stores
from shuke.team.queries import Actor, reach_of, shop


def require(actor: Actor, permission: str, record: Any = None) -> None:
    """Raise PermissionDenied unless the actor holds the permission and, if given, reaches the record.

    `record` has `store_id` and `account_manager_id`; a record without them is refused to all but full scope. One with a
    `customer_id` that is shared with the actor is theirs as far as the sharing goes.
    """
    role = getattr(actor, "ready_role", rules.NO_ROLE)
    if not rules.may(role, permission):
        raise PermissionDenied(_("您没有做这件事的权限。"))
    if record is not None and not _reaches(actor, permission, record):
        raise PermissionDenied(_("这条记录不在您的范围内。"))


def _reaches(actor: Actor, permission: str, record: Any) -> bool:
    reach = reach_of(actor)
    return reach.covers(
        store_id=getattr(record, "store_id", None), owner_id=getattr(record, "account_manager_id", None)
    ) or reach.shares(getattr(record, "customer_id", None), permission)


def record_audit(
    actor: Actor,
    action: str,
    record: Any = None,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write who did what, in the caller's transaction."""
    return AuditEntry.objects.create(
        actor_id=actor.pk if isinstance(actor, Staff) else None,
        actor_name=actor.name,
        action=action,
        kind=type(record).__name__ if record is not None else "",
        object_id=getattr(record, "pk", None),
        before=before,
        after=after,
        address=getattr(actor, "address", None),
    )


def blank_audited(kind: str, object_ids: Iterable[int]) -> int:
    """Take the values out of what the audit says about records that are gone for good; who did what and when stays."""
    entries = AuditEntry.objects.filter(kind=kind, object_id__in=list(object_ids))
    return entries.update(before=None, after=None)


def one_time_password() -> str:
    """A password to hand over once: three groups that are easy to read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


@dataclass(frozen=True)
class StaffForm:
    """What is known of a person who works here; `store_ids` are the stores whose customers they see."""

    name: str
    role: str
    store_ids: frozenset[int] = frozenset()


class LastOwner(ValueError):
    """The change would leave the shop without anyone who may manage it."""


class NotYourself(ValueError):
    """Nobody takes away their own access."""


@transaction.atomic
def add_staff(
    *,
    actor: Actor,
    username: str,
    name: str,
    role: str,
    stores: Iterable[Store] = (),
    password: str | None = None,
) -> Staff:
    """Add a person who may sign in; they choose their own password at first sign-in."""
    require(actor, "team.manage")
    _check_role(role)
    staff = Staff(username=username.strip(), name=name.strip(), role=role)
    staff.set_password(password or one_time_password())
    staff.save()
    staff.stores.set(stores)
    record_audit(
        actor, "staff_added", staff, after={"name": staff.name, "username": staff.username, "role": role}
    )
    publish(StaffAdded(staff_id=staff.pk))
    return staff


@transaction.atomic
def change_staff(*, actor: Actor, staff_id: int, form: StaffForm) -> Staff:
    """Change name, role and stores; raises LastOwner and changes nothing if no owner would remain."""
    require(actor, "team.manage")
    _check_role(form.role)
    staff = _locked_staff(staff_id)
    if form.role != rules.OWNER.code:
        _keep_an_owner(without=staff)
    before = _facts(staff)
    staff.name, staff.role = form.name.strip(), form.role
    staff.save(update_fields=["name", "role"])
    staff.stores.set(form.store_ids)
    record_audit(actor, "staff_changed", staff, before=before, after=_facts(staff))
    return staff


@transaction.atomic
def disable_staff(*, actor: Actor, staff_id: int) -> Staff:
    """End a person's access: every session of theirs dies at once. Raises NotYourself, LastOwner."""
    require(actor, "team.manage")
    staff = _locked_staff(staff_id)
    if isinstance(actor, Staff) and actor.pk == staff.pk:
        raise NotYourself(staff.username)
    _keep_an_owner(without=staff)
    staff.is_active = False
    staff.session_epoch += 1
    staff.save(update_fields=["is_active", "session_epoch"])
    record_audit(actor, "staff_disabled", staff, after={"name": staff.name, "username": staff.username})
    publish(StaffDisabled(staff_id=staff.pk))
    return staff


@transaction.atomic
def enable_staff(*, actor: Actor, staff_id: int) -> Staff:
    """Let a person sign in again, with the password they had."""
    require(actor, "team.manage")
    staff = _locked_staff(staff_id)
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    record_audit(actor, "staff_enabled", staff, after={"name": staff.name, "username": staff.username})
    return staff


@transaction.atomic
def reset_password(*, actor: Actor, staff_id: int) -> str:
    """Give a person a new one-time password (returned, never stored readable); their sessions die at once."""
    require(actor, "team.manage")
    staff = _locked_staff(staff_id)
    password = one_time_password()
    staff.set_password(password)
    staff.must_change_password = True
    staff.session_epoch += 1
    staff.save(update_fields=["password", "must_change_password", "session_epoch"])
    record_audit(actor, "password_reset", staff, after={"name": staff.name, "username": staff.username})
    return password


@transaction.atomic
def change_password(*, actor: Staff, password: str) -> None:
    """The person's own new password; raises ValidationError with what is wrong with it."""
    validate_password(password, actor)
    actor.set_password(password)
    actor.must_change_password = False
    actor.save(update_fields=["password", "must_change_password"])
    record_audit(actor, "password_changed", actor)


@transaction.atomic
def choose_language(*, actor: Staff, language: str) -> None:
    """The language the person's pages are in; raises ValueError for one that Shuke does not speak."""
    _choose(actor, "language", language, dict(settings.LANGUAGES).keys())


@transaction.atomic
def choose_theme(*, actor: Staff, theme: str) -> None:
    """Light, dark, or as the device says; raises ValueError for another."""
    _choose(actor, "theme", theme, {"auto", "light", "dark"})


def _choose(actor: Staff, field: str, value: str, known: Collection[str]) -> None:
    if value not in known:
        raise ValueError(f"no {field} {value!r}")
    before = getattr(actor, field)
    if before == value:
        return
    setattr(actor, field, value)
    actor.save(update_fields=[field])
    record_audit(actor, f"{field}_chosen", actor, before={field: before}, after={field: value})


def _check_role(role: str) -> None:
    if role not in rules.READY_ROLES:
        raise ValueError(f"no role {role!r}")


def _locked_staff(staff_id: int) -> Staff:
    return Staff.objects.select_for_update().get(pk=staff_id)


def _keep_an_owner(*, without: Staff) -> None:
    if without.role != rules.OWNER.code or not without.is_active:
        return
    owners = Staff.objects.select_for_update().filter(role=rules.OWNER.code, is_active=True)
    if not any(owner.pk != without.pk for owner in owners):
        raise LastOwner(without.username)


def _facts(staff: Staff) -> dict[str, Any]:
    stores = list(staff.stores.values_list("name", flat=True))
    return {"name": staff.name, "role": staff.role, "stores": stores}


@transaction.atomic
def add_store(*, actor: Actor, name: str, city: str = "", is_online: bool = False) -> Store:
    """Open a store."""
    require(actor, "shop.configure")
    store = Store.objects.create(name=name.strip(), city=city.strip(), is_online=is_online)
    record_audit(actor, "store_added", store, after={"name": store.name})
    return store


@transaction.atomic
def change_store(*, actor: Actor, store_id: int, name: str, city: str, is_online: bool) -> Store:
    """Rename a store or say where it is; its orders and customers stay with it."""
    require(actor, "shop.configure")
    store = Store.objects.select_for_update().get(pk=store_id)
    before = {"name": store.name, "city": store.city, "is_online": store.is_online}
    store.name, store.city, store.is_online = name.strip(), city.strip(), is_online
    store.import_run_id = None  # a person has seen to it: it stays
    store.save(update_fields=["name", "city", "is_online", "import_run_id"])
    after = {"name": store.name, "city": store.city, "is_online": store.is_online}
    record_audit(actor, "store_changed", store, before=before, after=after)
    return store


@transaction.atomic
def set_store_open(*, actor: Actor, store_id: int, is_active: bool) -> Store:
    """Close a store (nothing is deleted; it is no longer offered in forms) or open it again."""
    require(actor, "shop.configure")
    store = Store.objects.select_for_update().get(pk=store_id)
    if store.is_active != is_active:
        store.is_active, store.import_run_id = is_active, None
        store.save(update_fields=["is_active", "import_run_id"])
        record_audit(
            actor, "store_opened" if is_active else "store_closed", store, after={"name": store.name}
        )
    return store


@transaction.atomic
def remove_unused_stores(*, actor: Actor, names: Iterable[str]) -> int:
    """Take away stores of those names that nothing uses; for clearing the demo shop. Returns how many went."""
    require(actor, "shop.configure")
    return _remove_unused(actor, Store.objects.filter(name__in=list(names)))


@transaction.atomic
def remove_stores_of_run(*, actor: Actor, import_run_id: int) -> int:
    """Take away the stores that an import opened, unless something uses them or somebody changed them. Returns how many."""
    require(actor, "imports.undo")
    return _remove_unused(actor, Store.objects.filter(import_run_id=import_run_id))


def _remove_unused(actor: Actor, stores: QuerySet[Store]) -> int:
    found = {store.pk: store for store in stores.select_for_update()}
    free = unused_stores(found)
    for pk in sorted(free):
        record_audit(actor, "store_removed", found[pk], before={"name": found[pk].name})
        found[pk].delete()
    return len(free)


@transaction.atomic
def remove_staff(*, actor: Actor, usernames: Iterable[str], keep_needed: bool = False) -> int:
    """Take away people of those sign-in names for good; for clearing the demo shop. Returns how many went.

    With `keep_needed` the actor and the last owner stay; without, raises NotYourself and LastOwner.
    """
    require(actor, "team.manage")
    removed = 0
    for person in Staff.objects.select_for_update().filter(username__in=list(usernames)).order_by("pk"):
        try:
            _remove(actor, person)
            removed += 1
        except (LastOwner, NotYourself):
            if not keep_needed:
                raise
    return removed


def _remove(actor: Actor, person: Staff) -> None:
    if isinstance(actor, Staff) and actor.pk == person.pk:
        raise NotYourself(person.username)
    _keep_an_owner(without=person)
    record_audit(actor, "staff_removed", person, before={"name": person.name, "username": person.username})
    person.delete()


@transaction.atomic
def keep_password(*, actor: Actor, staff_id: int) -> None:
    """Let a person go on with the password they were given; for the logins of the demo shop."""
    require(actor, "team.manage")
    staff = _locked_staff(staff_id)
    staff.must_change_password = False
    staff.save(update_fields=["must_change_password"])
    record_audit(actor, "password_kept", staff, after={"name": staff.name})


@transaction.atomic
def stores_named(names: Iterable[str], *, import_run_id: int | None = None) -> dict[str, int]:
    """Ids of the stores of those names; unknown ones are opened (an order file may name new stores)."""
    wanted = {name.strip() for name in names if name and name.strip()}
    known = dict(Store.objects.filter(name__in=wanted).values_list("name", "pk"))
    missing = sorted(wanted - known.keys())
    Store.objects.bulk_create(
        [Store(name=name, import_run_id=import_run_id) for name in missing], ignore_conflicts=True
    )
    return dict(Store.objects.filter(name__in=wanted).values_list("name", "pk")) if missing else known


def notify(
    *, staff_ids: Iterable[int], kind: str, key: str, facts: dict[str, Any] | None = None, url: str = ""
) -> int:
    """Tell people something, each of them once per kind and key; returns how many were told just now.

    `facts` are ids and numbers; a room says with `team.ports.register_notice_words` how they read.
    """
    told = 0
    for staff_id in sorted(set(staff_ids)):
        given = {"facts": facts or {}, "url": url}
        _row, is_new = Notice.objects.get_or_create(staff_id=staff_id, kind=kind, key=key, defaults=given)
        told += is_new
    return told


def read_notices(*, actor: Staff, notice_id: int | None = None) -> None:
    """Mark one notice of one's own, or all of them, as read."""
    waiting = Notice.objects.filter(staff_id=actor.pk, read_at=None)
    if notice_id is not None:
        waiting = waiting.filter(pk=notice_id)
    waiting.update(read_at=clock.now())


@transaction.atomic
def change_shop(*, actor: Actor, **changes: Any) -> Shop:
    """Change the shop's own settings: name, currency, is_rise_red."""
    require(actor, "shop.configure")
    unknown = changes.keys() - {"name", "currency", "is_rise_red", "is_demo"}
    if unknown:
        raise ValueError(f"not settings of the shop: {sorted(unknown)}")
    row = Shop.objects.select_for_update().get(pk=shop().pk)
    before = {field: getattr(row, field) for field in changes}
    for field, value in changes.items():
        setattr(row, field, value)
    row.save(update_fields=list(changes))
    record_audit(actor, "shop_changed", row, before=before, after=changes)
    return row
