"""What the address of a list says, read carefully: unknown words are dropped, never passed to the database."""

from collections.abc import Iterable

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shuke.desk.rules import GROUPS, LEVELS, PHASES, STAGES, ListFilter, Span

Words = dict[str, str | Promise]

LEVEL_WORDS: Words = {"high": _("高价值"), "potential": _("有潜力"), "low": _("低价值")}
GROUP_WORDS: Words = {
    "key_value": _("重要价值"),
    "key_grow": _("重要发展"),
    "key_keep": _("重要保持"),
    "key_rescue": _("重要挽留"),
    "value": _("一般价值"),
    "grow": _("一般发展"),
    "keep": _("一般保持"),
    "rescue": _("一般挽留"),
}
STAGE_WORDS: Words = {
    "prospect": _("潜在"),
    "first": _("首购"),
    "repeat": _("复购"),
    "loyal": _("忠诚"),
    "lapsed": _("流失"),
}
PHASE_WORDS: Words = {
    "acquire": _("获取"),
    "grow": _("提升"),
    "mature": _("成熟"),
    "decline": _("衰退"),
    "leave": _("离开"),
}
LAST_WORDS: Words = {
    "0-30": _("30 天内"),
    "31-90": _("31–90 天前"),
    "91-180": _("91–180 天前"),
    "181-365": _("半年到一年前"),
    "366-": _("一年多没来"),
}
SPENT_WORDS: Words = {
    "0-200": _("200 元以内"),
    "200-1000": _("200–1,000 元"),
    "1000-5000": _("1,000–5,000 元"),
    "5000-": _("5,000 元以上"),
}
SORT_WORDS: Words = {
    "-value": _("价值高的在前"),
    "-spent": _("累计消费多的在前"),
    "-last": _("最近来过的在前"),
    "last": _("最久没来的在前"),
    "next": _("该来的在前"),
    "-stake": _("要紧的在前"),
    "name": _("按姓名拼音"),
    "-added": _("新添加的在前"),
}
LONGEST_TEXT = 60
MOST_CHOICES = 40


def read_filter(query: QueryDict) -> ListFilter:
    """The filter that an address asks for."""
    return ListFilter(
        text=query.get("q", "").strip()[:LONGEST_TEXT],
        levels=_words(query, "level", LEVELS),
        groups=_words(query, "group", GROUPS),
        stages=_words(query, "stage", STAGES),
        phases=_words(query, "phase", PHASES),
        r_scores=_numbers(query, "r", 5),
        fm_scores=_numbers(query, "fm", 5),
        store_ids=_numbers(query, "store"),
        tag_ids=_numbers(query, "tag"),
        manager_id=_number(query.get("manager", "")),
        last_days=_span(query.get("last", "")),
        spent_yuan=_spent(query),
        birthday_month=_month(query.get("birthday", "")),
        is_slipping=query.get("slipping") == "1",
    )


def _words(query: QueryDict, name: str, known: Iterable[str]) -> tuple[str, ...]:
    given = set(query.getlist(name)[:MOST_CHOICES])
    return tuple(word for word in known if word and word in given)


def _number(text: str, most: int = 2**31 - 1) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= 10
    return min(int(text), most) if is_number else None


def _numbers(query: QueryDict, name: str, most: int = 2**31 - 1) -> tuple[int, ...]:
    found = {_number(text, most) for text in query.getlist(name)[:MOST_CHOICES]}
    return tuple(sorted(number for number in found if number is not None))


def _span(text: str) -> Span:
    low, dash, high = text.partition("-")
    return Span(_number(low, 36500), _number(high, 36500)) if dash else Span()


def _spent(query: QueryDict) -> Span:
    if "spent" in query:
        return _span(query["spent"])
    return Span(_number(query.get("spent_from", "")), _number(query.get("spent_to", "")))


def _month(text: str) -> int | None:
    month = _number(text)
    return month if month is not None and 1 <= month <= 12 else None
