"""Making, changing, freezing and deleting segments."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shuke.desk.ports import Kind, filter_fields
from shuke.desk.queries.filtering import BadFilter, Condition, Group, matching, read, written
from shuke.kernel import clock
from shuke.segments.models import Segment
from shuke.segments.queries.segments import FIELD, visible_segments
from shuke.segments.services.membership import Refreshed, refresh_members
from shuke.team.queries import SYSTEM, Actor
from shuke.team.services import record_audit, require

LONGEST_NAME, LONGEST_TEXT, LONGEST_CONDITIONS, MOST = 60, 300, 2_000, 200
ME = "me"
NESTED = gettext_lazy("条件里用到了别的人群：这样的人群只能固定下来，不能自动更新。")


@dataclass(frozen=True)
class SegmentForm:
    """What a segment is to be: its name, a word about it, its conditions, and whether it stays as it is now."""

    name: str
    conditions: str
    description: str = ""
    is_frozen: bool = False


@transaction.atomic
def create_segment(*, actor: Actor, form: SegmentForm) -> int:
    """Make a segment and count it at once; returns its id. Raises ValidationError, PermissionDenied."""
    require(actor, "segments.edit")
    if Segment.objects.filter(deleted_at=None).count() >= MOST:
        raise ValidationError(_("最多 200 个人群。先删掉不用的，再建新的。"))
    given = _checked(actor, form)
    segment = Segment.objects.create(made_by_id=actor.id, **given)
    refresh_members(segment.pk)
    if form.is_frozen:
        Segment.objects.filter(pk=segment.pk).update(frozen_at=clock.now())
    record_audit(actor, "segment_created", segment, after=given | {"is_frozen": form.is_frozen})
    return segment.pk


@transaction.atomic
def change_segment(*, actor: Actor, segment_id: int, form: SegmentForm) -> None:
    """Name, describe or ask anew. Other conditions are counted at once, and freeze or free it as the form says.

    Raises ValidationError, PermissionDenied, DoesNotExist.
    """
    segment = _locked(actor, segment_id)
    given = _checked(actor, form, segment)
    names = [*given, "is_frozen"]
    before = {name: getattr(segment, name) for name in given} | {"is_frozen": segment.frozen_at is not None}
    after = given | {"is_frozen": form.is_frozen}
    if before == after:
        return
    is_redefined = before["conditions"] != after["conditions"]
    for name, value in given.items():
        setattr(segment, name, value)
    is_counted = is_redefined or (before["is_frozen"] and not form.is_frozen)
    if is_counted:
        segment.frozen_at = None
    segment.save()
    if is_counted:
        refresh_members(segment_id, is_redefined=is_redefined)
    if form.is_frozen and (is_redefined or not before["is_frozen"]):
        Segment.objects.filter(pk=segment_id).update(frozen_at=clock.now())
    changed = [name for name in names if before[name] != after[name]]
    record_audit(
        actor,
        "segment_changed",
        segment,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )


@transaction.atomic
def freeze_segment(*, actor: Actor, segment_id: int) -> None:
    """Keep who is in it now. Raises DoesNotExist, PermissionDenied."""
    _set_frozen(actor, segment_id, is_frozen=True)


@transaction.atomic
def follow_segment(*, actor: Actor, segment_id: int) -> None:
    """Let it follow its conditions again, from now on. Raises DoesNotExist, ValidationError, PermissionDenied."""
    _set_frozen(actor, segment_id, is_frozen=False)


def _set_frozen(actor: Actor, segment_id: int, *, is_frozen: bool) -> None:
    segment = _locked(actor, segment_id)
    if (segment.frozen_at is not None) == is_frozen:
        return
    if not is_frozen and FIELD in segment.fields:
        raise ValidationError({"conditions": NESTED})
    segment.frozen_at = clock.now() if is_frozen else None
    segment.save(update_fields=["frozen_at"])
    record_audit(actor, "segment_frozen" if is_frozen else "segment_followed", segment)
    if not is_frozen:
        refresh_members(segment_id)


@transaction.atomic
def recount_segment(*, actor: Actor, segment_id: int) -> Refreshed:
    """Bring it up to date now instead of at night. Raises DoesNotExist, PermissionDenied."""
    segment = _locked(actor, segment_id)
    return refresh_members(segment.pk)


@transaction.atomic
def delete_segment(*, actor: Actor, segment_id: int) -> None:
    """Take it away; `restore_segment` brings it back with its history. Raises DoesNotExist, PermissionDenied."""
    segment = _locked(actor, segment_id)
    segment.deleted_at = clock.now()
    segment.save(update_fields=["deleted_at"])
    record_audit(actor, "segment_deleted", segment, before={"name": segment.name})


@transaction.atomic
def restore_segment(*, actor: Actor, segment_id: int) -> None:
    """Bring back what was deleted, counted anew. Raises DoesNotExist, ValidationError, PermissionDenied."""
    require(actor, "segments.edit")
    segment = Segment.objects.select_for_update().get(pk=segment_id)
    if segment.deleted_at is None:
        return
    _check_name(segment.name, segment)
    segment.deleted_at = None
    segment.save(update_fields=["deleted_at"])
    record_audit(actor, "segment_restored", segment, after={"name": segment.name})
    refresh_members(segment_id)


def _locked(actor: Actor, segment_id: int) -> Segment:
    require(actor, "segments.edit")
    return visible_segments(actor).select_for_update().get(pk=segment_id)


def _checked(actor: Actor, form: SegmentForm, segment: Segment | None = None) -> dict[str, Any]:
    """The columns that the form asks for. Raises ValidationError."""
    name = " ".join(form.name.split())
    _check_name(name, segment)
    description = form.description.strip()
    if len(description) > LONGEST_TEXT:
        raise ValidationError({"description": _("说明最多 300 个字，请写短一些。")})
    wanted = _wanted(actor, form)
    conditions = written(wanted)
    if len(conditions) > LONGEST_CONDITIONS:
        raise ValidationError({"conditions": _("条件太长了，存不下。去掉几个再存。")})
    fields = sorted({one.field for one in wanted.conditions()})
    return {"name": name, "description": description, "conditions": conditions, "fields": fields}


def _check_name(name: str, segment: Segment | None) -> None:
    if not name:
        raise ValidationError({"name": _("给人群起个名字。")})
    if len(name) > LONGEST_NAME:
        raise ValidationError({"name": _("名字最多 60 个字，请写短一些。")})
    others = Segment.objects.filter(name=name, deleted_at=None)
    if (others.exclude(pk=segment.pk) if segment else others).exists():
        raise ValidationError({"name": _("已经有一个叫「%(name)s」的人群，请换个名字。") % {"name": name}})


def _wanted(actor: Actor, form: SegmentForm) -> Group:
    """The conditions, with oneself named: a segment means the same whoever looks at it. Raises ValidationError."""
    try:
        wanted = read(form.conditions)
    except BadFilter as error:
        raise ValidationError({"conditions": _("这些条件看不懂，请重新选一遍。")}) from error
    if not wanted.nodes:
        raise ValidationError({"conditions": _("至少要有一个条件。")})
    if not form.is_frozen and any(one.field == FIELD for one in wanted.conditions()):
        raise ValidationError({"conditions": NESTED})
    today = clock.today()
    wanted = _naming(actor, wanted)
    if matching(actor, wanted, today).left_out or matching(SYSTEM, wanted, today).left_out:
        raise ValidationError({"conditions": _("有的条件现在用不了，请去掉或改好再存。")})
    return wanted


def _naming(actor: Actor, wanted: Group) -> Group:
    fields = filter_fields(actor)

    def named(node: "Condition | Group") -> "Condition | Group":
        if isinstance(node, Group):
            return Group(tuple(named(inner) for inner in node.nodes), node.is_any)
        known = fields.get(node.field)
        if ME not in node.values or known is None or known.kind is not Kind.CHOICE:
            return node
        if ME not in dict(known.choices(actor)):
            return node
        if actor.id is None:
            raise ValidationError({"conditions": _("有的条件现在用不了，请去掉或改好再存。")})
        values = tuple(str(actor.id) if value == ME else value for value in node.values)
        return Condition(node.field, node.op, values)

    return Group(tuple(named(node) for node in wanted.nodes), wanted.is_any)
