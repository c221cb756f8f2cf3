"""From a filter to the rows that match it, and to the words that say what it asks."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shuke.desk.ports import (
    ALL,
    DAYS_SIGN,
    LIKE,
    MINUS,
    NO,
    NONE,
    NOT,
    SIGNED,
    SOME,
    TIMES_SIGN,
    Asked,
    FilterField,
    Kind,
    filter_fields,
)
from shuke.desk.queries.filtering.language import Condition, Group

SHOWN_VALUES = 3
CHOSEN = (Kind.CHOICE, Kind.BOUGHT)
ERRORS = (ValueError, OverflowError)


@dataclass(frozen=True)
class Matching:
    """The condition on rows, and how many conditions made no sense and were left out."""

    condition: Q
    left_out: int


def matching(actor: Any, wanted: Group, today: date) -> Matching:
    """What the rows must be like. Fields and ops that do not exist for the actor are left out, never guessed."""
    building = _Building(filter_fields(actor), actor, today)
    condition = building.group(wanted)
    return Matching(condition or Q(), building.left_out)


@dataclass
class _Building:
    """Goes through a filter once, counting what makes no sense."""

    fields: dict[str, FilterField]
    actor: Any
    today: date
    left_out: int = 0

    def group(self, wanted: Group) -> Q | None:
        built = [self.group(node) if isinstance(node, Group) else self.one(node) for node in wanted.nodes]
        known = [condition for condition in built if condition is not None]
        return _joined(known, is_any=wanted.is_any) if known else None

    def one(self, node: Condition) -> Q | None:
        field = self.fields.get(node.field)
        try:
            if field is not None and node.op in field.ops:
                return field.build(Asked(self.actor, node.op, node.values, self.today))
        except ERRORS:
            pass
        self.left_out += 1
        return None


def _joined(conditions: list[Q], *, is_any: bool) -> Q:
    found = Q()
    for condition in conditions:
        found = found | condition if is_any and found else found & condition
    return found


def op_words(kind: Kind) -> dict[str, str]:
    """How the ops are said in front of a value."""
    if kind is Kind.FLAG:
        return {"yes": _("是"), "no": _("不是")}
    if kind is Kind.BOUGHT:
        return {"in": _("有"), "like": _("名字里含"), "all": _("都有"), "not": _("从没有")}
    return {
        "in": pgettext("怎么比", "是"),
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
    if field.kind is Kind.BOUGHT:
        return _bought_words(condition, said)
    if condition.op == NOT:
        return _("不是 %(values)s") % {"values": said}
    if condition.op == LIKE:
        return _("含「%(values)s」") % {"values": said}
    return said


def _listed(condition: Condition, field: FilterField, actor: Any) -> str:
    known: dict[str, str | Promise] = dict(field.choices(actor)) if field.kind in CHOSEN else {}
    said = [str(known.get(value, value)) for value in named(condition, field)]
    parting = " + " if condition.op == ALL else "、"
    if len(said) > SHOWN_VALUES:
        return _("%(values)s 等 %(n)s 项") % {"values": parting.join(said[:2]), "n": len(said)}
    return parting.join(said)


def named(condition: Condition, field: FilterField) -> list[str]:
    """The values that are names; what says how often and how lately is left out."""
    signed = field.kind is Kind.BOUGHT
    return [value for value in condition.values if not (signed and SIGNED.match(value))]


def signed(condition: Condition, sign: str) -> str:
    """How often (`TIMES_SIGN`) or how lately (`DAYS_SIGN`) something must have been bought; empty: does not matter."""
    found = [value[1:] for value in condition.values if value.startswith(sign) and SIGNED.match(value)]
    return found[-1] if found else ""


def _bought_words(condition: Condition, said: str) -> str:
    words = {"not": _("从没有 %(values)s"), "like": _("名字里含「%(values)s」")}
    parts = [words.get(condition.op, "%(values)s") % {"values": said}]
    if times := signed(condition, TIMES_SIGN):
        parts.append(_("至少 %(n)s 次") % {"n": times})
    if days := signed(condition, DAYS_SIGN):
        parts.append(_("%(n)s 天内") % {"n": days})
    return "，".join(parts)


def _span_words(field: FilterField, text: str) -> str:
    low, _dash, high = text.partition("-")
    if field.kind is Kind.DAYS:
        return _days_words(low, high)
    if field.kind is Kind.DAY:
        low, high = (f"{one[:4]}-{one[4:6]}-{one[6:]}" if one else "" for one in (low, high))
        return _bounds(low, high, "")
    if field.kind is Kind.AHEAD and not low.strip("0"):
        return _("%(n)s 天内") % {"n": high} if high else _("今天以后")
    said = [_figure(one) for one in (low, high)]
    return _bounds(said[0], said[1], f" {field.unit}" if str(field.unit) != "%" else "%")


def _figure(text: str) -> str:
    """1,234.5 of 1234.5; what is no number is left out."""
    whole, point, places = text.removeprefix(MINUS).partition(".")
    if not whole.isdigit() or not (places.isdigit() or not point):
        return ""
    return f"{MINUS if text.startswith(MINUS) else ''}{int(whole):,}{point}{places}"


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
