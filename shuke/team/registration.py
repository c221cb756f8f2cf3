"""What the team room offers to others at start: its navigation entry, the frame's facts, tabs and audit words."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shuke.team.ports import SettingsTab, register_audit_words, register_store_use, register_tab
from shuke.team.queries import frame_facts, stores_with_staff
from shuke.ui import frame
from shuke.ui.navigation import NavItem, register


def frame_of(request: HttpRequest) -> frame.Frame:
    """The shop's name and colours, and the visitor's own theme."""
    visitor = getattr(request, "user", None)
    facts = frame_facts(visitor)
    return frame.Frame(
        shop_name=facts.shop_name,
        theme=getattr(visitor, "theme", "") or "auto",
        is_rise_red=facts.is_rise_red,
        is_demo=facts.is_demo,
        has_colleagues=facts.has_colleagues,
    )


def bell_of(request: HttpRequest) -> frame.Bell | None:
    """What waits for the visitor to be read."""
    staff = getattr(request, "user", None)
    if staff is None or not staff.is_authenticated:
        return None
    return frame.Bell(reverse("team:notices"), frame_facts(staff).unread)


frame.register(frame_of)
frame.register_bell(bell_of)
register(
    NavItem(
        key="settings",
        label=_("设置"),
        url_name="team:settings",
        icon="settings",
        permission="team.view",
        group="foot",
        order=95,
        match=(
            "/settings/",
            "/value/policy/",
            "/customers/follow-ups/plans/",
            "/customers/follow-ups/limits/",
            "/customers/tags/",
            "/customers/fields/",
            "/customers/quality/",
            "/assignment/rules/",
        ),
        keys="shezhi sz settings 店铺 门店 员工",
    )
)
register_store_use("team", stores_with_staff)
for tab in (
    SettingsTab("shop", _("店铺"), "team:shop", "shop.configure", 10),
    SettingsTab("stores", _("门店"), "team:stores", "team.view", 20),
    SettingsTab("staff", _("员工"), "team:staff", "team.view", 30),
    SettingsTab("policy", _("价值规则"), "value:policy", "value.configure", 40),
    SettingsTab("audit", _("操作记录"), "team:audit", "team.manage", 80),
):
    register_tab(tab)
register_audit_words(
    {
        "signed_in": _("登录"),
        "signed_out": _("退出登录"),
        "staff_added": _("添加员工"),
        "staff_changed": _("修改员工"),
        "staff_disabled": _("停用员工"),
        "staff_enabled": _("恢复员工"),
        "staff_removed": _("删除员工"),
        "password_reset": _("重置密码"),
        "password_kept": _("沿用演示密码"),
        "password_changed": _("修改自己的密码"),
        "language_chosen": _("切换语言"),
        "theme_chosen": _("切换外观"),
        "store_added": _("添加门店"),
        "store_changed": _("修改门店"),
        "store_closed": _("关闭门店"),
        "store_opened": _("重新营业"),
        "store_removed": _("删除门店"),
        "shop_changed": _("修改店铺设置"),
    }
)
