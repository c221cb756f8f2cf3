"""分工: what one person can take, and what customers weigh."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shuke.assignment.services import DutyForm, PolicyForm

_NUMBER = {"class": "input", "inputmode": "numeric"}


class DutyFields(forms.Form):
    """One person."""

    capacity = forms.IntegerField(
        label=_("能照看多少"),
        min_value=1,
        max_value=100_000,
        help_text=_("按权重加起来算，不是位数。"),
        widget=forms.NumberInput(attrs=_NUMBER),
    )
    is_senior = forms.BooleanField(label=_("资深：可以照看重要价值客户"), required=False)
    away_from = forms.DateField(
        label=_("休假从"), required=False, widget=forms.DateInput(attrs={"class": "input", "type": "date"})
    )
    away_until = forms.DateField(
        label=_("休假到"), required=False, widget=forms.DateInput(attrs={"class": "input", "type": "date"})
    )

    def duty(self) -> DutyForm:
        """What was typed, as the service takes it."""
        return DutyForm(**self.cleaned_data)


class WeightFields(forms.Form):
    """The shop's weights."""

    seniors_for_key = forms.BooleanField(label=_("重要价值客户只分给资深同事"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("weight_high", _("高价值客户")),
            ("weight_potential", _("有潜力客户")),
            ("weight_low", _("低价值客户")),
            ("weight_none", _("还没消费的客户")),
            ("weight_follow_up", _("一件待办跟进")),
        ):
            self.fields[name] = forms.IntegerField(
                label=label, min_value=0, max_value=100, widget=forms.NumberInput(attrs=_NUMBER)
            )

    def policy(self) -> PolicyForm:
        """What was typed, as the service takes it."""
        return PolicyForm(**self.cleaned_data)
