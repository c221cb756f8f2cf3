"""The columns of a customer as merging reads and writes them: JSON values, so that a merge can keep them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from shuke.customers.models import ContactPoint, Customer, Identity
from shuke.customers.queries.custom import known_custom_fields
from shuke.customers.rules import EMAIL, MEMBER, PHONE, WECHAT, custom, shown_phone
from shuke.customers.rules.merging import FOLLOWS, LEAST, Change, grouped
from shuke.customers.services.custom_values import CustomKeeper, put_into
from shuke.kernel import clock
from shuke.zh import pinyin

NOT_CHOSEN = frozenset(
    {
        "id",
        "name_key",
        "merged_into_id",
        "created_at",
        "updated_at",
        "import_run_id",
        "deleted_at",
        "deleted_by_id",
        "custom",  # chosen field by field, see own_columns
    }
)
SHOWN_KEYS = {"phone": PHONE, "email": EMAIL, "wechat": WECHAT, "member_number": MEMBER}


def chosen_columns() -> list[str]:
    """Columns of which a merge chooses one side's value, in the order of the model."""
    return [field.attname for field in Customer._meta.concrete_fields if field.attname not in NOT_CHOSEN]


def own_columns(*customers: Customer) -> list[str]:
    """The shop's own fields that one of these holds, each as a column: custom.12."""
    keys = {int(key) for customer in customers for key in customer.custom}
    return [custom.name_of(field_id) for field_id in sorted(keys)]


def choice_keys() -> frozenset[str]:
    """What `Choices.fields` may name."""
    return frozenset(grouped([*chosen_columns(), *map(custom.name_of, known_custom_fields())]))


def column_label(column: str) -> str:
    """What a column is called on the pages."""
    if custom.id_in(column) is not None:
        return str(CustomKeeper().label(column))
    found = (field for field in Customer._meta.concrete_fields if field.attname == column)
    return str(next((field.verbose_name for field in found), column))


def as_stored(customer: Customer, columns: list[str]) -> dict[str, Any]:
    """Values that JSON can hold."""
    return {column: _stored(customer, column) for column in columns}


def _stored(customer: Customer, column: str) -> Any:
    field_id = custom.id_in(column)
    return _json(getattr(customer, column)) if field_id is None else customer.custom.get(str(field_id))


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def write(customer: Customer, values: Mapping[str, Any]) -> None:
    """Save these columns, given as stored."""
    fields = {field.attname: field for field in Customer._meta.concrete_fields}
    own = {custom.id_in(column): value for column, value in values.items() if column not in fields}
    plain = [column for column in values if column in fields]
    for column in plain:
        setattr(customer, column, fields[column].to_python(values[column]))
    put_into(customer, {field_id: value for field_id, value in own.items() if field_id is not None})
    if values:
        names = [fields[column].name for column in plain] + (["custom"] if own else [])
        customer.save(update_fields=names)


def sort_key_of(customer: Customer) -> str:
    """Where the name sorts."""
    return pinyin.sort_key(customer.name, customer.phone)


def following(winner: Customer, loser: Customer, changes: Mapping[str, Change]) -> dict[str, Change]:
    """What changes along with the chosen columns: the sort key, the older day of entry, the moment of change."""
    name = changes["name"].after if "name" in changes else winner.name
    phone = changes["phone"].after if "phone" in changes else winner.phone
    found: dict[str, Change] = {}
    if {"name", "phone"} & changes.keys():
        found["name_key"] = Change(winner.name_key, pinyin.sort_key(name, phone), FOLLOWS)
    if loser.created_at < winner.created_at:
        found["created_at"] = Change(_json(winner.created_at), _json(loser.created_at), LEAST)
    found["updated_at"] = Change(_json(winner.updated_at), _json(clock.now()), FOLLOWS)
    return found


def mend_shown_keys(customer: Customer) -> None:
    """Show only numbers that the customer still has; another of theirs takes the place of one that went."""
    theirs = _keys_of(customer)
    changes = {}
    for column, space in SHOWN_KEYS.items():
        shown = getattr(customer, column)
        if shown and _is_only_somebody_elses(column, space, shown, theirs[space]):
            first = next(iter(theirs[space]), "")
            changes[column] = shown_phone(first) if space == PHONE else first
    if "phone" in changes:
        changes["name_key"] = pinyin.sort_key(customer.name, changes["phone"])
    write(customer, changes)


def _keys_of(customer: Customer) -> dict[str, list[str]]:
    """What the customer is known by: their own first, then what they share with its owner (a family's phone)."""
    spaces = list(SHOWN_KEYS.values())
    own = Identity.objects.filter(customer=customer, namespace__in=spaces).order_by("pk")
    shared = ContactPoint.objects.filter(customer=customer, is_shared=True, removed_at=None).order_by("pk")
    found: dict[str, list[str]] = {space: [] for space in spaces}
    for space, value in [*own.values_list("namespace", "value"), *shared.values_list("kind", "value")]:
        found[space].append(value)
    return found


def _is_only_somebody_elses(column: str, space: str, shown: str, theirs: list[str]) -> bool:
    stored = {shown, f"+86{shown.lstrip('0')}"} if column == "phone" else {shown, shown.lower()}
    if not stored.isdisjoint(theirs):
        return False
    return Identity.objects.filter(namespace=space, value__in=stored).exists()
