"""Makes the day's contact list: who, for which reason, and how much hangs on it. May run as often as one likes."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, TextField, Window
from django.db.models.functions import Cast, RowNumber

from shuke.assignment.queries import warned_candidates
from shuke.customers.queries import due_follow_ups, visible_customers
from shuke.desk import rules
from shuke.desk.models import CustomerRow, Suggestion
from shuke.desk.rules import Candidate
from shuke.kernel import clock
from shuke.team.queries import SYSTEM
from shuke.value.queries import policy

SUGGESTIONS_LOCK = 7_301_003
BOUGHT = (rules.SLIPPING, rules.OVERDUE, rules.SECOND)
PROSPECT, FIRST, REPEAT, LOYAL, LAPSED = range(len(rules.STAGES))


@transaction.atomic
def suggest_for_today() -> int:
    """Fill the list of every store up to its capacity; what still waits from yesterday comes first. Returns how many are new."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [SUGGESTIONS_LOCK])
    day = clock.today()
    close_answered()
    _carry_over(day)
    capacity = policy().daily_capacity
    taken = _taken_by_store(day)
    by_store: dict[int | None, list[Candidate]] = defaultdict(list)
    for candidate in _candidates(day, capacity):
        by_store[candidate.store_id].append(candidate)
    chosen = [
        candidate
        for store_id, candidates in by_store.items()
        for candidate in rules.choose(candidates, max(capacity - taken.get(store_id, 0), 0))
    ]
    made = Suggestion.objects.bulk_create((_line(one, day) for one in chosen), ignore_conflicts=True)
    return len(made)


def close_answered(customer_ids: Iterable[int] | None = None) -> int:
    """Whoever came back by themselves needs no call: their waiting lines are done. Returns how many."""
    bought_on = Cast("last_on", TextField())
    rows = CustomerRow.objects.annotate(bought_on=bought_on)
    came = rows.filter(pk=OuterRef("customer_id"), bought_on__gt=OuterRef("occurrence"))
    waiting = Suggestion.objects.filter(
        Exists(came),
        state__in=[Suggestion.State.OPEN, Suggestion.State.LATER],
        reason__in=BOUGHT,
    )
    if customer_ids is not None:
        waiting = waiting.filter(customer_id__in=list(customer_ids))
    return waiting.update(state=Suggestion.State.DONE, result="came", handled_at=clock.now())


def _carry_over(day: date) -> None:
    """Lines put off until today open again; unanswered ones come along for a few days and then make room."""
    _close_heeded()
    waiting = Suggestion.objects.filter(shown_on__lt=day, state=Suggestion.State.OPEN)
    too_old = waiting.exclude(reason=rules.FOLLOW_UP).filter(
        created_at__lt=clock.day_start(day - timedelta(days=rules.CARRIED_DAYS))
    )
    too_old.update(state=Suggestion.State.DISMISSED, result="passed")
    waiting.update(shown_on=day)
    due = Suggestion.objects.filter(shown_on__lte=day, state=Suggestion.State.LATER)
    due.update(state=Suggestion.State.OPEN, shown_on=day, handled_at=None, handled_by=None)


def _close_heeded() -> None:
    """Who is no longer about to go back to the pool needs no word about it."""
    waiting = Suggestion.objects.filter(
        reason=rules.POOL, state__in=[Suggestion.State.OPEN, Suggestion.State.LATER]
    )
    warned = [one.customer_id for one in warned_candidates()]
    waiting.exclude(customer_id__in=warned).update(state=Suggestion.State.DISMISSED, result="passed")


def _taken_by_store(day: date) -> dict[int | None, int]:
    stores = Suggestion.objects.filter(shown_on=day).exclude(reason__in=rules.PROMISED)
    taken: dict[int | None, int] = defaultdict(int)
    for store_id in stores.values_list("store_id", flat=True):
        taken[store_id] += 1
    return taken


def _candidates(day: date, capacity: int) -> list[Candidate]:
    free = _free_rows(day)
    found = [
        *_birthdays(free, day, capacity),
        *_slipping(free, capacity),
        *_overdue(free, day, capacity),
        *_second_purchases(free, day, capacity),
    ]
    quiet = _not_to_be_contacted({one.customer_id for one in found})
    return [*_follow_ups(day), *_warned(), *(one for one in found if one.customer_id not in quiet)]


def _warned() -> list[Candidate]:
    """Customers who go back to the pool unless their account manager gets in touch."""
    found = warned_candidates()
    worth = dict(
        CustomerRow.objects.filter(pk__in=[one.customer_id for one in found]).values_list(
            "pk", "clv_year_fen"
        )
    )
    return [
        Candidate(
            customer_id=one.customer_id,
            reason=rules.POOL,
            occurrence=one.recall_on.isoformat(),
            weight=worth.get(one.customer_id, 0),
            store_id=one.store_id,
            account_manager_id=one.staff_id,
            facts=(("recall_on", one.recall_on.isoformat()), ("why", ",".join(pair[0] for pair in one.why))),
        )
        for one in found
    ]


def _not_to_be_contacted(ids: set[int]) -> set[int]:
    """Those whose record says so."""
    quiet = visible_customers(SYSTEM).filter(pk__in=ids, preferred_channel="none")
    return set(quiet.values_list("pk", flat=True))


def _free_rows(day: date) -> QuerySet[CustomerRow]:
    """Rows of customers who were left in peace for a while and did not ask for more of it."""
    mine = Suggestion.objects.filter(customer_id=OuterRef("pk"))
    recent = mine.filter(shown_on__gt=day - timedelta(days=rules.QUIET_DAYS))
    unwanted = mine.filter(result=rules.UNWANTED)
    return CustomerRow.objects.filter(~Exists(recent), ~Exists(unwanted))


def _top(rows: QuerySet[CustomerRow], weight: str, capacity: int) -> list[dict[str, Any]]:
    """The heaviest rows of each store, at most `capacity` of each."""
    place = Window(RowNumber(), partition_by=F("store_id"), order_by=[F(weight).desc(), F("pk").asc()])
    columns = ("pk", "store_id", "account_manager_id", "last_on", "birthday_key", "next_expected_on")
    ranked = rows.annotate(place=place).filter(place__lte=capacity)
    return list(ranked.values(*columns, weight=F(weight)))


def _candidate(row: dict[str, Any], reason: str, occurrence: str, **facts: str) -> Candidate:
    return Candidate(
        customer_id=row["pk"],
        reason=reason,
        occurrence=occurrence,
        weight=row["weight"],
        store_id=row["store_id"] or None,
        account_manager_id=row["account_manager_id"] or None,
        facts=tuple(facts.items()),
    )


def _slipping(free: QuerySet[CustomerRow], capacity: int) -> list[Candidate]:
    rows = free.filter(at_stake_fen__gt=0, leaving_chance__lt=rules.MOSTLY_GONE_FROM)
    found = _top(rows, "at_stake_fen", capacity)
    return [_candidate(row, rules.SLIPPING, row["last_on"].isoformat()) for row in found]


def _overdue(free: QuerySet[CustomerRow], day: date, capacity: int) -> list[Candidate]:
    late = (
        day - timedelta(days=rules.OVERDUE_TO_DAYS),
        day - timedelta(days=rules.OVERDUE_FROM_DAYS),
    )
    rows = free.filter(next_expected_on__range=late, stage__in=[REPEAT, LOYAL], at_stake_fen=0)
    found = _top(rows, "clv_year_fen", capacity)
    return [_candidate(row, rules.OVERDUE, row["last_on"].isoformat()) for row in found]


def _second_purchases(free: QuerySet[CustomerRow], day: date, capacity: int) -> list[Candidate]:
    fresh = (
        day - timedelta(days=rules.SECOND_TO_DAYS),
        day - timedelta(days=rules.SECOND_FROM_DAYS),
    )
    found = _top(free.filter(stage=FIRST, last_on__range=fresh), "clv_year_fen", capacity)
    return [_candidate(row, rules.SECOND, row["last_on"].isoformat()) for row in found]


def _birthdays(free: QuerySet[CustomerRow], day: date, capacity: int) -> list[Candidate]:
    days = [day + timedelta(days=ahead) for ahead in range(rules.BIRTHDAY_AHEAD_DAYS + 1)]
    kept_on = {one.month * 100 + one.day: one for one in days}
    rows = free.filter(birthday_key__gt=0, birthday_key__in=list(kept_on), purchases__gt=0)
    found = _top(rows, "clv_year_fen", capacity)
    return [
        _candidate(row, rules.BIRTHDAY, str(kept.year), kept_on=kept.isoformat())
        for row, kept in ((row, kept_on[row["birthday_key"]]) for row in found)
    ]


def _follow_ups(day: date) -> list[Candidate]:
    promised = list(due_follow_ups(SYSTEM, day))
    rows = CustomerRow.objects.in_bulk([one.customer_id for one in promised])
    found = []
    for one in promised:
        row = rows.get(one.customer_id)
        if row is None:
            continue
        found.append(
            Candidate(
                customer_id=one.customer_id,
                reason=rules.FOLLOW_UP,
                occurrence=f"{one.pk}",
                weight=row.clv_year_fen,
                store_id=row.store_id or None,
                account_manager_id=one.assignee_id or row.account_manager_id or None,
                facts=(("follow_up_id", str(one.pk)), ("purpose", one.purpose)),
            )
        )
    return found


def _line(candidate: Candidate, day: date) -> Suggestion:
    return Suggestion(
        customer_id=candidate.customer_id,
        store_id=candidate.store_id,
        account_manager_id=candidate.account_manager_id,
        reason=candidate.reason,
        occurrence=candidate.occurrence,
        shown_on=day,
        weight=candidate.weight,
        facts=dict(candidate.facts),
    )
