"""From a filter to the rows that match it, and to the words that say what it asks."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from shuke.desk.ports import ALL, LIKE, NO, NONE, NOT, SOME, Asked, FilterField, Kind, filter_fields
from shuke.desk.queries.filtering.language import Condition, Group

SHOWN_VALUES = 3
ERRORS = (ValueError, OverflowError)


@dataclass(frozen=True)
class Matching:
    """The condition on rows, and how many conditions made no sense and were left out."""

    condition: Q
    left_out: int


def matching(actor: Any, wanted: Group, today: date) -> Matching:
    """What the rows must be like. Fields and ops that do not exist for the actor are left out, never guessed."""
    fields = filter_fields(actor)
    built = [_node(node, fields, (actor, today)) for node in wanted.nodes]
    known = [one for one in built if one is not None]
    return Matching(_joined(known, is_any=wanted.is_any), _count_unknown(wanted, fields, (actor, today)))


def _node(node: Condition | Group, fields: dict[str, FilterField], beside: tuple[Any, date]) -> Q | None:
    if isinstance(node, Condition):
        return _condition(node, fields, beside)
    built = [_node(inner, fields, beside) for inner in node.nodes]
    known = [one for one in built if one is not None]
    return _joined(known, is_any=node.is_any) if known else None


def _joined(conditions: list[Q], *, is_any: bool) -> Q:
    found = Q()
    for condition in conditions:
        found = found | condition if is_any and found else found & condition
    return found


def _condition(node: Condition, fields: dict[str, FilterField], beside: tuple[Any, date]) -> Q | None:
    field = fields.get(node.field)
    if field is None or node.op not in field.ops:
        return None
    actor, today = beside
    try:
        return field.build(Asked(actor, node.op, node.values, today))
    except ERRORS:
        return None


def _count_unknown(wanted: Group, fields: dict[str, FilterField], beside: tuple[Any, date]) -> int:
    return sum(_condition(one, fields, beside) is None for one in wanted.conditions())


def op_words(kind: Kind) -> dict[str, str]:
    """How the ops are said in front of a value."""
    if kind is Kind.FLAG:
        return {"yes": _("是"), "no": _("不是")}
    return {
        "in": _("是"),
        "not": _("不是"),
        "all": _("同时有"),
        "span": _("在范围里"),
        "none": _("没有"),
        "some": _("有"),
        "like": _("包含"),
    }


def value_words(condition: Condition, field: FilterField, actor: Any) -> str:
    """What a condition asks, after its label: 忠诚、复购; 1,000–5,000 元; 不是 送礼."""
    if condition.op == NONE:
        return _("没有")
    if condition.op == SOME:
        return _("有")
    if field.kind is Kind.FLAG:
        return _("不是") if condition.op == NO else _("是")
    if condition.op == "span":
        return _span_words(field, condition.values[0] if condition.values else "")
    said = _listed(condition, field, actor)
    if condition.op == NOT:
        return _("不是 %(values)s") % {"values": said}
    if condition.op == LIKE:
        return _("含「%(values)s」") % {"values": said}
    return said


def _listed(condition: Condition, field: FilterField, actor: Any) -> str:
    known: dict[str, str | Promise] = dict(field.choices(actor)) if field.kind is Kind.CHOICE else {}
    said = [str(known.get(value, value)) for value in condition.values]
    parting = " + " if condition.op == ALL else "、"
    if len(said) > SHOWN_VALUES:
        return _("%(values)s 等 %(n)s 项") % {"values": parting.join(said[:2]), "n": len(said)}
    return parting.join(said)


def _span_words(field: FilterField, text: str) -> str:
    low, _dash, high = text.partition("-")
    if field.kind is Kind.DAYS:
        return _days_words(low, high)
    if field.kind is Kind.DAY:
        low, high = (f"{one[:4]}-{one[4:6]}-{one[6:]}" if one else "" for one in (low, high))
        return _bounds(low, high, "")
    if field.kind is Kind.AHEAD and not low.strip("0"):
        return _("%(n)s 天内") % {"n": high} if high else _("今天以后")
    said = [f"{int(one):,}" if one.isdigit() else "" for one in (low, high)]
    return _bounds(said[0], said[1], f" {field.unit}" if str(field.unit) != "%" else "%")


def _days_words(low: str, high: str) -> str:
    if not low.strip("0"):
        return _("%(n)s 天内") % {"n": high}
    if not high:
        return _("%(n)s 天以前") % {"n": low}
    return _("%(low)s–%(high)s 天前") % {"low": low, "high": high}


def _bounds(low: str, high: str, unit: str) -> str:
    if not high:
        return _("%(low)s%(unit)s 以上") % {"low": low, "unit": unit}
    if not low:
        return _("%(high)s%(unit)s 以下") % {"high": high, "unit": unit}
    return f"{low}–{high}{unit}" if low != high else f"{low}{unit}"
