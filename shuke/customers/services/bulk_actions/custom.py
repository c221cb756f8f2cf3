"""One of the shop's own fields, the same for many."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shuke.customers.models import Customer
from shuke.customers.ports import Applied, BulkField
from shuke.customers.queries.custom import Definition, custom_fields, known_custom_fields, shown_words
from shuke.customers.rules import custom as rules
from shuke.customers.services.custom_values import GONE, REQUIRED, values_of_many
from shuke.team.queries import Actor

Given = Mapping[str, list[str]]
NOT_FOR = gettext_lazy("这一项不用于这类客户。")


class EditCustom:
    """Write the same into one of the shop's own fields; nothing written empties it."""

    code, order = "custom", 55
    icon = "forms"
    label = gettext_lazy("改自定义字段")
    permission = "customers.edit"
    is_grave = False

    def is_offered(self, actor: Actor) -> bool:
        return any(not (one.is_archived or one.is_deleted) for one in known_custom_fields().values())

    def fields(self, actor: Actor) -> Iterable[BulkField]:
        known = custom_fields()
        yield BulkField(
            "field",
            gettext_lazy("哪一项"),
            choices=tuple((str(one.id), one.name) for one in known),
            shows="value",
        )
        for one in known:
            yield _question(one)

    def read(self, actor: Actor, given: Given) -> dict[str, Any]:
        chosen = (given.get("field") or [""])[-1]
        field = next((one for one in custom_fields() if str(one.id) == chosen), None)
        if field is None:
            raise ValidationError(_("请选要改的一项。"))
        words = [one for one in given.get(field.code, []) if one]
        try:
            value = rules.checked(field.shape, words if field.kind == rules.MANY else (words or [""])[-1])
        except rules.Unfit as error:
            raise ValidationError(_(error.message) % error.given) from error
        if value is None and field.is_required:
            raise ValidationError(_(REQUIRED))
        return {"field": field.id, "value": value, "name": field.name, "words": _words(field, value)}

    def title(self, arguments: Mapping[str, Any]) -> str:
        if arguments["value"] is None:
            return _("清掉%(field)s") % {"field": arguments["name"]}
        return _("%(field)s改成「%(value)s」") % {"field": arguments["name"], "value": arguments["words"]}

    def apply(
        self, *, actor: Actor, audit_id: int, customers: Mapping[int, Customer], arguments: Mapping[str, Any]
    ) -> Applied:
        field = known_custom_fields().get(arguments["field"])
        if field is None or field.is_deleted:
            return Applied(problems=dict.fromkeys(customers, GONE))
        meant = {pk: one for pk, one in customers.items() if field.is_for(one.kind)}
        others = dict.fromkeys(customers.keys() - meant.keys(), str(NOT_FOR))
        return Applied(values_of_many(meant, field.id, arguments["value"]), others)


def _words(field: Definition, value: Any) -> str:
    return rules.MASK if field.is_sensitive else shown_words(field, value)[: rules.TEXT_LENGTH // 2]


def _question(field: Definition) -> BulkField:
    """The answer of one field, asked when that field is chosen."""
    label, only = gettext_lazy("改成"), str(field.id)
    if field.kind == rules.FLAG:
        return BulkField(field.code, label, choices=(("yes", _("是")), ("no", _("否"))), only=only)
    if field.kind in rules.WITH_CHOICES:
        choices = tuple((str(one.id), one.name) for one in field.offered())
        return BulkField(field.code, label, choices=choices, is_multiple=field.kind == rules.MANY, only=only)
    hint = field.hint or _HINTS.get(field.kind, "")
    return BulkField(field.code, label, hint=hint, only=only, kind=_INPUTS.get(field.kind, "text"))


_HINTS = {rules.NUMBER: gettext_lazy("例如 12 或 12.5"), rules.MONEY: gettext_lazy("例如 1280 或 1280.50")}
_INPUTS = {
    rules.DATE: "date",
    rules.NUMBER: "decimal",
    rules.MONEY: "decimal",
    rules.LINK: "url",
    rules.LONG: "long",
}
