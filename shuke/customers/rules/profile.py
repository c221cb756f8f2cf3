"""Decisions about what a profile holds beside the record: places, invoice titles, kinds of tags. Pure."""

from dataclasses import dataclass
from typing import NamedTuple

from shuke.customers import rules
from shuke.customers.rules import Problem
from shuke.zh import regions, script
from shuke.zh.credit_code import is_citizen_number, is_credit_code
from shuke.zh.regions import Region


def _(message: str) -> str:
    """Marks a message for translation."""
    return message


# --- contacts ---


def mask_contact(kind: str, shown: str) -> str:
    """A phone, e-mail or WeChat as it is shown to those who read contacts masked."""
    if kind == rules.PHONE:
        return rules.mask_phone(shown)
    return rules.mask_email(shown) if kind == rules.EMAIL else rules.mask_word(shown)


# --- places ---


def tidy_place(province: str, city: str, district: str, detail: str) -> Region:
    """An address with full names: 广东 → 广东省. One pasted as a whole into the detail is taken apart."""
    province, city, district, detail = map(rules.clean_line, (province, city, district, detail))
    province = regions.normalise_province(province) or province
    parsed = regions.parse_region(detail)
    if not (province or city or district):
        return parsed
    city = regions.normalise_city(city, province) if city else ""
    province = province or regions.province_of_city(city)
    if city == "" and regions.cities_of(province) == [province]:
        city = province  # 北京市 is its own city
    if parsed.province and parsed.province == province and parsed.city in ("", city or parsed.city):
        return Region(province, city or parsed.city, district or parsed.district, parsed.detail)
    return Region(province, city, district, detail)


# --- invoices ---


@dataclass(frozen=True)
class InvoiceFields:
    """发票抬头 as somebody fills it in."""

    kind: str = "company"
    title: str = ""
    tax_number: str = ""
    bank: str = ""
    bank_account: str = ""
    address: str = ""
    phone: str = ""


def tidy_tax_number(text: str) -> str:
    """Half width, upper case, no spaces or dashes."""
    return "".join(sign for sign in script.even(text).upper() if sign.isalnum())


def tax_number_problem(text: str) -> str:
    """What is wrong with a tidy 税号; "" for nothing. 15 and 20 characters are the older kinds, without a check of ours."""
    if not text:
        return ""
    if not (text.isascii() and len(text) in (15, 18, 20)):
        return _("税号是 15、18 或 20 位的数字和字母，现在是 %(n)s 位。")
    if len(text) == 18 and not is_credit_code(text) and not is_citizen_number(text):
        return _("这个税号的校验位不对，请对照营业执照再核对一遍。")
    return ""


def invoice_problems(fields: InvoiceFields) -> list[Problem]:
    """What has to be mended before an invoice can be made out to this."""
    found = []
    if not rules.clean_line(fields.title):
        found.append(Problem("title", _("请填写发票抬头，和营业执照上的名称一致。")))
    problem = tax_number_problem(tidy_tax_number(fields.tax_number))
    if problem:
        found.append(Problem("tax_number", problem))
    account = "".join(fields.bank_account.split())
    if account and not (account.replace("-", "").isalnum() and 6 <= len(account) <= 40):
        found.append(Problem("bank_account", _("银行账号只有数字，请再核对一遍。")))
    return found


# --- tags ---


class KnownCategory(NamedTuple):
    """A kind of tag that every shop has from the start."""

    code: str
    name: str


CATEGORIES = (
    KnownCategory("interest", _("兴趣")),
    KnownCategory("attitude", _("态度")),
    KnownCategory("values", _("看重什么")),
    KnownCategory("lifestyle", _("生活方式")),
    KnownCategory("need_functional", _("需要：好用")),
    KnownCategory("need_emotional", _("需要：感受")),
    KnownCategory("need_social", _("需要：场面")),
    KnownCategory("product", _("喜欢的商品")),
)
TAG_SOURCES = {
    "": _("来源不详"),
    "typed": _("员工填写"),
    "import": _("导入"),
    "survey": _("问卷"),
    "customer": _("客户自己填写"),
    "inferred": _("按购买推算"),
    "demo": _("示范"),
}
