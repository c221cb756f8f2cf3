"""Forms about what a profile holds beside the record: a point, an address, a contact, an invoice title, a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shuke.customers.models import ContactPoint, InvoiceTitle
from shuke.customers.rules.profile import InvoiceFields
from shuke.customers.services import NewCustomer
from shuke.customers.services.companies import ContactForm
from shuke.customers.services.points import AddressForm, PointForm

POINT_LABELS = (_("手机"), _("家里"), _("公司"), _("配偶"), _("孩子"), _("助理"))
ADDRESS_LABELS = (_("家"), _("公司"), _("收货"), _("老家"))
ROLES = (_("老板"), _("采购"), _("财务"), _("行政"), _("经办人"), _("收货人"))
RELATIONS = (_("配偶"), _("父母"), _("孩子"), _("兄弟姐妹"), _("其他家人"))


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PartForm(forms.Form):
    """A small form in a panel. `key` keeps the ids of several on one page apart."""

    def __init__(self, *args: Any, key: str = "new", part: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{part}-{key}-%s")
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")


class PointPart(PartForm):
    """A phone, e-mail or WeChat."""

    kind = forms.ChoiceField(label=_("哪一种"), choices=ContactPoint.Kind.choices)
    value = forms.CharField(label=_("号码或地址"), max_length=254)
    label = forms.CharField(label=_("说明"), required=False, max_length=20)
    valid_until = forms.DateField(label=_("用到哪天"), required=False, widget=_day())
    is_verified = forms.BooleanField(label=_("已经验证过"), required=False)
    is_main = forms.BooleanField(label=_("作为常用"), required=False)
    is_shared = forms.BooleanField(label=_("共用"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].widget.attrs |= {"list": "point-labels", "placeholder": _("手机、公司、配偶…")}
        if not is_new:
            self.fields["kind"].required = self.fields["value"].required = False

    def point(self) -> PointForm:
        data = self.cleaned_data
        return PointForm(
            kind=data.get("kind") or "",
            value=data.get("value") or "",
            label=data["label"],
            valid_until=data["valid_until"],
            is_verified=data["is_verified"],
            is_main=data["is_main"],
            is_shared=data["is_shared"],
        )


class AddressPart(PartForm):
    """An address; all of it may be pasted into one line."""

    detail = forms.CharField(
        label=_("地址"),
        required=False,
        max_length=300,
        help_text=_("可以整段粘贴，省、市、区会自动分开"),
        widget=forms.TextInput(attrs={"placeholder": _("浙江省杭州市西湖区文三路 1 号")}),
    )
    province = forms.CharField(label=_("省份"), required=False, max_length=40)
    city = forms.CharField(label=_("城市"), required=False, max_length=40)
    district = forms.CharField(label=_("区县"), required=False, max_length=40)
    label = forms.CharField(label=_("说明"), required=False, max_length=20)
    recipient = forms.CharField(label=_("收货人"), required=False, max_length=40)
    valid_until = forms.DateField(label=_("用到哪天"), required=False, widget=_day())
    is_verified = forms.BooleanField(label=_("已经验证过"), required=False)
    is_main = forms.BooleanField(label=_("作为常用"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].widget.attrs |= {"list": "address-labels", "placeholder": _("家、公司、收货…")}
        self.fields["province"].widget.attrs["list"] = "provinces"

    def address(self) -> AddressForm:
        return AddressForm(**self.cleaned_data)


class ContactPart(PartForm):
    """A contact of a company: somebody chosen, or somebody new by name and phone."""

    person = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("姓名"), required=False, max_length=80)
    phone = forms.CharField(label=_("手机号"), required=False, max_length=60)
    role = forms.CharField(label=_("在公司做什么"), required=False, max_length=40)
    is_main = forms.BooleanField(label=_("首要联系人"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].widget.attrs |= {"list": "roles", "placeholder": _("老板、采购、财务…")}
        self.fields["phone"].widget.attrs["inputmode"] = "tel"

    def new_customer(self) -> NewCustomer:
        return NewCustomer(name=self.cleaned_data["name"], phone=self.cleaned_data["phone"])

    def contact(self) -> ContactForm:
        return ContactForm(self.cleaned_data["role"], self.cleaned_data["is_main"])


class MemberPart(PartForm):
    """Somebody of the same household, or a company the person works for."""

    person = forms.IntegerField(widget=forms.HiddenInput)
    role = forms.CharField(label=_("关系"), required=False, max_length=40)


class InvoicePart(PartForm):
    """发票抬头."""

    kind = forms.ChoiceField(label=_("抬头类型"), choices=InvoiceTitle.Kind.choices)
    title = forms.CharField(label=_("发票抬头"), max_length=100)
    tax_number = forms.CharField(label=_("税号"), required=False, max_length=40)
    bank = forms.CharField(label=_("开户行"), required=False, max_length=80)
    bank_account = forms.CharField(label=_("银行账号"), required=False, max_length=60)
    address = forms.CharField(label=_("注册地址"), required=False, max_length=200)
    phone = forms.CharField(label=_("注册电话"), required=False, max_length=30)
    is_default = forms.BooleanField(label=_("默认用这个"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].error_messages["required"] = _("请填写发票抬头，和营业执照上的名称一致。")
        self.fields["tax_number"].widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}
        self.fields["bank_account"].widget.attrs["inputmode"] = "numeric"

    def fields_of_invoice(self) -> InvoiceFields:
        data = self.cleaned_data
        return InvoiceFields(**{name: data[name] for name in data if name != "is_default"})


class FilePart(PartForm):
    """A file to keep."""

    file = forms.FileField(label=_("文件"), allow_empty_file=True)
