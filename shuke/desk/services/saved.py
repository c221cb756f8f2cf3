"""Keeping lists: saving, renaming, sharing, pinning and taking away views."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.desk.models import SavedView, ViewChoices
from shuke.desk.queries.saved import ready_views, visible_views
from shuke.kernel import clock
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

LONGEST_NAME, LONGEST_QUERY, MOST_OWN = 30, 3_000, 40


@transaction.atomic
def save_view(*, actor: Actor, name: str, query: str, is_shared: bool = False) -> int:
    """Keep a list under a name; returns its id. Raises ValidationError, PermissionDenied."""
    require(actor, "customers.view")
    if is_shared:
        require(actor, "desk.share_views")
    name = _name(actor, name)
    if SavedView.objects.filter(owner_id=actor.id, deleted_at=None).count() >= MOST_OWN:
        raise ValidationError(_("最多存 40 个视图。先删掉不用的，再存新的。"))
    row = SavedView.objects.create(
        owner_id=_person(actor), name=name, query=_query(query), is_shared=is_shared
    )
    record_audit(actor, "view_saved", row, after={"name": name, "is_shared": is_shared})
    return row.pk


@transaction.atomic
def change_view(
    *,
    actor: Actor,
    view_id: int,
    name: str | None = None,
    query: str | None = None,
    is_shared: bool | None = None,
) -> None:
    """Rename one's own view, let it stand for another list, share it or not. Raises ValidationError, DoesNotExist."""
    row = _own(actor, view_id)
    before = {"name": row.name, "query": row.query, "is_shared": row.is_shared}
    if name is not None and name.strip() != row.name:
        row.name = _name(actor, name)
    if query is not None:
        row.query = _query(query)
    if is_shared is not None and is_shared != row.is_shared:
        require(actor, "desk.share_views")
        row.is_shared = is_shared
    after = {"name": row.name, "query": row.query, "is_shared": row.is_shared}
    if before == after:
        return
    row.save(update_fields=list(after))
    changed = [key for key in after if after[key] != before[key]]
    record_audit(
        actor,
        "view_changed",
        row,
        before={key: before[key] for key in changed},
        after={key: after[key] for key in changed},
    )


@transaction.atomic
def delete_view(*, actor: Actor, view_id: int) -> None:
    """Take one's own view away; `restore_view` brings it back. Raises DoesNotExist."""
    row = _own(actor, view_id)
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    record_audit(actor, "view_deleted", row, before={"name": row.name})


@transaction.atomic
def restore_view(*, actor: Actor, view_id: int) -> None:
    """Bring a view back that its owner took away. Raises DoesNotExist."""
    require(actor, "customers.view")
    row = SavedView.objects.select_for_update().get(pk=view_id, owner_id=actor.id)
    if row.deleted_at is None:
        return
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    record_audit(actor, "view_restored", row, after={"name": row.name})


@transaction.atomic
def pin_view(*, actor: Actor, key: str, is_pinned: bool) -> None:
    """Put a view among one's own tabs, or take it from there. Raises DoesNotExist for a view one may not open."""
    choices = _choices(actor, key)
    pinned, hidden = set(choices.pinned) - {key}, set(choices.hidden) - {key}
    (pinned if is_pinned else hidden).add(key)
    choices.pinned, choices.hidden = sorted(pinned), sorted(hidden)
    choices.save(update_fields=["pinned", "hidden"])


@transaction.atomic
def open_first(*, actor: Actor, key: str) -> None:
    """Let 客户 open with this view from now on. Raises DoesNotExist for a view one may not open."""
    choices = _choices(actor, key)
    choices.opens_first = key
    choices.save(update_fields=["opens_first"])


def _choices(actor: Actor, key: str) -> ViewChoices:
    require(actor, "customers.view")
    if key not in {one.key for one in ready_views(actor)}:
        visible_views(actor).get(pk=int(key[1:]) if key[:1] == "v" and key[1:].isdigit() else 0)
    staff_id = _person(actor)
    ViewChoices.objects.get_or_create(staff_id=staff_id)
    return ViewChoices.objects.select_for_update().get(staff_id=staff_id)


def _person(actor: Actor) -> int:
    """Views are people's; Shuke itself keeps none."""
    if actor.id is None:
        raise PermissionDenied(_("视图属于某一位员工。"))
    return actor.id


def _own(actor: Actor, view_id: int) -> SavedView:
    require(actor, "customers.view")
    return SavedView.objects.select_for_update().get(pk=view_id, owner_id=actor.id, deleted_at=None)


def _name(actor: Actor, name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise ValidationError(_("给视图起个名字。"))
    if len(name) > LONGEST_NAME:
        raise ValidationError(_("名字最多 30 个字，请写短一些。"))
    if SavedView.objects.filter(owner_id=actor.id, name=name, deleted_at=None).exists():
        raise ValidationError(_("您已经有一个叫「%(name)s」的视图，请换个名字。") % {"name": name})
    return name


def _query(query: str) -> str:
    if len(query) > LONGEST_QUERY:
        raise ValidationError(_("条件太长了，存不下。去掉几个再存。"))
    return query
