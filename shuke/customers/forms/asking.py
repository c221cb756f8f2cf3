"""Going through a profile: what a clerk asks about, and what a customer fills in about themselves."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shuke.customers import rules
from shuke.customers.forms.records import BIRTHDAY_FIELDS, CustomerForm
from shuke.customers.models import Customer
from shuke.customers.queries.asking import current_values
from shuke.customers.queries.choices import CHANNELS
from shuke.customers.queries.day_words import birthday_shown
from shuke.customers.queries.quality import Profile, field_words
from shuke.customers.rules import asking
from shuke.customers.services.quality.links import Answer
from shuke.customers.services.quality.reviewing import Review
from shuke.team.queries import Actor
from shuke.zh import calendar
from shuke.zh.calendar import Birthday

RIGHT = "right"
PARTS = {"birthday": BIRTHDAY_FIELDS, "address": asking.PLACE}
ONLY_CONFIRMED = ("contact", "invoice", "tags")


@dataclass(frozen=True)
class Line:
    """One field of the sheet: its name, its inputs, whether it is there, and the box that says it is still right."""

    code: str
    words: str
    inputs: list[forms.BoundField]
    is_filled: bool
    right: forms.BoundField | None


class ReviewForm(CustomerForm):
    """The fields of one profile that are worth asking about, each to be confirmed or put right."""

    def __init__(self, actor: Actor, *args: Any, customer: Customer, profile: Profile, **kwargs: Any) -> None:
        super().__init__(actor, *args, customer=customer, **kwargs)
        self.profile = profile
        self.asked = profile.to_ask
        wanted = {name for code in self.asked for name in PARTS.get(code, (code,))}
        for name in self.fields.keys() - wanted:
            del self.fields[name]
        for name, field in self.fields.items():
            if (
                isinstance(field.widget, forms.Select) and name != "birthday_calendar"
            ):  # that has a box of its own
                field.widget.attrs["class"] = "select"
        for code in self._filled():
            box = forms.BooleanField(label=_("还对"), required=False, initial=code in self._to_confirm())
            self.fields[f"{RIGHT}_{code}"] = box

    def _filled(self) -> list[str]:
        return [code for code in self.asked if self.profile.states[code].is_filled]

    def _to_confirm(self) -> list[str]:
        return [code for code in self._filled() if not self.profile.states[code].is_doubtful]

    def lines(self) -> list[Line]:
        return [
            Line(
                code,
                field_words(code),
                [self[name] for name in PARTS.get(code, (code,)) if name in self.fields],
                code in self._filled(),
                self[f"{RIGHT}_{code}"] if code in self._filled() else None,
            )
            for code in self.asked
        ]

    def review(self) -> Review:
        """What was confirmed and what was changed; what came back as it was is no change."""
        changes = {key: value for key, value in self.changes().items() if not key.startswith(f"{RIGHT}_")}
        if "birthday" not in self.asked:
            changes.pop("birthday", None)
        changes.pop("kind", None)
        right = tuple(code for code in self._filled() if self.cleaned_data.get(f"{RIGHT}_{code}"))
        return Review(right, changes)


class OwnDataForm(forms.Form):
    """What a customer is shown about themselves behind a link: masked, empty inputs, blank means it stays as it is."""

    name = forms.CharField(label=_("怎么称呼您"), required=False, max_length=40)
    phone = forms.CharField(label=_("手机号"), required=False, max_length=30)
    wechat = forms.CharField(label=_("微信号"), required=False, max_length=60)
    email = forms.CharField(label=_("邮箱"), required=False, max_length=254)
    birthday_calendar = forms.ChoiceField(
        required=False, choices=[(calendar.SOLAR, _("公历")), (calendar.LUNAR, _("农历"))]
    )
    birthday_month = forms.IntegerField(label=_("月"), required=False, min_value=1, max_value=12)
    birthday_day = forms.IntegerField(label=_("日"), required=False, min_value=1, max_value=31)
    birthday_is_leap = forms.BooleanField(label=_("闰月"), required=False)
    gender = forms.ChoiceField(label=_("性别"), required=False)
    address = forms.CharField(label=_("地址"), required=False, max_length=200)
    preferred_channel = forms.ChoiceField(label=_("您愿意我们怎么联系您"), required=False)
    consent = forms.BooleanField(
        required=True, error_messages={"required": _("请先勾选同意，我们才能收下您填的资料。")}
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer, self.now = customer, current_values(customer)
        self.fields["gender"].choices = [("", _("不改")), ("female", _("女")), ("male", _("男"))]
        self.fields["preferred_channel"].choices = [("", _("不改")), *CHANNELS[1:]]
        for name, (kind, hint) in _INPUTS.items():
            self.fields[name].widget.attrs.update({"autocomplete": kind, "inputmode": hint, "class": "input"})

    def shown(self) -> dict[str, str]:
        """What is registered now, masked."""
        found = {code: asking.masked(code, str(self.now[code] or "")) for code in asking.ASKED}
        place = [self.customer.province, self.customer.city, self.customer.district]
        found["address"] = "".join([*dict.fromkeys(place), asking.mask_street(self.customer.address)])
        found["birthday"] = birthday_shown(self.now["birthday"])
        found["gender"] = str(self.customer.get_gender_display()) if self.customer.gender else ""
        found["preferred_channel"] = str(dict(CHANNELS).get(self.customer.preferred_channel, ""))
        if not self.customer.preferred_channel:
            found["preferred_channel"] = ""
        return found

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"]
        if typed and rules.normalise_phone(typed) is None:
            raise forms.ValidationError(gettext("这个号码不像电话，请再看一眼。"))
        return rules.shown_phone(rules.normalise_phone(typed) or "")

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"]
        if typed and rules.normalise_email(typed) is None:
            raise forms.ValidationError(gettext("邮箱应像 name@example.com，请再看一眼。"))
        return rules.normalise_email(typed) or ""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        month, day = data.get("birthday_month"), data.get("birthday_day")
        if bool(month) != bool(day) and not {"birthday_month", "birthday_day"} & self.errors.keys():
            self.add_error("birthday_day", gettext("生日要把月和日都填上。"))
        elif month and day:
            problems = rules.problems_of(name="x", phone="", email="", birthday=self._birthday())
            for problem in problems:
                self.add_error("birthday_day", gettext(problem.message))
        return data

    def _birthday(self) -> Birthday | None:
        data = self.cleaned_data
        if not data.get("birthday_month") or not data.get("birthday_day"):
            return None
        kind = data.get("birthday_calendar") or calendar.SOLAR
        is_leap = kind == calendar.LUNAR and bool(data.get("birthday_is_leap"))
        return Birthday(kind, data["birthday_month"], data["birthday_day"], is_leap)

    def answer(self) -> Answer:
        """Filled in: to be changed. Left blank: right as it stands."""
        typed = {code: rules.clean_line(str(self.cleaned_data.get(code) or "")) for code in asking.ASKED}
        given: dict[str, Any] = {code: value for code, value in typed.items() if value and code != "birthday"}
        if birthday := self._birthday():
            given["birthday"] = birthday
        right = tuple(code for code in asking.ASKED if code not in given and self.now[code])
        return Answer(right, given)


_INPUTS = {
    "name": ("name", "text"),
    "phone": ("tel", "tel"),
    "wechat": ("off", "text"),
    "email": ("email", "email"),
    "birthday_month": ("bday-month", "numeric"),
    "birthday_day": ("bday-day", "numeric"),
    "address": ("street-address", "text"),
}
