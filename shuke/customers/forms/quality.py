"""What a good profile is, as a table that a shop fills in."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shuke.customers.models import QualityPolicy
from shuke.customers.queries.quality import field_words
from shuke.customers.rules import asking
from shuke.customers.rules import quality as rules
from shuke.customers.services.quality import QualityForm

AGE, OLD_AFTER = "age", _("几个月算旧")

TAKES = [
    (asking.BLANKS, _("空着的直接填上，其他先给店里看")),
    (asking.NOTHING, _("都先给店里看")),
    (asking.BUT_IDENTITIES, _("除了号码，都直接改")),
]


@dataclass(frozen=True)
class Row:
    """One field of a profile in the table: its weights and after how many months it counts as old."""

    words: str
    person: forms.BoundField
    company: forms.BoundField
    age: forms.BoundField


class QualityPolicyForm(forms.Form):
    """Weights of each field for persons and companies, and after how many months each counts as old; 0: never."""

    takes = forms.ChoiceField(
        label=_("客户在链接里填的"), choices=TAKES, widget=forms.Select(attrs={"class": "input"})
    )
    link_days = forms.IntegerField(
        label=_("链接几天内有效"),
        min_value=asking.LEAST_DAYS,
        max_value=asking.MOST_DAYS,
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, policy: QualityPolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scheme = rules.Scheme(policy.person, policy.company, policy.half_lives)
        for code in rules.CODES:
            for kind, label in ((rules.PERSON, _("个人")), (rules.COMPANY, _("公司"))):
                self.fields[f"{kind}_{code}"] = _number(
                    f"{field_words(code)} · {label}", scheme.weight(kind, code), rules.MOST_WEIGHT
                )
            months = scheme.half_life_days(code) // rules.MONTH_DAYS
            most = rules.MOST_HALF_LIFE_DAYS // rules.MONTH_DAYS
            self.fields[f"{AGE}_{code}"] = _number(f"{field_words(code)} · {OLD_AFTER}", months, most)

        self.fields["takes"].initial, self.fields["link_days"].initial = policy.takes, policy.link_days

    def rows(self) -> list[Row]:
        return [
            Row(
                field_words(code),
                self[f"{rules.PERSON}_{code}"],
                self[f"{rules.COMPANY}_{code}"],
                self[f"{AGE}_{code}"],
            )
            for code in rules.CODES
        ]

    def quality(self) -> QualityForm:
        def part(prefix: str, times: int = 1) -> dict[str, int]:
            return {code: self.cleaned_data[f"{prefix}_{code}"] * times for code in rules.CODES}

        return QualityForm(
            part(rules.PERSON),
            part(rules.COMPANY),
            part(AGE, rules.MONTH_DAYS),
            self.cleaned_data["takes"],
            self.cleaned_data["link_days"],
        )


def _number(label: str, initial: int, most: int) -> forms.IntegerField:
    widget = forms.NumberInput(
        attrs={"inputmode": "numeric", "aria-label": label, "class": "input quality-number"}
    )
    return forms.IntegerField(label=label, initial=initial, min_value=0, max_value=most, widget=widget)
