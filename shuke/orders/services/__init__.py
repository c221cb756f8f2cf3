"""What is done with orders and behaviour."""

from shuke.orders.services.changes import Changes, note_batch, take_changes, waiting_changes
from shuke.orders.services.costs import tell_costs
from shuke.orders.services.days import forget_all_day_figures, forget_day_figures, forget_days_of
from shuke.orders.services.marks import forget_marks, rebuild_marks, refresh_marks, refresh_marks_of_run
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
    "Changes",
    "NewBehaviour",
    "NewLine",
    "NewOrder",
    "OrderRefused",
    "forget_all_day_figures",
    "forget_day_figures",
    "forget_days_of",
    "forget_marks",
    "note_batch",
    "rebuild_marks",
    "record_behaviour",
    "record_behaviours",
    "record_order",
    "refresh_marks",
    "refresh_marks_of_run",
    "take_changes",
    "tell_costs",
    "waiting_changes",
]
