"""Who follows a customer, and which colleagues see one."""

from collections.abc import Sequence

from shuke.customers.models import Customer, CustomerFollower
from shuke.kernel.compiled import Compiled, given
from shuke.team.queries import Actor, colleagues, reach_of
from shuke.zh import pinyin

MOST_OFFERED = 8


def is_following(actor: Actor, customer_id: int) -> bool:
    """Whether the actor is told what happens with a customer."""
    if actor.id is None:
        return False
    return bool(_FOLLOWING.rows(customer=customer_id, staff=actor.id))


_FOLLOWING = Compiled(
    lambda: CustomerFollower.objects.filter(
        customer_id=given("customer", "bigint"), staff_id=given("staff", "bigint")
    ).values_list("pk")[:1]
)


def colleagues_seeing(customer: Customer, typed: str = "") -> Sequence[Actor]:
    """Colleagues who see this customer and whose name, pinyin or initials begin as typed."""
    wanted = typed.strip().lower()
    found = [person for person in colleagues() if _fits(person.name, wanted) and sees(person, customer)]
    return found[:MOST_OFFERED]


def sees(person: Actor, customer: Customer) -> bool:
    """Whether somebody may look at this customer."""
    reach = reach_of(person)
    is_within = reach.covers(store_id=customer.store_id, owner_id=customer.account_manager_id)
    return person.may("customers.view") and (is_within or customer.pk in reach.shared_ids)


def _fits(name: str, typed: str) -> bool:
    if not typed or typed in name.lower():
        return True
    return pinyin.full(name).startswith(typed) or pinyin.initials(name).startswith(typed)
