"""Groups of alike customers, offered as conditions: found by k-means on a sample, counted on everybody within reach."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Mod

from shuke.analytics.clusters import Explained, find_groups
from shuke.desk.queries.filtering import matching, read
from shuke.kernel import clock
from shuke.segments.queries.members import rows_in_reach
from shuke.segments.rules import Manner, conditions_of, manner_of
from shuke.team.queries import Actor, reach_of

FEWEST, SAMPLE, KEPT_SECONDS = 60, 8_000, 600


@dataclass(frozen=True)
class Found:
    """One group: its conditions, what its customers are like, and the middle one of them."""

    conditions: str
    manner: Manner
    customers: int
    share: float
    silent_days: int
    purchases: int
    basket_fen: int


@dataclass(frozen=True)
class Discovery:
    """The groups, how many customers were looked at, and for what share the conditions say what k-means found."""

    groups: list[Found]
    looked_at: int
    agreed: float


def discover(actor: Actor, count: int) -> Discovery | None:
    """Up to `count` groups of the buyers whom the actor sees; None while there are too few of them."""
    key = f"segments.discovery:{reach_of(actor).key}:{clock.today()}:{count}"
    found: Discovery | None = cache.get(key)
    if found is None:
        found = _discover(actor, count)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _discover(actor: Actor, count: int) -> Discovery | None:
    rows = rows_in_reach(actor).filter(purchases__gt=0)
    values = _sampled(rows)
    if len(values) < FEWEST:
        return None
    explained = find_groups(values, count)
    conditions = [conditions_of(box.low, box.high) for box in explained.boxes]
    numbers = _counted(actor, rows, conditions)
    thirds = np.quantile(values, (1 / 3, 2 / 3), axis=0)
    groups = [
        _group(explained, place, (conditions[place], numbers[place], sum(numbers)), thirds)
        for place in range(len(conditions))
    ]
    return Discovery(
        sorted(groups, key=lambda one: -one.customers), looked_at=len(values), agreed=explained.agreed
    )


def _group(explained: Explained, place: int, said: tuple[str, int, int], thirds: Any) -> Found:
    conditions, customers, total = said
    middle = explained.middles[place]
    return Found(
        conditions=conditions,
        manner=manner_of(tuple(middle), tuple(thirds[0]), tuple(thirds[1])),
        customers=customers,
        share=customers / total if total else 0.0,
        silent_days=round(middle[0]),
        purchases=round(middle[1]),
        basket_fen=round(middle[2]) * 100,
    )


def _sampled(rows: QuerySet[Any]) -> Any:
    """Days of silence, purchases and yuan per visit of at most `SAMPLE` customers, the same ones every time."""
    every = -(-rows.count() // SAMPLE) or 1
    taken = rows.annotate(turn=Mod(F("customer_id"), every)).filter(turn=0)
    today = clock.today()
    found = [
        ((today - last).days, times, fen / 100)
        for last, times, fen in taken.values_list("last_on", "purchases", "mean_spend_fen")
    ]
    return np.maximum(np.array(found, dtype=float).reshape(-1, 3), 0.0)


def _counted(actor: Actor, rows: QuerySet[Any], conditions: list[str]) -> list[int]:
    """How many of everybody each condition finds, in one reading."""
    today = clock.today()
    counts = {
        f"n{place}": Count("pk", filter=matching(actor, read(text), today).condition)
        for place, text in enumerate(conditions)
    }
    found = rows.aggregate(**counts)
    return [found[name] for name in counts]
