"""What the customers room offers to others at start: its audit entries in plain words."""

from django.utils.translation import gettext_lazy as _

from shuke.customers.ports import register_keeper
from shuke.customers.services.tags import TagKeeper
from shuke.team.ports import register_audit_words

register_audit_words(
    {
        "customer_added": _("添加客户"),
        "customer_changed": _("修改客户资料"),
        "contact_revealed": _("查看完整号码"),
        "customers_changed": _("批量修改客户"),
        "changeset_undo_started": _("开始撤销一次批量操作"),
        "changeset_undone": _("撤销批量操作"),
        "customers_tagged": _("加标签"),
        "customers_untagged": _("去掉标签"),
        "interaction_logged": _("记下一次联系"),
        "interaction_removed": _("撤回一次联系"),
        "follow_up_planned": _("安排回访"),
        "follow_up_done": _("完成回访"),
        "follow_up_cancelled": _("取消回访"),
        "follow_up_reopened": _("恢复回访"),
        "identity_conflict_decided": _("核实重复客户"),
        "identity_conflict_reopened": _("撤回重复客户的核实"),
        "roster_added": _("放入一本客户簿"),
        "roster_removed": _("清除一本客户簿"),
        "past_added": _("放入往来记录"),
    }
)
register_keeper("tags", TagKeeper())
