"""What the address of a list says, read carefully: unknown words are dropped, never passed to the database."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shuke.customers.rules.custom import id_in
from shuke.desk import rules
from shuke.desk.queries.filtering import EVERYONE, BadFilter, Condition, Group, Narrowed, read, written
from shuke.desk.queries.filtering.words import GROUP_WORDS, LEVEL_WORDS, PHASE_WORDS, STAGE_WORDS

__all__ = ["GROUP_WORDS", "LEVEL_WORDS", "PHASE_WORDS", "STAGE_WORDS"]

Words = dict[str, str | Promise]
SORT_WORDS: Words = {
    "-value": _("价值高的在前"),
    "-spent": _("累计消费多的在前"),
    "-times": _("来得多的在前"),
    "-last": _("最近来过的在前"),
    "touched": _("最久没联系的在前"),
    "last": _("最久没来的在前"),
    "next": _("该来的在前"),
    "-stake": _("要紧的在前"),
    "name": _("按姓名拼音"),
    "-added": _("新添加的在前"),
    "quality": _("资料最不全的在前"),
}
GROUPINGS: Words = {
    "stage": _("阶段"),
    "level": _("价值"),
    "group": _("分群"),
    "store": _("门店"),
    "manager": _("负责人"),
    "tag": _("标签"),
}
COLUMNS: Words = {
    "phone": _("手机号"),
    "value": _("未来一年价值"),
    "stage": _("阶段"),
    "spent": _("累计消费"),
    "last": _("最近消费"),
    "next": _("下次预计"),
    "manager": _("负责人"),
    "tags": _("标签"),
    "times": _("消费次数"),
    "stake": _("可能失去"),
    "leaving": _("流失可能"),
    "level": _("价值"),
    "phase": _("周期"),
    "trend": _("价值趋势"),
    "store": _("门店"),
    "place": _("省市"),
    "gender": _("性别"),
    "channel": _("来源"),
    "added": _("添加时间"),
    "first": _("第一次消费"),
    "basket": _("平均每次"),
    "touched": _("最近联系"),
    "age": _("年龄"),
    "number": _("本店编号"),
    "member": _("会员号"),
    "occupation": _("职业"),
    "industry": _("行业"),
    "education": _("学历"),
    "income": _("收入"),
    "wish": _("愿意怎么联系"),
    "note": _("备注"),
    "changed": _("资料最近改动"),
    "quality": _("资料完整度"),
}
DEFAULT_COLUMNS = ("phone", "value", "stage", "spent", "last", "next", "manager", "tags")
LONGEST_TEXT = 60
LONGEST_NAME = 200
MOST_CHOICES = 40
SAFE = "(),~:"


EVERYBODY = Narrowed()


@dataclass(frozen=True)
class ListState:
    """Everything a list shows, as its address says it."""

    narrowed: Narrowed = EVERYBODY
    sort: str = rules.DEFAULT_SORT
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    by: str = ""
    view: str = ""
    is_unreadable: bool = False

    def query(self, **changes: Any) -> str:
        """The address's query with these parts changed; the paging is left out. Starts with "?"."""
        state = replace(self, **changes)
        pairs = [
            ("view", state.view),
            ("q", state.narrowed.text),
            ("f", written(state.narrowed.wanted)),
            ("sort", state.sort if state.sort != rules.DEFAULT_SORT else ""),
            ("cols", ",".join(state.columns) if state.columns != DEFAULT_COLUMNS else ""),
            ("by", state.by),
        ]
        return f"?{urlencode([pair for pair in pairs if pair[1]], safe=SAFE)}"

    def wanting(self, wanted: Group) -> str:
        """The query with another filter."""
        return self.query(narrowed=replace(self.narrowed, wanted=wanted))

    @property
    def stored(self) -> str:
        """What a saved view keeps: all but the view's own name."""
        return self.query(view="").removeprefix("?")


def read_state(query: QueryDict) -> ListState:
    """The list an address asks for."""
    narrowed, is_unreadable = _narrowed(query)
    sort = query.get("sort", rules.DEFAULT_SORT)
    columns = tuple(
        dict.fromkeys(one for one in query.get("cols", "").split(",") if one in COLUMNS or id_in(one))
    )
    by = query.get("by", "")
    return ListState(
        narrowed=narrowed,
        sort=sort if _is_sort(sort.removeprefix("-")) else rules.DEFAULT_SORT,
        columns=columns or DEFAULT_COLUMNS,
        by=by if by in GROUPINGS or id_in(by) else "",
        view=_view_key(query.get("view", "")),
        is_unreadable=is_unreadable,
    )


def _is_sort(word: str) -> bool:
    return word in rules.SORTS or id_in(word) is not None


def read_filter(query: QueryDict) -> Narrowed:
    """The filter that an address asks for."""
    return _narrowed(query)[0]


def read_stored(text: str) -> ListState:
    """The list a stored query stands for."""
    return read_state(QueryDict(text))


def _narrowed(query: QueryDict) -> tuple[Narrowed, bool]:
    try:
        wanted, is_unreadable = read(query.get("f", "")), False
    except BadFilter:
        wanted, is_unreadable = EVERYONE, True
    plain = tuple(_plain_conditions(query))
    if plain and wanted.nodes:
        inner = (wanted,) if wanted.is_any else wanted.nodes
        wanted = Group((*plain, *inner))
    elif plain:
        wanted = Group(plain)
    return Narrowed(query.get("q", "").strip()[:LONGEST_TEXT], wanted), is_unreadable


def _plain_conditions(query: QueryDict) -> Iterable[Condition]:
    """Short forms that other pages link with: stage=loyal&store=2&last=31-90."""
    for name, known in (("group", rules.GROUPS), ("level", rules.LEVELS), ("stage", rules.STAGES)):
        yield from _in(name, _words(query, name, known))
    yield from _in("phase", _words(query, "phase", rules.PHASES))
    yield from _in("trend", _words(query, "trend", rules.TRENDS))
    yield from _in("product", tuple(name[:LONGEST_NAME] for name in query.getlist("product")[:1] if name))
    yield from _in("r", _numbers(query, "r"))
    yield from _in("fm", _numbers(query, "fm"))
    yield from _in("store", _numbers(query, "store"))
    yield from _in("tag", _numbers(query, "tag"), op="all")
    yield from _in("manager", _numbers(query, "manager")[:1])
    yield from _span("last", query.get("last", ""))
    yield from _span("spent", query.get("spent", "") or _from_to(query))
    yield from _in("birthday", tuple(one for one in _numbers(query, "birthday") if 1 <= int(one) <= 12)[:1])
    if query.get("slipping") == "1":
        yield Condition("slipping", "yes")


def _in(field: str, values: tuple[str, ...], op: str = "in") -> Iterable[Condition]:
    if values:
        yield Condition(field, op, values)


def _span(field: str, text: str) -> Iterable[Condition]:
    low, dash, high = text.partition("-")
    ends = [end if end.isascii() and end.isdigit() and len(end) <= 10 else "" for end in (low, high)]
    if dash and any(ends):
        yield Condition(field, "span", ("-".join(ends),))


def _from_to(query: QueryDict) -> str:
    return f"{query.get('spent_from', '')}-{query.get('spent_to', '')}"


def _words(query: QueryDict, name: str, known: Iterable[str]) -> tuple[str, ...]:
    given = set(query.getlist(name)[:MOST_CHOICES])
    return tuple(word for word in known if word and word in given)


def _numbers(query: QueryDict, name: str) -> tuple[str, ...]:
    given = query.getlist(name)[:MOST_CHOICES]
    return tuple(
        sorted({text for text in given if text.isascii() and text.isdigit() and len(text) <= 10}, key=int)
    )


def _view_key(text: str) -> str:
    return text if text.isascii() and text.isalnum() and len(text) <= 20 else ""
