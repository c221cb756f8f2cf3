# ruff: noqa: E501 - tables of headers read best unbroken
"""What the columns of customer files mean, by the headers that shops and other customer systems give them."""

from django.utils.translation import gettext_lazy as _

from shuke.imports.ports import Field

WHO, PLACE, MORE, HOUSE, TIMES, LINK = _("是谁"), _("在哪里"), _("了解"), _("店里"), _("时间"), _("属于")
CUSTOM = _("自定义字段")
WHAT, WHEN, BY = _("内容"), _("什么时候"), _("谁记的")

EXTERNAL = Field(
    "external", _("原系统编号"),
    ("Record Id", "Record ID", "唯一性ID", "客户编号", "客户ID", "客户号", "联系人编号", "外部客户号", "用户ID", "会员ID", "用户编号",
     "顾客编号", "customer id", "contact id", "account id", "lead id", "customer number", "id", "编号"),
    hint=_("同一来源里编号相同就是同一位客户"), group=WHO,
)  # fmt: skip

OWN_NUMBER = Field(
    "own", _("本店编号"), ("本店编号", "Shop number"), hint=_("我们导出的表里带着它，改好导回来就认得是谁"), group=WHO
)  # fmt: skip

_WHO = (
    OWN_NUMBER,
    EXTERNAL,
    Field(
        "name", _("姓名或公司名"),
        ("姓名", "客户名称", "客户姓名", "会员姓名", "顾客姓名", "公司名称", "企业名称", "联系人姓名", "名称", "收货人", "full name",
         "contact name", "customer name", "name", "客户昵称", "昵称", "微信昵称", "客户", "联系人"), group=WHO,
    ),
    Field(
        "nickname", _("昵称"), ("客户昵称", "昵称", "微信昵称", "nickname", "nick name"),
        hint=_("没有姓名时当作姓名"), group=WHO,
    ),
    Field("family_name", _("姓"), ("姓", "姓氏", "Last Name", "surname", "family name", "lastname"), group=WHO),
    Field("given_name", _("名"), ("名", "名字", "First Name", "given name", "firstname"), group=WHO),
    Field("kind", _("个人或公司"), ("类型", "客户类型", "个人或公司", "customer type", "record type"), group=WHO),
    Field(
        "phone", _("手机号"),
        ("手机号", "手机", "手机号码", "客户手机号", "会员手机号", "手机1", "联系手机", "联系电话", "Mobile", "mobile phone",
         "Mobile Phone Number", "Phone Number", "Phone", "电话", "电话1", "联系方式", "telephone"), group=WHO,
    ),
    Field("phone2", _("另一个电话"), ("座机", "固定电话", "手机2", "电话", "Phone", "Phone Number", "备用电话", "办公电话", "电话1", "work phone"), group=WHO),
    Field("phone3", _("第三个电话"), ("Home Phone", "家庭电话", "电话2", "手机3", "Other Phone", "其他电话"), group=WHO),
    Field("email", _("邮箱"), ("邮箱", "电子邮箱", "电子邮件", "邮件", "email", "e-mail", "email address", "邮箱地址", "邮件地址"), group=WHO),
    Field("email2", _("另一个邮箱"), ("Secondary Email", "备用邮箱", "邮箱2", "additional email addresses"), group=WHO),
    Field("wechat", _("微信号"), ("微信号", "微信", "wechat", "wechat id"), group=WHO),
    Field("unionid", _("UnionID"), ("unionid", "union id", "微信unionid"), group=WHO),
    Field("member", _("会员号"), ("会员号", "会员卡号", "会员编号", "卡号", "会员卡", "member number", "member no", "membership number"), group=WHO),
)  # fmt: skip

_PLACE = (
    Field("province", _("省份"), ("省份", "省", "所在省", "Mailing State", "Billing State", "State", "State/Region", "province"), group=PLACE),
    Field("city", _("城市"), ("城市", "市", "所在市", "Mailing City", "Billing City", "City"), group=PLACE),
    Field("district", _("区县"), ("区县", "区", "所在区", "区/县", "district", "county"), group=PLACE),
    Field("region", _("省市区"), ("省市区", "所在地区", "地区", "省/市/区", "国家省市区"), group=PLACE),
    Field(
        "address", _("详细地址"),
        ("详细地址", "地址", "收货地址", "Mailing Street", "Billing Street", "Street", "Street Address", "address", "address1"),
        group=PLACE,
    ),
)  # fmt: skip

_MORE = (
    Field("gender", _("性别"), ("性别", "gender", "sex", "Salutation", "称谓"), group=MORE),
    Field("birthday", _("生日"), ("生日", "出生日期", "出生年月", "birthday", "Date of Birth", "birth date"), hint=_("公历或农历都行"), group=MORE),
    Field("birth_year", _("出生年份"), ("出生年份", "birth year"), group=MORE),
    Field("occupation", _("职业、职务"), ("职业", "职务", "职位", "岗位", "Title", "Job Title", "occupation"), group=MORE),
    Field("education", _("学历"), ("学历", "文化程度", "education", "degree"), group=MORE),
    Field("industry", _("行业"), ("行业", "一级行业", "所属行业", "Industry"), group=MORE),
    Field("income_band", _("收入"), ("收入", "收入水平", "年收入", "income", "income band"), group=MORE),
    Field("preferred_channel", _("愿意怎么联系"), ("愿意怎么联系", "偏好渠道", "preferred channel"), group=MORE),
    Field("tags", _("标签"), ("标签", "客户标签", "Tag", "Tags"), hint=_("几个标签用逗号、顿号或分号隔开"), group=MORE),
    Field("note", _("备注"), ("备注", "客户备注", "会员备注", "Description", "note", "notes", "remark", "说明"), group=MORE),
)  # fmt: skip

_HOUSE = (
    Field(
        "first_channel", _("从哪里来"),
        ("从哪里来", "来源", "客户来源", "来源渠道", "获客渠道", "渠道", "Lead Source", "Original Source", "Original Traffic Source", "source", "channel"),
        group=HOUSE,
    ),
    Field("store", _("所属门店"), ("所属门店", "门店", "归属门店", "归属店铺", "所属店铺", "store", "shop", "branch"), group=HOUSE),
    Field(
        "manager", _("负责人"),
        ("负责人", "客户经理", "归属导购", "专属导购", "跟进人", "Contact Owner", "Account Owner", "Lead Owner", "Company owner", "owner",
         "account manager"), hint=_("员工的姓名或登录名"), group=HOUSE,
    ),
)  # fmt: skip

_TIMES = (
    Field(
        "created", _("原系统创建时间"),
        ("创建时间", "成为客户时间", "成为会员时间", "注册时间", "添加时间", "录入时间", "Created Time", "Create Date", "created at", "添加日期"), group=TIMES,
    ),
    Field(
        "modified", _("原系统修改时间"),
        ("最后修改时间", "修改时间", "更新时间", "Modified Time", "Last Modified Date", "updated at", "modified at"),
        hint=_("冲突时选“较新的为准”要用到它"), group=TIMES,
    ),
)  # fmt: skip

_LINK = (
    Field(
        "company_number", _("所属公司的编号"),
        ("Account Name.id", "Associated Company IDs", "Primary Associated Company ID", "所属客户编号", "公司编号", "客户名称_ID",
         "Parent Account.id", "上级客户编号", "account id", "company id"), group=LINK,
    ),
    Field(
        "company", _("所属公司"),
        ("所属公司", "Account Name", "所属客户", "Company", "Company Name", "Associated Company", "Primary Associated Company", "公司",
         "单位", "工作单位", "上级客户", "Parent Account", "客户名称", "公司名称"), group=LINK,
    ),
)  # fmt: skip

CUSTOMER_FIELDS: tuple[Field, ...] = (*_WHO, *_MORE, *_PLACE, *_HOUSE, *_TIMES, *_LINK)

# A company's own name is 客户名称 in a table of customers; in a table of contacts it is the company they belong to.
CONTACT_FIELDS: tuple[Field, ...] = tuple(
    Field(
        field.code, field.label,
        tuple(word for word in field.synonyms if word not in ("客户名称", "公司名称", "企业名称", "客户", "客户编号", "客户ID", "account id"))
        if field.code in ("name", "external") else field.synonyms + (("客户编号", "客户ID") if field.code == "company_number" else ()),
        field.hint, field.group,
    )
    for field in (*_LINK, *_WHO, *_MORE, *_PLACE, *_HOUSE, *_TIMES)
)  # fmt: skip

_WHOSE = (
    Field(
        "contact_number", _("联系人的编号"),
        ("Contact Name.id", "Associated Contact IDs", "联系人编号", "联系人ID", "contact id", "Who Id"), group=LINK,
    ),
    Field("contact", _("联系人"), ("Contact Name", "Associated Contact", "联系人", "联系人姓名"), group=LINK),
    Field(
        "customer_number", _("客户的编号"),
        ("Parent ID.id", "Parent ID", "Parent Id", "Related To.id", "Account Name.id", "Associated Company IDs", "客户编号", "客户ID",
         "关联客户编号", "customer id", "What Id", "会员ID", "用户ID"), group=LINK,
    ),
    Field(
        "customer", _("客户"),
        ("客户名称", "关联客户", "客户", "客户姓名", "会员姓名", "Account Name", "Related To", "Associated Company", "Parent Name", "customer name", "姓名",
         "customer"), group=LINK,
    ),
    Field("phone", _("客户的手机号"), ("手机号", "客户手机号", "手机", "手机号码", "联系电话", "电话", "phone", "mobile"), group=LINK),
    Field("email", _("客户的邮箱"), ("邮箱", "客户邮箱", "email", "邮件地址"), group=LINK),
    Field("member", _("客户的会员号"), ("会员号", "会员卡号", "member number"), group=LINK),
)  # fmt: skip

_NUMBER = Field(
    "external", _("记录的编号"),
    ("Record Id", "Record ID", "记录编号", "销售记录编号", "编号", "唯一性ID", "Engagement ID", "Note Id", "Call Id", "Task Id", "id"),
    hint=_("再次导入时靠它认出同一条"), group=WHAT,
)  # fmt: skip

TOUCH_FIELDS: tuple[Field, ...] = (
    _NUMBER,
    Field("kind", _("方式"), ("方式", "跟进方式", "跟进类型", "联系方式", "销售记录类型", "记录类型", "类型", "Engagement Type", "Activity type", "activity type", "type"), group=WHAT),
    Field("title", _("主题"), ("主题", "标题", "Note Title", "Subject", "Call Title", "Meeting name", "Email subject", "Deal Name", "商机名称", "title"), group=WHAT),
    Field(
        "body", _("内容"),
        ("内容", "跟进内容", "销售记录内容", "跟进记录", "Note Content", "Note body", "Body preview", "Body", "Call notes", "Call Notes", "Meeting description",
         "Email body", "沟通内容", "备注", "Description", "content", "note", "notes", "comments"), group=WHAT,
    ),
    Field("direction", _("方向"), ("方向", "Call Type", "Call Direction", "Call direction", "Email direction", "direction", "呼叫类型"), group=WHAT),
    Field("result", _("结果"), ("结果", "跟进结果", "Call Result", "Call outcome", "Meeting outcome", "Outcome", "Stage", "Deal Stage", "result"), group=WHAT),
    Field(
        "moment", _("时间"),
        ("时间", "跟进时间", "联系时间", "沟通时间", "Call Start Time", "Activity date", "Activity Date", "Date", "Start DateTime", "From",
         "Created Time", "Create Date", "创建时间", "日期", "happened at"), group=WHEN,
    ),
    Field(
        "modified", _("原系统修改时间"), ("Modified Time", "最后修改时间", "修改时间", "更新时间", "Last Modified Date", "Last modified date"),
        hint=_("冲突时选“较新的为准”要用到它"), group=WHEN,
    ),
    Field("duration", _("时长"), ("时长", "通话时长", "Call Duration", "Call duration"), group=WHEN),
    Field(
        "author", _("记录人"),
        ("记录人", "跟进人", "创建人", "负责人", "Note Owner", "Call Owner", "Activity assigned to", "Activity created by", "Deal Owner", "Deal owner", "Owner",
         "Created By", "author", "操作人"), hint=_("不是本店员工的，原样记下名字"), group=BY,
    ),
    *_WHOSE,
)  # fmt: skip

FOLLOW_UP_FIELDS: tuple[Field, ...] = (
    _NUMBER,
    Field("purpose", _("做什么"), ("做什么", "任务", "任务名称", "主题", "事项", "计划内容", "Subject", "Task Title", "Task name", "回访内容", "内容", "purpose"), group=WHAT),
    Field("note", _("说明"), ("说明", "备注", "Description", "Task notes", "Notes"), group=WHAT),
    Field("due", _("哪天"), ("哪天", "计划日期", "到期日", "截止日期", "截止时间", "回访日期", "下次跟进时间", "计划时间", "Due Date", "due date", "日期"), group=WHEN),
    Field("state", _("状态"), ("状态", "任务状态", "Status", "Task Status"), group=WHAT),
    Field("result", _("结果"), ("结果", "完成情况", "回访结果", "result"), group=WHAT),
    Field("done", _("完成时间"), ("完成时间", "Closed Time", "Completed At", "Completed date"), group=WHEN),
    Field("author", _("谁来做"), ("谁来做", "负责人", "执行人", "Task Owner", "Assigned to", "Activity assigned to", "Owner", "assignee"), group=BY),
    Field("created", _("创建时间"), ("创建时间", "Created Time", "Create Date"), group=WHEN),
    *_WHOSE,
)  # fmt: skip
