"""What this room offers to others at start."""

from django.utils.translation import gettext_lazy as _

from shuke.assignment import notices
from shuke.assignment.queries.notes import leaver_notes
from shuke.assignment.queries.pool import still_in_pool
from shuke.assignment.queries.stores import busy_stores
from shuke.assignment.queries.use import is_pool_in_use, is_sharing_in_use
from shuke.assignment.services import handing, pool_entries, recalling
from shuke.customers.ports import (
    Companion,
    IdSource,
    register_bulk_kind,
    register_companion,
    register_id_source,
    register_keeper,
    register_reveal_guard,
)
from shuke.customers.queries.notices import given_back_lines
from shuke.customers.services.merging import How, register_rows
from shuke.team.ports import (
    NoticeWords,
    SettingsTab,
    register_audit_words,
    register_notice_words,
    register_staff_notes,
    register_store_use,
    register_tab,
)
from shuke.ui.frame import frame_for
from shuke.ui.navigation import NavItem, register

register_bulk_kind(handing.HandOver())
register_bulk_kind(recalling.Recall())
register_id_source(handing.CODE, IdSource(handing.ids_of_handover, handing.count_of_handover))
register_companion(handing.CODE, Companion(handing.finish, handing.take_back, handing.break_off))
register_keeper(pool_entries.FIELD, recalling.PoolKeeper())
register_reveal_guard(still_in_pool)
register_staff_notes(leaver_notes)
register_store_use("assignment", busy_stores)
register_rows("assignment.PoolEntry", words=_("公海"), asks=False)
register_rows(
    "assignment.PoolWarning", how=How.DERIVED
)  # the night, and what happens to a customer, look anew
register_rows("assignment.PoolLock", words=_("不回公海"), asks=False)
register_rows("assignment.HandoverShare", "customer_id", how=How.STAY)
for kind, icon, lines in (
    (handing.HANDED_OVER, "transfer", notices.handed_over_lines),
    (handing.TAKEN_BACK, "arrow-back-up", given_back_lines),
    ("assigned_new", "user-plus", notices.assigned_lines),
    ("pool_warned", "clock", notices.warned_lines),
    (recalling.RECALLED, "ripple", notices.recalled_lines),
):
    register_notice_words(kind, NoticeWords(icon, lines))
register(
    NavItem(
        "pool",
        _("公海"),
        "assignment:pool",
        "ripple",
        permission="assignment.claim",
        order=24,
        has_use=lambda request: frame_for(request).has_colleagues or is_pool_in_use(),
        match=("/assignment/pool/",),
        keys="gonghai gh pool renling 认领",
    )
)
register(
    NavItem(
        "workload",
        _("分工"),
        "assignment:workload",
        "scale",
        permission="assignment.hand_over",
        order=26,
        has_use=lambda request: frame_for(request).has_colleagues or is_sharing_in_use(),
        match=("/assignment/workload/", "/assignment/handovers/"),
        keys="fengong fg fenpei jiaojie workload assign 交接 分配",
    )
)
register_tab(SettingsTab("pool", _("公海"), "assignment:pool_policy", "assignment.configure", 47))
register_audit_words(
    {
        "handover_started": _("交接客户"),
        "customers_assigned": _("按规则分配新客户"),
        "duty_saved": _("修改一位同事的负荷"),
        "assignment_policy_saved": _("修改分配权重"),
        "store_rule_saved": _("修改新客户分配规则"),
        "pool_policy_saved": _("修改公海规则"),
        "pool_claimed": _("认领公海客户"),
        "pool_unclaimed": _("放弃认领"),
        "pool_given": _("分配公海客户"),
        "pool_locked": _("锁定客户，不回公海"),
        "pool_unlocked": _("取消锁定"),
    }
)
