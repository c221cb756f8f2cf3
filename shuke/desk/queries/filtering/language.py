"""The language of filters in addresses: stage.in.loyal,repeat~any(tag.has.3~spent.span.1000-)

Conditions stand one after the other, parted by "~": all of them hold. `any(…)` and `all(…)` hold some that belong together. A
condition is field.op or field.op.values; values are parted by "," and quoted like those of an address. Pure: what a field or an
op means is not known here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

MOST_CONDITIONS, LONGEST, DEEPEST = 30, 2_000, 2
MOST_VALUES = 60
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


class BadFilter(ValueError):
    """The text is not in the language."""


@dataclass(frozen=True)
class Condition:
    """One thing that must hold: a field, how it is asked, and the values asked for."""

    field: str
    op: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Conditions of which all hold, or any. Empty holds for everyone."""

    nodes: "tuple[Condition | Group, ...]" = ()
    is_any: bool = False

    def conditions(self) -> Iterator[Condition]:
        """Every condition in it, also those of its groups."""
        for node in self.nodes:
            if isinstance(node, Condition):
                yield node
            else:
                yield from node.conditions()


EVERYONE = Group()


def written(group: Group) -> str:
    """The text of a filter; the same filter gives the same text."""
    nodes = "~".join(_written(node) for node in group.nodes)
    return f"any({nodes})" if group.is_any and nodes else nodes


def _written(node: Condition | Group) -> str:
    if isinstance(node, Group):
        return f"{'any' if node.is_any else 'all'}({'~'.join(_written(inner) for inner in node.nodes)})"
    values = ",".join(quote(value, safe="").replace("~", "%7E") for value in node.values)
    return f"{node.field}.{node.op}.{values}" if values else f"{node.field}.{node.op}"


def read(text: str) -> Group:
    """The filter a text stands for. Raises BadFilter."""
    if len(text) > LONGEST:
        raise BadFilter("too long")
    nodes, rest = _nodes(text, 0) if text else ((), "")
    if rest:
        raise BadFilter(rest)
    group = Group(nodes)
    if len(nodes) == 1 and isinstance(nodes[0], Group):
        group = nodes[0]
    if sum(1 for _condition in group.conditions()) > MOST_CONDITIONS:
        raise BadFilter("too many conditions")
    return group


def _nodes(text: str, depth: int) -> tuple[tuple[Condition | Group, ...], str]:
    if depth > DEEPEST:
        raise BadFilter("too deep")
    found: list[Condition | Group] = []
    while True:
        node, text = _node(text, depth)
        found.append(node)
        if not text.startswith("~"):
            return tuple(found), text
        text = text[1:]


def _node(text: str, depth: int) -> tuple[Condition | Group, str]:
    if text.startswith(("any(", "all(")):
        nodes, rest = _nodes(text[4:], depth + 1)
        if not rest.startswith(")"):
            raise BadFilter(text)
        return Group(nodes, is_any=text.startswith("any")), rest[1:]
    end = next((place for place, char in enumerate(text) if char in "~()"), len(text))
    return _condition(text[:end]), text[end:]


def _condition(text: str) -> Condition:
    field, _dot, rest = text.partition(".")
    op, _dot, values = rest.partition(".")
    if not (_WORD.match(field) and _WORD.match(op)):
        raise BadFilter(text)
    parts = values.split(",") if values else []
    if len(parts) > MOST_VALUES:
        raise BadFilter("too many values")
    return Condition(field, op, tuple(unquote(part)[:100] for part in parts))


Path = tuple[int, ...]


def at(group: Group, path: Path) -> "Condition | Group | None":
    """The node at a place: (2,) is the third of the filter, (2, 0) the first of that group."""
    node: Condition | Group = group
    for step in path:
        if not isinstance(node, Group) or not 0 <= step < len(node.nodes):
            return None
        node = node.nodes[step]
    return node


def replaced(group: Group, path: Path, new: "Condition | Group | None") -> Group:
    """The filter with another node at that place, without it (None), or with one more (a place past the end)."""
    step, *rest = path
    nodes = list(group.nodes)
    here = nodes[step] if step < len(nodes) else None
    if rest:
        inner = replaced(here, tuple(rest), new) if isinstance(here, Group) else None
        new = inner if inner and inner.nodes else None
    nodes[step : step + 1] = [new] if new is not None else []
    return Group(tuple(nodes), group.is_any)


def with_more(group: Group, condition: Condition) -> Group:
    """Everyone of the filter who also meets this condition."""
    if group.is_any and len(group.nodes) > 1:
        return Group((group, condition))
    return Group((*group.nodes, condition))


@dataclass(frozen=True)
class Narrowed:
    """What a list is narrowed to: words to find, and conditions. Empty means: everyone within reach."""

    text: str = ""
    wanted: Group = EVERYONE

    @property
    def is_empty(self) -> bool:
        return not self.text and not self.wanted.nodes
