"""This room's tables that point to a customer, for merging."""

from collections.abc import Collection, Mapping

from django.utils.translation import gettext_lazy as _

from shuke.customers.services.merging import How, register_rows
from shuke.kernel.money import format_fen
from shuke.orders.models import Behaviour, Order


def register_tables() -> None:
    """Called once at start."""
    register_rows("orders.CustomerMark", how=How.DERIVED)
    register_rows("orders.Order", words=_("订单"), describe=_orders)
    register_rows("orders.Behaviour", words=_("浏览记录"), describe=_behaviours)


def _orders(ids: Collection[int]) -> Mapping[int, str]:
    return {
        row.pk: f"{row.ordered_on:%Y-%m-%d} {row.number} {format_fen(row.amount_fen, row.currency)}"
        for row in Order.objects.filter(pk__in=ids)
    }


def _behaviours(ids: Collection[int]) -> Mapping[int, str]:
    return {
        row.pk: f"{row.happened_at:%Y-%m-%d} {row.get_kind_display()} {row.subject[:60]}"
        for row in Behaviour.objects.filter(pk__in=ids)
    }
