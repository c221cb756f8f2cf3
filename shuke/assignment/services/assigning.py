"""Fair assignment: new customers by their store's rule, and proposals that even out what people have on their hands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from shuke.assignment.models import Handover, PoolEntry, PoolLock, StoreRule
from shuke.assignment.queries.workload import items_of, persons, usual_terms, workloads
from shuke.assignment.rules.sharing import Item, Person, balance, fits, split
from shuke.assignment.services.handovers import NothingToHandOver, keep_shares, start_handover
from shuke.customers.events import CustomersChanged, CustomersHandedOver
from shuke.customers.ports import handover_kinds
from shuke.customers.queries.holding import (
    MANAGED,
    STEPS,
    contact_facts,
    owned_customers,
    unowned_customers,
)
from shuke.customers.services import record_field_changes
from shuke.customers.services.many import locked_customers
from shuke.customers.services.reassigning import Reassignment, reassign_locked
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import SYSTEM, Actor, staff_of
from shuke.team.rules import MANAGER
from shuke.team.services import notify, record_audit, require

ASSIGN_LOCK = 7_305_001  # one after the other, so that each sees the load that the one before left
ONE_BY_ONE = 20  # so few are just written; more are a set that can be taken back
MOST_NEW = 20_000
MOST_MOVABLE, MOST_LOOKED_AT = 1_000, 5_000
LATELY_DAYS = 30
ASSIGNED = "assigned_new"
How = StoreRule.How


@dataclass(frozen=True)
class _New:
    """A new customer, and where they came from."""

    customer_id: int
    store_id: int
    channel: str


@transaction.atomic
def assign_new(customer_ids: Collection[int]) -> dict[int, int]:
    """Give new customers without an account manager to somebody of their store, as its rule says; returns who got whom.

    For whose store there is no rule, or whom nobody has room for, nothing happens. Safe to repeat.
    """
    rules = {row.pk: row for row in StoreRule.objects.exclude(how=How.OFF)}
    if not rules or not customer_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ASSIGN_LOCK])
    pooled = PoolEntry.objects.filter(left_at=None).values("customer_id")
    rows = unowned_customers().filter(pk__in=list(customer_ids)[:MOST_NEW], store_id__in=list(rules))
    fresh = rows.exclude(pk__in=pooled).order_by("pk").values_list("pk", "store_id", "first_channel")
    by_store: dict[int, list[_New]] = defaultdict(list)
    for pk, store_id, channel in fresh:
        by_store[store_id].append(_New(pk, store_id, channel))
    to: dict[int, int] = {}
    for store_id, new in sorted(by_store.items()):
        to |= _shared_in_store(rules[store_id], new)
    if to:
        _write(to) if len(to) <= ONE_BY_ONE else _as_a_set(to)
    return to


def _shared_in_store(rule: StoreRule, new: list[_New]) -> dict[int, int]:
    people = _people_of(rule)
    items = items_of([one.customer_id for one in new])
    named = _by_channel(rule, new, items, people) if rule.how == How.CHANNEL else {}
    rest = [item for item in items if item.customer_id not in named]
    weight = {item.customer_id: item.weight for item in items}
    loaded = [
        replace(one, load=one.load + sum(weight[pk] for pk, who in named.items() if who == one.id))
        for one in people
    ]
    return named | split(rest, loaded, usual_terms())


def _people_of(rule: StoreRule) -> list[Person]:
    staff = staff_of(SYSTEM).filter(is_active=True, stores=rule.pk)
    if rule.how == How.MANAGER:
        staff = staff.filter(role=MANAGER.code)
    return persons([one.pk for one in staff if one.may("customers.follow_up")])


def _by_channel(
    rule: StoreRule, new: Iterable[_New], items: Iterable[Item], people: Iterable[Person]
) -> dict[int, int]:
    known, by_id = {one.id: one for one in people}, {item.customer_id: item for item in items}
    found = {}
    for one in new:
        taker = known.get(rule.channels.get(one.channel, 0))
        if taker is not None and fits(by_id[one.customer_id], taker, usual_terms()):
            found[one.customer_id] = taker.id
    return found


def _write(to: Mapping[int, int]) -> None:
    """A few, just written down; each taker is told."""
    customers = locked_customers(SYSTEM, to)
    audit = record_audit(SYSTEM, "customers_assigned", after={"customers": sorted(customers)})
    written = reassign_locked(SYSTEM, customers, Reassignment(to=dict(to)))
    record_field_changes(actor=SYSTEM, audit_id=audit.pk, changes=written.changes)
    publish(CustomersChanged(customer_ids=written.changed_ids))
    publish(CustomersHandedOver(customer_ids=written.changed_ids))
    for pk in written.changed_ids:
        facts = {"customer": pk}
        notify(staff_ids=[to[pk]], kind=ASSIGNED, key=str(pk), facts=facts, url=f"/customers/{pk}/")


def _as_a_set(to: Mapping[int, int]) -> None:
    """Many, of an import: a set of changes that can be taken back."""
    handover = Handover.objects.create(
        kind=Handover.Kind.NEW, how=Handover.How.LOAD, parts=[MANAGED, STEPS], first_taker_id=min(to.values())
    )
    keep_shares(handover, dict(to))
    start_handover(actor=SYSTEM, handover_id=handover.pk)


@transaction.atomic
def propose_balance(*, actor: Actor, store_id: int) -> Handover:
    """Propose moves that make the people of a store about equally full; nothing moves yet.

    Customers touched within a month, or locked, stay with whom they know. Raises NothingToHandOver, PermissionDenied.
    """
    require(actor, "assignment.hand_over")
    people = [one.person for one in workloads(actor) if store_id in one.store_ids]
    moves = balance(people, {one.id: _movable(one.id, store_id) for one in people}, usual_terms())
    if not moves:
        raise NothingToHandOver(_("已经很均衡了，没有可以挪的。"))
    handover = Handover.objects.create(
        kind=Handover.Kind.BALANCE,
        how=Handover.How.LOAD,
        made_by_id=actor.id,
        parts=[MANAGED, STEPS, *(kind.code for kind in handover_kinds() if not kind.is_personal)],
        first_taker_id=moves[0].to_id,
    )
    keep_shares(handover, {move.customer_id: move.to_id for move in moves})
    return handover


def _movable(staff_id: int, store_id: int) -> list[Item]:
    """The customers of a person that nobody has talked to for a while, the longest silent first."""
    rows = owned_customers().filter(account_manager_id=staff_id, store_id=store_id)
    rows = rows.exclude(pk__in=PoolLock.objects.values("customer_id")).order_by("pk")
    facts = contact_facts(rows.values_list("pk", flat=True)[:MOST_LOOKED_AT], clock.today())
    lately = clock.now() - timedelta(days=LATELY_DAYS)
    silent = [
        (one.last_touch_at is not None, one.last_touch_at or lately, pk)
        for pk, one in facts.items()
        if one.last_touch_at is None or one.last_touch_at < lately
    ]
    return items_of([pk for _is_touched, _moment, pk in sorted(silent)[:MOST_MOVABLE]])
