"""公海: which customers go back to the pool, when somebody is warned, and who may claim."""

from dataclasses import dataclass
from datetime import date, timedelta

NOT_TOUCHED, NOT_BOUGHT = "touch", "purchase"


@dataclass(frozen=True)
class LevelRule:
    """After how many days without a touch, without a purchase, customers of a level go back; None: that does not count.

    `needs_both`: only when both are so.
    """

    days_without_touch: int | None = None
    days_without_purchase: int | None = None
    needs_both: bool = False

    @property
    def is_on(self) -> bool:
        return self.days_without_touch is not None or self.days_without_purchase is not None


@dataclass(frozen=True)
class Facts:
    """What is known of one customer who has an account manager. `taken_on`: since when they have this one."""

    taken_on: date
    last_touch_on: date | None = None
    last_purchase_on: date | None = None
    is_exempt: bool = False


@dataclass(frozen=True)
class Due:
    """The day from which a customer is due to go back, and how long what has been missing by today."""

    on: date
    why: tuple[tuple[str, int], ...]


def verdict(facts: Facts, rule: LevelRule, today: date) -> Due | None:
    """When the customer goes back, be it a day to come; None when they never do under this rule.

    Days count from the last touch (purchase), but never from before the account manager took over: who has just got a
    customer has the whole time.
    """
    if facts.is_exempt or not rule.is_on:
        return None
    ends = {
        kind: max(last or facts.taken_on, facts.taken_on)
        for kind, last in ((NOT_TOUCHED, facts.last_touch_on), (NOT_BOUGHT, facts.last_purchase_on))
    }
    limits = {NOT_TOUCHED: rule.days_without_touch, NOT_BOUGHT: rule.days_without_purchase}
    due = {kind: ends[kind] + timedelta(days=days) for kind, days in limits.items() if days is not None}
    on = max(due.values()) if rule.needs_both else min(due.values())
    why = tuple((kind, (today - ends[kind]).days) for kind in due if rule.needs_both or due[kind] <= on)
    return Due(on, why)


@dataclass(frozen=True)
class ClaimLimits:
    """How many customers somebody may claim a day, hold in all, and how long the previous owner must wait."""

    a_day: int = 10
    held: int = 500
    cool_off_days: int = 30


@dataclass(frozen=True)
class Claim:
    """What a claim is judged by."""

    claimed_today: int
    held: int
    is_previous: bool
    pooled_on: date


TOO_MANY_TODAY, TOO_MANY_HELD, COOLING_OFF = "today", "held", "cooling"


def claim_refused(claim: Claim, limits: ClaimLimits, today: date) -> str:
    """Why somebody may not claim this customer; empty when they may."""
    if claim.is_previous and today < claim.pooled_on + timedelta(days=limits.cool_off_days):
        return COOLING_OFF
    if claim.claimed_today >= limits.a_day:
        return TOO_MANY_TODAY
    return TOO_MANY_HELD if claim.held >= limits.held else ""
