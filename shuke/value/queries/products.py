"""Figures of products, ready since the last night: lists, categories, what goes together, and one product."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from shuke.kernel import clock
from shuke.team.queries import Actor, reach_of, visible_stores
from shuke.team.rules import Scope
from shuke.value.models import WHOLE_SHOP, ProductFigures, ProductPair

SLOW_DAYS = 90
VIEWS = ("best", "rising", "falling", "slow", "loved")
FEWEST_BUYERS = 10


@dataclass(frozen=True)
class ProductRow:
    """One product with its figures of a year; money is fen, `profit_fen` None where nobody told the cost."""

    product_id: int
    name: str
    category: str
    is_active: bool
    revenue_fen: int
    before_fen: int
    recent_fen: int
    recent_before_fen: int
    returned_fen: int
    quantity: int
    buyers: int
    again: int
    last_on: date | None
    abc: str
    profit_fen: int | None
    months: Sequence[int]

    @property
    def change(self) -> float | None:
        """Of the last 90 days against the same days a year earlier; None with nothing then."""
        return self.recent_fen / self.recent_before_fen - 1 if self.recent_before_fen > 0 else None

    @property
    def again_share(self) -> float | None:
        """Of its buyers, those who bought it on two days or more in the year; None for too few to tell."""
        return self.again / self.buyers if self.buyers >= FEWEST_BUYERS else None

    @property
    def margin(self) -> float | None:
        """Profit of each yuan; None where nobody told the cost."""
        return (
            self.profit_fen / self.revenue_fen
            if self.profit_fen is not None and self.revenue_fen > 0
            else None
        )


_FIELDS = tuple(ProductRow.__dataclass_fields__)


@dataclass(frozen=True)
class CategoryRow:
    """One category: products sold, money of the year and the year before, and profit of the money whose cost is known."""

    category: str
    products: int
    revenue_fen: int
    before_fen: int
    profit_fen: int | None
    known_fen: int


@dataclass(frozen=True)
class Sums:
    """The shelf in figures: products that sold this year, class A among them, active ones that did not sell for 90 days."""

    revenue_fen: int
    sold: int
    carriers: int
    slow: int
    profit_fen: int | None
    known_fen: int


@dataclass(frozen=True)
class PairRow:
    """Two products of the same orders."""

    product_id: int
    product: str
    other_id: int
    other: str
    orders: int
    share: float
    lift: float


def figures_store(actor: Actor, store_id: int | None) -> int | None:
    """The store whose figures the actor may read (0: the whole shop); None when they may not read these."""
    if store_id is None:
        return WHOLE_SHOP if reach_of(actor).scope is Scope.ALL else None
    return store_id if visible_stores(actor).filter(pk=store_id).exists() else None


def product_sums(store: int) -> Sums:
    """The shelf of a store (0: the whole shop) in figures."""
    known = Q(profit_fen__isnull=False)
    found = ProductFigures.objects.filter(store_id=store).aggregate(
        revenue=Sum("revenue_fen", default=0),
        sold=Count("pk", filter=Q(revenue_fen__gt=0)),
        carriers=Count("pk", filter=Q(abc="A")),
        slow=Count("pk", filter=_slow()),
        profit=Sum("profit_fen"),
        known=Sum("revenue_fen", filter=known, default=0),
    )
    return Sums(*(found[name] for name in ("revenue", "sold", "carriers", "slow", "profit", "known")))


def _slow() -> Q:
    """On the shelf, and not sold for 90 days or ever."""
    since = clock.today() - timedelta(days=SLOW_DAYS)
    return Q(is_active=True) & (Q(last_on__isnull=True) | Q(last_on__lte=since))


def product_rows(store: int, view: str, *, category: str = "", limit: int = 100) -> list[ProductRow]:
    """Products of a store (0: the whole shop) in one of the `VIEWS`: what sells best, rises, falls, stands still, comes again."""
    rows = ProductFigures.objects.filter(store_id=store)
    rows = rows.filter(category=category) if category else rows
    return [_row(row) for row in _viewed(rows, view).values_list(*_FIELDS)[:limit]]


def _viewed(rows: QuerySet[ProductFigures], view: str) -> QuerySet[ProductFigures]:
    change = F("recent_fen") - F("recent_before_fen")
    compared = rows.filter(recent_before_fen__gt=0).annotate(change_fen=change)
    if view == "rising":
        return compared.filter(change_fen__gt=0).order_by("-change_fen", "product_id")
    if view == "falling":
        return compared.filter(change_fen__lt=0, is_active=True).order_by("change_fen", "product_id")
    if view == "slow":
        return rows.filter(_slow()).order_by(F("last_on").asc(nulls_first=True), "product_id")
    if view == "loved":
        share = F("again") * 1.0 / F("buyers")
        return rows.filter(buyers__gte=FEWEST_BUYERS).annotate(share=share).order_by("-share", "product_id")
    return rows.filter(revenue_fen__gt=0).order_by("-revenue_fen", "product_id")


def _row(values: Any) -> ProductRow:
    return ProductRow(**dict(zip(_FIELDS, values, strict=True)))


def category_rows(store: int) -> list[CategoryRow]:
    """Categories of a store (0: the whole shop), the one that brings most first."""
    rows = ProductFigures.objects.filter(store_id=store).filter(Q(revenue_fen__gt=0) | Q(before_fen__gt=0))
    sums = rows.values("category").annotate(
        products=Count("pk", filter=Q(revenue_fen__gt=0)),
        revenue=Sum("revenue_fen"),
        before=Sum("before_fen"),
        profit=Sum("profit_fen"),
        known=Sum("revenue_fen", filter=Q(profit_fen__isnull=False), default=0),
    )
    return [CategoryRow(*row) for row in sums.order_by("-revenue", "category").values_list(
        "category", "products", "revenue", "before", "profit", "known")]  # fmt: skip


def pair_rows(store: int, *, product_id: int | None = None, limit: int = 12) -> list[PairRow]:
    """Products that stand in the same orders, most orders first, each pair once; of one product all its companions.

    Orders of the whole shop tell which; only products are named that the store (0: the whole shop) sold itself.
    """
    sold = ProductFigures.objects.filter(store_id=store).values("product_id")
    rows = ProductPair.objects.filter(product_id__in=sold, other_id__in=sold)
    if product_id is None:
        rows = rows.filter(Q(product_id__lt=F("other_id")))
    else:
        rows = rows.filter(product_id=product_id)
    found = rows.order_by("-orders", "product_id", "other_id").values_list(
        "product_id", "product__name", "other_id", "other__name", "orders", "share", "lift"
    )
    return [PairRow(*row) for row in found[:limit]]


def one_product(store: int, product_id: int) -> ProductRow | None:
    """One product in a store (0: the whole shop); None when it never stood there."""
    row = ProductFigures.objects.filter(store_id=store, product_id=product_id).values_list(*_FIELDS).first()
    return _row(row) if row else None
