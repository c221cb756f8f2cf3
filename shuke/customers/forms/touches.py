"""Forms about touches: one line to log, one line to plan, one to finish."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shuke.customers.models import Interaction
from shuke.customers.queries.choices import Choices, label_of
from shuke.customers.services import NextStep, Touch
from shuke.kernel import clock

EARLIEST_YEAR = 1970
MOST_DAYS = 3_660
RESULTS: Choices = [
    ("", _("结果如何")),
    ("reached", _("聊上了")),
    ("no_answer", _("没接")),
    ("wrong_number", _("号码不通")),
    ("call_back", _("约好再联系")),
    ("will_visit", _("说会来")),
    ("not_interested", _("暂时不需要")),
]


class TouchForm(forms.Form):
    """What happened, in one line. Without a time it is now."""

    kind = forms.ChoiceField(choices=Interaction.Kind.choices)
    direction = forms.ChoiceField(choices=Interaction.Direction.choices, required=False)
    body = forms.CharField(required=False, max_length=4000)
    result = forms.CharField(required=False, max_length=40)
    happened_at = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])

    def clean_happened_at(self) -> datetime | None:
        given: datetime | None = self.cleaned_data["happened_at"]
        if given and given > clock.now() + timedelta(minutes=5):
            raise forms.ValidationError(gettext("这个时间还没到。要约以后的事，请安排下一步。"))
        if given and given.year < EARLIEST_YEAR:
            raise forms.ValidationError(gettext("请检查年份。"))
        return given

    def touch(self) -> Touch:
        data = self.cleaned_data
        return Touch(
            kind=data["kind"],
            body=data["body"],
            direction=data["direction"] or "out",
            result=label_of(RESULTS, data["result"]) if data["result"] else "",
            happened_at=data["happened_at"],
        )


class NextForm(forms.Form):
    """What to do next, when, how, and who does it: a colleague's number, or "store"."""

    purpose = forms.CharField(label=_("做什么"), max_length=120)
    due_on = forms.DateField(
        label=_("哪天"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    due_time = forms.TimeField(label=_("几点"), required=False)
    kind = forms.ChoiceField(choices=[("", ""), *Interaction.Kind.choices], required=False)
    assignee = forms.RegexField(r"^(store|\d{1,18})$", required=False)

    def clean_due_on(self) -> date | None:
        day: date | None = self.cleaned_data["due_on"]
        today = clock.today()
        if day and not today - timedelta(days=MOST_DAYS) <= day <= today + timedelta(days=MOST_DAYS):
            raise forms.ValidationError(gettext("请选十年以内的日子。"))
        return day

    def step(self) -> NextStep:
        data = self.cleaned_data
        who = data["assignee"]
        return NextStep(
            purpose=data["purpose"],
            due_on=data["due_on"],
            due_time=data["due_time"],
            kind=data["kind"],
            assignee_id=int(who) if who.isdecimal() else None,
            for_store=who == "store",
        )


class FollowUpForm(NextForm):
    """What to do next, and when."""


class FinishForm(NextForm):
    """How it went, how it was done, and perhaps the next one."""

    result = forms.CharField(label=_("结果怎样"), required=False, max_length=200)
    touch_kind = forms.ChoiceField(choices=[("", ""), *Interaction.Kind.choices], required=False)
    purpose = forms.CharField(label=_("接着做什么"), required=False, max_length=120)
    due_on = forms.DateField(
        label=_("哪天"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("purpose") and not data.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", gettext("请选下一次是哪天。"))
        return data

    def following(self) -> NextStep | None:
        return self.step() if self.cleaned_data.get("purpose") else None

    def touch(self) -> Touch | None:
        kind, result = self.cleaned_data["touch_kind"], self.cleaned_data["result"]
        if not kind or (kind == Interaction.Kind.NOTE and not result):
            return None
        return Touch(kind=kind, body=result)


class PostponeForm(forms.Form):
    """Another day."""

    due_on = forms.DateField()
    clean_due_on = NextForm.clean_due_on
