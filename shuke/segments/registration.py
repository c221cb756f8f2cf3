"""What segments add to the house: a field of lists, a use of conditions, an entry in the rail."""

from django.utils.translation import gettext_lazy as _

from shuke.customers.services.merging import register_rows
from shuke.desk.ports import FilterUse, register_filter_fields, register_filter_use
from shuke.segments.queries.field import segment_fields
from shuke.team.ports import register_audit_words
from shuke.ui.navigation import NavItem, register

register_filter_fields(segment_fields)
register_filter_use(
    FilterUse("segment", _("存为人群"), _("人群的条件"), _("用这些条件"), "segments:edit", "segments.edit")
)
register_rows("segments.Member", words=_("人群"), asks=False)
register_rows("segments.Move", words=_("人群变动"), asks=False)
register_audit_words(
    {
        "segment_created": _("新建人群"),
        "segment_changed": _("修改人群"),
        "segment_frozen": _("固定人群"),
        "segment_followed": _("让人群自动更新"),
        "segment_deleted": _("删除人群"),
        "segment_restored": _("恢复人群"),
    }
)
register(
    NavItem(
        "segments",
        _("人群"),
        "segments:segments",
        "users-group",
        permission="segments.view",
        order=23,
        keys="renqun rq fenqun segments 分群",
    )
)
