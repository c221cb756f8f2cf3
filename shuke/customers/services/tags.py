"""Words the shop sorts customers by."""

from collections.abc import Iterable

from django.db import transaction

from shuke.customers import rules
from shuke.customers.events import CustomerChanged
from shuke.customers.models import Customer, CustomerTag, Tag
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor, reach_of
from shuke.team.services import record_audit, require

TAG_LENGTH = 40


def tags_named(names: Iterable[str]) -> list[Tag]:
    """The tags of those names; new words become tags."""
    wanted = sorted({name for name in (rules.clean_line(n)[:TAG_LENGTH] for n in names) if name})
    Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=wanted).order_by("name"))


def set_tags(customer: Customer, names: Iterable[str], *, source: str) -> tuple[list[str], list[str]]:
    """Make these the customer's tags; returns the names before and after."""
    links = CustomerTag.objects.filter(customer=customer).select_related("tag")
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
    within = Customer.objects.filter(reach_of(actor).filter(), pk__in=list(customer_ids), merged_into=None)
    reached = list(within.order_by("pk").select_for_update().values_list("pk", flat=True))
    tags = tags_named(names)
    had = set(
        CustomerTag.objects.filter(customer_id__in=reached, tag__in=tags).values_list("customer_id", "tag_id")
    )
    new = [(pk, tag.pk) for pk in reached for tag in tags if (pk, tag.pk) not in had]
    CustomerTag.objects.bulk_create(
        [CustomerTag(customer_id=pk, tag_id=tag_id, source=source) for pk, tag_id in new],
        ignore_conflicts=True,
    )
    changed = sorted({pk for pk, _tag in new})
    after = {"tags": [tag.name for tag in tags], "customers": changed}
    record_audit(actor, "customers_tagged", after=after)
    for pk in changed:
        publish(CustomerChanged(customer_id=pk))
    return len(changed)


@transaction.atomic
def untag_customers(*, actor: Actor, customer_ids: Iterable[int], names: Iterable[str]) -> int:
    """Take tags off those of the customers within reach; returns how many customers lost one."""
    require(actor, "customers.edit")
    within = Customer.objects.filter(reach_of(actor).filter(), pk__in=list(customer_ids), merged_into=None)
    links = CustomerTag.objects.filter(customer__in=within, tag__name__in=list(names))
    changed = sorted(set(links.values_list("customer_id", flat=True)))
    links.delete()
    record_audit(actor, "customers_untagged", before={"tags": sorted(names), "customers": changed})
    for pk in changed:
        publish(CustomerChanged(customer_id=pk))
    return len(changed)
