"""Defining the shop's own fields. Nothing here loses what a customer holds until a field is purged, 90 days after deletion."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import CharField, Max, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from shuke.customers import rules as people_rules
from shuke.customers.events import CustomFieldDefined, CustomFieldOpened, CustomFieldPurged
from shuke.customers.models import CustomChoice, Customer, CustomField
from shuke.customers.queries.custom import forget_known_fields
from shuke.customers.rules import custom as rules
from shuke.customers.rules.recycling import KEPT_DAYS
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

PERMISSION = "customers.fields"
OTHER_NAMES = ("手机号", "标签", "生日", "门店", "文件", "联系人")  # taken by what is no column
AT_ONCE = 20_000
FIELDS_LOCK = 7_301_031


@dataclass(frozen=True)
class FieldForm:
    """A field as somebody defines it. `choices` are names, in order; only fields of choices have any."""

    name: str
    kind: str = rules.TEXT
    hint: str = ""
    holder: str = CustomField.Holder.BOTH
    is_required: bool = False
    is_in_add_form: bool = False
    is_sensitive: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChoiceForm:
    """A choice of a field as it shall be. `id` None: a new one."""

    name: str
    id: int | None = None
    is_hidden: bool = False


CHANGEABLE = frozenset(one.name for one in fields(FieldForm)) - {"kind", "choices"}


@transaction.atomic
def define_field(*, actor: Actor, form: FieldForm) -> CustomField:
    """Make a field, last in order, usable at once. Raises ValidationError with what to mend."""
    require(actor, PERMISSION)
    _lock_fields()
    row = CustomField(kind=form.kind, place=_next_place())
    _fill(row, {name: getattr(form, name) for name in CHANGEABLE})
    if form.kind not in rules.KINDS:
        raise ValidationError({"kind": _("请选一种类型。")})
    if CustomField.objects.filter(deleted_at=None).count() >= rules.MOST_FIELDS:
        raise ValidationError(_("最多 %(n)s 个自定义字段，请先删掉不用的。") % {"n": rules.MOST_FIELDS})
    row.save()
    if form.kind in rules.WITH_CHOICES:
        _write_choices(row, [ChoiceForm(name) for name in form.choices])
    record_audit(actor, "custom_field_defined", row, after=_told(row))
    publish(CustomFieldDefined(field_id=row.pk))
    return row


@transaction.atomic
def change_field(*, actor: Actor, field_id: int, **changes: Any) -> CustomField:
    """Change what a field is called, who has it, whether it is required …; its kind stays. Raises ValidationError."""
    if unknown := changes.keys() - CHANGEABLE:
        raise ValueError(f"not to be changed: {sorted(unknown)}")
    row = _opened(actor, field_id)
    before = _told(row)
    _fill(row, changes)
    row.save()
    after = _told(row)
    if before != after:
        record_audit(actor, "custom_field_changed", row, before=before, after=after)
    if before["is_sensitive"] != after["is_sensitive"]:
        publish(CustomFieldOpened(field_id=row.pk))
    return row


@transaction.atomic
def set_choices(*, actor: Actor, field_id: int, choices: Sequence[ChoiceForm]) -> CustomField:
    """Rename, order, hide and add choices: the list as it shall be. Those left out are hidden, never lost."""
    row = _opened(actor, field_id)
    if row.kind not in rules.WITH_CHOICES:
        raise ValidationError(_("这种字段没有选项。"))
    before = _choice_words(row)
    _write_choices(row, choices)
    after = _choice_words(row)
    if before != after:
        record_audit(actor, "custom_field_changed", row, before={"choices": before}, after={"choices": after})
    return row


@transaction.atomic
def add_choices(*, actor: Actor, field_id: int, names: Sequence[str]) -> dict[str, int]:
    """More choices at the end, as an import brings them; returns the number of each name. Those there are stay as they are."""
    row = _opened(actor, field_id)
    known = list(row.choices.order_by("place", "pk"))
    there = {one.name.lower() for one in known}
    new = {name.lower(): name for name in reversed([_choice_name(one) for one in names])}
    more = [ChoiceForm(name) for key, name in reversed(new.items()) if key and key not in there]
    if more:
        kept = [ChoiceForm(one.name, one.pk, one.is_hidden) for one in known]
        set_choices(actor=actor, field_id=field_id, choices=[*kept, *more])
    return dict(row.choices.order_by("place", "pk").values_list("name", "pk"))


@transaction.atomic
def order_fields(*, actor: Actor, field_ids: Sequence[int]) -> None:
    """Put fields in this order; those not named follow as they stood."""
    require(actor, PERMISSION)
    _lock_fields()
    rows = list(CustomField.objects.filter(deleted_at=None).order_by("place", "pk").select_for_update())
    wanted = {pk: place for place, pk in enumerate(field_ids)}
    before = [row.pk for row in rows]
    rows.sort(key=lambda row: wanted.get(row.pk, len(wanted)))
    for place, row in enumerate(rows, 1):
        row.place = place
    CustomField.objects.bulk_update(rows, ["place"])
    after = [row.pk for row in rows]
    if before != after:
        record_audit(actor, "custom_fields_ordered", before={"fields": before}, after={"fields": after})


@transaction.atomic
def archive_field(*, actor: Actor, field_id: int, is_archived: bool) -> CustomField:
    """Ask for a field no longer, or again; what customers hold stays."""
    row = _opened(actor, field_id)
    row.archived_at = clock.now() if is_archived else None
    row.save(update_fields=["archived_at"])
    record_audit(actor, "custom_field_archived", row, after={"name": row.name, "is_archived": is_archived})
    publish(CustomFieldOpened(field_id=row.pk))
    return row


@transaction.atomic
def delete_field(*, actor: Actor, field_id: int) -> CustomField:
    """Take a field away; `restore_field` brings it back with all its values for 90 days."""
    row = _opened(actor, field_id)
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    record_audit(actor, "custom_field_deleted", row, before=_told(row))
    return row


@transaction.atomic
def restore_field(*, actor: Actor, field_id: int) -> CustomField:
    """Bring a deleted field back; its name is made free of doubt if another has it now."""
    require(actor, PERMISSION)
    _lock_fields()
    row = CustomField.objects.select_for_update().get(pk=field_id, deleted_at__isnull=False)
    row.name = _free_name(row.name)
    row.deleted_at = None
    row.save(update_fields=["name", "deleted_at"])
    record_audit(actor, "custom_field_restored", row, after=_told(row))
    publish(CustomFieldOpened(field_id=row.pk))
    return row


def purge_fields() -> int:
    """Remove for good what was deleted 90 days ago, with the values customers hold; returns how many. Safe to repeat."""
    due = CustomField.objects.filter(deleted_at__lte=clock.now() - timedelta(days=KEPT_DAYS))
    ids = list(due.values_list("pk", flat=True))
    for field_id in ids:
        _empty(str(field_id))
        _purge(field_id)
    return len(ids)


def _empty(key: str) -> None:
    """Take the values off all customers, a block at a time."""
    last = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, last + 1, AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(
                "update customers_customer set custom = custom - %s"
                " where id >= %s and id < %s and jsonb_exists(custom, %s)",
                [key, first, first + AT_ONCE, key],
            )


@transaction.atomic
def _purge(field_id: int) -> None:
    _lock_fields()
    CustomField.objects.filter(pk=field_id).delete()
    publish(CustomFieldPurged(field_id=field_id))


def _lock_fields() -> None:
    """Two people defining at once wait for each other: places and names stay their own. What is kept of fields goes stale."""
    forget_known_fields()
    transaction.on_commit(forget_known_fields)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [FIELDS_LOCK])


def _opened(actor: Actor, field_id: int) -> CustomField:
    require(actor, PERMISSION)
    _lock_fields()
    return CustomField.objects.select_for_update().get(pk=field_id, deleted_at=None)


def _next_place() -> int:
    return (CustomField.objects.aggregate(last=Max("place"))["last"] or 0) + 1


def _fill(row: CustomField, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.name = people_rules.clean_line(row.name)
    row.hint = people_rules.clean_line(row.hint)
    problems = _problems(row)
    if problems:
        raise ValidationError(problems)


def _problems(row: CustomField) -> dict[str, str]:
    found = {}
    if not row.name:
        found["name"] = _("请给字段起个名字。")
    elif len(row.name) > rules.NAME_LENGTH:
        found["name"] = _("名字最多 %(n)s 个字，请写短一些。") % {"n": rules.NAME_LENGTH}
    elif _is_taken(row):
        found["name"] = _("已经有“%(name)s”这一项了，换个名字。") % {"name": row.name}
    if len(row.hint) > rules.HINT_LENGTH:
        found["hint"] = _("提示最多 %(n)s 个字，请写短一些。") % {"n": rules.HINT_LENGTH}
    if row.holder not in CustomField.Holder.values:
        found["holder"] = _("请选用于个人还是公司。")
    return found


def _is_taken(row: CustomField) -> bool:
    name = row.name.lower()
    of_record = {str(column.verbose_name).lower() for column in Customer._meta.concrete_fields}
    others = CustomField.objects.filter(name__iexact=row.name, deleted_at=None).exclude(pk=row.pk)
    return name in of_record or name in OTHER_NAMES or others.exists()


def _free_name(name: str) -> str:
    taken = set(CustomField.objects.filter(deleted_at=None).values_list("name", flat=True))
    numbered = (f"{name[: rules.NAME_LENGTH - 3]} {n}" for n in range(2, rules.MOST_FIELDS + 2))
    return name if name not in taken else next(one for one in numbered if one not in taken)


# --- choices ---


def _choice_name(name: str) -> str:
    return rules.tidy_text(name)[: rules.CHOICE_LENGTH].strip()


def _write_choices(row: CustomField, choices: Sequence[ChoiceForm]) -> None:
    """Make these the choices; known ones that are not named are hidden, at the end."""
    wanted = [one for one in choices if _choice_name(one.name)]
    _check_choices(row, wanted)
    known = {one.pk: one for one in row.choices.all()}
    if unknown := {one.id for one in wanted if one.id is not None} - known.keys():
        raise ValueError(f"not choices of this field: {sorted(unknown)}")
    named = {one.id for one in wanted}
    left = [ChoiceForm(one.name, pk, is_hidden=True) for pk, one in known.items() if pk not in named]
    of_field = CustomChoice.objects.filter(field=row)
    of_field.update(name=Concat(Value("~"), Cast("pk", CharField())))  # two may swap their names
    for place, one in enumerate([*wanted, *left], 1):
        values = {"name": _choice_name(one.name), "place": place, "is_hidden": one.is_hidden}
        if one.id is not None:
            of_field.filter(pk=one.id).update(**values)
        else:
            CustomChoice.objects.create(field=row, **values)


def _check_choices(row: CustomField, wanted: Sequence[ChoiceForm]) -> None:
    names = [_choice_name(one.name) for one in wanted]
    if not names:
        raise ValidationError({"choices": _("请至少写一个选项，一行一个。")})
    if len(names) > rules.MOST_CHOICES:
        raise ValidationError({"choices": _("最多 %(n)s 个选项。") % {"n": rules.MOST_CHOICES}})
    if len({name.lower() for name in names}) < len(names):
        raise ValidationError({"choices": _("有两个选项一样，请改掉一个。")})
    if row.kind == rules.MANY and any(len(rules.parted(name)) > 1 for name in names):
        raise ValidationError(
            {"choices": _("多选的选项里不能有顿号、逗号、分号或竖线，它们用来隔开几个选项。")}
        )


def _choice_words(row: CustomField) -> list[str]:
    rows = row.choices.order_by("place", "pk").values_list("name", "is_hidden")
    return [f"({name})" if is_hidden else name for name, is_hidden in rows]


def _told(row: CustomField) -> dict[str, Any]:
    return {"kind": row.kind} | {name: getattr(row, name) for name in sorted(CHANGEABLE)}
