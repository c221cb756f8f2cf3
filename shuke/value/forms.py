"""Forms of the value room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shuke.value.services import PolicyForm


class ValuePolicyForm(forms.Form):
    """价值规则. Empty fields are derived from the shop's own orders."""

    rfm_window_days = forms.IntegerField(
        label=_("RFM 统计最近多少天"), min_value=0, max_value=3650, help_text=_("0 表示全部时间")
    )
    loyal_from_purchases = forms.IntegerField(label=_("连着买几次算忠诚"), min_value=2, max_value=50)
    decline_after_days = forms.IntegerField(
        label=_("多少天没来算衰退"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=_("留空：按店里的节奏推算"),
    )
    lapsed_after_days = forms.IntegerField(
        label=_("多少天没来算流失"),
        min_value=2,
        max_value=2000,
        required=False,
        help_text=_("留空：按店里的节奏推算"),
    )
    churn_horizon_days = forms.IntegerField(label=_("预警看未来多少天"), min_value=7, max_value=365)
    daily_capacity = forms.IntegerField(label=_("每天每店最多联系几位"), min_value=1, max_value=500)

    weekly_warnings = forms.IntegerField(
        label=_("每店每周挽留几位快流失的"),
        min_value=1,
        max_value=1000,
        help_text=_("“即将流失”按可能失去的钱排，划到这一位为止"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        decline, lapsed = cleaned.get("decline_after_days"), cleaned.get("lapsed_after_days")
        if decline and lapsed and decline >= lapsed:
            self.add_error("decline_after_days", _("要比流失的天数少：先衰退，后流失。"))
        return cleaned

    def policy(self) -> PolicyForm:
        """The valid answers."""
        return PolicyForm(**self.cleaned_data)
