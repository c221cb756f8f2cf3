"""What is done with orders and behaviour."""

from shuke.orders.services.days import forget_all_day_figures, forget_day_figures, forget_days_of
from shuke.orders.services.recording import (
    NewBehaviour,
    NewLine,
    NewOrder,
    OrderRefused,
    record_behaviour,
    record_order,
)
from shuke.orders.services.trails import record_behaviours

__all__ = [
    "NewBehaviour",
    "NewLine",
    "NewOrder",
    "OrderRefused",
    "forget_all_day_figures",
    "forget_day_figures",
    "forget_days_of",
    "record_behaviour",
    "record_behaviours",
    "record_order",
]
