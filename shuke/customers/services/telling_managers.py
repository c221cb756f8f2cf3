"""Who was made account manager hears of it: of one customer by name, of many at once by how many."""

from collections.abc import Iterable

from shuke.customers.models import ChangeSet, FieldChange
from shuke.customers.ports import Companion
from shuke.customers.services.history import FieldChanged
from shuke.team.queries import Actor
from shuke.team.services import notify

FIELD = "account_manager_id"
GIVEN, GIVEN_MANY, TAKEN_BACK = "customer_given", "customers_given", "customers_given_back"


def tell_new_manager(actor: Actor, changes: Iterable[FieldChanged], *, key: str) -> None:
    """Tell whom somebody made account manager by these changes, unless they did it themselves; rules tell on their own."""
    if actor.id is None:
        return
    for one in changes:
        if one.field == FIELD and one.after and one.after != actor.id:
            facts = {"customer": one.customer_id, "by": actor.id}
            url = f"/customers/{one.customer_id}/"
            notify(staff_ids=[one.after], kind=GIVEN, key=f"{key}:{one.customer_id}", facts=facts, url=url)


def _tell_of_set(set_id: int, kind: str) -> None:
    row = ChangeSet.objects.get(pk=set_id)
    manager_id = row.arguments.get(FIELD)
    changes = FieldChange.objects.filter(change_set_id=set_id, field=FIELD, after=manager_id)
    count = changes.count() if manager_id and manager_id != row.actor_id else 0
    if count:
        facts = {"count": count, "by": row.actor_id}
        url = "/customers/?view=mine&f=manager.in.me"
        notify(staff_ids=[manager_id], kind=kind, key=str(set_id), facts=facts, url=url)


def finished(set_id: int) -> None:
    """A bulk action gave customers to somebody."""
    _tell_of_set(set_id, GIVEN_MANY)


def undone(set_id: int) -> None:
    """It was taken back."""
    _tell_of_set(set_id, TAKEN_BACK)


def broken(set_id: int) -> None:
    """What was done before it broke off stands, so it is told."""
    _tell_of_set(set_id, GIVEN_MANY)


TELLING = Companion(finished, undone, broken)
