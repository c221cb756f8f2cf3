"""What is done to the team, and the two doors every service of every room goes through: `require` and `record_audit`."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.team import rules
from shuke.team.models import AuditEntry, Shop, Staff, Store
from shuke.team.queries import Actor, reach_of, shop


def require(actor: Actor, permission: str, record: Any = None) -> None:
    """Raise PermissionDenied unless the actor holds the permission and, if given, reaches the record.

    `record` has `store_id` and `account_manager_id`; a record without them is refused to all but full scope.
    """
    role = getattr(actor, "ready_role", rules.NO_ROLE)
    if not rules.may(role, permission):
        raise PermissionDenied(_("您没有做这件事的权限。"))
    if record is not None and not reach_of(actor).covers(
        store_id=getattr(record, "store_id", None), owner_id=getattr(record, "account_manager_id", None)
    ):
        raise PermissionDenied(_("这条记录不在您的范围内。"))


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


def one_time_password() -> str:
    """A password to hand over once: three groups that are easy to read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


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
    if role not in rules.READY_ROLES:
        raise ValueError(f"no role {role!r}")
    staff = Staff(username=username.strip(), name=name.strip(), role=role)
    staff.set_password(password or one_time_password())
    staff.save()
    staff.stores.set(stores)
    record_audit(actor, "staff_added", staff, after={"username": staff.username, "role": role})
    return staff


@transaction.atomic
def change_password(*, actor: Staff, password: str) -> None:
    """The person's own new password; raises ValidationError with what is wrong with it."""
    validate_password(password, actor)
    actor.set_password(password)
    actor.must_change_password = False
    actor.save(update_fields=["password", "must_change_password"])
    record_audit(actor, "password_changed", actor)


@transaction.atomic
def add_store(*, actor: Actor, name: str, city: str = "", is_online: bool = False) -> Store:
    """Open a store."""
    require(actor, "shop.configure")
    store = Store.objects.create(name=name.strip(), city=city.strip(), is_online=is_online)
    record_audit(actor, "store_added", store, after={"name": store.name})
    return store


@transaction.atomic
def stores_named(names: Iterable[str]) -> dict[str, int]:
    """Ids of the stores of those names; unknown ones are opened (an order file may name new stores)."""
    wanted = {name.strip() for name in names if name and name.strip()}
    known = dict(Store.objects.filter(name__in=wanted).values_list("name", "pk"))
    missing = sorted(wanted - known.keys())
    Store.objects.bulk_create([Store(name=name) for name in missing], ignore_conflicts=True)
    return dict(Store.objects.filter(name__in=wanted).values_list("name", "pk")) if missing else known


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
