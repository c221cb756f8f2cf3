"""Curating the shop's tags: rename, sort into categories, hide, make two one. Nothing here loses what a customer carries."""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.events import CustomersChanged
from shuke.customers.models import CustomerTag, Tag, TagCategory
from shuke.customers.queries.traits import tag_categories
from shuke.customers.services.tags import TAG_LENGTH
from shuke.customers.services.terms import queue_terms
from shuke.kernel.jobs import enqueue_named
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

TOLD_AT_ONCE = 500
NAME_LENGTH = 20


@transaction.atomic
def save_category(*, actor: Actor, name: str, code: str = "") -> str:
    """Name a category anew, or add one of the shop's own; returns its code. Raises ValidationError."""
    require(actor, "customers.tags")
    plain = rules.clean_line(name)[:NAME_LENGTH]
    if not plain:
        raise ValidationError(_("请给分类起个名字。"))
    if any(one.name == plain and one.code != code for one in tag_categories()):
        raise ValidationError(_("已经有这个分类了，换个名字。"))
    before = _name_of(code)
    if code and not before:
        raise ValidationError(_("这个分类已经不在了，请刷新页面。"))
    code = code or f"own-{secrets.token_hex(6)}"
    row, _is_new = TagCategory.objects.update_or_create(code=code, defaults={"name": plain})
    record_audit(actor, "tag_category_saved", row, before={"name": before}, after={"name": plain})
    return code


@transaction.atomic
def hide_category(*, actor: Actor, code: str, is_hidden: bool) -> None:
    """Offer the tags of a category no longer, or again; customers keep them."""
    require(actor, "customers.tags")
    name = _name_of(code)
    if not code or not name:
        raise ValidationError(_("这个分类已经不在了，请刷新页面。"))
    row, _is_new = TagCategory.objects.get_or_create(code=code, defaults={"name": name})
    record_audit(actor, "tag_category_hidden", row, after={"name": name, "is_hidden": is_hidden})
    TagCategory.objects.filter(pk=row.pk).update(is_hidden=is_hidden)


@transaction.atomic
def change_tag(*, actor: Actor, tag_id: int, name: str, category: str) -> Tag:
    """Rename a tag or sort it elsewhere. Raises ValidationError when the name is another tag's: those are to be merged."""
    tag = _opened(actor, tag_id)
    plain = rules.clean_line(name)[:TAG_LENGTH]
    if not plain:
        raise ValidationError(_("标签不能没有名字。"))
    if category and not _name_of(category):
        raise ValidationError(_("这个分类已经不在了，请刷新页面。"))
    if Tag.objects.filter(name=plain).exclude(pk=tag.pk).exists():
        raise ValidationError(_("已经有“%(name)s”了。想变成一个，请用合并。") % {"name": plain})
    before = {"name": tag.name, "category": tag.category}
    is_renamed, tag.name, tag.category = tag.name != plain, plain, category
    tag.save(update_fields=["name", "category"])
    record_audit(actor, "tag_changed", tag, before=before, after={"name": tag.name, "category": tag.category})
    if is_renamed:
        _tell(_carriers(tag))
    return tag


@transaction.atomic
def add_tag(*, actor: Actor, name: str, category: str) -> Tag:
    """A new word to choose from. One that is there already is shown again and sorted here."""
    require(actor, "customers.tags")
    plain = rules.clean_line(name)[:TAG_LENGTH]
    if not plain:
        raise ValidationError(_("标签不能没有名字。"))
    if category and not _name_of(category):
        raise ValidationError(_("这个分类已经不在了，请刷新页面。"))
    tag, _is_new = Tag.objects.get_or_create(name=plain)
    if tag.merged_into_id is not None:
        raise ValidationError(_("“%(name)s”已经并到别的标签里，请先拆开。") % {"name": plain})
    tag.category, tag.is_hidden = category or tag.category, False
    tag.save(update_fields=["category", "is_hidden"])
    record_audit(actor, "tag_added", tag, after={"name": tag.name, "category": tag.category})
    return tag


@transaction.atomic
def hide_tag(*, actor: Actor, tag_id: int, is_hidden: bool) -> Tag:
    """Offer a tag no longer, or again; customers keep it."""
    tag = _opened(actor, tag_id)
    tag.is_hidden = is_hidden
    tag.save(update_fields=["is_hidden"])
    record_audit(actor, "tag_hidden", tag, after={"name": tag.name, "is_hidden": is_hidden})
    return tag


@transaction.atomic
def merge_tags(*, actor: Actor, tag_id: int, into_id: int) -> int:
    """Make two tags one: who carries the first carries the second now; returns how many moved. `unmerge_tag` parts them.

    Links remember the tag they were. Who had both keeps the first, out of sight, until the two are parted.
    """
    require(actor, "customers.tags")
    found = Tag.objects.select_for_update(of=("self",)).in_bulk([tag_id, into_id])
    tag, into = found.get(tag_id), found.get(into_id)
    if tag is None or into is None or tag_id == into_id:
        raise ValidationError(_("请选另一个标签来合并。"))
    if tag.merged_into_id is not None or into.merged_into_id is not None:
        raise ValidationError(_("其中一个已经并到别的标签里了，请刷新页面。"))
    both = CustomerTag.objects.filter(tag=into).values("customer_id")
    links = CustomerTag.objects.filter(tag=tag).exclude(customer_id__in=both)
    carriers = list(CustomerTag.objects.filter(tag=tag).values_list("customer_id", flat=True))
    moved = links.update(tag=into, merged_from=Coalesce(F("merged_from"), Value(tag.pk)))
    tag.merged_into = into
    tag.save(update_fields=["merged_into"])
    if not into.category and tag.category:
        Tag.objects.filter(pk=into.pk).update(category=tag.category)
    record_audit(
        actor, "tags_merged", tag, before={"name": tag.name}, after={"into": into.name, "customers": moved}
    )
    _tell(carriers)
    return moved


@transaction.atomic
def unmerge_tag(*, actor: Actor, tag_id: int) -> int:
    """Part two tags again: links go back to the tag they were; returns how many."""
    require(actor, "customers.tags")
    tag = Tag.objects.select_for_update(of=("self",)).select_related("merged_into").get(pk=tag_id)
    if tag.merged_into is None:
        return 0
    into = tag.merged_into
    mine = _merged_below(tag.pk)
    links = CustomerTag.objects.filter(tag__in=_with_winners(into), merged_from__in=mine)
    carriers = list(links.values_list("customer_id", flat=True))
    moved = links.update(
        tag=tag, merged_from=Case(When(merged_from=tag.pk, then=Value(None)), default=F("merged_from"))
    )
    tag.merged_into = None
    tag.save(update_fields=["merged_into"])
    record_audit(
        actor, "tags_parted", tag, before={"into": into.name}, after={"name": tag.name, "customers": moved}
    )
    _tell([*carriers, *_carriers(tag)])
    return moved


def _merged_below(tag_id: int) -> set[int]:
    """The tag and every one that was merged into it, directly or on the way."""
    found, new = {tag_id}, {tag_id}
    while new:
        new = set(Tag.objects.filter(merged_into__in=new).values_list("pk", flat=True)) - found
        found |= new
    return found


def _with_winners(tag: Tag | None) -> list[int]:
    """The tag and those it went into itself."""
    found: list[int] = []
    while tag is not None and tag.pk not in found:
        found.append(tag.pk)
        tag = tag.merged_into
    return found


def _opened(actor: Actor, tag_id: int) -> Tag:
    require(actor, "customers.tags")
    return Tag.objects.select_for_update(of=("self",)).get(pk=tag_id)


def _name_of(code: str) -> str:
    return next((one.name for one in tag_categories() if one.code == code and code), "")


def _carriers(tag: Tag) -> list[int]:
    return list(CustomerTag.objects.filter(tag=tag).values_list("customer_id", flat=True))


def _tell(customer_ids: list[int]) -> None:
    """Lists show the tags of these customers anew; they are found by other words."""
    ids = sorted(set(customer_ids))
    queue_terms(ids)
    if ids:
        enqueue_named("customers.index_pending")
    for start in range(0, len(ids), TOLD_AT_ONCE):
        publish(CustomersChanged(customer_ids=ids[start : start + TOLD_AT_ONCE]))
