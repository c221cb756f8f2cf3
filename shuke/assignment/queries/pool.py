"""公海: who is due to go back, who is in it, and what a customer's page says of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.db.models import Value as Constant
from django.utils import timezone

from shuke.assignment.models import PoolEntry, PoolLevelRule, PoolLock, PoolPolicy, PoolWarning
from shuke.assignment.queries.workload import KEY_GROUP, LEVELS
from shuke.assignment.rules.pooling import Due, Facts, LevelRule, verdict
from shuke.assignment.wording import days_left_words, why_words
from shuke.customers import ports
from shuke.customers.queries.holding import ContactFacts, contact_facts, owned_customers
from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given
from shuke.team.queries import Actor, reach_of, visible_stores
from shuke.team.rules import NO_ROLE, Scope, may
from shuke.value.queries import Value, values_for

READ_AT_ONCE = 2_000
MOST_WARNED = 400


@dataclass(frozen=True)
class PoolTerms:
    """What the rules say, kept or just being typed."""

    levels: Mapping[str, LevelRule] = field(default_factory=dict)
    off_store_ids: frozenset[int] = frozenset()
    warn_days: int = 3
    spares_key: bool = True
    spares_helped: bool = False
    step_ahead_days: int = 14

    @property
    def is_on(self) -> bool:
        return any(rule.is_on for rule in self.levels.values())


@dataclass(frozen=True)
class DueCustomer:
    """Somebody who goes back to the pool on a day, unless something happens."""

    customer_id: int
    staff_id: int
    store_id: int | None
    level: str
    due: Due
    worth_fen: int


@dataclass(frozen=True)
class Forecast:
    """What rules would do tonight: how many would be warned, how many of them are long overdue, by level and by person."""

    total: int
    by_level: dict[str, int]
    by_staff: dict[int, int]


@dataclass(frozen=True)
class PoolState:
    """What a customer's page says: in the pool, soon to be, or locked out of it."""

    entry: PoolEntry | None = None
    warning: PoolWarning | None = None
    is_locked: bool = False

    @property
    def why(self) -> str:
        known = self.entry or self.warning
        return why_words(known.why) if known else ""

    @property
    def warned_words(self) -> str:
        if self.warning is None:
            return ""
        return days_left_words((self.warning.recall_on - clock.today()).days, self.warning.why)


def stored_pool_policy() -> PoolPolicy:
    """The shop's pool, or one that is off."""
    return PoolPolicy.objects.first() or PoolPolicy()


def stored_level_rules() -> dict[str, LevelRule]:
    """What is kept for each level."""
    return {
        row.level: LevelRule(row.days_without_touch, row.days_without_purchase, needs_both=row.needs_both)
        for row in PoolLevelRule.objects.all()
    }


def stored_terms() -> PoolTerms:
    """The rules in force."""
    kept = stored_pool_policy()
    return PoolTerms(
        levels=stored_level_rules(),
        off_store_ids=frozenset(kept.off_store_ids),
        warn_days=kept.warn_days,
        spares_key=kept.spares_key,
        spares_helped=kept.spares_helped,
        step_ahead_days=kept.step_ahead_days,
    )


def due_customers(
    terms: PoolTerms, today: date, *, within_days: int, only: Collection[int] | None = None
) -> Iterator[DueCustomer]:
    """Everybody who is due to go back within so many days, by id. For jobs and dry runs: one walk over those who have an
    account manager, a handful of questions for each two thousand."""
    if not terms.is_on:
        return
    last = today + timedelta(days=within_days)
    for part in _parts(terms, only):
        yield from _due_of(part, terms, today, last)


@dataclass(frozen=True)
class _Known:
    """A customer with an account manager, and what the rules ask of them."""

    id: int
    staff_id: int
    store_id: int | None
    created_at: datetime
    contact: ContactFacts
    value: Value | None
    is_spared: bool

    @property
    def level(self) -> str:
        return self.value.level if self.value else ""

    def facts(self, terms: PoolTerms) -> Facts:
        """As the rules want them."""
        taken = max(moment for moment in (self.created_at, self.contact.taken_at) if moment)
        touched = self.contact.last_touch_at
        is_key = self.value is not None and self.value.group == KEY_GROUP
        return Facts(
            taken_on=_day(taken),
            last_touch_on=_day(touched) if touched else None,
            last_purchase_on=self.value.last_on if self.value else None,
            is_exempt=self.is_spared
            or self.contact.has_step
            or (terms.spares_key and is_key)
            or (terms.spares_helped and self.contact.is_helped),
        )


def _parts(terms: PoolTerms, only: Collection[int] | None) -> Iterator[list[tuple[Any, ...]]]:
    """The columns of everybody who has an account manager, some thousand at a time, by id."""
    rows = owned_customers().order_by("pk")
    if terms.off_store_ids:
        rows = rows.exclude(store_id__in=sorted(terms.off_store_ids))
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    columns, after = rows.values_list("pk", "account_manager_id", "store_id", "created_at"), 0
    while part := list(columns.filter(pk__gt=after)[:READ_AT_ONCE]):
        yield part
        after = part[-1][0]


def _due_of(part: list[tuple[Any, ...]], terms: PoolTerms, today: date, last: date) -> Iterator[DueCustomer]:
    for one in _known(part, terms, today):
        due = verdict(one.facts(terms), terms.levels.get(one.level, LevelRule()), today)
        if due is not None and due.on <= last:
            worth = one.value.clv_year_fen if one.value else 0
            yield DueCustomer(one.id, one.staff_id, one.store_id, one.level, due, worth)


def _known(part: list[tuple[Any, ...]], terms: PoolTerms, today: date) -> Iterator[_Known]:
    ids = [pk for pk, *_others in part]
    contacts = contact_facts(ids, today + timedelta(days=terms.step_ahead_days))
    values = values_for(ids)
    locked = set(PoolLock.objects.filter(customer_id__in=ids).values_list("customer_id", flat=True))
    spared = ports.spared_from_pool(ids) | locked
    for pk, staff_id, store_id, created_at in part:
        yield _Known(pk, staff_id, store_id, created_at, contacts[pk], values.get(pk), pk in spared)


def _day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def forecast(terms: PoolTerms, today: date) -> Forecast:
    """Who would be warned tonight if these rules held: the dry run."""
    by_level, by_staff, total = dict.fromkeys(LEVELS, 0), dict[int, int](), 0
    for one in due_customers(terms, today, within_days=terms.warn_days):
        total += 1
        by_level[one.level] = by_level.get(one.level, 0) + 1
        by_staff[one.staff_id] = by_staff.get(one.staff_id, 0) + 1
    return Forecast(total, by_level, by_staff)


def open_entries() -> "QuerySet[PoolEntry]":
    """Who is in the pool: living customers without an account manager. Rows of merged and deleted ones wait out of sight."""
    return PoolEntry.objects.filter(
        left_at=None,
        customer__account_manager=None,
        customer__merged_into=None,
        customer__deleted_at=None,
    )


def visible_entries(actor: Actor) -> "QuerySet[PoolEntry]":
    """Who is in the pool, of the actor's stores; for whoever may claim or give."""
    rows = open_entries()
    role = getattr(actor, "ready_role", NO_ROLE)
    if not (may(role, "assignment.claim") or may(role, "assignment.hand_over")):
        return rows.none()
    if reach_of(actor).scope is Scope.ALL:
        return rows
    return rows.filter(store_id__in=list(stores_worked_in(actor)))


def stores_worked_in(actor: Actor) -> list[int]:
    """The stores whose pool is an actor's: where they work, whatever their role lets them see of these."""
    if reach_of(actor).scope is Scope.OWN:
        return list(actor.stores.values_list("pk", flat=True))  # type: ignore[union-attr]
    return list(visible_stores(actor).values_list("pk", flat=True))


def in_pool_ids() -> "QuerySet[PoolEntry, int]":
    """Ids of the customers in the pool; no reach: for subqueries."""
    return open_entries().values_list("customer_id", flat=True)


def pool_state(customer_id: int) -> PoolState:
    """What a customer's page says of the pool. The caller has checked that they may be seen."""
    found = _kinds_of(customer_id)
    if not found:
        return PoolState()
    entry = open_entries().filter(customer_id=customer_id).select_related("previous").first()
    warning = None if entry else _living_warnings().filter(customer_id=customer_id).first()
    return PoolState(entry, warning, "lock" in found)


def _kinds_of(customer_id: int) -> set[str]:
    """What there is to say of a customer, in one question: mostly nothing."""
    return {row[0] for row in _KINDS.rows(customer=customer_id)}


def _kinds() -> "QuerySet[Any, tuple[str]]":
    of_customer = {"customer_id": given("customer", "bigint")}
    entry: Any = PoolEntry.objects.filter(**of_customer, left_at=None).values_list(Constant("entry"))
    warning = PoolWarning.objects.filter(**of_customer).values_list(Constant("warning"))
    return entry.union(
        warning, PoolLock.objects.filter(**of_customer).values_list(Constant("lock")), all=True
    )


_KINDS = Compiled(_kinds)


def warned_candidates() -> list[PoolWarning]:
    """Warnings that wait, the soonest first, for the day's list."""
    return list(_living_warnings().order_by("recall_on", "customer_id")[:MOST_WARNED])


def _living_warnings() -> "QuerySet[PoolWarning]":
    """Warnings that hold: of living customers who still have the account manager that was warned."""
    return PoolWarning.objects.filter(
        customer__account_manager=F("staff"), customer__merged_into=None, customer__deleted_at=None
    )


def still_in_pool(customer_id: int) -> bool:
    """Whether a customer is in the pool now, and contacts are hidden until somebody claims them."""
    return stored_pool_policy().masks_contacts and in_pool_ids().filter(customer_id=customer_id).exists()


def claims_left(actor: Actor) -> int:
    """How many more the actor may claim today."""
    if actor.id is None:
        return 0
    today = PoolEntry.objects.filter(
        left_to_id=actor.id, left_how=PoolEntry.Left.CLAIMED, left_at__gte=clock.day_start(clock.today())
    )
    return max(stored_pool_policy().claims_a_day - today.count(), 0)
