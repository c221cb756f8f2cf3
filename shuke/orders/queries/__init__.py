"""What is known of orders. Reading for one customer asks nobody: the caller found the customer by a `visible_*`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given, given_list, prepared_rows
from shuke.kernel.timeline import SourceRows, TimelineEntry, TimelineWanted, laid_side_by_side
from shuke.orders.models import Behaviour, DayFigure, Order, OrderLine
from shuke.team.queries import Actor, reach_of, shop, store_names, visible_stores
from shuke.team.rules import Scope

TODAY_KEPT_SECONDS = 60
WEEK = timedelta(days=7)
ORDER_SOURCE, BEHAVIOUR_SOURCE = "order", "behaviour"
MOST_CHANNELS = 60


_ORDERS = SourceRows(lambda: Order.objects.all(), ORDER_SOURCE, moment="ordered_at")
_BEHAVIOUR = SourceRows(lambda: Behaviour.objects.all(), BEHAVIOUR_SOURCE)
_LINES = Compiled(
    lambda: (
        OrderLine.objects.filter(order_id__among=given_list("ids", "bigint"))
        .order_by("order_id", "line_number")
        .values_list("order_id", "product__name", "product__category", "quantity", "amount_fen", "refund_fen")
    )
)


@dataclass(frozen=True)
class Item:
    """One line of an order as it is shown."""

    product: str
    category: str
    quantity: str
    amount_fen: int
    refund_fen: int


@dataclass(frozen=True)
class OrderCard:
    """An order as it is shown, with what was in it."""

    id: int
    number: str
    source: str
    kind: str
    channel: str
    store: str
    ordered_at: datetime
    amount_fen: int
    refund_fen: int
    currency: str
    items: tuple[Item, ...]

    @property
    def summary(self) -> str:
        """The products in a few words."""
        names = list(dict.fromkeys(item.product for item in self.items if item.product))
        if len(names) <= 2:
            return "、".join(names)
        return _("%(first)s等 %(count)s 件") % {"first": names[0], "count": len(self.items)}


@dataclass(frozen=True)
class LastItem:
    """What a customer bought last, told by its dearest product."""

    product: str
    category: str
    amount_fen: int
    currency: str
    bought_on: date


@dataclass(frozen=True)
class Totals:
    """A customer's sums in one currency; currencies are never summed."""

    currency: str
    amount_fen: int


@dataclass(frozen=True)
class Movements:
    """A select and its parameters, to stand in another statement's FROM."""

    sql: str
    given: dict[str, Any]


@dataclass(frozen=True)
class DayFigures:
    """Figures of one shop day over the stores an actor sees."""

    day: date
    revenue_fen: int
    returning_fen: int
    visits: int
    new_customers: int

    @property
    def returning_share(self) -> float | None:
        """Share of revenue from customers who had bought before; None without revenue."""
        return self.returning_fen / self.revenue_fen if self.revenue_fen > 0 else None


@dataclass(frozen=True)
class DayComparison:
    """A day beside the same weekday a week before."""

    day: DayFigures
    week_before: DayFigures

    @property
    def revenue_change(self) -> float | None:
        """0.08: eight percent more than a week before; None when there was nothing then."""
        before = self.week_before.revenue_fen
        return self.day.revenue_fen / before - 1 if before > 0 else None


def orders_of(customer_id: int, *, before: datetime | None = None, limit: int = 20) -> list[OrderCard]:
    """A customer's orders, the newest first, with their items."""
    rows = Order.objects.filter(customer_id=customer_id)
    return _cards(list(_older(rows, "ordered_at", before)[:limit]))


def order_card(actor: Actor, order_id: int) -> OrderCard | None:
    """One order within the actor's reach, or None."""
    reach = reach_of(actor)
    rows = Order.objects.filter(pk=order_id)
    if reach.scope is not Scope.ALL:
        rows = rows.filter(store_id__in=sorted(reach.store_ids))
    return next(iter(_cards(list(rows))), None)


def timeline_entries(
    customer_ids: Iterable[int], wanted: TimelineWanted | None = None
) -> list[TimelineEntry]:
    """Orders, returns and behaviour of these customers: a page of them in the order of the timeline."""
    ids, asked = list(customer_ids), wanted or TimelineWanted()
    if asked.staff_id is not None or asked.author:
        return []
    found = [
        *(_order_entry(card) for card in _timeline_orders(ids, asked)),
        *(_behaviour_entry(row) for row in _timeline_behaviour(ids, asked)),
    ]
    return laid_side_by_side(found)[: asked.limit]


def timeline_channels(customer_id: int) -> list[str]:
    """The channels a customer bought or looked around on."""
    bought = Order.objects.filter(customer_id=customer_id).order_by().values_list("channel", flat=True)
    looked = Behaviour.objects.filter(customer_id=customer_id).order_by().values_list("channel", flat=True)
    return sorted({*bought.distinct()[:MOST_CHANNELS], *looked.distinct()[:MOST_CHANNELS]} - {""})


def _timeline_orders(ids: list[int], wanted: TimelineWanted) -> list[OrderCard]:
    if not wanted.wants(("order", "return")) or wanted.direction:
        return []
    return _cards(_ORDERS.page(ids, wanted, lambda rows: _narrowed_orders(rows, wanted)))


def _narrowed_orders(rows: QuerySet[Order], wanted: TimelineWanted) -> QuerySet[Order]:
    returns = Q(kind=Order.Kind.RETURN) | Q(amount_fen__lt=0)
    if wanted.kinds and not wanted.kinds >= {"order", "return"}:
        rows = rows.filter(returns if "return" in wanted.kinds else ~returns)
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.text:
        lines = OrderLine.objects.filter(order_id=OuterRef("pk"), product__name__icontains=wanted.text)
        rows = rows.filter(Q(number__icontains=wanted.text) | Exists(lines))
    return rows


def _timeline_behaviour(ids: list[int], wanted: TimelineWanted) -> list[Behaviour]:
    if not wanted.wants(Behaviour.Kind.values) or wanted.direction == "out":
        return []
    return _BEHAVIOUR.page(ids, wanted, lambda rows: _narrowed_behaviour(rows, wanted))


def _narrowed_behaviour(rows: QuerySet[Behaviour], wanted: TimelineWanted) -> QuerySet[Behaviour]:
    if wanted.kinds:
        rows = rows.filter(kind__in=sorted(wanted.kinds))
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.text:
        rows = rows.filter(subject__icontains=wanted.text)
    return rows


def last_items(customer_ids: Iterable[int]) -> dict[int, LastItem]:
    """What each of these customers bought last; customers without a sale are left out."""
    ids = list(customer_ids)
    rows = prepared_rows(_LAST_ITEMS, [ids]) if ids else ()
    return {row[0]: LastItem(*row[1:]) for row in rows}


def other_currency_totals(customer_id: int) -> list[Totals]:
    """What a customer paid in currencies other than the shop's own, which values leave out."""
    rows = Order.objects.filter(customer_id=customer_id).exclude(currency=shop().currency)
    sums = rows.values("currency").order_by("currency").annotate(total=Sum(F("amount_fen") - F("refund_fen")))
    return [Totals(row["currency"], row["total"]) for row in sums]


def movements(*, currency: str, as_of: date, customer_id: int | None = None) -> Movements:
    """What known customers bought and brought back, a row per order: the facts that values are computed from.

    Columns customer_id, ordered_on, sold (net of refunds), returned (return documents, positive); fen. Meant to be
    wrapped in a statement that moves millions of rows without Python touching one.
    """
    who = "is not null" if customer_id is None else "= %(customer_id)s"
    given = {"currency": currency, "as_of": as_of, "customer_id": customer_id}
    return Movements(_MOVEMENTS.format(who=who), given)


def order_facts(*, currency: str, customer_ids: list[int] | None = None) -> Movements:
    """Every order of known customers (or of these) as a fact: ids, day and amounts, nothing of a person.

    Columns customer_id, ordered_on, sold, returned as in `movements`, then id and store_id (0: none).
    """
    who = "is not null" if customer_ids is None else "= any(%(customer_ids)s::bigint[])"
    return Movements(_ORDER_FACTS.format(who=who), {"currency": currency, "customer_ids": customer_ids})


def newest_customer_with_orders() -> int:
    """The largest id of a customer who has an order; 0 without one."""
    newest = (
        Order.objects.exclude(customer=None).order_by("-customer_id").values_list("customer_id", flat=True)
    )
    return newest.first() or 0


def has_orders() -> bool:
    """Whether any order has come in yet."""
    return Order.objects.exists()


def customers_with_orders(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Of a queryset of customers, those who have an order."""
    return queryset.filter(Exists(Order.objects.filter(customer_id=OuterRef("pk"))))


def day_comparison(actor: Actor, day: date) -> DayComparison:
    """A day's figures beside those of the same weekday a week before, over the stores the actor sees."""
    found = figures_of_days(actor, [day, day - WEEK])
    return DayComparison(found[day], found[day - WEEK])


def day_figures(actor: Actor, day: date) -> DayFigures:
    """Figures of one shop day over the stores the actor sees."""
    return figures_of_days(actor, [day])[day]


def figures_of_days(actor: Actor, days: Iterable[date]) -> dict[date, DayFigures]:
    """Figures of several days. A day is counted when first asked for and kept until an order of that day is written."""
    wanted = sorted(set(days))
    currency = shop().currency
    _count_missing(wanted, currency)
    is_whole = reach_of(actor).scope is Scope.ALL
    stores = [] if is_whole else list(visible_stores(actor).values_list("pk", flat=True))
    sums = _sums(is_whole=is_whole).rows(days=wanted, currency=currency, stores=stores)
    found = {row[0]: DayFigures(*row) for row in sums}
    return {day: found.get(day) or DayFigures(day, 0, 0, 0, 0) for day in wanted}


def orphaned_orders() -> int:
    """Orders whose customer or store is gone: the bulk tables carry no constraints, this proves they need none."""
    with connection.cursor() as cursor:
        cursor.execute(_ORPHANS)
        return int(cursor.fetchone()[0])


@cache
def _sums(*, is_whole: bool) -> Compiled[Any]:
    of_stores = {} if is_whole else {"store_id__among": given_list("stores", "bigint")}
    return Compiled(
        lambda: (
            DayFigure.objects.filter(
                day__among=given_list("days", "date"), currency=given("currency", "text"), **of_stores
            )
            .values("day")
            .annotate(
                revenue=Sum("revenue_fen"),
                returning=Sum("returning_fen"),
                sales=Sum("visits"),
                new=Sum("new_customers"),
            )
            .values_list("day", "revenue", "returning", "sales", "new")
        )
    )


_COUNTED_AT = Compiled(
    lambda: DayFigure.objects.filter(
        day__among=given_list("days", "date"), store_id=0, currency=given("currency", "text")
    ).values_list("day", "counted_at")
)


def _count_missing(days: list[date], currency: str) -> None:
    known = dict(_COUNTED_AT.rows(days=days, currency=currency))
    fresh_from = clock.now() - timedelta(seconds=TODAY_KEPT_SECONDS)
    is_open = clock.today()
    for day in days:
        counted_at = known.get(day)
        if counted_at is None or (day >= is_open and counted_at < fresh_from):
            _count(day, currency)


def _count(day: date, currency: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_DAY, {"day": day, "currency": currency})


def _older(rows: QuerySet[Any], field: str, before: datetime | None) -> QuerySet[Any]:
    return (rows.filter(**{f"{field}__lt": before}) if before else rows).order_by(f"-{field}", "-pk")


def _cards(rows: Sequence[Order]) -> list[OrderCard]:
    items = _items([row.pk for row in rows])
    stores = store_names() if rows else {}
    return [
        OrderCard(
            id=row.pk,
            number=row.number,
            source=row.source,
            kind=row.kind,
            channel=row.channel,
            store=stores.get(row.store_id or 0, ""),
            ordered_at=row.ordered_at,
            amount_fen=row.amount_fen,
            refund_fen=row.refund_fen,
            currency=row.currency,
            items=tuple(items.get(row.pk, ())),
        )
        for row in rows
    ]


def _items(order_ids: list[int]) -> dict[int, list[Item]]:
    found: dict[int, list[Item]] = {}
    for order_id, product, category, quantity, amount, refund in (
        _LINES.rows(ids=order_ids) if order_ids else ()
    ):
        shown = f"{quantity.normalize():f}"
        found.setdefault(order_id, []).append(Item(product or "", category or "", shown, amount, refund))
    return found


def _order_entry(card: OrderCard) -> TimelineEntry:
    is_return = card.kind == Order.Kind.RETURN or card.amount_fen < 0
    return TimelineEntry(
        happened_at=card.ordered_at,
        kind="return" if is_return else "order",
        title=card.summary or (_("退货") if is_return else _("购买")),
        body=_("退款 %(sum)s") % {"sum": f"{card.refund_fen / 100:,.2f}"} if card.refund_fen else "",
        channel=card.channel,
        who=card.store,
        amount_fen=card.amount_fen,
        currency=card.currency,
        source=ORDER_SOURCE,
        id=card.id,
    )


def _behaviour_entry(row: Behaviour) -> TimelineEntry:
    return TimelineEntry(
        happened_at=row.happened_at,
        kind=row.kind,
        title=row.subject,
        channel=row.channel,
        direction="in",
        source=BEHAVIOUR_SOURCE,
        id=row.pk,
    )


_MOVED = """
select customer_id, ordered_on,
  case when kind = 'sale' and amount_fen > 0 then greatest(amount_fen - refund_fen, 0) else 0 end as sold,
  case when kind = 'return' or amount_fen < 0 then abs(amount_fen) else 0 end as returned
"""

_MOVEMENTS = f"""{_MOVED}
from orders_order
where customer_id {{who}} and currency = %(currency)s and ordered_on <= %(as_of)s
"""

_ORDER_FACTS = f"""{_MOVED}
  , id, coalesce(store_id, 0) as store_id
from orders_order where customer_id {{who}} and currency = %(currency)s
"""

_LAST_ITEMS = """
select c.id, coalesce(p.name, ''), coalesce(p.category, ''), coalesce(l.amount_fen, o.amount_fen), o.currency,
  o.ordered_on
from unnest(%s::bigint[]) c(id)
join lateral (
  select id, amount_fen, currency, ordered_on from orders_order
  where customer_id = c.id and kind = 'sale' and amount_fen > 0 order by ordered_at desc limit 1
) o on true
left join lateral (
  select product_id, amount_fen from orders_orderline where order_id = o.id order by amount_fen desc, line_number limit 1
) l on true
left join orders_product p on p.id = l.product_id
"""

_COUNT_DAY = """
with sales as (
  select coalesce(store_id, 0) as store_id, customer_id, kind, amount_fen - refund_fen as net_fen,
    customer_id is not null and exists (
      select 1 from orders_order earlier
      where earlier.customer_id = o.customer_id and earlier.ordered_at < o.ordered_at and earlier.ordered_on < o.ordered_on
        and earlier.kind = 'sale'
    ) as is_returning
  from orders_order o where ordered_on = %(day)s and currency = %(currency)s
)
insert into orders_dayfigure (day, store_id, currency, revenue_fen, returning_fen, visits, new_customers, counted_at)
select %(day)s, s.store_id, %(currency)s, coalesce(sum(net_fen), 0),
  coalesce(sum(net_fen) filter (where is_returning), 0), count(net_fen) filter (where kind = 'sale'),
  count(distinct customer_id) filter (where kind = 'sale' and not is_returning), clock_timestamp()
from (select 0 as store_id union select id from team_store) s left join sales using (store_id)
group by s.store_id
on conflict (day, store_id, currency) do update set revenue_fen = excluded.revenue_fen,
  returning_fen = excluded.returning_fen, visits = excluded.visits, new_customers = excluded.new_customers,
  counted_at = excluded.counted_at
"""

_ORPHANS = """
select count(*) from orders_order o
where (customer_id is not null and not exists (select 1 from customers_customer c where c.id = o.customer_id))
   or (store_id is not null and not exists (select 1 from team_store s where s.id = o.store_id))
"""


def busy_customers(customer_ids: list[int]) -> set[int]:
    """Those of these customers who have orders or behaviour here."""
    busy = set(Order.objects.filter(customer_id__in=customer_ids).values_list("customer_id", flat=True))
    return busy | set(
        Behaviour.objects.filter(customer_id__in=customer_ids).values_list("customer_id", flat=True)
    )


def busy_stores(store_ids: list[int]) -> set[int]:
    """Those of these stores that have orders."""
    rows = Order.objects.filter(store_id__in=store_ids).order_by()
    return set(rows.values_list("store_id", flat=True).distinct())
