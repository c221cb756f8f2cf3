"""What the customers room offers to others at start: its audit entries in plain words."""

from django.utils.translation import gettext_lazy as _

from shuke.customers import jobs
from shuke.customers.export_columns import CustomColumns, CustomerColumns
from shuke.customers.importing.targets import offer_targets
from shuke.customers.ports import (
    register_bulk_kind,
    register_companion,
    register_export_columns,
    register_handover,
    register_keeper,
)
from shuke.customers.queries import notices
from shuke.customers.queries.collaborating import shared_customers
from shuke.customers.queries.stores import busy_stores
from shuke.customers.rules.custom import PREFIX as CUSTOM
from shuke.customers.services import telling_managers
from shuke.customers.services.bulk_actions.kinds import READY, Assign
from shuke.customers.services.collaborating import PREFIX, CollaboratorKeeper
from shuke.customers.services.companies import CONTACTS, MEMBERS
from shuke.customers.services.custom_values import CustomKeeper
from shuke.customers.services.files import FILES
from shuke.customers.services.invoices import INVOICES
from shuke.customers.services.merging import register_own_tables
from shuke.customers.services.planning_authors import PlanHandover
from shuke.customers.services.points import ADDRESSES, POINTS
from shuke.customers.services.reassigning import STEP, StepKeeper
from shuke.customers.services.recycling import FIELD as DELETED
from shuke.customers.services.recycling import BinKeeper
from shuke.customers.services.tags import TagKeeper
from shuke.kernel import upgrades
from shuke.team.ports import (
    NoticeWords,
    SettingsTab,
    register_audit_words,
    register_notice_words,
    register_shares,
    register_store_use,
    register_tab,
)
from shuke.ui.navigation import NavItem, register
from shuke.ui.palette import Action
from shuke.ui.palette import register as register_action

offer_targets()
upgrades.register("customers.own_words", jobs.index_own_words)
upgrades.register("customers.quality", jobs.rebuild_quality)
register_store_use("customers", busy_stores)
register_audit_words(
    {
        "customer_added": _("添加客户"),
        "customer_changed": _("修改客户资料"),
        "contact_revealed": _("查看完整号码"),
        "export_asked": _("请求导出客户"),
        "export_allowed": _("批准导出客户"),
        "export_refused": _("没有批准导出客户"),
        "export_finished": _("导出客户"),
        "export_downloaded": _("下载导出的客户"),
        "export_rule_saved": _("修改导出要批准的人数"),
        "bulk_started": _("开始批量操作"),
        "customers_deleted": _("删除客户"),
        "customers_restored": _("从回收站恢复客户"),
        "customers_purged": _("彻底删除客户"),
        "customers_changed": _("批量修改客户"),
        "changeset_undo_started": _("开始撤销一次批量操作"),
        "changeset_undone": _("撤销批量操作"),
        "customers_tagged": _("加标签"),
        "customers_untagged": _("去掉标签"),
        "interaction_logged": _("记下一次联系"),
        "interaction_changed": _("改一次联系记录"),
        "interaction_removed": _("撤回一次联系"),
        "interaction_restored": _("恢复一次联系"),
        "follow_up_planned": _("安排回访"),
        "follow_up_done": _("完成回访"),
        "follow_up_cancelled": _("取消回访"),
        "follow_up_reopened": _("恢复回访"),
        "follow_up_postponed": _("回访改期"),
        "plan_saved": _("保存跟进计划"),
        "plan_paused": _("暂停跟进计划"),
        "plan_resumed": _("启用跟进计划"),
        "contact_policy_saved": _("修改联系频率"),
        "contact_permitted": _("破例联系客户"),
        "contact_permit_withdrawn": _("收回破例联系"),
        "customer_followed": _("关注客户"),
        "customer_unfollowed": _("取消关注"),
        "calendar_feed_issued": _("生成日历地址"),
        "calendar_feed_revoked": _("停用日历地址"),
        "identity_conflict_decided": _("核实重复客户"),
        "identity_conflict_reopened": _("撤回重复客户的核实"),
        "customers_merged": _("合并客户"),
        "customers_unmerged": _("撤销合并客户"),
        "merge_question_answered": _("分清合并期间的资料归谁"),
        "duplicate_decided": _("核对重复客户"),
        "duplicates_searched": _("查找重复客户"),
        "file_handed_out": _("下载客户的文件"),
        "tag_added": _("添加标签"),
        "tag_changed": _("修改标签"),
        "tag_hidden": _("隐藏或恢复标签"),
        "tags_merged": _("合并标签"),
        "tags_parted": _("拆开合并的标签"),
        "tag_category_saved": _("修改标签分类"),
        "tag_category_hidden": _("隐藏或恢复标签分类"),
        "custom_field_defined": _("添加自定义字段"),
        "custom_field_changed": _("修改自定义字段"),
        "custom_fields_ordered": _("调整自定义字段的顺序"),
        "custom_field_archived": _("停用或恢复自定义字段"),
        "custom_field_deleted": _("删除自定义字段"),
        "custom_field_restored": _("恢复自定义字段"),
        "roster_added": _("放入一本客户簿"),
        "roster_removed": _("清除一本客户簿"),
        "past_added": _("放入往来记录"),
        "profile_reviewed": _("核实客户资料"),
        "profile_review_undone": _("撤回一次资料核实"),
        "profile_link_issued": _("生成客户核对资料的链接"),
        "profile_link_revoked": _("收回客户核对资料的链接"),
        "profile_answered": _("客户自己核对了资料"),
        "profile_proposal_decided": _("处理客户想改的资料"),
        "quality_policy_saved": _("修改资料完整度的算法"),
        "customers_updated_by_import": _("导入更新了客户资料"),
        "customers_put_back": _("撤销导入，还原了客户资料"),
    }
)
register_export_columns("customers", CustomerColumns())
register_export_columns("custom", CustomColumns())
register_keeper("tags", TagKeeper())
register_keeper(PREFIX, CollaboratorKeeper())
register_keeper(CUSTOM, CustomKeeper())
register_keeper(STEP, StepKeeper())
register_handover("customers", PlanHandover())
for table in (POINTS, ADDRESSES, CONTACTS, MEMBERS, INVOICES, FILES):
    register_keeper(table.prefix, table)
register_keeper(DELETED, BinKeeper())
for kind in READY:
    register_bulk_kind(kind)
register_own_tables()
register_notice_words("mentioned", NoticeWords("at", notices.mention_lines))
register_notice_words("followed", NoticeWords("star", notices.followed_lines))
register_notice_words("assigned", NoticeWords("calendar-event", notices.assigned_lines))
register_notice_words("collaborating", NoticeWords("users-group", notices.collaborating_lines))
register_notice_words(telling_managers.GIVEN, NoticeWords("user-check", notices.given_lines))
register_notice_words(telling_managers.GIVEN_MANY, NoticeWords("user-check", notices.given_many_lines))
register_notice_words(telling_managers.TAKEN_BACK, NoticeWords("arrow-back-up", notices.given_back_lines))
register_companion(Assign.code, telling_managers.TELLING)
register_shares(shared_customers)
register_notice_words("overdue", NoticeWords("clock", notices.overdue_lines))
register_notice_words("escalated", NoticeWords("alert-triangle", notices.escalated_lines))
register(
    NavItem(
        "follow_ups",
        _("跟进"),
        "customers:follow_ups",
        "calendar-check",
        permission="customers.follow_up",
        order=22,
        match=("/customers/follow-ups/",),
        keys="genjin gj huifang follow ups",
        shortcut="f",
    )
)
register_tab(SettingsTab("tags", _("标签"), "customers:tags", "customers.tags", 44))
register_tab(SettingsTab("fields", _("自定义字段"), "customers:fields", "customers.fields", 43))
register_tab(SettingsTab("plans", _("跟进计划"), "customers:plans", "customers.plan", 45))
register_tab(SettingsTab("quality", _("资料完整度"), "customers:quality_policy", "shop.configure", 43))
register_tab(SettingsTab("contact", _("联系频率"), "customers:contact_policy", "shop.configure", 46))
register_action(
    Action(
        "add_customer",
        _("添加客户"),
        "customers:add",
        "user-plus",
        permission="customers.add",
        keys="add new customer xinjian 新建 新增",
        order=10,
        shortcut="n",
    )
)
register_action(
    Action(
        "log_call",
        _("记一笔"),
        "customers:log",
        "phone-call",
        permission="customers.follow_up",
        keys="log call note dianhua dh 电话 打电话 沟通 联系",
        order=20,
        for_customer=True,
    )
)
register_action(
    Action(
        "plan_follow_up",
        _("安排跟进"),
        "customers:follow_up",
        "calendar-event",
        permission="customers.follow_up",
        keys="follow up plan task huifang hf 回访 日程 提醒 下一步",
        order=30,
        for_customer=True,
    )
)
register_action(
    Action(
        "edit_customer",
        _("修改客户资料"),
        "customers:edit",
        "pencil",
        permission="customers.edit",
        keys="edit change bianji bj 编辑 改资料",
        order=40,
        for_customer=True,
    )
)
register_action(
    Action(
        "check_doubles",
        _("核对重复客户"),
        "customers:pairs",
        "git-compare",
        permission="customers.edit",
        keys="duplicates doubles check hedui hd chongfu cf 查重 去重 合并",
        order=60,
    )
)
register_action(
    Action(
        "ask_profiles",
        _("核实客户资料"),
        "customers:profiles",
        "clipboard-check",
        permission="customers.edit",
        keys="check profiles heshi hs 请核实 核对资料",
        order=61,
    )
)
register_action(
    Action(
        "own_data_link",
        _("请客户自己核对资料"),
        "customers:profile_link",
        "link",
        permission="customers.edit",
        keys="link own data lianjie lj 链接 二维码",
        order=55,
        for_customer=True,
    )
)
register_action(
    Action(
        "profile_quality",
        _("看资料完整度"),
        "customers:quality",
        "clipboard-check",
        permission="customers.view",
        keys="quality completeness ziliao wanzhengdu zl wzd 缺资料 完整",
        order=62,
    )
)
register_action(
    Action(
        "merge_customer",
        _("和另一份资料合并"),
        "customers:merge_choose",
        "arrow-merge",
        permission="customers.merge",
        keys="merge hebing hb 合并 重复",
        order=50,
        for_customer=True,
    )
)
