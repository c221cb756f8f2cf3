"""A column that means nothing we know becomes a field of the shop's own."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from shuke.customers.models import CustomField
from shuke.customers.queries.custom import custom_fields
from shuke.customers.rules import clean_line
from shuke.customers.rules import custom as rules
from shuke.customers.services.custom_fields import PERMISSION, FieldForm, define_field
from shuke.imports.ports import Text
from shuke.team.queries import Actor
from shuke.team.rules import NO_ROLE, may


def new_kinds(actor: Actor, cells: Sequence[str]) -> Sequence[tuple[str, Text]]:
    """The kinds of fields, the one that the cells look like first."""
    if not may(getattr(actor, "ready_role", NO_ROLE), PERMISSION):
        return ()
    guess = rules.guessed_kind(cells)
    ordered = sorted(rules.KINDS, key=lambda kind: (kind != guess, rules.KINDS.index(kind)))
    return [(kind, CustomField.Kind(kind).label) for kind in ordered]


def make_field(actor: Actor, *, name: str, kind: str, cells: Sequence[str]) -> str:
    """Make a field called as the column, its choices those that the cells name; one of that name and kind is taken as it is.

    Raises ValidationError.
    """
    name = clean_line(name)[: rules.NAME_LENGTH].strip()
    there = next((one for one in custom_fields() if one.name.lower() == name.lower()), None)
    if there is not None and there.kind == kind:
        return there.code
    names = (
        (one for cell in cells for one in rules.names_in(kind, cell)) if kind in rules.WITH_CHOICES else ()
    )
    choices = tuple({one.lower(): one for one in names if len(one) <= rules.CHOICE_LENGTH}.values())
    try:
        field = define_field(actor=actor, form=FieldForm(name, kind, choices=choices[: rules.MOST_CHOICES]))
    except ValidationError as error:
        raise ValidationError(
            _("“%(name)s”不能加成字段：") % {"name": name} + " ".join(error.messages)
        ) from error
    return rules.code_of(field.pk)
