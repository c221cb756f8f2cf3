"""公海: the night's run (warn, then recall), claiming, giving, locking.

A claim is one conditional update of the entry: of two who claim at once, the second finds it closed. One person's claims
wait for each other (their `Duty` row is locked), so that limits hold.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from shuke.assignment.models import Duty, PoolEntry, PoolLock, PoolWarning
from shuke.assignment.queries.pool import (
    DueCustomer,
    due_customers,
    stored_pool_policy,
    stored_terms,
    visible_entries,
)
from shuke.assignment.rules.pooling import Claim, ClaimLimits, claim_refused
from shuke.assignment.services.pool_entries import FIELD, entry_value, leave_pool
from shuke.assignment.services.recalling import CODE
from shuke.assignment.wording import REFUSALS
from shuke.customers.events import CustomersChanged, CustomersHandedOver
from shuke.customers.queries.holding import customers_by_id, managed_counts
from shuke.customers.services import FieldChanged, Selection, record_field_changes, start_bulk
from shuke.customers.services.many import locked_customers
from shuke.customers.services.reassigning import Reassignment, reassign_locked
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import SYSTEM, Actor, visible_staff
from shuke.team.services import notify, record_audit, require

WARNED = "pool_warned"
GONE = gettext_noop("这位客户已经不在公海了，可能刚被同事认领。")
WRITTEN_AT_ONCE = 1_000


class NotClaimable(ValueError):
    """Why somebody may not have this customer from the pool, in words."""


@transaction.atomic
def run_pool() -> int | None:
    """The night's run: warn whom the rules will send back, forget warnings that were heeded, and send back who was warned long
    enough ago. Returns the set of changes of the recall, if anybody goes. Safe to repeat."""
    if not stored_pool_policy().is_on:
        PoolWarning.objects.all().delete()
        return None
    terms, today = stored_terms(), clock.today()
    due = {one.customer_id: one for one in due_customers(terms, today, within_days=terms.warn_days)}
    _heed(due, today)
    _warn(due, today, terms.warn_days)
    going = list(
        PoolWarning.objects.filter(recall_on__lte=today)
        .order_by("customer_id")
        .values_list("customer_id", flat=True)
    )
    if not going:
        return None
    return start_bulk(
        actor=SYSTEM,
        kind=CODE,
        selection=Selection(ids=tuple(going)),
        arguments={"reason": str(_("回到公海")), "count": len(going)},
    )


def _heed(due: dict[int, DueCustomer], today: date) -> None:
    """Warnings whose reason is gone go; where it moved, their day moves."""
    for row in PoolWarning.objects.select_for_update().order_by("pk"):
        one = due.get(row.customer_id)
        if one is None or one.staff_id != row.staff_id:
            row.delete()
        elif one.due.on > row.recall_on:
            row.recall_on = one.due.on
            row.save(update_fields=["recall_on"])


def _warn(due: dict[int, DueCustomer], today: date, warn_days: int) -> None:
    warned = set(PoolWarning.objects.values_list("customer_id", flat=True))
    new = [one for pk, one in sorted(due.items()) if pk not in warned]
    earliest = today + timedelta(days=warn_days)
    PoolWarning.objects.bulk_create(
        [
            PoolWarning(
                customer_id=one.customer_id,
                staff_id=one.staff_id,
                store_id=one.store_id,
                recall_on=max(one.due.on, earliest),
                why=[list(pair) for pair in one.due.why],
            )
            for one in new
        ],
        batch_size=WRITTEN_AT_ONCE,
        ignore_conflicts=True,
    )
    if warn_days:
        _tell_owners(Counter(one.staff_id for one in new), today, warn_days)


def _tell_owners(counts: Counter[int], today: date, warn_days: int) -> None:
    for staff_id, count in sorted(counts.items()):
        facts = {"count": count, "days": warn_days}
        url = "/today/"
        notify(staff_ids=[staff_id], kind=WARNED, key=today.isoformat(), facts=facts, url=url)


@transaction.atomic
def claim(*, actor: Actor, entry_id: int) -> PoolEntry:
    """Become the account manager of a customer in the pool: first come, first served.

    Raises NotClaimable (limits, cooling off, somebody was quicker), PermissionDenied.
    """
    require(actor, "assignment.claim")
    entry = visible_entries(actor).filter(pk=entry_id).first()
    if entry is None or actor.id is None:
        raise NotClaimable(_(GONE))
    _wait_for_own_claims(actor.id)
    refused = claim_refused(_judged(actor.id, entry), _limits(), clock.today())
    if refused:
        raise NotClaimable(str(REFUSALS[refused]))
    _take(actor, entry, actor.id, how=PoolEntry.Left.CLAIMED)
    return entry


@transaction.atomic
def give_from_pool(*, actor: Actor, entry_id: int, staff_id: int) -> PoolEntry:
    """A manager gives a customer of the pool to somebody; limits and cooling off do not count. Raises as `claim` does."""
    require(actor, "assignment.hand_over")
    entry = visible_entries(actor).filter(pk=entry_id).first()
    taker = next(
        (one for one in visible_staff(actor).filter(pk=staff_id) if one.may("customers.follow_up")), None
    )
    if entry is None:
        raise NotClaimable(_(GONE))
    if taker is None:
        raise NotClaimable(_("请选一位在职、能跟进客户的同事。"))
    _take(actor, entry, taker.pk, how=PoolEntry.Left.GIVEN)
    return entry


@transaction.atomic
def unclaim(*, actor: Actor, entry_id: int) -> None:
    """Take one's own claim back: the customer is in the pool again as before, and it does not count. Raises NotClaimable."""
    require(actor, "assignment.claim")
    entry = PoolEntry.objects.select_for_update(of=("self",)).filter(pk=entry_id, left_to_id=actor.id).first()
    if entry is None or entry.left_how != PoolEntry.Left.CLAIMED:
        raise NotClaimable(_(GONE))
    customers = locked_customers(SYSTEM, [entry.customer_id])
    is_back = PoolEntry.objects.filter(customer_id=entry.customer_id, left_at=None).exists()
    held = customers.get(entry.customer_id)
    if is_back or held is None or held.account_manager_id != actor.id:
        raise NotClaimable(_("这位客户后来又换了负责人，没有动。"))
    entry.left_at, entry.left_how, entry.left_to_id = None, "", None
    entry.save(update_fields=["left_at", "left_how", "left_to"])
    _write(actor, entry, {entry.customer_id: None}, action="pool_unclaimed", before=None)


def _take(actor: Actor, entry: PoolEntry, staff_id: int, *, how: str) -> None:
    taken = PoolEntry.objects.filter(pk=entry.pk, left_at=None).update(
        left_at=clock.now(), left_how=how, left_to_id=staff_id
    )
    if not taken:
        raise NotClaimable(_(GONE))
    action = "pool_claimed" if how == PoolEntry.Left.CLAIMED else "pool_given"
    _write(actor, entry, {entry.customer_id: staff_id}, action=action, before=entry_value(entry))


def _write(actor: Actor, entry: PoolEntry, to: dict[int, int | None], *, action: str, before: object) -> None:
    customers = locked_customers(SYSTEM, [entry.customer_id])
    if not customers:
        raise NotClaimable(_(GONE))
    audit = record_audit(actor, action, customers[entry.customer_id])
    written = reassign_locked(actor, customers, Reassignment(to=to))
    after = None if before else entry_value(entry)
    pool = FieldChanged(entry.customer_id, FIELD, before, after)
    changes = [pool, *written.changes] if before else [*written.changes, pool]  # undone the other way round
    record_field_changes(actor=actor, audit_id=audit.pk, changes=changes)
    publish(CustomersChanged(customer_ids=[entry.customer_id]))
    publish(CustomersHandedOver(customer_ids=[entry.customer_id]))


def _wait_for_own_claims(staff_id: int) -> None:
    Duty.objects.get_or_create(staff_id=staff_id)
    Duty.objects.select_for_update().get(pk=staff_id)


def _judged(staff_id: int, entry: PoolEntry) -> Claim:
    today = PoolEntry.objects.filter(
        left_to_id=staff_id, left_how=PoolEntry.Left.CLAIMED, left_at__gte=clock.day_start(clock.today())
    )
    return Claim(
        claimed_today=today.count(),
        held=managed_counts([staff_id]).get(staff_id, 0),
        is_previous=entry.previous_id == staff_id,
        pooled_on=timezone.localtime(entry.since).date(),
    )


def _limits() -> ClaimLimits:
    kept = stored_pool_policy()
    return ClaimLimits(kept.claims_a_day, kept.most_held, kept.cool_off_days)


@transaction.atomic
def lock_customer(*, actor: Actor, customer_id: int, reason: str = "") -> None:
    """This customer never goes back to the pool. Raises PermissionDenied, DoesNotExist."""
    customer = customers_by_id([customer_id]).get()
    require(actor, "assignment.hand_over", customer)
    words = " ".join(reason.split())[:120]
    _row, is_new = PoolLock.objects.get_or_create(
        customer_id=customer_id, defaults={"reason": words, "locked_by_id": actor.id}
    )
    if is_new:
        PoolWarning.objects.filter(customer_id=customer_id).delete()
        record_audit(actor, "pool_locked", customer, after={"reason": words})


@transaction.atomic
def unlock_customer(*, actor: Actor, customer_id: int) -> None:
    """The rules hold for this customer again."""
    customer = customers_by_id([customer_id]).get()
    require(actor, "assignment.hand_over", customer)
    gone, _rows = PoolLock.objects.filter(customer_id=customer_id).delete()
    if gone:
        record_audit(actor, "pool_unlocked", customer)


def settle_pool(customer_ids: Collection[int]) -> None:
    """Look again at customers who changed: whoever was given an account manager is in the pool no more. Safe to repeat.

    Merged and deleted customers keep their rows, out of sight, and come back with them.
    """
    ids = _concerned(customer_ids)
    if not ids:
        return
    living = {one.pk: one.account_manager_id for one in customers_by_id(ids)}
    owned: dict[int, int | None] = {pk: owner for pk, owner in living.items() if owner}
    with transaction.atomic():
        _close(owned, PoolEntry.Left.GIVEN, owned)
        stale = [
            row.pk
            for row in PoolWarning.objects.filter(customer_id__in=list(living))
            if living[row.customer_id] != row.staff_id
        ]
        PoolWarning.objects.filter(pk__in=stale).delete()


def _close(ids: Iterable[int], how: str, to: Mapping[int, int | None]) -> None:
    open_ones = PoolEntry.objects.filter(customer_id__in=list(ids), left_at=None)
    in_pool = list(open_ones.values_list("customer_id", flat=True))
    if in_pool:
        leave_pool(in_pool, how=how, to=to)


def _concerned(customer_ids: Collection[int]) -> list[int]:
    ids = list(customer_ids)
    entries = PoolEntry.objects.filter(customer_id__in=ids, left_at=None).values_list(
        "customer_id", flat=True
    )
    warned = PoolWarning.objects.filter(customer_id__in=ids).values_list("customer_id", flat=True)
    return sorted({*entries, *warned})


def heed_warning(customer_id: int) -> None:
    """Something happened with a customer who was warned about: if they are no longer due, the warning goes at once.

    While nothing is recalled, nobody is due: then the nightly run clears what is left.
    """
    if not PoolWarning.objects.filter(customer_id=customer_id).exists():
        return
    terms = stored_terms()
    if not terms.is_on:
        return
    due = due_customers(terms, clock.today(), within_days=terms.warn_days, only=[customer_id])
    if next(iter(due), None) is None:
        PoolWarning.objects.filter(customer_id=customer_id).delete()
