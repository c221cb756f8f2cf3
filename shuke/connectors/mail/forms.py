"""Forms of mail: a mailbox, a letter, the writer of an unknown letter."""

from typing import Any

from django import forms
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from shuke.connectors.mail.rules import LONGEST_TEXT, PRESETS
from shuke.connectors.mail.services import AccountForm as AccountFacts
from shuke.connectors.mail.services import NewFile
from shuke.connectors.models import MailAccount
from shuke.customers.rules import mask_email

SERVER_FIELDS = ("smtp_host", "smtp_port", "smtp_tls", "imap_host", "imap_port", "imap_tls")


def address_key(address: str) -> str:
    """Stands for an address in a form, for those who read addresses masked."""
    return salted_hmac("shuke.connectors.mail.to", address).hexdigest()[:20]


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/input.html"


class ManyFiles(forms.FileField):
    """Any number of files."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(ManyFiles, self).clean(one, initial) for one in given]


class AccountForm(forms.ModelForm):
    """A mailbox; servers only for services that are not known."""

    preset = forms.ChoiceField(label=_("邮箱服务"))
    password = forms.CharField(
        label=_("密码或授权码"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "new-password"}),
    )

    class Meta:
        model = MailAccount
        fields = (
            "preset",
            "address",
            "username",
            *SERVER_FIELDS,
            "sender_name",
            "signature",
            "reads_sent",
            "keeps_unknown",
        )
        widgets = {
            "address": forms.EmailInput(
                attrs={
                    "class": "input",
                    "inputmode": "email",
                    "autocomplete": "off",
                    "placeholder": "name@example.com",
                }
            ),
            "username": forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
            "sender_name": forms.TextInput(attrs={"class": "input"}),
            "signature": forms.Textarea(attrs={"class": "input", "rows": 3}),
            "smtp_host": forms.TextInput(attrs={"class": "input", "inputmode": "url"}),
            "imap_host": forms.TextInput(attrs={"class": "input", "inputmode": "url"}),
            "smtp_port": forms.NumberInput(attrs={"class": "input num", "min": 1, "max": 65535}),
            "imap_port": forms.NumberInput(attrs={"class": "input num", "min": 1, "max": 65535}),
            "smtp_tls": forms.Select(attrs={"class": "input"}),
            "imap_tls": forms.Select(attrs={"class": "input"}),
        }

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["preset"].choices = [(one.code, _(one.name)) for one in PRESETS.values()]  # type: ignore[attr-defined]
        self.fields["preset"].widget.attrs["class"] = "input"
        for name in (*SERVER_FIELDS, "username"):
            self.fields[name].required = False
        for kind in ("smtp", "imap"):
            self.fields[f"{kind}_tls"].choices = MailAccount.Tls.choices  # type: ignore[attr-defined]

    def validate_constraints(self) -> None:
        """The service tells what is wrong with a mailbox, in words of its own."""

    def facts(self) -> AccountFacts:
        """What was filled in."""
        given = self.cleaned_data
        return AccountFacts(
            preset=given["preset"],
            address=given["address"],
            password=given["password"],
            sender_name=given["sender_name"],
            signature=given["signature"],
            username=given["username"],
            smtp_host=given["smtp_host"],
            smtp_port=given["smtp_port"] or 465,
            smtp_tls=given["smtp_tls"] or "implicit",
            imap_host=given["imap_host"],
            imap_port=given["imap_port"] or 993,
            imap_tls=given["imap_tls"] or "implicit",
            reads_sent=given["reads_sent"],
            keeps_unknown=given["keeps_unknown"],
        )


class LetterForm(forms.Form):
    """A letter to one of a customer's addresses."""

    operation_id = forms.CharField(max_length=64, widget=forms.HiddenInput)
    account = forms.ChoiceField(label=_("发件邮箱"), widget=forms.Select(attrs={"class": "input"}))
    to_address = forms.ChoiceField(label=_("收件人"), widget=forms.Select(attrs={"class": "input"}))
    subject = forms.CharField(
        label=_("主题"),
        max_length=200,
        error_messages={"required": _("请写主题，客户才知道是什么事。")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("正文"),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("请写几句话再发。")},
        widget=forms.Textarea(attrs={"class": "input", "rows": 10}),
    )
    attached = ManyFiles(
        label=_("附件"),
        required=False,
        help_text=_("最多 10 个，一共不超过 15 MB。"),
        widget=ManyFilesInput(attrs={"class": "input"}),
    )

    def __init__(
        self, *given: Any, accounts: list[MailAccount], addresses: list[str], is_masked: bool, **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self.addresses = {address_key(one): one for one in addresses}
        self.fields["account"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{one.sender_name} <{one.address}>" if one.sender_name else one.address)
            for one in accounts
        ]
        self.fields["to_address"].choices = [  # type: ignore[attr-defined]
            (key, mask_email(one) if is_masked else one) for key, one in self.addresses.items()
        ]

    def chosen_address(self) -> str:
        """The address that was chosen."""
        return self.addresses[self.cleaned_data["to_address"]]

    def new_files(self) -> tuple[NewFile, ...]:
        """What goes along."""
        return tuple(
            NewFile(one.name or "", one.content_type or "", one.read())
            for one in self.cleaned_data["attached"]
        )
