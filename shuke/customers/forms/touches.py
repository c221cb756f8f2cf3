"""Forms about touches: one line to log, one line to plan, one to finish."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shuke.customers.forms.choices import Choices
from shuke.customers.models import Interaction
from shuke.customers.services import NextStep, Touch
from shuke.kernel import clock
from shuke.zh import calendar

RESULTS: Choices = [
    ("", _("结果如何")),
    ("reached", _("聊上了")),
    ("no_answer", _("没接")),
    ("call_back", _("约好再联系")),
    ("will_visit", _("说会来")),
    ("not_interested", _("暂时不需要")),
]


class TouchForm(forms.Form):
    """What happened, in one line; the next step in the same go."""

    kind = forms.ChoiceField(choices=Interaction.Kind.choices)
    direction = forms.ChoiceField(choices=Interaction.Direction.choices, required=False)
    body = forms.CharField(required=False, max_length=4000)
    result = forms.ChoiceField(choices=RESULTS, required=False)

    def touch(self) -> Touch:
        data = self.cleaned_data
        return Touch(
            kind=data["kind"],
            body=data["body"],
            direction=data["direction"] or "out",
            result=data["result"],
        )


class FollowUpForm(forms.Form):
    """What to do next, and when."""

    purpose = forms.CharField(label=_("做什么"), max_length=120)
    due_on = forms.DateField(
        label=_("哪天"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def step(self) -> NextStep:
        return NextStep(self.cleaned_data["purpose"], self.cleaned_data["due_on"])


class FinishForm(forms.Form):
    """How it went, and perhaps the next one."""

    result = forms.CharField(label=_("结果怎样"), required=False, max_length=200)
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
        data = self.cleaned_data
        return NextStep(data["purpose"], data["due_on"]) if data.get("purpose") else None


@dataclass(frozen=True)
class DayChoice:
    """A day offered with one click; always a working day."""

    label: str
    day: str


def day_choices() -> list[DayChoice]:
    """明天, 三天后, 一周后, 一个月后: moved to the next working day."""
    today = clock.today()
    spans = ((gettext("明天"), 1), (gettext("三天后"), 3), (gettext("一周后"), 7), (gettext("一个月后"), 30))
    return [
        DayChoice(label, calendar.next_working_day(today + timedelta(days=days)).isoformat())
        for label, days in spans
    ]
