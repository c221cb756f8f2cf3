"""Pages and panels of the customers room."""

from shuke.customers.views.changes import changes_panel
from shuke.customers.views.conflicts import conflicts, decide, reopen
from shuke.customers.views.panels import (
    cancel,
    finish,
    follow_up,
    log,
    profile_panel,
    remove_touch,
    reopen_step,
    reveal,
    touch_panel,
)
from shuke.customers.views.records import add, duplicates, edit

__all__ = [
    "add",
    "cancel",
    "changes_panel",
    "conflicts",
    "decide",
    "duplicates",
    "edit",
    "finish",
    "follow_up",
    "log",
    "profile_panel",
    "remove_touch",
    "reopen",
    "reopen_step",
    "reveal",
    "touch_panel",
]
