"""How much everybody has on their hands: customers by value level and open follow-ups, against what they can carry."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from shuke.assignment.models import AssignmentPolicy, Duty
from shuke.assignment.rules.sharing import USUAL_CAPACITY, Item, Person, Terms, Weights
from shuke.customers.queries.holding import customers_by_id, managed_counts, open_step_counts
from shuke.kernel import clock
from shuke.team.queries import SYSTEM, Actor, staff_of, visible_staff
from shuke.value.queries import value_rows

LEVELS = ("high", "potential", "low", "")
KEY_GROUP = "key_value"
READ_AT_ONCE = 5_000


@dataclass(frozen=True)
class Workload:
    """One person's load: its parts, what they can carry, and how full that makes them (1: full)."""

    staff_id: int
    name: str
    role: str
    store_ids: frozenset[int]
    stores: str
    by_level: dict[str, int]
    follow_ups: int
    load: int
    duty: Duty
    is_away: bool

    @property
    def customers(self) -> int:
        return sum(self.by_level.values())

    @property
    def fullness(self) -> float:
        return self.load / max(self.duty.capacity, 1)

    @property
    def percent(self) -> int:
        return round(self.fullness * 100)

    @property
    def person(self) -> Person:
        """As the rules want them."""
        return Person(
            self.staff_id,
            self.load,
            self.duty.capacity,
            self.store_ids,
            is_senior=self.duty.is_senior,
            is_away=self.is_away,
        )


def stored_policy() -> AssignmentPolicy:
    """The shop's weights, or the usual ones."""
    return AssignmentPolicy.objects.first() or AssignmentPolicy()


def weights() -> Weights:
    """What customers and follow-ups weigh."""
    kept = stored_policy()
    return Weights(
        kept.weight_high, kept.weight_potential, kept.weight_low, kept.weight_none, kept.weight_follow_up
    )


def usual_terms(*, same_store: bool = False) -> Terms:
    """How strictly this shop shares."""
    return Terms(same_store=same_store, seniors_for_key=stored_policy().seniors_for_key)


def workloads(actor: Actor, staff_ids: Collection[int] | None = None) -> list[Workload]:
    """Everybody of the actor's stores who looks after customers, the fullest first; `staff_ids`: only these."""
    people = visible_staff(actor).prefetch_related("stores").order_by("pk")
    if staff_ids is not None:
        people = people.filter(pk__in=list(staff_ids))
    found = _loads([one for one in people if one.may("customers.follow_up")])
    return [one for one in found if one.store_ids or one.load or staff_ids is not None]


def workloads_of(staff_ids: Collection[int]) -> list[Workload]:
    """These people's, also of who left since: for whoever may see what they were given."""
    return _loads(staff_of(SYSTEM).filter(pk__in=list(staff_ids)).prefetch_related("stores"))


def persons(staff_ids: Collection[int]) -> list[Person]:
    """These people as the rules want them; for jobs, and whoever has checked that they may be chosen."""
    people = staff_of(SYSTEM).filter(pk__in=list(staff_ids), is_active=True)
    return sorted((one.person for one in _loads(people)), key=lambda one: one.id)


def _loads(people: Iterable[Any]) -> list[Workload]:
    staff = list(people)
    ids = [one.pk for one in staff]
    levels, steps = _by_level(ids), open_step_counts(ids)
    duties = Duty.objects.in_bulk(ids)
    weigh, today = weights(), clock.today()
    found = []
    for one in staff:
        pk = one.pk
        duty = duties.get(pk) or Duty(staff_id=pk, capacity=USUAL_CAPACITY)
        stores = list(one.stores.all())
        load = sum(n * weigh.of(level) for level, n in levels[pk].items())
        found.append(
            Workload(
                staff_id=pk,
                name=one.name,
                role=one.role,
                store_ids=frozenset(store.pk for store in stores),
                stores="、".join(store.name for store in stores),
                by_level=levels[pk],
                follow_ups=steps.get(pk, 0),
                load=load + steps.get(pk, 0) * weigh.follow_up,
                duty=duty,
                is_away=is_away(duty, today),
            )
        )
    return sorted(found, key=lambda one: (-one.fullness, one.staff_id))


def is_away(duty: Duty, today: date) -> bool:
    """Whether somebody is on leave that day."""
    if duty.away_from is None and duty.away_until is None:
        return False
    begins, ends = duty.away_from or today, duty.away_until or today
    return begins <= today <= ends


def _by_level(staff_ids: list[int]) -> dict[int, dict[str, int]]:
    """How many customers of each level: values are joined to owners at once, who has no value is the rest."""
    rows = value_rows().filter(
        customer__account_manager_id__in=staff_ids,
        customer__merged_into=None,
        customer__deleted_at=None,
    )
    counted = rows.order_by().values_list("customer__account_manager_id", "level").annotate(n=Count("pk"))
    found: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(LEVELS, 0))
    for staff_id, level, n in counted:
        found[staff_id][level] = n
    for staff_id, total in managed_counts(staff_ids).items():
        found[staff_id][""] += total - sum(found[staff_id].values())
    return found


def with_value(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Customers with their `level`, `group` and `worth_fen`; None where no value is known."""
    value = value_rows().filter(customer_id=OuterRef("pk"))
    return rows.annotate(
        level=Subquery(value.values("level")),
        group=Subquery(value.values("group")),
        worth_fen=Subquery(value.values("clv_year_fen")),
    )


def items_of(customer_ids: Collection[int]) -> list[Item]:
    """These customers as the rules want them, by id."""
    ids, weigh = sorted(customer_ids), weights()
    found: list[Item] = []
    for start in range(0, len(ids), READ_AT_ONCE):
        rows = with_value(customers_by_id(ids[start : start + READ_AT_ONCE])).order_by("pk")
        found += [
            Item(pk, weigh.of(level or ""), store_id, is_key=group == KEY_GROUP)
            for pk, store_id, level, group in rows.values_list("pk", "store_id", "level", "group")
        ]
    return found
