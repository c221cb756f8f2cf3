"""Day figures are counted when asked for; whoever writes orders of a day drops what was counted."""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from shuke.orders.models import DayFigure, Order


def forget_day_figures(days: Iterable[date]) -> None:
    """Drop the figures of these days and of those after the first of them.

    Later days go too, since an earlier order makes a later first-time buyer a returning one.
    """
    first = min(days, default=None)
    if first is not None:
        DayFigure.objects.filter(day__gte=first).delete()


def forget_days_of(customer_ids: Iterable[int]) -> None:
    """Drop the figures of the days on which these bought: who counts as new may have changed."""
    days = Order.objects.filter(customer_id__in=list(customer_ids)).values("ordered_on")
    DayFigure.objects.filter(day__in=days).delete()


def forget_all_day_figures() -> None:
    """Drop everything counted: after an import was undone or the demo cleared."""
    with connection.cursor() as cursor:
        cursor.execute("delete from orders_dayfigure")
