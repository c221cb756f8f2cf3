"""Inputs for the shop's own fields, and the form that defines one."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shuke.customers.models import CustomField
from shuke.customers.queries.custom import Definition
from shuke.customers.rules import custom as rules
from shuke.customers.services.custom_fields import ChoiceForm, FieldForm
from shuke.customers.services.custom_values import REQUIRED

YES, NO = "yes", "no"
INPUTS: dict[str, tuple[Any, dict[str, Any]]] = {
    rules.TEXT: (forms.TextInput, {"maxlength": rules.TEXT_LENGTH}),
    rules.LONG: (forms.Textarea, {"rows": 3, "maxlength": rules.LONG_LENGTH}),
    rules.NUMBER: (forms.TextInput, {"inputmode": "decimal"}),
    rules.MONEY: (forms.TextInput, {"inputmode": "decimal"}),
    rules.DATE: (forms.DateInput, {"type": "date", "min": rules.FIRST_DAY, "max": rules.LAST_DAY}),
    rules.LINK: (forms.TextInput, {"inputmode": "url", "placeholder": "https://", "autocapitalize": "off"}),
    rules.CHOICE: (forms.Select, {}),
    rules.MANY: (forms.CheckboxSelectMultiple, {}),
    rules.FLAG: (forms.Select, {}),
}


class CustomInput(forms.Field):
    """One own field of a customer: the right keyboard, and errors that say what to mend."""

    def __init__(self, field: Definition, value: Any = None, *, is_masked: bool = False) -> None:
        self.definition, self.is_masked = field, is_masked and value is not None
        widget, attributes = INPUTS[field.kind]
        super().__init__(
            required=field.is_required and not self.is_masked,
            label=field.name,
            help_text=gettext("留空表示不改") if self.is_masked else field.hint,
            initial=None if self.is_masked else initial_of(field, value),
            widget=widget(attrs={"autocomplete": "off", **attributes}),
            error_messages={"required": gettext(REQUIRED)},
        )
        if self.is_masked:
            self.widget.attrs["placeholder"] = rules.MASK
        self.choices = _choices(field, None if self.is_masked else value)
        if self.choices:
            self.widget.choices = self.choices

    @property
    def is_wide(self) -> bool:
        return self.definition.kind in (rules.LONG, rules.MANY)

    @property
    def is_many(self) -> bool:
        return self.definition.kind == rules.MANY

    @property
    def unit(self) -> str:
        return gettext("元") if self.definition.kind == rules.MONEY else ""

    def clean(self, value: Any) -> Any:
        try:
            kept = rules.checked(self.definition.shape, value)
        except rules.Unfit as error:
            raise ValidationError(gettext(error.message) % error.given) from error
        if kept is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return kept


def initial_of(field: Definition, value: Any) -> Any:
    """What an input holds for a value."""
    if field.kind == rules.CHOICE:
        return "" if value is None else str(value)
    if field.kind == rules.MANY:
        return [str(one) for one in value or ()]
    if field.kind == rules.FLAG:
        return "" if value is None else (YES if value else NO)
    return rules.typed_words(field.shape, value)


def _choices(field: Definition, value: Any) -> list[tuple[str, Any]]:
    if field.kind == rules.FLAG:
        return [("", gettext("没填")), (YES, gettext("是")), (NO, gettext("否"))]
    if field.kind not in rules.WITH_CHOICES:
        return []
    offered = [(str(one.id), one.name) for one in field.offered(value)]
    return offered if field.kind == rules.MANY else [("", gettext("没选")), *offered]


def add_inputs(
    form: forms.Form, fields: Iterable[Definition], held: dict[str, Any], *, is_masked: bool
) -> list[str]:
    """Put inputs of these fields into a form; returns their names."""
    names = []
    for field in fields:
        masked = is_masked and field.is_sensitive
        form.fields[field.code] = CustomInput(field, held.get(field.key), is_masked=masked)
        names.append(field.code)
    return names


def values_of(form: forms.Form) -> dict[int, Any]:
    """What was filled in, by field; masked ones left empty are not among them."""
    found = {}
    for name, one in form.fields.items():
        if isinstance(one, CustomInput) and name in form.cleaned_data:
            value = form.cleaned_data[name]
            if not (one.is_masked and value is None):
                found[one.definition.id] = value
    return found


# --- defining ---


class DefinitionForm(forms.Form):
    """A field of the shop's own. Its kind is chosen once."""

    name = forms.CharField(label=_("名称"), max_length=rules.NAME_LENGTH)
    kind = forms.ChoiceField(label=_("类型"), choices=CustomField.Kind.choices)
    hint = forms.CharField(
        label=_("填写提示"), required=False, max_length=rules.HINT_LENGTH, help_text=_("显示在输入框下面")
    )
    holder = forms.ChoiceField(label=_("用于"), choices=CustomField.Holder.choices)
    is_required = forms.BooleanField(label=_("必填"), required=False)
    is_in_add_form = forms.BooleanField(label=_("添加客户时就填"), required=False)
    is_sensitive = forms.BooleanField(
        label=_("敏感"), required=False, help_text=_("看不到完整手机号的同事，也看不到它的内容")
    )
    choices = forms.CharField(
        label=_("选项"),
        required=False,
        max_length=10_000,
        help_text=_("一行一个"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, field: Definition | None = None, **kwargs: Any) -> None:
        if field is not None:
            kwargs.setdefault("initial", {name: getattr(field, name) for name in KEPT})
        super().__init__(*args, **kwargs)
        self.field = field
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["name"].error_messages["required"] = _("请给字段起个名字。")
        if field is not None:
            del self.fields["kind"]
            self.fields["choices"].label = _("再加几个选项")

    def checks(self) -> list[forms.BoundField]:
        return [self[name] for name in ("is_required", "is_in_add_form", "is_sensitive")]

    def definition(self) -> FieldForm:
        data = dict(self.cleaned_data)
        return FieldForm(**data | {"choices": _lines(data["choices"])})

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in KEPT}

    def choice_forms(self) -> list[ChoiceForm]:
        """The choices in the order in which their inputs stand in the page, new ones last."""
        known = {one.id for one in self.field.choices} if self.field else set()
        ids = [
            int(one)
            for one in self.data.getlist("choice")
            if one.isascii() and one.isdigit() and len(one) < 18
        ]
        old = [
            ChoiceForm(self.data.get(f"choice_{pk}", ""), pk, is_hidden=f"hidden_{pk}" in self.data)
            for pk in ids
            if pk in known
        ]
        return [*old, *(ChoiceForm(line) for line in _lines(self.cleaned_data["choices"]))]

    def take_problems(self, error: ValidationError) -> None:
        """Show what the service found wrong beside the field it concerns."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error.messages)
            return
        for name, messages in error.message_dict.items():
            self.add_error(name if name in self.fields else None, messages)


KEPT = ("name", "hint", "holder", "is_required", "is_in_add_form", "is_sensitive")


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in (line.strip() for line in text.splitlines()) if line)
