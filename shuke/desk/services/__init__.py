"""What the desk does: keep the read model of lists, make the day's suggestions, record what became of them."""

from shuke.desk.services.contacts import (
    Contact,
    UnknownAnswer,
    dismiss,
    mark_contacted,
    put_off,
    take_back,
)
from shuke.desk.services.rows import rebuild_rows, refresh_rows
from shuke.desk.services.suggestions import close_answered, suggest_for_today

__all__ = [
    "Contact",
    "UnknownAnswer",
    "close_answered",
    "dismiss",
    "mark_contacted",
    "put_off",
    "rebuild_rows",
    "refresh_rows",
    "suggest_for_today",
    "take_back",
]
