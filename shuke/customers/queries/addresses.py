"""E-mail addresses: whose they are, and which a customer has."""

from collections.abc import Iterable

from shuke.customers import rules
from shuke.customers.models import ContactPoint, Customer, Identity
from shuke.customers.queries.records import living_id


def customers_by_email(addresses: Iterable[str]) -> dict[str, int]:
    """The living customer of each address that is somebody's; nobody's in the recycle bin. For jobs: no reach."""
    wanted = {normal for address in addresses if (normal := rules.normalise_email(address))}
    rows = Identity.objects.filter(namespace=rules.EMAIL, value__in=wanted)
    found = {row.value: living_id(row.customer_id) for row in rows}
    here = set(
        Customer.objects.filter(pk__in=[pk for pk in found.values() if pk], deleted_at=None).values_list(
            "pk", flat=True
        )
    )
    return {address: pk for address, pk in found.items() if pk in here and pk is not None}


def emails_of(customer_id: int) -> list[str]:
    """A customer's addresses, the one that the record shows first. The caller has checked that they may be seen."""
    shown = list(Customer.objects.filter(pk=customer_id).values_list("email", flat=True))
    known = Identity.objects.filter(customer_id=customer_id, namespace=rules.EMAIL)
    noted = ContactPoint.objects.filter(
        customer_id=customer_id, kind=ContactPoint.Kind.EMAIL, removed_at=None
    )
    others = sorted({*known.values_list("value", flat=True), *noted.values_list("value", flat=True)})
    return [address for address in dict.fromkeys([*shown, *others]) if address]
