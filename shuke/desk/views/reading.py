"""Reads the inputs of the filter's forms: c0.field, c0.op, c0.v, c0.low, c0.high, c0.group."""

import re
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from shuke.desk.ports import (
    DAYS_SIGN,
    MINUS,
    NONE,
    SIGNED,
    SOME,
    SPAN,
    TIMES_SIGN,
    FilterField,
    Kind,
    filter_fields,
)
from shuke.desk.queries.filtering import Condition, Group

MOST_ROWS, MOST_BLOCKS = 30, 6
_PARTS = re.compile(r"[、,，;；\s]+")
_NAMES = re.compile(r"\s*[、,，;；]+\s*")  # names of products hold blanks
_DECIMAL = re.compile(rf"{MINUS}?\d{{1,12}}(?:\.\d{{1,4}})?\Z", re.ASCII)


def read_row(actor: Any, given: QueryDict, name: str) -> Condition | None:
    """The condition that a row's inputs ask for; None while something is missing."""
    known = filter_fields(actor).get(given.get(f"{name}.field", ""))
    if known is None:
        return None
    op = given.get(f"{name}.op", known.ops[0])
    if op not in known.ops:
        return None
    if known.kind is Kind.FLAG or op in (NONE, SOME):
        return Condition(known.code, op)
    values = _span(known, given, name) if op == SPAN else _values(known, given.getlist(f"{name}.v"))
    if known.kind is Kind.BOUGHT and values:
        values += _signed(TIMES_SIGN, given.get(f"{name}.low", "")) + _signed(
            DAYS_SIGN, given.get(f"{name}.high", "")
        )
    return Condition(known.code, op, values) if values else None


def _span(known: FilterField, given: QueryDict, name: str) -> tuple[str, ...]:
    ends = [given.get(f"{name}.{end}", "").strip().replace(",", "") for end in ("low", "high")]
    if known.kind is Kind.DAY:
        ends = [end.replace("-", "").replace("/", "") for end in ends]
    ends = [_decimal(end) if known.has_decimals else _whole(end) for end in ends]
    if all(ends) and Decimal(ends[0].replace(MINUS, "-")) > Decimal(ends[1].replace(MINUS, "-")):
        ends.reverse()
    return ("-".join(ends),) if any(ends) else ()


def _signed(sign: str, text: str) -> tuple[str, ...]:
    value = f"{sign}{text.strip()}"
    return (value,) if SIGNED.match(value) and int(value[1:]) else ()


def _whole(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) <= 12 else ""


def _decimal(text: str) -> str:
    """A number with places and below zero; its minus is a sign of its own, as "-" stands between the two ends."""
    plain = text.replace("-", MINUS)
    return plain if _DECIMAL.match(plain) else ""


def _values(known: FilterField, given: list[str]) -> tuple[str, ...]:
    if known.kind is Kind.TEXT:
        parting = _NAMES if known.has_blanks else _PARTS
        return tuple(part for text in given for part in parting.split(text.strip()) if part)[:20]
    if known.kind is Kind.BOUGHT:
        given = [part for text in given for part in _NAMES.split(text.strip())]
        return tuple(dict.fromkeys(value for value in given if value and not SIGNED.match(value)))[:40]
    return tuple(dict.fromkeys(value for value in given if value))[:60]


def read_builder(actor: Any, given: QueryDict) -> Group:
    """The filter that the builder's inputs ask for; rows without a value are left out."""
    blocks: dict[int, list[Condition]] = {}
    for number in range(MOST_ROWS):
        name = f"c{number}"
        condition = read_row(actor, given, name)
        if condition is None or given.get("do") == f"drop-{number}":
            continue
        group = given.get(f"{name}.group", "0")
        blocks.setdefault(int(group) if group.isdigit() and len(group) == 1 else 0, []).append(condition)
    nodes: list[Condition | Group] = [*blocks.pop(0, [])]
    for block in sorted(blocks):
        is_any = given.get(f"any{block}") == "1"
        nodes.append(Group(tuple(blocks[block]), is_any) if len(blocks[block]) > 1 else blocks[block][0])
    return Group(tuple(nodes), is_any=given.get("any0") == "1" and len(nodes) > 1)
