"""设置 · 公海."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shuke.assignment.models import PoolPolicy
from shuke.assignment.queries.pool import stored_level_rules, stored_pool_policy
from shuke.assignment.queries.workload import LEVELS
from shuke.assignment.rules.pooling import LevelRule
from shuke.assignment.services import PoolForm
from shuke.assignment.wording import LEVEL_WORDS
from shuke.team.queries import Actor, visible_stores

NUMBERS = ("warn_days", "step_ahead_days", "claims_a_day", "most_held", "cool_off_days")
FLAGS = ("is_on", "spares_key", "spares_helped", "masks_contacts")
LONGEST = 1_000


def _days(label: Any, *, least: int = 0, most: int = LONGEST) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "input", "inputmode": "numeric", "min": least, "max": most})
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=widget)


class PoolPolicyForm(forms.Form):
    """The rules of the pool: a row of days for each value level, and the rest."""

    is_on = forms.BooleanField(label=_("开启公海"), required=False)
    warn_days = _days(_("提前几天提醒负责人"), most=60)
    step_ahead_days = _days(_("多少天内约了跟进就不回公海"), most=365)
    spares_key = forms.BooleanField(label=_("重要价值客户不回公海"), required=False)
    spares_helped = forms.BooleanField(label=_("有协作人的客户不回公海"), required=False)
    claims_a_day = _days(_("每人每天最多认领几位"), least=1)
    most_held = _days(_("名下满多少位就不能再认领"), least=1, most=100_000)
    cool_off_days = _days(_("原负责人多少天内不能认领"), most=365)
    masks_contacts = forms.BooleanField(label=_("认领前不显示完整联系方式"), required=False)
    steps = forms.ChoiceField(
        label=_("没做完的跟进"),
        choices=PoolPolicy.Steps.choices,
        widget=forms.Select(attrs={"class": "select"}),
    )
    on_stores = forms.MultipleChoiceField(
        label=_("哪些门店"), required=False, widget=forms.CheckboxSelectMultiple()
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.store_ids = [store.pk for store in visible_stores(actor)]
        self.fields["on_stores"].choices = [(str(one.pk), one.name) for one in visible_stores(actor)]  # type: ignore[attr-defined]
        for level in LEVELS:
            for name in ("touch", "purchase"):
                self.fields[f"{name}_{level}"] = forms.IntegerField(
                    required=False,
                    min_value=1,
                    max_value=LONGEST,
                    widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric", "min": 1}),
                )
            self.fields[f"both_{level}"] = forms.BooleanField(required=False)

    @property
    def level_rows(self) -> list[dict[str, Any]]:
        """One line of the table for each value level."""
        return [
            {
                "label": LEVEL_WORDS[level],
                "touch": self[f"touch_{level}"],
                "purchase": self[f"purchase_{level}"],
                "both": self[f"both_{level}"],
            }
            for level in LEVELS
        ]

    def rules(self) -> PoolForm:
        """What was typed, as the service takes it."""
        given = self.cleaned_data
        chosen = {int(pk) for pk in given["on_stores"]}
        return PoolForm(
            levels={level: self._rule(level) for level in LEVELS},
            off_store_ids=tuple(pk for pk in self.store_ids if pk not in chosen),
            steps=given["steps"],
            **{name: given[name] for name in (*NUMBERS, *FLAGS)},
        )

    def _rule(self, level: str) -> LevelRule:
        given = self.cleaned_data
        return LevelRule(
            given[f"touch_{level}"], given[f"purchase_{level}"], needs_both=given[f"both_{level}"]
        )


def stored_values(store_ids: list[int]) -> dict[str, Any]:
    """What is kept, as the form shows it."""
    kept, levels = stored_pool_policy(), stored_level_rules()
    found: dict[str, Any] = {name: getattr(kept, name) for name in (*NUMBERS, *FLAGS, "steps")}
    found["on_stores"] = [str(pk) for pk in store_ids if pk not in kept.off_store_ids]
    for level in LEVELS:
        rule = levels.get(level, LevelRule())
        found[f"touch_{level}"] = rule.days_without_touch
        found[f"purchase_{level}"] = rule.days_without_purchase
        found[f"both_{level}"] = rule.needs_both
    return found
