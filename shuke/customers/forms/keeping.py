"""Forms of the settings: a plan of follow-ups, and how often a customer may be contacted."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shuke.customers.models import FollowUpPlan, Interaction
from shuke.customers.ports import audiences
from shuke.customers.services import PlanForm, PolicyForm
from shuke.kernel import clock
from shuke.team.queries import Actor, reach_of, visible_stores
from shuke.team.rules import Scope

HOW = [("", _("不限")), *((kind.value, kind.label) for kind in Interaction.Kind if kind != "note")]


def _date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FollowUpPlanForm(forms.Form):
    """Every so many days, for whom, until when, whose it is."""

    name = forms.CharField(label=_("计划名称"), max_length=60)
    purpose = forms.CharField(label=_("做什么"), max_length=120)
    kind = forms.ChoiceField(label=_("怎么联系"), choices=HOW, required=False)
    audience = forms.ChoiceField(label=_("给哪些客户"))
    store_id = forms.TypedChoiceField(label=_("哪家店"), coerce=int, empty_value=None, required=False)
    every_days = forms.IntegerField(label=_("每隔"), min_value=1, max_value=730)
    starts_on = forms.DateField(label=_("从哪天起"), widget=_date_input())
    until_on = forms.DateField(label=_("到哪天为止"), widget=_date_input(), required=False)
    assign_to = forms.ChoiceField(label=_("归谁做"), choices=FollowUpPlan.AssignTo.choices)
    most_a_day = forms.IntegerField(label=_("每人每天最多"), min_value=1, max_value=200)
    is_working_days_only = forms.BooleanField(label=_("避开周末和节假日"), required=False)

    def __init__(self, *args: Any, actor: Actor, plan: FollowUpPlan | None = None, **named: Any) -> None:
        named.setdefault("initial", _initial(plan))
        super().__init__(*args, **named)
        audience, store = self.fields["audience"], self.fields["store_id"]
        audience.choices = [  # type: ignore[attr-defined]
            (
                str(one.label),
                [(f"{one.key}:{code}", words) for code, words in one.choices],
            )
            for one in audiences()
        ]
        stores = [(row.pk, row.name) for row in visible_stores(actor).filter(is_active=True)]
        everywhere = [("", gettext("所有门店"))] if reach_of(actor).scope is Scope.ALL else []
        store.choices = [*everywhere, *stores]  # type: ignore[attr-defined]

    def plan(self) -> PlanForm:
        return PlanForm(**self.cleaned_data)

    def take_problems(self, error: Any) -> None:
        """Show what a service found wrong beside the field it concerns."""
        for name, messages in error.message_dict.items():
            self.add_error(name if name in self.fields else None, messages)


def _initial(plan: FollowUpPlan | None) -> dict[str, Any]:
    if plan is None:
        return {
            "every_days": 30,
            "starts_on": clock.today(),
            "assign_to": FollowUpPlan.AssignTo.MANAGER,
            "most_a_day": 10,
            "is_working_days_only": True,
        }
    return {name: getattr(plan, name) for name in PlanForm.__dataclass_fields__}


class ContactPolicyForm(forms.Form):
    """How often is too often, and when customers sleep."""

    most_touches = forms.IntegerField(label=_("最多联系几次"), min_value=0, max_value=50)
    within_days = forms.IntegerField(label=_("多少天内"), min_value=1, max_value=90)
    quiet_from = forms.TimeField(
        label=_("晚上几点以后不打扰"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("早上几点以前不打扰"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    escalate_after_days = forms.IntegerField(label=_("跟进逾期几天告诉店长"), min_value=1, max_value=90)

    def policy(self) -> PolicyForm:
        return PolicyForm(**self.cleaned_data)
