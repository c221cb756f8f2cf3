"""What is recommended: to one customer with the reasons, to whom something is due, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given, given_list
from shuke.kernel.money import format_fen
from shuke.team.queries import Actor, reach_of, within_reach
from shuke.team.rules import Scope
from shuke.value.models import (
    WHOLE_SHOP,
    ReadyFigures,
    Recommendation,
    RecommendationShown,
    StageStrategy,
)

Kind = Recommendation.Kind
COUNTS_FOR_DAYS = 30
MOST_SHOWN = 2
_FIELDS = (
    "customer_id",
    "kind",
    "product_id",
    "product__name",
    "because__name",
    "times",
    "last_on",
    "interval_days",
    "usual_fen",
)


@dataclass(frozen=True)
class Recommended:
    """One product for one customer. `is_seen`: somebody saw it here within the last month."""

    customer_id: int
    kind: int
    product_id: int
    product: str
    because: str | None
    times: int
    last_on: date | None
    interval_days: int
    usual_fen: int
    is_seen: bool = True

    @property
    def is_due(self) -> bool:
        return self.kind == Kind.DUE

    @property
    def label(self) -> str:
        """Its kind in words."""
        return str(Kind(self.kind).label)

    @property
    def silent_days(self) -> int:
        """Days since it was bought; 0 when it never was."""
        return (clock.today() - self.last_on).days if self.last_on else 0

    @property
    def reason(self) -> str:
        """Why, in one plain sentence."""
        if self.kind == Kind.DUE:
            words = {"times": self.times, "gap": self.interval_days, "days": self.silent_days}
            return _("买过 %(times)s 次，约 %(gap)s 天一次，已 %(days)s 天没买") % words
        if self.because is None:
            return _("店里近来卖得最多")
        if self.kind == Kind.STEP:
            price = format_fen(self.usual_fen, with_zeros=False)
            return _("常买 %(product)s，同类里好一档的是这款，%(price)s") % {
                "product": self.because,
                "price": price,
            }
        return _("别人买 %(product)s 常一起带上") % {"product": self.because}


@dataclass(frozen=True)
class Outcome:
    """What became of one kind: seen in the last year, of them a month ago or longer, bought within a month, found unsuitable."""

    kind: int
    seen: int
    ripe: int
    bought: int
    unsuitable: int

    @property
    def label(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def bought_share(self) -> float | None:
        """Of those seen long enough ago to tell; None without any."""
        return self.bought / self.ripe if self.ripe else None


def recommended_to(customer_id: int) -> list[Recommended]:
    """What is recommended to a customer whom the caller may see, what is due first, two of a kind: one query."""
    since = clock.today() - timedelta(days=COUNTS_FOR_DAYS)
    found = [Recommended(*row) for row in _OF_CUSTOMER.rows(customer=customer_id, since=since)]
    return [
        one for place, one in enumerate(found) if sum(x.kind == one.kind for x in found[:place]) < MOST_SHOWN
    ]


def due_products(customer_ids: Iterable[int]) -> dict[int, Recommended]:
    """The product most due of each of these customers, of those who have one: one query."""
    ids = list(customer_ids)
    rows = _DUE_OF.rows(ids=ids) if ids else ()
    return {row[0]: Recommended(*row) for row in rows}


def _suited(rows: QuerySet[Recommendation]) -> QuerySet[Recommendation]:
    """Without what somebody found unsuitable for this customer."""
    refused = RecommendationShown.objects.filter(
        customer_id=OuterRef("customer_id"), product_id=OuterRef("product_id"), unsuitable_at__isnull=False
    )
    return rows.filter(~Exists(refused))


def _of_customer() -> QuerySet[Any, Any]:
    seen = RecommendationShown.objects.filter(
        customer_id=OuterRef("customer_id"),
        kind=OuterRef("kind"),
        product_id=OuterRef("product_id"),
        shown_on__gt=given("since", "date"),
    )
    rows = _suited(Recommendation.objects.filter(customer_id=given("customer", "bigint")))
    return rows.annotate(is_seen=Exists(seen)).order_by("kind", "rank").values_list(*_FIELDS, "is_seen")


_OF_CUSTOMER = Compiled(_of_customer)
_DUE_OF = Compiled(
    lambda: (
        _suited(Recommendation.objects.filter(customer_id__among=given_list("ids", "bigint"), kind=Kind.DUE))
        .order_by("-rank")
        .values_list(*_FIELDS)
    )
)


def due_customers(actor: Actor, limit: int, *, store_id: int | None = None) -> list[Recommended]:
    """To whom within reach something is due, each by the product most due; who spends most on it first."""
    reach = reach_of(actor)
    found = _due(reach.scope, is_store=store_id is not None, limit=limit)
    return [Recommended(*row) for row in found.rows(store=store_id, **reach.given)]


@cache
def _due(scope: Scope, *, is_store: bool, limit: int) -> Compiled[Any]:
    reached = within_reach(scope, store="customer__store_id", owner="customer__account_manager_id")
    of_store = {"customer__store_id": given("store", "bigint")} if is_store else {}
    rows = _suited(Recommendation.objects.filter(reached, kind=Kind.DUE, rank=0, **of_store))
    return Compiled(lambda: rows.order_by("-usual_fen", "customer_id").values_list(*_FIELDS)[:limit])


def outcomes() -> list[Outcome]:
    """What became of each kind over the last year; of the whole shop."""
    day = clock.today()
    ripe = Q(shown_on__lte=day - timedelta(days=COUNTS_FOR_DAYS))
    soon = Q(bought_on__lte=F("shown_on") + timedelta(days=COUNTS_FOR_DAYS))
    rows = (
        RecommendationShown.objects.filter(shown_on__gt=day - timedelta(days=365))
        .values("kind")
        .order_by("kind")
    )
    rows = rows.annotate(
        seen=Count("pk"),
        ripe=Count("pk", filter=ripe),
        bought=Count("pk", filter=ripe & soon),
        unsuitable=Count("pk", filter=Q(unsuitable_at__isnull=False)),
    )
    return [Outcome(**row) for row in rows]


def ready_figures(name: str, store: int = WHOLE_SHOP) -> ReadyFigures | None:
    """Figures that a job made ready for the whole shop or a store; None before its first run. The caller has asked whose."""
    return ReadyFigures.objects.filter(name=name, store_id=store).first()


def stage_strategies() -> dict[str, str]:
    """The shop's own words on what to do with customers, by stage; stages without are left out."""
    return dict(StageStrategy.objects.exclude(text="").values_list("stage", "text"))
