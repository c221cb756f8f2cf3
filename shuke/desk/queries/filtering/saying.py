"""A filter in words, condition by condition."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from shuke.desk.ports import FilterField, filter_fields
from shuke.desk.queries.filtering.language import Condition, Group
from shuke.desk.queries.filtering.matching import value_words

Fields = Mapping[str, FilterField]


@dataclass(frozen=True)
class Said:
    """One condition, or several that belong together: what is asked about, and what it must be like."""

    label: str | Promise
    value: str


def said(actor: Any, wanted: Group) -> list[Said]:
    """What a filter asks for, in the words of the list's chips."""
    fields = filter_fields(actor)
    if wanted.is_any:
        return [said_node(wanted, fields, actor)]
    return [said_node(node, fields, actor) for node in wanted.nodes]


def said_node(node: Condition | Group, fields: Fields, actor: Any) -> Said:
    """One node of a filter in words."""
    if isinstance(node, Group):
        return Said(_("满足任一") if node.is_any else _("同时满足"), _group_words(node, fields, actor))
    field = fields.get(node.field)
    if field is None:
        return Said(_("不认识的条件"), node.field)
    return Said(field.label, value_words(node, field, actor))


def _group_words(group: Group, fields: Fields, actor: Any) -> str:
    words = []
    for node in group.nodes:
        if isinstance(node, Group):
            words.append(f"（{_group_words(node, fields, actor)}）")
        elif node.field in fields:
            field = fields[node.field]
            words.append(f"{field.label} {value_words(node, field, actor)}")
    return (_(" 或 ") if group.is_any else _(" 且 ")).join(words)
