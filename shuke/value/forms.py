"""Forms of the value room."""

from itertools import pairwise
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shuke.analytics.rfm_views import ChosenEdges
from shuke.value.models import RfmEdgeChoice, Stage
from shuke.value.services import PolicyForm
from shuke.value.services.rfm_edges import EdgesForm as StoredEdges


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


class StrategyForm(forms.Form):
    """每个阶段怎么做. An empty answer brings the ready words back."""

    def __init__(self, *given: Any, ready: dict[str, str], **named: Any) -> None:
        super().__init__(*given, **named)
        for stage in Stage:
            self.fields[stage.value] = forms.CharField(
                label=stage.label,
                required=False,
                max_length=1_000,
                widget=forms.Textarea(attrs={"rows": 3, "placeholder": ready[stage.value]}),
            )


LETTERS = (
    ("r", _("最近一次：几天以内"), _("天")),
    ("f", _("次数：几次以内"), _("次")),
    ("m", _("金额：多少以内"), _("元")),
)
EDGES = range(1, 5)


class EdgesForm(forms.Form):
    """分数的界线. Three letters with four rising edges each; days, purchases, yuan."""

    mode = forms.ChoiceField(
        label=_("按什么打分"), choices=RfmEdgeChoice.Mode.choices, widget=forms.RadioSelect()
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for letter, label, unit in LETTERS:
            for place in EDGES:
                self.fields[f"{letter}{place}"] = forms.IntegerField(
                    label=_("%(label)s · %(n)s") % {"label": label, "n": place},
                    min_value=1,
                    max_value=100_000_000,
                    help_text=unit,
                )

    @staticmethod
    def initial_of(stored: StoredEdges) -> dict[str, Any]:
        """What stands in the fields at first."""
        own = stored.own
        letters = {
            "r": own.recency_days,
            "f": own.frequency,
            "m": tuple(edge / 100 for edge in own.money_fen),
        }
        filled = {
            f"{letter}{place}": round(edges[place - 1])
            for letter, edges in letters.items()
            for place in EDGES
        }
        return {"mode": stored.mode, **filled}

    def rows(self) -> list[tuple[Any, list[Any]]]:
        """Each letter's label with its four fields."""
        return [(label, [self[f"{letter}{place}"] for place in EDGES]) for letter, label, _unit in LETTERS]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for letter, _label, _unit in LETTERS:
            edges = [cleaned.get(f"{letter}{place}") for place in EDGES]
            if None not in edges and any(low >= high for low, high in pairwise(edges)):
                self.add_error(f"{letter}4", _("从左到右要一个比一个大。"))
        return cleaned

    def edges(self) -> StoredEdges:
        """The valid answers."""
        found = self.cleaned_data
        r, f, m = (tuple(float(found[f"{letter}{place}"]) for place in EDGES) for letter in "rfm")
        money = tuple(edge * 100 for edge in m)
        return StoredEdges(found["mode"], ChosenEdges(r, f, money))  # type: ignore[arg-type]
