"""What the desk adds to the frame: its entries in the rail."""

from django.utils.translation import gettext_lazy as _

from shuke.customers.ports import IdSource, register_export_columns, register_handover, register_id_source
from shuke.customers.services.merging import How, register_rows
from shuke.desk import jobs
from shuke.desk.export_columns import RowColumns
from shuke.desk.handing import SharedViews, WaitingLines
from shuke.desk.picking import count_of_list, ids_of_list
from shuke.kernel import upgrades
from shuke.team.ports import register_audit_words
from shuke.ui.navigation import NavItem, register

register(
    NavItem(
        "today",
        _("今天"),
        "desk:today",
        "sun",
        order=10,
        phone_order=1,
        match=("/today/",),
        keys="jintian jt today home",
        shortcut="t",
    )
)
register(
    NavItem(
        "customers",
        _("客户"),
        "desk:customer_list",
        "users",
        permission="customers.view",
        order=20,
        phone_order=2,
        keys="kehu kh customers",
        shortcut="c",
    )
)
register_audit_words(
    {
        "suggestion_answered": _("处理今天的联系"),
        "view_saved": _("保存视图"),
        "view_changed": _("修改视图"),
        "view_deleted": _("删除视图"),
        "view_restored": _("放回视图"),
    }
)
register_rows("desk.CustomerRow", how=How.DERIVED)
upgrades.register("desk.rows", jobs.complete_rows)
register_rows("desk.Suggestion", words=_("今天要联系"), asks=False)
register_id_source("list", IdSource(ids_of_list, count_of_list))
register_export_columns("desk", RowColumns())
register_handover("desk", WaitingLines())
register_handover("desk", SharedViews())
