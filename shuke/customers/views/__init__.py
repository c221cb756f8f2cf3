"""Pages and panels of the customers room."""

from shuke.customers.views.bulk import (
    bulk_ask,
    bulk_start,
    changeset_page,
    changeset_progress,
    changeset_resume,
    changeset_undo,
    changesets,
    undo_change,
)
from shuke.customers.views.changes import changes_panel
from shuke.customers.views.conflicts import conflicts, decide, reopen
from shuke.customers.views.exporting import (
    export_ask,
    export_decide,
    export_download,
    export_page,
    export_progress,
    export_rule,
    export_start,
    exports,
)
from shuke.customers.views.follow_ups import calendar, feed, feed_settings, follow_ups, revoke_feed
from shuke.customers.views.panels import profile_panel, reveal
from shuke.customers.views.plans import contact_policy, plan_form, plans, set_plan_active
from shuke.customers.views.records import add, duplicates, edit
from shuke.customers.views.recycled import bin_page, bin_purge, bin_restore, delete
from shuke.customers.views.steps import cancel, finish, follow_up, postpone, reopen_step, steps_panel
from shuke.customers.views.touches import (
    colleagues,
    log,
    permit,
    remove_touch,
    restore_touch,
    revert_touch,
    touch,
    touch_panel,
    watch,
    withdraw_permit,
)

__all__ = [
    "add",
    "bin_page",
    "bin_purge",
    "bin_restore",
    "bulk_ask",
    "bulk_start",
    "calendar",
    "cancel",
    "changes_panel",
    "changeset_page",
    "changeset_progress",
    "changeset_resume",
    "changeset_undo",
    "changesets",
    "colleagues",
    "conflicts",
    "contact_policy",
    "decide",
    "delete",
    "duplicates",
    "edit",
    "export_ask",
    "export_decide",
    "export_download",
    "export_page",
    "export_progress",
    "export_rule",
    "export_start",
    "exports",
    "feed",
    "feed_settings",
    "finish",
    "follow_up",
    "follow_ups",
    "log",
    "permit",
    "plan_form",
    "plans",
    "postpone",
    "profile_panel",
    "remove_touch",
    "reopen",
    "reopen_step",
    "restore_touch",
    "reveal",
    "revert_touch",
    "revoke_feed",
    "set_plan_active",
    "steps_panel",
    "touch",
    "touch_panel",
    "undo_change",
    "watch",
    "withdraw_permit",
]
