# ruff: noqa: E501 - tables of headers read best unbroken
"""The export files of other customer systems, by the headers they are documented to have."""

from django.utils.translation import gettext_lazy as _

from shuke.imports.ports import KnownExport

OWN = "本店"
ZOHO, FXIAOKE, HUBSPOT, YOUZAN, SHOPIFY = "Zoho CRM", "纷享销客", "HubSpot", "有赞", "Shopify"
COMPANY_NUMBERS = "company-"  # HubSpot counts companies and contacts apart: their numbers may be equal

_ZOHO_TIMES = (
    ("Created Time", "created"),
    ("Modified Time", "modified"),
    ("Tag", "tags"),
    ("Description", "note"),
)
_HUBSPOT_TIMES = (("Create Date", "created"), ("Last Modified Date", "modified"))
_HUBSPOT_LINKS = (("Associated Contact IDs", "contact_number"), ("Associated Contact", "contact"),
                  ("Associated Company IDs", "customer_number"), ("Associated Company", "customer"))  # fmt: skip
_ZOHO_LINKS = (("Contact Name.id", "contact_number"), ("Contact Name", "contact"))

EXPORTS: tuple[KnownExport, ...] = (
    # --- our own lists: what is reckoned here is not read back as if it were the customer's ---
    KnownExport(
        "shuke.customers", _("本店导出的客户"), OWN, "customers",
        needs=("姓名",),
        signs=("本店编号", "价值", "分群", "阶段", "消费次数", "累计消费", "最近消费", "下次预计", "未来一年价值", "添加日期", "愿意怎么联系", "所属门店"),
        mapping=(("本店编号", "own"), ("姓名", "name"), ("类型", "kind"), ("手机号", "phone"), ("邮箱", "email"), ("微信号", "wechat"), ("会员号", "member"),
                 ("来源", "first_channel"), ("职业", "occupation"), ("添加日期", "created")),
        options={"extras": "drop"},
    ),
    # --- Zoho CRM ---
    KnownExport(
        "zoho.accounts", _("Zoho CRM 的客户（Accounts）"), ZOHO, "customers",
        needs=("Record Id", "Account Name"),
        signs=("Account Owner", "Account Owner.id", "Account Number", "Account Type", "Account Site", "Annual Revenue", "Employees", "Billing City",
               "Billing Street", "Shipping City", "Parent Account", "Ownership", "SIC Code", "Ticker Symbol"),
        mapping=(("Record Id", "external"), ("Account Name", "name"), ("Account Owner", "manager"), ("Phone", "phone"), ("Industry", "industry"),
                 ("Billing State", "province"), ("Billing City", "city"), ("Billing Street", "address"), ("Parent Account.id", "company_number"),
                 ("Parent Account", "company"), *_ZOHO_TIMES),
        options={"kind": "company"},
    ),
    KnownExport(
        "zoho.contacts", _("Zoho CRM 的联系人（Contacts）"), ZOHO, "contacts",
        needs=("Record Id", "Last Name"),
        signs=("Contact Owner", "Contact Owner.id", "Account Name", "Account Name.id", "Mailing City", "Mailing Street", "Other City", "Mailing Zip",
               "Home Phone", "Secondary Email", "Skype ID", "Assistant", "Asst Phone", "Lead Source", "Email Opt Out", "Reporting To", "Vendor Name"),
        mapping=(("Record Id", "external"), ("Last Name", "family_name"), ("First Name", "given_name"), ("Contact Owner", "manager"),
                 ("Account Name.id", "company_number"), ("Account Name", "company"), ("Mobile", "phone"), ("Phone", "phone2"),
                 ("Home Phone", "phone3"), ("Other Phone", "phone3"), ("Email", "email"), ("Secondary Email", "email2"), ("Title", "occupation"),
                 ("Salutation", "gender"), ("Date of Birth", "birthday"), ("Lead Source", "first_channel"), ("Mailing State", "province"),
                 ("Mailing City", "city"), ("Mailing Street", "address"), *_ZOHO_TIMES),
        options={"kind": "person"},
    ),
    KnownExport(
        "zoho.leads", _("Zoho CRM 的线索（Leads）"), ZOHO, "contacts",
        needs=("Record Id", "Lead Status"),
        signs=("Lead Owner", "Lead Owner.id", "Company", "Lead Source", "Rating", "Annual Revenue", "No of Employees", "Last Name", "Zip Code", "Converted"),
        mapping=(("Record Id", "external"), ("Last Name", "family_name"), ("First Name", "given_name"), ("Lead Owner", "manager"),
                 ("Company", "company"), ("Mobile", "phone"), ("Phone", "phone2"), ("Email", "email"), ("Secondary Email", "email2"),
                 ("Title", "occupation"), ("Salutation", "gender"), ("Lead Source", "first_channel"), ("Industry", "industry"),
                 ("State", "province"), ("City", "city"), ("Street", "address"), *_ZOHO_TIMES),
        options={"kind": "person", "link": "without"},
    ),
    KnownExport(
        "zoho.deals", _("Zoho CRM 的商机（Deals）"), ZOHO, "communications",
        needs=("Record Id", "Deal Name"),
        signs=("Deal Owner", "Deal Owner.id", "Stage", "Closing Date", "Probability", "Expected Revenue", "Account Name", "Next Step", "Reason For Loss"),
        mapping=(("Record Id", "external"), ("Deal Name", "title"), ("Description", "body"), ("Stage", "result"), ("Created Time", "moment"),
                 ("Deal Owner", "author"), *_ZOHO_LINKS, ("Account Name.id", "customer_number"), ("Account Name", "customer")),
        options={"kind": "note"},
    ),
    KnownExport(
        "zoho.notes", _("Zoho CRM 的备注（Notes）"), ZOHO, "communications",
        needs=("Note Content",),
        signs=("Record Id", "Note Owner", "Note Owner.id", "Note Title", "Parent ID", "Parent ID.id", "Created Time", "Modified Time"),
        mapping=(("Record Id", "external"), ("Note Title", "title"), ("Note Content", "body"), ("Created Time", "moment"), ("Modified Time", "modified"), ("Note Owner", "author"),
                 ("Parent ID.id", "customer_number"), ("Parent ID", "customer_number"), ("Parent Id", "customer_number")),
        options={"kind": "note"},
    ),
    KnownExport(
        "zoho.calls", _("Zoho CRM 的通话（Calls）"), ZOHO, "communications",
        needs=("Call Start Time",),
        signs=("Record Id", "Call Owner", "Call Owner.id", "Call Type", "Call Duration", "Call Purpose", "Call Result", "Subject", "Related To", "Call Status",
               "Call Agenda"),
        mapping=(("Record Id", "external"), ("Subject", "title"), ("Description", "body"), ("Call Type", "direction"), ("Call Result", "result"),
                 ("Call Start Time", "moment"), ("Call Duration", "duration"), ("Call Owner", "author"), *_ZOHO_LINKS,
                 ("Related To.id", "customer_number"), ("Related To", "customer")),
        options={"kind": "call"},
    ),
    KnownExport(
        "zoho.meetings", _("Zoho CRM 的会面（Meetings）"), ZOHO, "communications",
        needs=("From", "To", "Host"),
        signs=("Record Id", "Title", "Host.id", "Venue", "Location", "All day", "Related To", "Check-In Time", "Participants"),
        mapping=(("Record Id", "external"), ("Title", "title"), ("Description", "body"), ("From", "moment"), ("Host", "author"), *_ZOHO_LINKS,
                 ("Related To.id", "customer_number"), ("Related To", "customer")),
        options={"kind": "meeting"},
    ),
    KnownExport(
        "zoho.tasks", _("Zoho CRM 的任务（Tasks）"), ZOHO, "follow_ups",
        needs=("Subject", "Due Date"),
        signs=("Record Id", "Task Owner", "Task Owner.id", "Status", "Priority", "Closed Time", "Related To", "Contact Name"),
        mapping=(("Record Id", "external"), ("Subject", "purpose"), ("Description", "note"), ("Due Date", "due"), ("Status", "state"),
                 ("Closed Time", "done"), ("Task Owner", "author"), ("Created Time", "created"), *_ZOHO_LINKS,
                 ("Related To.id", "customer_number"), ("Related To", "customer")),
    ),
    KnownExport(
        "zoho.products", _("Zoho CRM 的产品（Products）"), ZOHO, "products",
        needs=("Product Name", "Product Code"),
        signs=("Record Id", "Product Owner", "Product Active", "Product Category", "Unit Price", "Qty in Stock", "Vendor Name", "Manufacturer"),
        mapping=(("Product Code", "sku"), ("Product Name", "name"), ("Product Category", "category"), ("Unit Price", "price"), ("Product Active", "active")),
    ),
    # --- 纷享销客 ---
    KnownExport(
        "fxiaoke.customers", _("纷享销客的客户"), FXIAOKE, "customers",
        needs=("客户名称",),
        signs=("客户级别", "成交状态", "归属部门", "负责人主属部门", "生命状态", "锁定状态", "客户编号", "最后跟进时间", "所属公海", "公海", "客户状态", "一级行业", "二级行业", "外部负责人"),
        mapping=(("唯一性ID", "external"), ("客户编号", "external"), ("客户名称", "name"), ("客户来源", "first_channel"), ("来源", "first_channel"),
                 ("负责人", "manager"), ("电话", "phone"), ("邮件", "email"), ("省", "province"), ("市", "city"), ("区", "district"),
                 ("详细地址", "address"), ("一级行业", "industry"), ("备注", "note"), ("创建时间", "created"), ("最后修改时间", "modified"),
                 ("上级客户", "company")),
        options={"kind": "company"},
    ),
    KnownExport(
        "fxiaoke.contacts", _("纷享销客的联系人"), FXIAOKE, "contacts",
        needs=("姓名", "客户名称"),
        signs=("职务", "部门", "手机1", "手机2", "电话1", "主要联系人", "决策角色", "关键决策人", "名片", "生命状态", "锁定状态", "负责人主属部门", "归属部门", "联系人编号"),
        mapping=(("唯一性ID", "external"), ("联系人编号", "external"), ("姓名", "name"), ("客户名称", "company"), ("手机1", "phone"), ("手机", "phone"),
                 ("手机2", "phone2"), ("电话1", "phone3"), ("电话", "phone3"), ("邮件", "email"), ("微信", "wechat"), ("职务", "occupation"),
                 ("性别", "gender"), ("生日", "birthday"), ("备注", "note"), ("介绍", "note"), ("负责人", "manager"), ("创建时间", "created"),
                 ("最后修改时间", "modified")),
        options={"kind": "person"},
    ),
    KnownExport(
        "fxiaoke.records", _("纷享销客的销售记录"), FXIAOKE, "communications",
        needs=("销售记录内容",),
        signs=("销售记录类型", "销售记录编号", "关联业务", "关联对象", "客户名称", "联系人", "创建人", "创建时间", "归属部门", "生命状态", "跟进类型"),
        mapping=(("唯一性ID", "external"), ("销售记录编号", "external"), ("销售记录类型", "kind"), ("跟进类型", "kind"), ("销售记录内容", "body"),
                 ("创建时间", "moment"), ("最后修改时间", "modified"), ("创建人", "author"), ("负责人", "author"), ("联系人", "contact"), ("客户名称", "customer"), ("关联业务", "customer"),
                 ("关联对象", "customer")),
    ),
    KnownExport(
        "fxiaoke.orders", _("纷享销客的销售订单"), FXIAOKE, "orders",
        needs=("销售订单编号", "客户名称"),
        signs=("下单日期", "销售订单金额", "销售订单金额(元)", "产品合计", "订单状态", "生命状态", "已回款金额", "待回款金额", "发货状态", "归属部门", "结算方式"),
        mapping=(("销售订单编号", "number"), ("下单日期", "moment"), ("销售订单金额(元)", "amount"), ("销售订单金额", "amount"), ("客户名称", "external"),
                 ("订单状态", "status"), ("生命状态", "status"), ("产品名称", "product"), ("数量", "quantity"), ("小计", "subtotal")),
    ),
    # --- HubSpot ---
    KnownExport(
        "hubspot.contacts", _("HubSpot 的联系人（Contacts）"), HUBSPOT, "contacts",
        needs=("Record ID", "First Name", "Last Name"),
        signs=("Lifecycle Stage", "Lead Status", "Contact owner", "Associated Company", "Associated Company IDs", "Last Activity Date", "Create Date",
               "Marketing contact status", "Original Source", "Mobile Phone Number", "Job Title", "Primary Associated Company ID"),
        mapping=(("Record ID", "external"), ("Last Name", "family_name"), ("First Name", "given_name"), ("Contact owner", "manager"),
                 ("Associated Company IDs", "company_number"), ("Primary Associated Company ID", "company_number"), ("Associated Company", "company"),
                 ("Company Name", "company"), ("Mobile Phone Number", "phone"), ("Phone Number", "phone2"), ("Email", "email"),
                 ("Job Title", "occupation"), ("Industry", "industry"), ("State/Region", "province"), ("City", "city"), ("Street Address", "address"),
                 ("Original Source", "first_channel"), ("Original Traffic Source", "first_channel"), *_HUBSPOT_TIMES),
        options={"kind": "person", "company_prefix": COMPANY_NUMBERS},
    ),
    KnownExport(
        "hubspot.companies", _("HubSpot 的公司（Companies）"), HUBSPOT, "customers",
        needs=("Record ID", "Company name"),
        signs=("Company owner", "Company Domain Name", "Industry", "Number of Employees", "Annual Revenue", "Create Date", "Last Activity Date",
               "Number of Associated Contacts", "Type"),
        mapping=(("Record ID", "external"), ("Company name", "name"), ("Company owner", "manager"), ("Phone Number", "phone"), ("Industry", "industry"),
                 ("State/Region", "province"), ("City", "city"), ("Street Address", "address"), ("Description", "note"), *_HUBSPOT_TIMES),
        options={"kind": "company", "prefix": COMPANY_NUMBERS, "company_prefix": COMPANY_NUMBERS},
    ),
    KnownExport(
        "hubspot.deals", _("HubSpot 的商机（Deals）"), HUBSPOT, "communications",
        needs=("Record ID", "Deal Name"),
        signs=("Deal Stage", "Pipeline", "Close Date", "Deal owner", "Amount", "Deal Type", "Associated Contact IDs", "Associated Company IDs"),
        mapping=(("Record ID", "external"), ("Deal Name", "title"), ("Deal Description", "body"), ("Deal Stage", "result"), ("Create Date", "moment"),
                 ("Deal owner", "author"), *_HUBSPOT_LINKS),
        options={"kind": "note", "prefix": "deal-", "customer_prefix": COMPANY_NUMBERS},
    ),
    KnownExport(
        "hubspot.engagements", _("HubSpot 的互动（Notes、Calls、Emails）"), HUBSPOT, "communications",
        needs=("Record ID", "Associated Contact IDs"),
        signs=("Note body", "Call notes", "Call duration", "Call outcome", "Call direction", "Email body", "Email subject", "Meeting description",
               "Meeting name", "Body preview", "Activity date", "Activity assigned to", "Activity type", "Engagement Type"),
        mapping=(("Record ID", "external"), ("Engagement Type", "kind"), ("Activity type", "kind"), ("Note body", "body"), ("Call notes", "body"),
                 ("Email body", "body"), ("Meeting description", "body"), ("Body preview", "body"), ("Call Title", "title"), ("Email subject", "title"),
                 ("Meeting name", "title"), ("Call direction", "direction"), ("Email direction", "direction"), ("Call outcome", "result"),
                 ("Meeting outcome", "result"), ("Call duration", "duration"), ("Activity date", "moment"), ("Create Date", "moment"), ("Last Modified Date", "modified"),
                 ("Activity assigned to", "author"), *_HUBSPOT_LINKS),
        options={"prefix": "activity-", "customer_prefix": COMPANY_NUMBERS},
    ),
    # --- Shopify ---
    KnownExport(
        "shopify.customers", _("Shopify 的客户"), SHOPIFY, "customers",
        needs=("First Name", "Last Name", "Email", "Total Spent", "Total Orders"),
        signs=("Accepts Email Marketing", "Accepts SMS Marketing", "Tax Exempt", "Tags", "Note", "Customer ID", "Address1", "Default Address Address1",
               "Default Address City", "Default Address Company", "Company", "Zip", "Default Address Zip", "Province Code", "Country Code"),
        mapping=(("Customer ID", "external"), ("Last Name", "family_name"), ("First Name", "given_name"), ("Phone", "phone"),
                 ("Default Address Phone", "phone2"), ("Email", "email"), ("Company", "company"), ("Default Address Company", "company"),
                 ("City", "city"), ("Default Address City", "city"), ("Province", "province"), ("Address1", "address"),
                 ("Default Address Address1", "address"), ("Tags", "tags"), ("Note", "note")),
        options={"kind": "person", "link": "without"},
    ),
    # --- 有赞 ---
    KnownExport(
        "youzan.customers", _("有赞的客户"), YOUZAN, "customers",
        needs=(),
        signs=("客户姓名", "客户昵称", "免费等级", "付费等级", "客户手机号", "客户积分", "客户储值余额", "客户身份", "成为客户时间", "成为会员时间", "累计消费金额",
               "累计消费次数", "购买次数", "上次消费时间", "最近消费时间", "归属导购", "微信昵称", "有赞用户ID", "客户标签", "归属网店"),
        mapping=(("有赞用户ID", "external"), ("客户姓名", "name"), ("姓名", "name"), ("客户昵称", "nickname"), ("微信昵称", "nickname"), ("客户手机号", "phone"),
                 ("手机号", "phone"), ("会员卡号", "member"), ("性别", "gender"), ("生日", "birthday"), ("微信号", "wechat"), ("客户标签", "tags"),
                 ("来源渠道", "first_channel"), ("来源", "first_channel"), ("归属导购", "manager"), ("归属门店", "store"), ("归属网店", "store"),
                 ("成为客户时间", "created"), ("备注", "note")),
        options={"kind": "person"},
    ),
)  # fmt: skip
