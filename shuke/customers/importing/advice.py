"""What to say about a customer file before it is imported: what is missing, what will happen, what the shop may choose."""

import re

import polars as pl
from django.utils.translation import gettext as _

from shuke.customers.importing import past_rules, policy
from shuke.customers.importing.custom import ADD, RETURN, mapped_fields
from shuke.customers.rules.custom import WITH_CHOICES
from shuke.imports import rules
from shuke.imports.ports import Advice, Choice, Setting, Text
from shuke.imports.rules.winning import NEWER
from shuke.imports.services.choosing import mode_choice, wins_choice

_AMBIGUOUS = re.compile(r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_NAMES = ("name", "nickname", "family_name", "given_name")
_KEYS = ("own", "external", "phone", "phone2", "email", "member", "wechat", "unionid")
DATES = ("created", "modified", "moment", "due", "done", "birthday")


def advise_people(rows: pl.DataFrame, setting: Setting, *, is_contacts: bool) -> Advice:
    """Advice on customers or contacts."""
    mapping = setting.mapping
    missing: list[Text] = []
    if not {*_NAMES, *_KEYS} & mapping.keys():
        missing.append(_("请选出哪一列是姓名或公司名，或者手机号。"))
    notes: list[Text] = []
    if not set(_KEYS) & mapping.keys():
        notes.append(_("没有编号、手机号、邮箱这类能认人的列：每一行都会新增一位客户，再导入一次会重复。"))
    if is_contacts and not {"company", "company_number"} & mapping.keys():
        notes.append(_("没有选出所属公司：这些人会作为个人客户导入，不挂在公司下面。"))
    choices = [
        mode_choice(setting), _wins(setting), _kind(setting, is_contacts=is_contacts), *_link(setting), _bad_cells(setting),
        _extras(rows, setting), *date_choice(rows, setting),
    ]  # fmt: skip
    own = mapped_fields(mapping)
    if any(field.kind in WITH_CHOICES for field in own.values()):
        choices.append(_new_choices(setting))
    ruled = frozenset({*policy.RULED, "family_name", *own}) & mapping.keys()
    return Advice(missing, notes, [choice for choice in choices if choice is not None], ruled)


def _wins(setting: Setting) -> Choice:
    hint = _("选“较新的为准”要有“原系统修改时间”这一列；没有时只补空着的。")
    has_moment = "modified" in setting.mapping
    return wins_choice(setting, [(NEWER, _("较新的为准"))], None if has_moment else hint)


def _kind(setting: Setting, *, is_contacts: bool) -> Choice | None:
    if "kind" in setting.mapping:
        return None
    answers = (("person", _("个人")), ("company", _("公司")))
    return Choice("kind", _("新增的是"), answers, str(setting.options.get("kind") or "person"))


def _link(setting: Setting) -> list[Choice]:
    if not {"company", "company_number"} & setting.mapping.keys():
        return []
    answers = (
        ("reject", _("退回这一行")), ("without", _("照样导入，公司名记在备注里")), ("create", _("按公司名新建公司")),
    )  # fmt: skip
    hint = _("先等同一个文件里后面的行，都读完还没有才算没有。")
    return [
        Choice("link", _("所属公司还没有时"), answers, str(setting.options.get("link") or "reject"), hint)
    ]


def _new_choices(setting: Setting) -> Choice:
    answers = ((ADD, _("加进选项里")), (RETURN, _("退回这一行")))
    value = str(setting.options.get("new_choices") or ADD)
    return Choice("new_choices", _("自定义字段里没有的选项"), answers, value)


def _bad_cells(setting: Setting) -> Choice:
    answers = (("reject", _("退回这一行，改好再导入")), ("keep", _("照样导入，原文记在备注里")))
    value = str(setting.options.get("bad_cells") or "reject")
    return Choice("bad_cells", _("电话、邮箱、日期写错时"), answers, value)


def _extras(rows: pl.DataFrame, setting: Setting) -> Choice | None:
    others = [
        column for column in rows.columns if column.startswith("c") and column not in setting.mapping.values()
    ]
    if not others:
        return None
    answers = (("keep", _("记在备注里（原系统其他信息）")), ("drop", _("不要")))
    value = str(setting.options.get("extras") or "keep")
    return Choice("extras", _("没有对应的 %d 列") % len(others), answers, value)


def advise_past(rows: pl.DataFrame, setting: Setting, *, is_plan: bool) -> Advice:
    """Advice on communications or follow-ups."""
    mapping = setting.mapping
    missing: list[Text] = []
    if (
        not {"customer_number", "contact_number", "customer", "contact", "phone", "email", "member"}
        & mapping.keys()
    ):
        missing.append(_("请选出哪一列说明是哪位客户的：编号、手机号、邮箱、会员号或姓名。"))
    if is_plan:
        if "due" not in mapping:
            missing.append(_("请选出哪一列是哪天要做。"))
        if "purpose" not in mapping:
            missing.append(_("请选出哪一列是做什么。"))
    else:
        if "moment" not in mapping:
            missing.append(_("请选出哪一列是时间。"))
        if not {"body", "title"} & mapping.keys():
            missing.append(_("请选出哪一列是内容。"))
    notes: list[Text] = []
    if "external" not in mapping:
        notes.append(_("没有编号：每一行按内容认；再次导入同一文件不会重复。"))
    wins = wins_choice(setting) if is_plan else _wins(setting)
    choices: list[Choice] = [mode_choice(setting), wins]
    if not is_plan and "kind" not in mapping:
        choices.append(_touch_kind(setting))
    extras = None if is_plan else _extras(rows, setting)
    choices += [*([extras] if extras else []), *date_choice(rows, setting)]
    return Advice(missing, notes, choices, past_rules.ruled(mapping, is_plan=is_plan))


def _touch_kind(setting: Setting) -> Choice:
    answers = (
        ("note", _("备注")), ("call", _("电话")), ("sms", _("短信")), ("email", _("邮件")), ("wechat", _("微信")),
        ("visit", _("拜访")), ("meeting", _("见面")),
    )  # fmt: skip
    return Choice("kind", _("都是"), answers, str(setting.options.get("kind") or "note"))


def date_choice(rows: pl.DataFrame, setting: Setting) -> list[Choice]:
    """Ask whether day or month comes first where cells leave it open."""
    odd: list[str] = []
    for code in DATES:
        column = setting.mapping.get(code)
        if column is not None and column in rows.columns:
            cells = [rules.clean(cell or "") for cell in rows[column].head(500).to_list()]
            odd += [cell for cell in cells if _AMBIGUOUS.match(cell)]
    if not odd:
        return []
    pairs = [tuple(int(part) for part in re.split(r"[-/.]", cell)[:2]) for cell in odd]
    guess = "dmy" if any(a > 12 for a, _b in pairs) else "mdy" if any(b > 12 for _a, b in pairs) else ""
    answers = (("", _("请选择")), ("dmy", _("日在前(31/12/2025)")), ("mdy", _("月在前(12/31/2025)")))
    return [Choice("date_order", _("日期写法"), answers, str(setting.options.get("date_order") or guess))]
