"""Forms about a customer: a short one to add, sections to edit."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shuke.customers import rules
from shuke.customers.forms.custom import add_inputs, values_of
from shuke.customers.models import Customer
from shuke.customers.queries import birthday_of, contacts_for, note_for, tags_of
from shuke.customers.queries.choices import (
    CHANNELS,
    EDUCATION,
    HOURS,
    INCOME,
    Choices,
    with_current,
)
from shuke.customers.queries.custom import custom_fields
from shuke.customers.rules.masking import unmasked_text
from shuke.customers.services import NewCustomer
from shuke.team.queries import Actor, reads_contacts, visible_staff, visible_stores
from shuke.zh import calendar
from shuke.zh.calendar import Birthday

CALENDARS: Choices = [(calendar.SOLAR, _("公历")), (calendar.LUNAR, _("农历"))]
HARD_SPACE = "\u00a0"
CONTACTS = ("phone", "email", "wechat")
BESIDE = (*CONTACTS, "province", "city", "district", "address")  # edited beside this form, each on its own
BIRTHDAY_FIELDS = ("birthday_calendar", "birthday_month", "birthday_day", "birthday_is_leap")


@dataclass(frozen=True)
class Section:
    """A part of the edit page; `gist` says what is in it while it is folded."""

    title: str | Promise
    fields: list[forms.BoundField]
    gist: str
    is_open: bool


class CustomerForm(forms.Form):
    """Everything about a customer. `customer` given: it is edited, and contacts read masked stay when left empty."""

    name = forms.CharField(label=_("姓名"), required=False, max_length=200)
    phone = forms.CharField(label=_("手机号"), required=False, max_length=60)
    gender = forms.ChoiceField(label=_("性别"), required=False, choices=Customer.Gender.choices)
    birthday_calendar = forms.ChoiceField(label=_("历法"), required=False, choices=CALENDARS)
    birthday_month = forms.IntegerField(label=_("月"), required=False, min_value=1, max_value=12)
    birthday_day = forms.IntegerField(label=_("日"), required=False, min_value=1, max_value=31)
    birthday_is_leap = forms.BooleanField(label=_("闰月"), required=False)
    birth_year = forms.IntegerField(label=_("出生年份"), required=False, min_value=1900, max_value=2100)
    wechat = forms.CharField(label=_("微信号"), required=False, max_length=60)
    email = forms.CharField(label=_("邮箱"), required=False, max_length=254)
    member_number = forms.CharField(label=_("会员号"), required=False, max_length=40)
    tags = forms.CharField(
        label=_("标签"), required=False, max_length=400, help_text=_("几个标签之间用空格或逗号隔开")
    )
    note = forms.CharField(
        label=_("备注"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    store_id = forms.TypedChoiceField(label=_("所属门店"), required=False, coerce=int, empty_value=None)
    account_manager_id = forms.TypedChoiceField(
        label=_("负责人"), required=False, coerce=int, empty_value=None
    )
    preferred_channel = forms.ChoiceField(label=_("愿意怎么联系"), required=False)
    preferred_hours = forms.ChoiceField(label=_("方便的时间"), required=False)
    preferred_products = forms.CharField(label=_("喜欢的商品"), required=False, max_length=200)
    province = forms.CharField(label=_("省份"), required=False, max_length=40)
    city = forms.CharField(label=_("城市"), required=False, max_length=40)
    district = forms.CharField(label=_("区县"), required=False, max_length=40)
    address = forms.CharField(label=_("详细地址"), required=False, max_length=200)
    occupation = forms.CharField(label=_("职业"), required=False, max_length=60)
    industry = forms.CharField(label=_("行业"), required=False, max_length=60)
    education = forms.ChoiceField(label=_("学历"), required=False)
    income_band = forms.ChoiceField(label=_("收入"), required=False)
    kind = forms.ChoiceField(label=_("类型"), required=False, choices=Customer.Kind.choices)
    first_channel = forms.CharField(label=_("从哪里来"), required=False, max_length=40)

    def __init__(
        self,
        actor: Actor,
        *args: Any,
        customer: Customer | None = None,
        is_short: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("initial", _initial(actor, customer) if customer else {})
        super().__init__(*args, **kwargs)
        self.customer = customer
        self.is_masked = customer is not None and not reads_contacts(actor)
        self._offer_choices(actor)
        self._dress()
        if is_short:
            for name in self.fields.keys() - SHORT_FIELDS:
                del self.fields[name]
        self.own = self._add_own(is_short=is_short)

    def _add_own(self, *, is_short: bool) -> list[str]:
        """The shop's own fields: all of those the customer has, or what is asked of somebody new."""
        offered = custom_fields(self.customer.kind if self.customer else Customer.Kind.PERSON)
        if is_short:
            offered = [one for one in offered if one.is_in_add_form or one.is_required]
        held = self.customer.custom if self.customer else {}
        return add_inputs(self, offered, held, is_masked=self.is_masked)

    def own_fields(self) -> list[forms.BoundField]:
        """The shop's own fields as they are drawn."""
        return [self[name] for name in self.own]

    def _offer_choices(self, actor: Actor) -> None:
        stores = [(store.pk, store.name) for store in visible_stores(actor) if store.is_active]
        staff = [(person.pk, person.name) for person in visible_staff(actor)]
        self.fields["store_id"].choices = [("", _("不分门店")), *stores]
        self.fields["account_manager_id"].choices = [("", _("没有负责人")), *staff]
        record = self.customer
        if record is not None:
            self._keep_current("store_id", record.store_id, record.store)
            self._keep_current("account_manager_id", record.account_manager_id, record.account_manager)
        for name, choices in (
            ("education", EDUCATION),
            ("income_band", INCOME),
            ("preferred_channel", CHANNELS),
            ("preferred_hours", HOURS),
        ):
            self.fields[name].choices = with_current(choices, getattr(record, name, ""))
        if len(stores) == 1 and record is None:
            self.fields["store_id"].initial = stores[0][0]

    def _keep_current(self, name: str, value: int | None, words: Any) -> None:
        choices = list(self.fields[name].choices)
        if value is not None and str(value) not in {str(key) for key, _words in choices}:
            self.fields[name].choices = [*choices, (value, str(words))]

    def _dress(self) -> None:
        for name, extra in WIDGET_ATTRIBUTES.items():
            self.fields[name].widget.attrs.update(extra)
        if self.is_masked and self.customer is not None:
            masked = {
                "phone": rules.mask_phone(self.customer.phone),
                "email": rules.mask_email(self.customer.email),
                "wechat": rules.mask_word(self.customer.wechat),
            }
            for name, shown in masked.items():
                if shown:
                    self.fields[name].widget.attrs["placeholder"] = shown
                    self.fields[name].help_text = _("留空表示不改")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        has_month, has_day = data.get("birthday_month"), data.get("birthday_day")
        if bool(has_month) != bool(has_day) and not {"birthday_month", "birthday_day"} & self.errors.keys():
            self.add_error("birthday_day", gettext("生日要把月和日都填上。"))
        return data

    def values(self) -> dict[str, Any]:
        """The fields as services take them."""
        data = dict(self.cleaned_data)
        values = {key: data[key] for key in data if key not in (*BIRTHDAY_FIELDS, "tags", *self.own)}
        values["birthday"] = self._birthday()
        if "tags" in data:
            values["tags"] = split_tags(data["tags"])
        if not values.get("kind", "person"):
            values["kind"] = "person"
        return values

    def new_customer(self) -> NewCustomer:
        return NewCustomer(**self.values(), custom=values_of(self))

    def changes(self) -> dict[str, Any]:
        """What the edit page sends to the service: contacts and address only if they came, masked ones only if filled in."""
        values = self.values()
        if self.is_masked:
            values = {k: v for k, v in values.items() if k not in CONTACTS or v}
            if self.customer is not None and "note" in values:
                values["note"] = unmasked_text(values["note"], self.customer.note)
        found = {k: v for k, v in values.items() if k not in BESIDE or k in self.data}
        return found | {"custom": values_of(self)} if self.own else found

    def _birthday(self) -> Birthday | None:
        data = self.cleaned_data
        if not data.get("birthday_month") or not data.get("birthday_day"):
            return None
        chosen = data.get("birthday_calendar") or calendar.SOLAR
        is_leap = chosen == calendar.LUNAR and bool(data.get("birthday_is_leap"))
        return Birthday(chosen, data["birthday_month"], data["birthday_day"], is_leap)

    def take_problems(self, error: ValidationError) -> None:
        """Show what a service found wrong beside the field it concerns."""
        for name, messages in error.message_dict.items():
            self.add_error(name if name in self.fields else None, messages)

    def sections(self) -> list[Section]:
        """What is drawn; the first part open, others only when something in them is to be mended."""
        parts = [*SECTIONS, (_("自定义字段"), tuple(self.own))] if self.own else SECTIONS
        return [
            Section(
                title, [self[name] for name in names], self._gist(names), not place or self._is_wrong(names)
            )
            for place, (title, names) in enumerate(parts)
        ]

    def _is_wrong(self, names: tuple[str, ...]) -> bool:
        return any(name in self.errors for name in names)

    def _gist(self, names: tuple[str, ...]) -> str:
        """What the fields hold, in a few words."""
        words = [_shown(self[name]) for name in names if name not in ("name", "note")]
        return " · ".join(word for word in words if word)[:GIST_LENGTH]

    def unseen_errors(self) -> list[str]:
        """What is wrong with fields that the page has elsewhere."""
        return [str(text) for name in BESIDE if name in self.errors for text in self.errors[name]]


def _shown(field: forms.BoundField) -> str:
    value = field.value()
    if value in (None, "", []):
        return ""
    choices = getattr(field.field, "choices", None)
    words = {str(key): label for key, label in choices} if choices else {}
    taken = value if isinstance(value, list) else [value]
    return "、".join(str(words.get(str(one), one)) for one in taken)


SHORT_FIELDS = {
    "name",
    "phone",
    "gender",
    *BIRTHDAY_FIELDS,
    "wechat",
    "member_number",
    "tags",
    "note",
    "store_id",
}
SECTIONS: list[tuple[Promise | str, tuple[str, ...]]] = [
    (_("称呼"), ("name", "kind", "gender", "birth_year", "member_number")),
    (_("工作和收入"), ("occupation", "industry", "education", "income_band")),
    (_("喜好"), ("preferred_channel", "preferred_hours", "preferred_products", "tags")),
    (_("店里怎么管"), ("store_id", "account_manager_id", "first_channel", "note")),
]
GIST_LENGTH = 60
WIDGET_ATTRIBUTES: dict[str, dict[str, str]] = {
    "name": {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    "phone": {"inputmode": "tel", "autocomplete": "off"},
    "email": {"inputmode": "email", "autocomplete": "off"},
    "wechat": {"autocomplete": "off", "autocapitalize": "off"},
    "member_number": {"autocomplete": "off"},
    "birthday_month": {"inputmode": "numeric", "placeholder": "1–12"},
    "birthday_day": {"inputmode": "numeric", "placeholder": "1–31"},
    "birth_year": {"inputmode": "numeric", "placeholder": "1990"},
}


def split_tags(text: str) -> tuple[str, ...]:
    """Tags typed in one line; a space within a tag is a hard one there."""
    for mark in ",，、;；\n\t":
        text = text.replace(mark, " ")
    words = (word.replace(HARD_SPACE, " ").strip() for word in text.split(" "))
    return tuple(dict.fromkeys(word for word in words if word))


def _initial(actor: Actor, customer: Customer) -> dict[str, Any]:
    names = CustomerForm.base_fields.keys() - {*BIRTHDAY_FIELDS, "tags", *CONTACTS}
    values = {name: getattr(customer, name) for name in names}
    birthday = birthday_of(customer)
    if birthday:
        values |= {
            "birthday_calendar": birthday.calendar,
            "birthday_month": birthday.month,
            "birthday_day": birthday.day,
            "birthday_is_leap": birthday.is_leap,
        }
    values["note"] = note_for(actor, customer.note)
    if reads_contacts(actor):
        contacts = contacts_for(actor, customer)
        values |= {"phone": contacts.phone, "email": contacts.email, "wechat": contacts.wechat}
    tags = tags_of([customer.pk]).get(customer.pk, [])
    values["tags"] = " ".join(tag.replace(" ", HARD_SPACE) for tag in tags)
    return values
