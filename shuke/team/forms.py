"""Forms of the sign-in and settings pages, and the roles in plain words."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shuke.kernel.money import SYMBOLS
from shuke.team.models import Shop, Staff, Store
from shuke.team.queries import SYSTEM, Actor, visible_stores
from shuke.team.services import StaffForm as StaffFacts


@dataclass(frozen=True)
class RoleWords:
    """What a role is for, in words a shop owner can choose by."""

    label: str | Promise
    lead: str | Promise
    may: tuple[str | Promise, ...]
    may_not: tuple[str | Promise, ...] = ()


ROLE_WORDS: dict[str, RoleWords] = {
    "owner": RoleWords(
        _("店主"),
        _("管整个店。"),
        (_("看全部门店的客户、订单和价值"), _("改店铺、门店、员工和价值规则"), _("导入、撤销导入")),
    ),
    "manager": RoleWords(
        _("店长"),
        _("管自己的门店。"),
        (
            _("看、添加、修改本店客户，手机号完整显示"),
            _("导入文件、撤销导入"),
            _("看本店员工"),
            _("交接、分配本店客户，看谁手上有多少"),
            _("认领来信，看同事邮箱里和本店客户的往来"),
        ),
        (_("看别家门店的客户"), _("添加员工、改店铺设置")),
    ),
    "clerk": RoleWords(
        _("店员"),
        _("接待和联系本店客户。"),
        (
            _("看、添加、修改本店客户"),
            _("记联系、写邮件、安排回访、记订单"),
            _("联系客户时查看号码（会留下记录）"),
            _("认领公海里的本店客户"),
        ),
        (_("导入文件"), _("看别家门店的客户")),
    ),
    "analyst": RoleWords(
        _("分析"),
        _("看数字，不联系客户。"),
        (_("看全部门店的客户、订单和价值"),),
        (_("看完整的手机号和邮箱"), _("添加或修改任何资料")),
    ),
}


class SignInForm(AuthenticationForm):
    """Name and password; the same answer whether the name or the password is wrong."""

    error_messages = {  # noqa: RUF012
        "invalid_login": _("登录名或密码不对，请再试一次。"),
        "inactive": _("登录名或密码不对，请再试一次。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("登录名")
        self.fields["username"].widget.attrs.update(
            {"class": "input", "autocapitalize": "none", "spellcheck": "false", "autocomplete": "username"}
        )
        self.fields["password"].label = _("密码")
        self.fields["password"].widget.attrs.update({"class": "input", "autocomplete": "current-password"})


class PasswordForm(forms.Form):
    """A person's own new password, typed twice; the old one too unless it was a one-time password."""

    old = forms.CharField(
        label=_("现在的密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("新密码"),
        strip=False,
        help_text=_("至少 8 个字符，不要太常见，不要和登录名相近。"),
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一遍"),
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff
        if staff.must_change_password:
            del self.fields["old"]

    def clean_old(self) -> str:
        if not self.staff.check_password(self.cleaned_data["old"]):
            raise forms.ValidationError(_("现在的密码不对。"))
        return str(self.cleaned_data["old"])

    def clean_new(self) -> str:
        password = str(self.cleaned_data["new"])
        validate_password(password, self.staff)
        if self.staff.check_password(password):
            raise forms.ValidationError(_("新密码要和现在的不一样。"))
        return password

    def clean_again(self) -> str:
        if self.cleaned_data.get("new") and self.cleaned_data["again"] != self.cleaned_data["new"]:
            raise forms.ValidationError(_("两次输入的不一样。"))
        return str(self.cleaned_data["again"])


class ShopForm(forms.ModelForm):
    """The shop's own settings."""

    currency = forms.ChoiceField(
        label=_("记账货币"),
        choices=[(code, f"{code} {symbol}") for code, symbol in SYMBOLS.items()],
        help_text=_("价值按这种货币算；别的货币的订单会保留，但不和它相加。"),
        widget=forms.Select(attrs={"class": "input"}),
    )
    is_rise_red = forms.TypedChoiceField(
        label=_("涨跌颜色"),
        choices=[("1", _("红涨绿跌（中国习惯）")), ("0", _("绿涨红跌（国际习惯）"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect(),
    )

    class Meta:
        model = Shop
        fields = ("name", "currency", "is_rise_red")
        widgets = {"name": forms.TextInput(attrs={"class": "input", "autocomplete": "organization"})}  # noqa: RUF012
        labels = {"name": _("店名")}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["is_rise_red"] = "1" if self.instance.is_rise_red else "0"


class StoreForm(forms.ModelForm):
    """A store's name and place."""

    class Meta:
        model = Store
        fields = ("name", "city", "is_online")
        widgets = {  # noqa: RUF012
            "name": forms.TextInput(attrs={"class": "input"}),
            "city": forms.TextInput(attrs={"class": "input"}),
        }
        error_messages = {"name": {"unique": _("已经有同名的门店了，换个名字。")}}  # noqa: RUF012


class StaffForm(forms.Form):
    """A person who works here."""

    name = forms.CharField(
        label=_("姓名"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    username = forms.CharField(
        label=_("登录名"),
        max_length=60,
        help_text=_("字母、数字、点、横线，例如 wang.xiaocha。"),
        validators=[RegexValidator(r"^[\w.@+-]+$", _("登录名只能用字母、数字和 . - _ @ +。"))],
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    role = forms.ChoiceField(
        label=_("角色"),
        choices=[(code, words.label) for code, words in ROLE_WORDS.items()],
        initial="clerk",
        widget=forms.RadioSelect(),
    )
    stores = forms.ModelMultipleChoiceField(
        label=_("门店"),
        queryset=Store.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("店长和店员只看得到这些门店的客户。"),
    )

    def __init__(self, *args: Any, actor: Actor = SYSTEM, staff: Staff | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff
        self.fields["stores"].queryset = visible_stores(actor)  # type: ignore[attr-defined]
        if staff is not None:
            del self.fields["username"]

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"]).strip()
        if Staff.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("这个登录名已经有人用了，换一个。"))
        return username

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("role") in ("manager", "clerk") and not cleaned.get("stores"):
            self.add_error("stores", _("店长和店员至少要有一家门店，不然什么都看不到。"))
        return cleaned

    @property
    def facts(self) -> StaffFacts:
        """What the service wants to know."""
        return StaffFacts(
            name=self.cleaned_data["name"],
            role=self.cleaned_data["role"],
            store_ids=frozenset(store.pk for store in self.cleaned_data["stores"]),
        )
