"""What is sold, to whom, and what comes back: selects for those who compute with everybody's lines. No reach: for jobs."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, F, Q
from django.utils import timezone

from shuke.customers.queries import living_with_store
from shuke.kernel.compiled import Compiled, given, prepared_rows
from shuke.orders.models import CustomerMark, Order, OrderLine, Product
from shuke.orders.queries import Movements
from shuke.team.queries import shop


@dataclass(frozen=True)
class Shelved:
    """A product as it could be offered; `price_fen` and `cost_fen` are None where the shop has not told them."""

    product_id: int
    name: str
    category: str
    price_fen: int | None
    cost_fen: int | None
    is_active: bool


@dataclass(frozen=True)
class Basket:
    """What one order took: of whom, on which day, which products of which something was kept."""

    customer_id: int
    day: date
    product_ids: tuple[int, ...]


def bought_lines(*, currency: str, since: date, until: date) -> Movements:
    """What living customers bought and kept, a row per line: columns customer_id, product_id, ordered_on, amount_fen (net)."""
    given = {"currency": currency, "since": since, "until": until}
    return Movements(_BOUGHT.format(living=living_with_store()), given)


def brought_back(*, since: date) -> Movements:
    """Which customers brought back, or got back all the money for, which products: customer_id, product_id."""
    return Movements(_BROUGHT_BACK, {"since": since})


def traded_lines(*, currency: str, since: date, until: date) -> Movements:
    """Every line of a sale or a return document with a product: order_id, product_id, store_id (0: none), customer_id (-1: nobody
    known), ordered_on, net_fen, returned_fen, quantity in thousandths.
    """
    return Movements(_TRADED, {"currency": currency, "since": since, "until": until})


def visits_by_time(*, since: date) -> list[tuple[int, int, int]]:
    """Sales since a day by weekday (0: Monday) and hour of the shop's clock: (weekday, hour, sales).

    Those of which only the day is known (midnight to the second) are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_TIME, {"zone": timezone.get_default_timezone_name(), "since": since})
        return [(int(weekday), int(hour), int(sales)) for weekday, hour, sales in cursor.fetchall()]


@dataclass(frozen=True)
class Visit:
    """One sale to a customer: when (the shop's clock), how many lines, how much was paid."""

    at: datetime
    lines: int
    amount_fen: int

    @property
    def has_time(self) -> bool:
        """Whether more than the day is known."""
        return (self.at.hour, self.at.minute, self.at.second) != (0, 0, 0)


def visits_of(customer_id: int, *, since: date, limit: int = 500) -> list[Visit]:
    """Sales to a customer since a day, in the shop's currency, the newest first. The caller has checked that they may be seen."""
    rows = _VISITS.rows(customer=customer_id, since=since, currency=shop().currency)[:limit]
    return [Visit(timezone.localtime(at), lines, amount) for at, lines, amount in rows]


@dataclass(frozen=True)
class Earned:
    """Money of one customer, that of lines whose product's cost is known, and those costs; fen."""

    money_fen: int
    known_fen: int
    cost_fen: int


def earned_from(customer_id: int, *, since: date) -> Earned:
    """What a customer paid since a day, net of returns, and what it cost by today's costs. The caller has asked who may know."""
    rows = prepared_rows(_EARNED, [customer_id, shop().currency, since])
    return Earned(*(int(figure) for figure in rows[0]))


def favourite_categories(customer_id: int, limit: int = 3) -> list[tuple[str, int]]:
    """The categories a customer bought on most days: (name, days). The caller has checked that they may be seen."""
    return list(_CATEGORIES.rows(customer=customer_id))[:limit]


def shelf() -> list[Shelved]:
    """Every product there is."""
    rows = Product.objects.order_by("pk").values_list(
        "pk", "name", "category", "price_fen", "cost_fen", "is_active"
    )
    return [Shelved(*row) for row in rows]


def basket_of_order(order_id: int) -> Basket | None:
    """What a sale took; None for a return, for an order of nobody known, and where nothing was kept."""
    rows = _BASKET.rows(order=order_id)
    if not rows:
        return None
    return Basket(rows[0][0], rows[0][1], tuple(sorted({row[2] for row in rows})))


_VISITS = Compiled(
    lambda: (
        Order.objects.filter(
            customer_id=given("customer", "bigint"),
            ordered_on__gt=given("since", "date"),
            currency=given("currency", "text"),
            kind="sale",
            amount_fen__gt=0,
        )
        .annotate(items=Count("lines"))
        .order_by("-ordered_at")
        .values_list("ordered_at", "items", "amount_fen")
    )
)
_CATEGORIES = Compiled(
    lambda: (
        CustomerMark.objects.filter(customer_id=given("customer", "bigint"), mark__kind="category")
        .order_by("-days", "mark__key")
        .values_list("mark__key", "days")
    )
)
_BASKET = Compiled(
    lambda: OrderLine.objects.filter(
        Q(refund_fen__lt=F("amount_fen")) | Q(amount_fen=0),
        order_id=given("order", "bigint"),
        order__kind="sale",
        order__amount_fen__gte=0,
        order__customer__isnull=False,
        product__isnull=False,
    ).values_list("order__customer_id", "order__ordered_on", "product_id")
)

# The same lines as the marks of purchases read (services/marks.py): what was kept, or cost nothing.
_BOUGHT = """
select o.customer_id, l.product_id, o.ordered_on, greatest(l.amount_fen - l.refund_fen, 0) as amount_fen
from orders_order o join orders_orderline l on l.order_id = o.id
where o.customer_id in (select id from ({living}) living) and o.currency = %(currency)s
  and o.ordered_on > %(since)s and o.ordered_on <= %(until)s and o.kind = 'sale' and o.amount_fen >= 0
  and l.product_id is not null and (l.refund_fen < l.amount_fen or l.amount_fen = 0)
"""

_BROUGHT_BACK = """
select distinct o.customer_id, l.product_id
from orders_order o join orders_orderline l on l.order_id = o.id
where o.customer_id is not null and l.product_id is not null and o.ordered_on > %(since)s
  and (o.kind = 'return' or o.amount_fen < 0 or (l.refund_fen > 0 and l.refund_fen >= l.amount_fen))
"""

# Return documents take back: their lines count against the product, and bring no quantity and no buyer.
_TRADED = """
select o.id as order_id, l.product_id, coalesce(o.store_id, 0) as store_id, coalesce(o.customer_id, -1) as customer_id,
  o.ordered_on,
  case when o.kind = 'sale' and o.amount_fen >= 0 then l.amount_fen - l.refund_fen else -abs(l.amount_fen) end as net_fen,
  case when o.kind = 'sale' and o.amount_fen >= 0 then l.refund_fen else abs(l.amount_fen) end as returned_fen,
  case when o.kind = 'sale' and o.amount_fen >= 0 then round(abs(l.quantity) * 1000)::bigint else 0 end as quantity
from orders_order o join orders_orderline l on l.order_id = o.id
where l.product_id is not null and o.currency = %(currency)s and o.ordered_on > %(since)s and o.ordered_on <= %(until)s
"""

_BY_TIME = """
select extract(isodow from at.local)::int - 1, extract(hour from at.local)::int, count(*)
from orders_order o cross join lateral (select o.ordered_at at time zone %(zone)s as local) at
where o.kind = 'sale' and o.amount_fen > 0 and o.ordered_on > %(since)s and at.local::time <> '00:00:00'
group by 1, 2
"""

_EARNED = """
select coalesce(sum(line.net_fen), 0), coalesce(sum(line.net_fen) filter (where p.cost_fen is not null), 0),
  coalesce(round(sum(p.cost_fen * line.quantity) filter (where line.net_fen > 0)), 0)
from (
  select l.product_id, l.quantity,
    case when o.kind = 'sale' and o.amount_fen >= 0 then l.amount_fen - l.refund_fen else -abs(l.amount_fen) end as net_fen
  from orders_order o join orders_orderline l on l.order_id = o.id
  where o.customer_id = %s::bigint and o.currency = %s::text and o.ordered_on > %s::date
) line left join orders_product p on p.id = line.product_id
"""
