"""What the orders room offers to others at start-up."""

from django.utils.translation import gettext_lazy as _

from shuke.customers.ports import register_use
from shuke.imports.ports import register_target
from shuke.kernel import upgrades
from shuke.orders import jobs, queries
from shuke.orders.importing import guessing, products
from shuke.orders.importing.target import OrderTarget
from shuke.orders.merging import register_tables
from shuke.team.ports import register_audit_words, register_store_use

register_target(OrderTarget(), guessing.order_likelihood)
register_target(products.ProductTarget(), products.likelihood)
register_use("orders", queries.busy_customers)
register_store_use("orders", queries.busy_stores)
register_tables()
upgrades.register("orders.marks", jobs.mark_everybody)
register_audit_words(
    {
        "order_recorded": _("记下订单"),
        "costs_told": _("填商品成本"),
        "order_changed": _("修改订单"),
        "behaviours_recorded": _("放入浏览记录"),
    }
)
