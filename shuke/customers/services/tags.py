"""Words the shop sorts customers by."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from shuke.customers import rules
from shuke.customers.events import CustomerChanged
from shuke.customers.models import Customer, CustomerTag, Tag
from shuke.customers.ports import Held, PutBack
from shuke.customers.services.history import FieldChanged, record_field_changes
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor, reach_of
from shuke.team.services import record_audit, require

TAG_LENGTH = 40


def tags_named(names: Iterable[str]) -> list[Tag]:
    """The tags of those names; new words become tags, one merged into another is that one."""
    wanted = sorted({name for name in (rules.clean_line(n)[:TAG_LENGTH] for n in names) if name})
    Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
    living = {_living(tag) for tag in Tag.objects.filter(name__in=wanted).select_related("merged_into")}
    return sorted(living, key=lambda tag: tag.name)


def _living(tag: Tag) -> Tag:
    while tag.merged_into is not None:
        tag = tag.merged_into
    return tag


def set_tags(customer: Customer, names: Iterable[str], *, source: str) -> tuple[list[str], list[str]]:
    """Make these the customer's tags; returns the names before and after."""
    links = CustomerTag.objects.filter(customer=customer, tag__merged_into=None).select_related("tag")
    before = sorted(link.tag.name for link in links)
    tags = tags_named(names)
    after = [tag.name for tag in tags]
    if before == after:
        return before, before
    links.exclude(tag__in=tags).delete()
    CustomerTag.objects.bulk_create(
        [CustomerTag(customer=customer, tag=tag, source=source) for tag in tags], ignore_conflicts=True
    )
    return before, after


@transaction.atomic
def tag_customers(
    *, actor: Actor, customer_ids: Iterable[int], names: Iterable[str], source: str = "typed"
) -> int:
    """Add tags to those of the customers within reach; returns how many customers got one they did not have."""
    require(actor, "customers.edit")
    reached, words = _reached(actor, customer_ids), list(names)
    audit = record_audit(actor, "customers_tagged")
    changed = change_tags(reached, add=words, source=source)
    return _tell(actor, audit, changed, {"after": {"tags": sorted(words), "customers": _ids(changed)}})


@transaction.atomic
def untag_customers(*, actor: Actor, customer_ids: Iterable[int], names: Iterable[str]) -> int:
    """Take tags off those of the customers within reach; returns how many customers lost one."""
    require(actor, "customers.edit")
    reached, words = _reached(actor, customer_ids), list(names)
    audit = record_audit(actor, "customers_untagged")
    changed = change_tags(reached, remove=words)
    return _tell(actor, audit, changed, {"before": {"tags": sorted(words), "customers": _ids(changed)}})


def change_tags(
    customer_ids: Iterable[int], *, add: Iterable[str] = (), remove: Iterable[str] = (), source: str = "typed"
) -> list[FieldChanged]:
    """Add and take off tags of locked customers in a few statements; returns each one's tags before and after.

    Audit, history and event are the caller's.
    """
    ids = list(customer_ids)
    added, removed = tags_named(add), list(Tag.objects.filter(name__in=list(remove)))
    before = tag_names(ids)
    CustomerTag.objects.filter(customer_id__in=ids, tag__in=removed).delete()
    links = [(pk, tag) for pk in ids for tag in added if tag.name not in before[pk]]
    CustomerTag.objects.bulk_create(
        [CustomerTag(customer_id=pk, tag=tag, source=source) for pk, tag in links], ignore_conflicts=True
    )
    gone, come = {tag.name for tag in removed}, {tag.name for tag in added}
    after = {pk: sorted((set(names) - gone) | come) for pk, names in before.items()}
    return [FieldChanged(pk, "tags", before[pk], after[pk]) for pk in ids if before[pk] != after[pk]]


def tag_names(customer_ids: Iterable[int]) -> dict[int, list[str]]:
    """The tags of each customer, by name; an empty list for none."""
    found: dict[int, list[str]] = {pk: [] for pk in customer_ids}
    links = CustomerTag.objects.filter(customer_id__in=list(found), tag__merged_into=None)
    for pk, name in links.values_list("customer_id", "tag__name"):
        found[pk].append(name)
    return {pk: sorted(names) for pk, names in found.items()}


def _reached(actor: Actor, customer_ids: Iterable[int]) -> list[int]:
    within = Customer.objects.filter(
        reach_of(actor).filter(), pk__in=list(customer_ids), merged_into=None, deleted_at=None
    )
    return list(within.order_by("pk").select_for_update().values_list("pk", flat=True))


def _ids(changed: list[FieldChanged]) -> list[int]:
    return sorted(one.customer_id for one in changed)


def _tell(actor: Actor, audit: Any, changed: list[FieldChanged], entry: dict[str, Any]) -> int:
    for side, value in entry.items():
        setattr(audit, side, value)
    audit.save(update_fields=list(entry))
    record_field_changes(actor=actor, audit_id=audit.pk, changes=changed)
    for pk in _ids(changed):
        publish(CustomerChanged(customer_id=pk))
    return len(changed)


class TagKeeper:
    """Puts tags back one by one: a tag given by a change is taken off, one taken off is given again, others stay."""

    def label(self, name: str) -> Any:
        return _("标签")

    def shown(self, name: str, value: Any, *, is_masked: bool) -> str:
        return "、".join(value or [])

    def put_back(
        self, *, actor: Actor, audit_id: int, name: str, changes: Mapping[int, Held], is_forced: bool
    ) -> PutBack:
        written: list[FieldChanged] = []
        for (add, remove), ids in _alike(changes).items():
            written += change_tags(ids, add=add, remove=remove, source="undo")
        record_field_changes(actor=actor, audit_id=audit_id, changes=written)
        return PutBack(restored=frozenset(changes))


def _alike(changes: Mapping[int, Held]) -> dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]]:
    """Customers by what has to be added to and taken off them."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = {}
    for pk, held in changes.items():
        before, after = set(held.before or []), set(held.after or [])
        key = (tuple(sorted(before - after)), tuple(sorted(after - before)))
        groups.setdefault(key, []).append(pk)
    return groups
