"""The customer's own columns in exported lists, read as the actor reads them on screen."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from shuke.customers.forms import CHANNELS, EDUCATION, INCOME, label_of
from shuke.customers.models import Customer
from shuke.customers.ports import ExportColumn
from shuke.customers.queries import birthday_of, birthday_words, contacts_for, note_for, tags_of
from shuke.customers.queries.custom import custom_fields, exported
from shuke.customers.rules import custom
from shuke.customers.rules.numbers import customer_number
from shuke.team.queries import SYSTEM, Actor, staff_names, visible_stores

CUSTOM_KINDS = {custom.NUMBER: "number", custom.MONEY: "money", custom.DATE: "date"}
CONTACTS = ("phone", "email", "wechat")
CHOICES: dict[str, Any] = {
    "kind": Customer.Kind.choices,
    "gender": Customer.Gender.choices,
    "education": EDUCATION,
    "income_band": INCOME,
    "preferred_channel": CHANNELS,
}
COLUMNS = (
    ExportColumn("number", _("本店编号"), is_usual=True),
    ExportColumn("name", _("姓名"), is_usual=True),
    ExportColumn("kind", _("类型")),
    ExportColumn("phone", _("手机号"), is_usual=True),
    ExportColumn("email", _("邮箱")),
    ExportColumn("wechat", _("微信号")),
    ExportColumn("member_number", _("会员号"), is_usual=True),
    ExportColumn("gender", _("性别"), is_usual=True),
    ExportColumn("birthday", _("生日"), is_usual=True),
    ExportColumn("birth_year", _("出生年份"), "number"),
    ExportColumn("province", _("省份")),
    ExportColumn("city", _("城市"), is_usual=True),
    ExportColumn("district", _("区县")),
    ExportColumn("address", _("详细地址")),
    ExportColumn("occupation", _("职业")),
    ExportColumn("education", _("学历")),
    ExportColumn("industry", _("行业")),
    ExportColumn("income_band", _("收入")),
    ExportColumn("preferred_channel", _("愿意怎么联系")),
    ExportColumn("first_channel", _("来源")),
    ExportColumn("store", _("所属门店"), is_usual=True),
    ExportColumn("account_manager", _("负责人"), is_usual=True),
    ExportColumn("tags", _("标签"), is_usual=True),
    ExportColumn("note", _("备注")),
    ExportColumn("created_at", _("添加日期"), "date"),
)


class CustomerColumns:
    """What the customer's own record says."""

    def columns(self, actor: Actor) -> Iterable[ExportColumn]:
        return COLUMNS

    def read(self, actor: Actor, customer_ids: list[int], codes: list[str]) -> dict[int, dict[str, Any]]:
        """One query for the records, one for tags if asked for, names of stores and staff."""
        people = Customer.objects.filter(pk__in=customer_ids)
        tags = tags_of(customer_ids) if "tags" in codes else {}
        stores = {one.pk: one.name for one in visible_stores(SYSTEM)} if "store" in codes else {}
        staff = staff_names() if "account_manager" in codes else {}
        reader = _Reader(actor, tags, stores, staff)
        return {one.pk: {code: reader.value(one, code) for code in codes} for one in people}


class _Reader:
    def __init__(
        self, actor: Actor, tags: dict[int, list[str]], stores: dict[int, str], staff: dict[int, str]
    ) -> None:
        self.actor, self.tags, self.stores, self.staff = actor, tags, stores, staff

    def value(self, one: Model, code: str) -> Any:
        """One cell: contacts masked by the actor's rights, codes in words."""
        if code == "number":
            return customer_number(one.pk)
        if code in CONTACTS:
            return getattr(contacts_for(self.actor, one), code)
        if code == "note":
            return note_for(self.actor, one.note)  # type: ignore[attr-defined]
        if code == "birthday":
            return birthday_words(birthday_of(one))
        if code == "tags":
            return self.tags.get(one.pk, [])
        if code == "store":
            return self.stores.get(one.store_id, "")  # type: ignore[attr-defined]
        if code == "account_manager":
            return self.staff.get(one.account_manager_id, "")  # type: ignore[attr-defined]
        value = getattr(one, code)
        return label_of(CHOICES[code], value) if code in CHOICES else value


class CustomColumns:
    """The shop's own fields, as they can be imported again."""

    def columns(self, actor: Actor) -> Iterable[ExportColumn]:
        for field in custom_fields():
            kind = "text" if field.is_masked_for(actor) else CUSTOM_KINDS.get(field.kind, "text")
            yield ExportColumn(field.code, field.name, kind, is_usual=not field.is_sensitive)

    def read(self, actor: Actor, customer_ids: list[int], codes: list[str]) -> dict[int, dict[str, Any]]:
        """One query for a chunk."""
        fields = [one for one in custom_fields() if one.code in codes]
        held = Customer.objects.filter(pk__in=customer_ids).values_list("pk", "custom")
        return {
            pk: {one.code: exported(actor, one, values.get(one.key)) for one in fields} for pk, values in held
        }
