"""What the value room offers to others at start."""

from django.utils.translation import gettext_lazy as _

from shuke.team.ports import register_audit_words
from shuke.ui.navigation import NavItem, register

register(
    NavItem(
        key="value",
        label=_("价值"),
        url_name="value:overview",
        icon="chart-pie",
        permission="value.view",
        order=30,
        match=("/value/",),
        keys="jiazhi jz value rfm clv",
    )
)
register_audit_words({"value_policy_saved": _("修改价值规则")})
