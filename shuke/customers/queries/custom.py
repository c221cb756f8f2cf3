"""The shop's own fields, and what customers hold of them, as an actor reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from shuke.customers.models import CustomChoice, Customer, CustomField
from shuke.customers.rules import custom as rules
from shuke.customers.rules.custom import Choice, Shape
from shuke.kernel.money import format_fen
from shuke.team.queries import Actor, reads_contacts

KEPT, KEPT_SECONDS = "customers.custom_fields", 5


@dataclass(frozen=True)
class Definition:
    """One field as it was defined; `choices` in their order, hidden ones too."""

    id: int
    name: str
    kind: str
    hint: str
    holder: str
    is_required: bool
    is_in_add_form: bool
    is_sensitive: bool
    is_archived: bool
    is_deleted: bool
    choices: tuple[Choice, ...]

    @property
    def is_open(self) -> bool:
        """In use, and not sensitive."""
        return not (self.is_archived or self.is_deleted or self.is_sensitive)

    @property
    def code(self) -> str:
        """What it goes by in addresses and forms: custom_12."""
        return rules.code_of(self.id)

    @property
    def shape(self) -> Shape:
        return Shape(self.kind, self.choices)

    @property
    def key(self) -> str:
        """Its key in `Customer.custom`."""
        return str(self.id)

    @property
    def kind_words(self) -> str:
        return str(CustomField.Kind(self.kind).label)

    @property
    def holder_words(self) -> str:
        return str(CustomField.Holder(self.holder).label)

    def is_for(self, customer_kind: str) -> bool:
        """Whether a person, or a company, has it."""
        return self.holder in (CustomField.Holder.BOTH, customer_kind)

    def offered(self, taken: Any = None) -> list[Choice]:
        """The choices to pick from: those not hidden, and what is taken already."""
        kept = {taken} if isinstance(taken, int) else set(taken or ())
        return [one for one in self.choices if not one.is_hidden or one.id in kept]

    def is_masked_for(self, actor: Actor) -> bool:
        return self.is_sensitive and not reads_contacts(actor)


@dataclass(frozen=True)
class CustomValue:
    """What a customer holds of one field, in words. `link` is where it leads."""

    field: Definition
    words: str
    is_masked: bool
    link: str = ""


def custom_fields(customer_kind: str = "") -> list[Definition]:
    """The fields in use, in the shop's order; only those of persons, or of companies, if asked."""
    rows = _definitions(CustomField.objects.filter(deleted_at=None, archived_at=None))
    return [one for one in rows if not customer_kind or one.is_for(customer_kind)]


def all_custom_fields() -> dict[int, Definition]:
    """Every field that is not purged, by its number: histories speak of archived and deleted ones, too."""
    return {one.id: one for one in _definitions(CustomField.objects.all())}


def known_custom_fields() -> dict[int, Definition]:
    """As `all_custom_fields`, kept for some seconds: for lists and histories, which ask at every line."""
    found: dict[int, Definition] = cache.get_or_set(KEPT, all_custom_fields, KEPT_SECONDS) or {}
    return found


def searched_fields() -> dict[str, Definition]:
    """Fields by key whose words are found by the search box. Of sensitive ones nobody may guess what they hold."""
    known = known_custom_fields().values()
    return {one.key: one for one in known if one.kind in rules.WITH_WORDS and one.is_open}


def forget_known_fields() -> None:
    """Ask anew: somebody changed a field."""
    cache.delete(KEPT)


def _definitions(rows: QuerySet[CustomField]) -> list[Definition]:
    """One query, choices with it."""
    choices = CustomChoice.objects.filter(field=OuterRef("pk")).order_by("place", "pk")
    told = choices.values(told=JSONObject(id="pk", name="name", is_hidden="is_hidden"))
    return [_definition(row) for row in rows.annotate(told=ArraySubquery(told)).order_by("place", "pk")]


def _definition(row: Any) -> Definition:
    return Definition(
        id=row.pk,
        name=row.name,
        kind=row.kind,
        hint=row.hint,
        holder=row.holder,
        is_required=row.is_required,
        is_in_add_form=row.is_in_add_form,
        is_sensitive=row.is_sensitive,
        is_archived=row.archived_at is not None,
        is_deleted=row.deleted_at is not None,
        choices=tuple(Choice(**one) for one in row.told),
    )


def shown_words(field: Definition, value: Any) -> str:
    """A value as screens say it: ¥1,280.50, 1,200, 送礼、自用."""
    if value is None:
        return ""
    if field.kind == rules.MONEY and not isinstance(value, str):
        return format_fen(value)
    if field.kind == rules.NUMBER and isinstance(value, str):
        whole, dot, places = value.partition(".")
        return f"{int(whole):,}{dot}{places}" if int(whole) else value
    if field.kind == rules.FLAG:
        return value if isinstance(value, str) else (_("是") if value else _("否"))
    if field.kind in rules.WITH_CHOICES:
        return value if isinstance(value, str) else rules.PARTING.join(rules.names_of(field.shape, value))
    return str(value)


def words_for(actor: Actor, field: Definition, value: Any) -> str:
    """As `shown_words`, or dots where the field is sensitive and the actor reads contacts masked."""
    return rules.MASK if value is not None and field.is_masked_for(actor) else shown_words(field, value)


def held_by(customer_ids: list[int]) -> dict[int, dict[str, Any]]:
    """What these customers hold, by field key; for rows that the actor reaches already."""
    return dict(Customer.objects.filter(pk__in=customer_ids).values_list("pk", "custom"))


def values_shown(actor: Actor, customer: Any, fields: Iterable[Definition]) -> list[CustomValue]:
    """What the customer holds of these fields, what is empty left out."""
    held: Mapping[str, Any] = customer.custom
    return [_value(actor, one, held[one.key]) for one in fields if one.key in held]


def _value(actor: Actor, field: Definition, value: Any) -> CustomValue:
    is_masked = field.is_masked_for(actor)
    link = value if field.kind == rules.LINK and not is_masked else ""
    return CustomValue(field, words_for(actor, field, value), is_masked, link)


def exported(actor: Actor, field: Definition, value: Any) -> Any:
    """A value as a cell of an exported list takes it: numbers, fen, days, texts; imported again it is the same."""
    if value is None or field.is_masked_for(actor):
        return None if value is None else rules.MASK
    if field.kind == rules.NUMBER:
        return Decimal(value)
    if field.kind == rules.DATE:
        return date.fromisoformat(value)
    return value if field.kind == rules.MONEY else rules.typed_words(field.shape, value)
