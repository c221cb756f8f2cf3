"""Tables to fill in: the shop's words for headers, an example about nobody real."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shuke.customers.rules.custom import id_in
from shuke.imports.ports import Field, Template
from shuke.zh import fictional

_PEOPLE = ("external", "name", "kind", "phone", "phone2", "email", "wechat", "member", "gender", "birthday", "province", "city",
           "district", "address", "occupation", "education", "industry", "income_band", "tags", "first_channel", "store",
           "manager", "note", "created", "modified")  # fmt: skip
_PAST = (
    "external",
    "customer_number",
    "customer",
    "phone",
    "kind",
    "direction",
    "title",
    "body",
    "result",
    "moment",
    "author",
)
_PLANS = (
    "external",
    "customer_number",
    "customer",
    "phone",
    "purpose",
    "note",
    "due",
    "state",
    "result",
    "author",
)


def people(fields: Sequence[Field], *, is_contacts: bool) -> Template:
    """Customers, or people at companies."""
    example = {
        "external": "A-0001", "name": "示例茶友", "kind": "个人", "phone": fictional.phone(1), "email": "tea@example.com",
        "wechat": "example_tea", "member": "M90001", "gender": "女", "birthday": "农历八月十五", "province": "浙江省",
        "city": "杭州市", "district": "西湖区", "address": "示例路 1 号", "occupation": "老师", "tags": "送礼，爱白茶",
        "first_channel": "朋友介绍", "note": "喜欢周末来", "created": "2025-03-01 10:00", "company_number": "", "company": "",
    }  # fmt: skip
    codes: tuple[str, ...] = _PEOPLE
    if is_contacts:
        codes = (
            "company_number",
            "company",
            *(code for code in _PEOPLE if code not in ("kind", "member", "store")),
        )
        example |= {"company_number": "C-0001", "company": "示例贸易公司", "occupation": "采购"}
    else:
        codes = (*_PEOPLE, "company_number", "company")
    own = [field for field in fields if id_in(field.code) is not None]
    codes = (*codes, *(field.code for field in own))
    return _filled(_("客户导入模板") if not is_contacts else _("联系人导入模板"), fields, codes, example)


def past(fields: Sequence[Field], *, is_plan: bool) -> Template:
    """Communications, or follow-ups."""
    example = {
        "external": "R-0001", "customer_number": "A-0001", "customer": "示例茶友", "phone": fictional.phone(1), "kind": "电话",
        "direction": "我方联系", "body": "问了新茶，月底来试喝", "result": "有意向", "moment": "2025-03-02 15:30",
        "author": "示例店员",
        "purpose": "请她来试喝新茶", "due": "2025-04-01", "state": "待办",
    }  # fmt: skip
    name = _("跟进导入模板") if is_plan else _("往来记录导入模板")
    return _filled(name, fields, _PLANS if is_plan else _PAST, example)


def _filled(name: str, fields: Sequence[Field], codes: Sequence[str], example: dict[str, str]) -> Template:
    labels = {field.code: str(field.label) for field in fields}
    codes = [code for code in codes if code in labels]
    return Template(name, [labels[code] for code in codes], [[example.get(code, "") for code in codes]])
