"""Values of customers, one or many."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any

from django.db.models import QuerySet

from shuke.kernel.compiled import Compiled, given, given_list
from shuke.team.queries import Actor, reach_of, within_reach
from shuke.team.rules import Scope
from shuke.value.models import CustomerValue, Group, Level, Phase, Stage, StageMove, Trend


@dataclass(frozen=True)
class Value:
    """What one customer is worth. Money is fen, chances are 0 to 1, days are the shop's; None: not known."""

    customer_id: int
    as_of: date
    purchases: int
    first_on: date | None
    last_on: date | None
    spent_fen: int
    window_purchases: int
    window_spent_fen: int
    mean_spend_fen: int
    r_score: int
    f_score: int
    m_score: int
    group: str
    level: str
    abc: str
    top_share: float | None
    stage: str
    phase: str
    stage_since: date | None
    usual_gap_days: float | None
    usual_gap_low_days: float | None
    usual_gap_high_days: float | None
    next_expected_on: date | None
    alive_chance: float | None
    leaving_chance: float | None
    expected_purchases_year: float | None
    clv_year_fen: int
    clv_low_fen: int
    clv_high_fen: int
    at_stake_fen: int
    trend: str = ""

    @property
    def trend_label(self) -> str:
        return str(Trend(self.trend).label)

    @property
    def is_slipping(self) -> bool:
        """A regular who stays away longer than usual and, more likely than not, a good while yet."""
        return self.at_stake_fen > 0

    @property
    def group_label(self) -> str:
        return str(Group(self.group).label)

    @property
    def level_label(self) -> str:
        return str(Level(self.level).label)

    @property
    def stage_label(self) -> str:
        return str(Stage(self.stage).label)

    @property
    def phase_label(self) -> str:
        return str(Phase(self.phase).label)


_FIELDS = [field.name for field in fields(Value)]


@dataclass(frozen=True)
class StageStep:
    """A dated move between stages; `from_stage` is "prospect" at the beginning."""

    from_stage: str
    to_stage: str
    moved_on: date

    @property
    def label(self) -> str:
        return str(Stage(self.to_stage).label)


def value_rows() -> QuerySet[CustomerValue]:
    """All values as a queryset, for set-based readers (`.values(...)`); no scope: for jobs, not for pages."""
    return CustomerValue.objects.all()


def worth_select() -> str:
    """A select of every customer_id and what they are worth in a year, to stand in another statement's FROM. No reach."""
    return "select customer_id, clv_year_fen as worth_fen from value_customervalue"


def _visible(actor: Actor) -> QuerySet[CustomerValue]:
    reach = reach_of(actor).seen(store="customer__store_id", owner="customer__account_manager_id")
    return CustomerValue.objects.filter(reach)


def value_of(customer_id: int) -> Value | None:
    """The value of a customer whom the caller may see; None before the first computation."""
    return values_for([customer_id]).get(customer_id)


def values_for(customer_ids: Iterable[int]) -> dict[int, Value]:
    """Values by customer id, of those who have one. The caller has checked that they may be seen."""
    ids = list(customer_ids)
    rows = _VALUES.rows(ids=ids) if ids else ()
    return {row[0]: Value(*row) for row in rows}


_VALUES = Compiled(
    lambda: CustomerValue.objects.filter(customer_id__among=given_list("ids", "bigint")).values_list(*_FIELDS)
)


def customers_at_level(level: str) -> QuerySet[CustomerValue, int]:
    """Ids of the customers of a value level; no scope: for jobs and subqueries."""
    return CustomerValue.objects.filter(level=level).values_list("customer_id", flat=True)


def customers_in_stage(stage: str) -> QuerySet[CustomerValue, int]:
    """Ids of the customers who stand in a stage; no scope: for jobs and subqueries."""
    return CustomerValue.objects.filter(stage=stage).values_list("customer_id", flat=True)


def slipping_customers(actor: Actor, limit: int, *, store_id: int | None = None) -> list[Value]:
    """Regulars within reach who are slipping away, most money at stake first."""
    reach = reach_of(actor)
    found = _slipping(reach.scope, is_store=store_id is not None, limit=limit)
    return [Value(*row) for row in found.rows(store=store_id, **reach.given)]


@cache
def _slipping(scope: Scope, *, is_store: bool, limit: int) -> Compiled[Any]:
    reached = within_reach(scope, store="customer__store_id", owner="customer__account_manager_id")
    of_store = {"customer__store_id": given("store", "bigint")} if is_store else {}
    rows = CustomerValue.objects.filter(reached, at_stake_fen__gt=0, **of_store)
    return Compiled(lambda: rows.order_by("-at_stake_fen", "customer_id").values_list(*_FIELDS)[:limit])


def rfm_cell_customers(actor: Actor, *, r: int, fm: int, limit: int = 200) -> list[Value]:
    """Customers within reach in one cell of the matrix (fm = (F + M) / 2 rounded up), most valuable first."""
    pairs = [(f, m) for f in range(1, 6) for m in range(1, 6) if (f + m + 1) // 2 == fm]
    rows = _visible(actor).filter(r_score=r, purchases__gt=0)
    rows = rows.filter(f_score__in={f for f, _ in pairs}, m_score__in={m for _, m in pairs})
    rows = rows.extra(where=["(f_score + m_score + 1) / 2 = %s"], params=[fm])
    return [Value(**row) for row in rows.order_by("-clv_year_fen", "customer_id").values(*_FIELDS)[:limit]]


def stage_history(customer_id: int) -> list[StageStep]:
    """Every move of a customer between stages, oldest first."""
    rows: Any = StageMove.objects.filter(customer_id=customer_id).order_by("moved_on", "pk")
    return [StageStep(row.from_stage, row.to_stage, row.moved_on) for row in rows]
