"""Who works on which customers beside the account managers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from shuke.customers.models import Collaborator, Customer
from shuke.kernel.compiled import Compiled, given
from shuke.team.queries import Actor, colleagues


@dataclass(frozen=True)
class Helper:
    """A collaborator as a page shows them."""

    staff_id: int
    name: str
    access: str
    words: str
    since: datetime
    is_active: bool


_COLLABORATORS = Compiled(
    lambda: (
        Collaborator.objects.filter(customer_id=given("customer", "bigint"))
        .select_related("staff")
        .order_by("pk")
    )
)


def access_words(access: str) -> str:
    """只看, 可以记录和跟进."""
    return str(Collaborator.Access(access).label) if access in Collaborator.Access.values else ""


def collaborators_of(customer_id: int) -> list[Helper]:
    """The collaborators of one customer, the first come first. The caller has checked that it may be seen."""
    return [
        Helper(
            row.staff_id, row.staff.name, row.access, access_words(row.access), row.since, row.staff.is_active
        )
        for row in _COLLABORATORS.rows(customer=customer_id)
    ]


def shared_customers(staff_id: int) -> QuerySet[Collaborator, tuple[int, str]]:
    """(customer id, access) of what is shared with a person: the team's reach asks for it."""
    return Collaborator.objects.filter(staff_id=staff_id).values_list("customer_id", "access")


def customers_shared_with(staff_ids: Sequence[int]) -> QuerySet[Collaborator, int]:
    """Ids of the customers these people collaborate on; no reach: for subqueries."""
    return Collaborator.objects.filter(staff_id__in=list(staff_ids)).values_list("customer_id", flat=True)


def may_be_asked(customer: Customer) -> list[Actor]:
    """Colleagues who may become collaborators: whoever works here and sees customers, of whichever store."""
    taken = set(Collaborator.objects.filter(customer_id=customer.pk).values_list("staff_id", flat=True))
    taken.add(customer.account_manager_id or 0)
    return [one for one in colleagues() if one.pk not in taken and one.may("customers.view")]
