"""Products, orders and behaviour. Private to this room: others use services and queries."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Product(models.Model):
    """Something sold. Known by its SKU, or by its name where files carry none."""

    sku = models.CharField(_("货号"), max_length=80, unique=True)
    name = models.CharField(_("商品"), max_length=200)
    category = models.CharField(_("品类"), max_length=80, blank=True)
    price_fen = models.BigIntegerField(_("售价"), null=True)
    cost_fen = models.BigIntegerField(_("成本"), null=True)
    is_active = models.BooleanField(_("在售"), default=True)
    import_run_id = models.BigIntegerField(null=True)  # the run that made it

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """A sale (or a return document, negative), known by (source, number).

    `amount_fen` is what was paid; `refund_fen` (≥ 0) came back later; both in `currency`.
    """

    class Kind(models.TextChoices):
        SALE = "sale", _("销售")
        RETURN = "return", _("退货")

    source = models.CharField(_("订单来源"), max_length=40)
    number = models.CharField(_("订单号"), max_length=80)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.SALE)
    customer = models.ForeignKey(
        "customers.Customer",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,  # bulk tables, see docs/adr/0004-bulk-tables.md
    )
    store = models.ForeignKey(
        "team.Store",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    channel = models.CharField(_("渠道"), max_length=40, blank=True, db_default="")
    ordered_at = models.DateTimeField(_("下单时间"))
    ordered_on = models.DateField()  # the shop's calendar day of ordered_at
    amount_fen = models.BigIntegerField(_("实付金额"))
    refund_fen = models.BigIntegerField(_("退款金额"), db_default=0)
    currency = models.CharField(_("货币"), max_length=3, db_default="CNY")
    fingerprint = models.BigIntegerField(
        db_default=0
    )  # of the content as last recorded; equal: nothing to do
    import_run_id = models.BigIntegerField(null=True)  # the run that made it
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "number"], name="orders_order_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "-ordered_at"], name="orders_of_customer"),
            models.Index(fields=["ordered_on"], name="orders_on_day"),
        ]


class OrderLine(models.Model):
    """One product of an order."""

    pk = models.CompositePrimaryKey("order_id", "line_number")
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", db_index=False, db_constraint=False
    )
    line_number = models.SmallIntegerField()
    product = models.ForeignKey(
        Product, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    amount_fen = models.BigIntegerField()
    refund_fen = models.BigIntegerField(db_default=0)


class Mark(models.Model):
    """Something that purchases bear: a product, a category, a channel, a store; or that goods came back."""

    class Kind(models.TextChoices):
        PRODUCT = "product", _("商品")
        CATEGORY = "category", _("品类")
        CHANNEL = "channel", _("渠道")
        STORE = "store", _("门店")
        RETURN = "return", _("退货")

    id = models.AutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.CharField(max_length=80)  # a name, or the number of a product or store; empty for returns

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "key"], name="orders_mark_once")]


class CustomerMark(models.Model):
    """On how many days a customer's purchases bore a mark, and when last: computed from orders, so that lists can ask.

    The primary key includes the other columns (see the migration), so that it alone answers; docs/adr/0014.
    """

    pk = models.CompositePrimaryKey("mark_id", "customer_id")
    mark = models.ForeignKey(
        Mark, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    last_on = models.DateField()
    days = models.SmallIntegerField()


class LinesAhead(models.Model):
    """Ids of the orders whose lines an import wrote ahead of them; gone as soon as the orders are there too."""

    run_id = models.BigIntegerField()
    first_order_id = models.BigIntegerField()
    last_order_id = models.BigIntegerField()


class OrderChange(models.Model):
    """Orders changed: written in the transaction that changed them, taken by whoever keeps a copy of the facts.

    Triggers write `facts_of`, a customer whose orders changed, for whatever writes orders; an import, which writes
    millions, notes the ids of the orders of a batch itself. All empty: the table was emptied.
    """

    facts_of = models.BigIntegerField(null=True)
    first_order_id = models.BigIntegerField(null=True)
    last_order_id = models.BigIntegerField(null=True)


class OrderBefore(models.Model):
    """An order as it was before an import run replaced it, kept so that the run can be undone."""

    run_id = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    before: Any = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run_id", "order"], name="orders_before_once")
        ]


class Behaviour(models.Model):
    """A customer looked at, searched for or clicked something."""

    class Kind(models.TextChoices):
        BROWSE = "browse", _("浏览")
        SEARCH = "search", _("搜索")
        CLICK = "click", _("点击")

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    subject = models.CharField(max_length=200)
    product = models.ForeignKey(
        Product, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=40, blank=True)
    happened_at = models.DateTimeField()
    event_key = models.CharField(
        max_length=80, unique=True
    )  # the sender's own id: a repeated event changes nothing

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "-happened_at"], name="orders_behaviour_of")]


class DayFigure(models.Model):
    """One store's figures of one shop day, counted once and kept; writing an order of that day drops them.

    `store_id` 0: orders without a store. Money is fen of `currency`, net of refunds.
    """

    day = models.DateField()
    store_id = models.IntegerField()
    currency = models.CharField(max_length=3)
    revenue_fen = models.BigIntegerField()
    returning_fen = models.BigIntegerField()  # of it, from customers who had bought on an earlier day
    visits = models.IntegerField()  # sales
    new_customers = models.IntegerField()  # known customers whose very first order fell on this day
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "store_id", "currency"], name="orders_dayfigure_once")
        ]
