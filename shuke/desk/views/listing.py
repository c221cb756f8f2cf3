"""客户: the list. Everything it shows stands in the address."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from shuke.customers.queries import all_tags
from shuke.desk import forms, rules
from shuke.desk.queries.listing import Wanted, list_page
from shuke.desk.rules import ListFilter
from shuke.desk.views.drawing import draw_rows
from shuke.desk.views.gate import needs
from shuke.kernel import clock
from shuke.kernel.keyset import BadCursor
from shuke.team.queries import Actor, reach_of, visible_staff, visible_stores

MOST_CHOICES = 60
NAMES_KEPT_SECONDS = 20
PAGING = ("after", "before")


@dataclass(frozen=True)
class Tab:
    """A saved view: a name and the address it stands for."""

    label: str | Promise
    query: str
    narrowed: ListFilter


@dataclass(frozen=True)
class Choice:
    """One entry of a filter's menu; its address puts it on, or takes it off when it is on."""

    label: str | Promise
    query: str
    is_on: bool


@dataclass(frozen=True)
class FilterMenu:
    """One filter: what it is set to, its choices, and the address without it."""

    label: str | Promise
    value: str
    clear: str
    choices: list[Choice]


@require_GET
@needs("customers.view")
def customer_list(request: HttpRequest) -> HttpResponse:
    """The page, or over htmx its list alone."""
    narrowed, sort = forms.read_filter(request.GET), request.GET.get("sort", rules.DEFAULT_SORT)
    wanted = Wanted(narrowed, sort, request.GET.get("after", ""), request.GET.get("before", ""))
    try:
        page = list_page(request.user, wanted)  # type: ignore[arg-type]
    except BadCursor:
        return HttpResponseRedirect(f"?{_without(request.GET, *PAGING)}")
    context: dict[str, Any] = {
        "page": page,
        "drawn": draw_rows(page.rows),
        "sort": sort,
        "narrowed": narrowed,
        "text": narrowed.text,
        "tabs": _tabs(request),
        "menus": _menus(request.user, request.GET, narrowed),  # type: ignore[arg-type]
        "sorts": [
            Choice(label, _changed(request.GET, "sort", word), word == sort)
            for word, label in forms.SORT_WORDS.items()
        ],
        "next_query": _paged(request.GET, "after", page.next_cursor),
        "previous_query": _paged(request.GET, "before", page.previous_cursor),
        "clear_query": f"?sort={sort}" if "sort" in request.GET else "?",
    }
    return render(request, "desk/list.html", context)


def _without(query: QueryDict, *names: str) -> str:
    return urlencode(_kept(query, *names))


def _kept(query: QueryDict, *names: str) -> list[tuple[str, str]]:
    """The pairs of an address without these names; a page makes a hundred addresses, so no QueryDict is copied."""
    return [(name, str(value)) for name, values in query.lists() if name not in names for value in values]


def _paged(query: QueryDict, name: str, cursor: str) -> str:
    if not cursor:
        return ""
    return f"?{urlencode([*_kept(query, *PAGING), (name, cursor)])}"


def _changed(query: QueryDict, name: str, value: str | None) -> str:
    added = [] if value is None else [(name, value)]
    return f"?{urlencode([*_kept(query, *PAGING, name), *added])}"


def _toggled(query: QueryDict, name: str, value: str) -> str:
    given = query.getlist(name)
    wanted = [one for one in given if one != value] if value in given else [*given, value]
    return f"?{urlencode([*_kept(query, *PAGING, name), *((name, one) for one in wanted)])}"


def _tabs(request: HttpRequest) -> list[dict[str, Any]]:
    month = clock.today().month
    known = [
        Tab(_("全部"), "", ListFilter()),
        Tab(_("我的"), f"manager={request.user.pk}", ListFilter(manager_id=request.user.pk)),
        Tab(_("重要价值"), "group=key_value", ListFilter(groups=("key_value",))),
        Tab(_("即将流失"), "slipping=1&sort=-stake", ListFilter(is_slipping=True)),
        Tab(_("本月生日"), f"birthday={month}", ListFilter(birthday_month=month)),
    ]
    asked = replace(forms.read_filter(request.GET), text="")
    return [{"label": tab.label, "url": f"?{tab.query}", "is_here": tab.narrowed == asked} for tab in known]


def _menus(actor: Actor, query: QueryDict, narrowed: ListFilter) -> list[FilterMenu]:
    menus = [
        _several(query, "group", _("分群"), forms.GROUP_WORDS),
        _several(query, "level", _("价值"), forms.LEVEL_WORDS),
        _several(query, "stage", _("阶段"), forms.STAGE_WORDS),
        _several(query, "phase", _("周期"), forms.PHASE_WORDS),
        _single(query, "last", _("最近消费"), forms.LAST_WORDS),
        _single(query, "spent", _("累计消费"), forms.SPENT_WORDS),
        _single(query, "birthday", _("生日"), {str(month): f"{month} 月" for month in range(1, 13)}),
    ]
    key = f"desk.menus:{reach_of(actor).key}"
    stores, tags, people = cache.get_or_set(key, lambda: _names(actor), NAMES_KEPT_SECONDS)
    if len(stores) > 1:
        menus.append(_several(query, "store", _("门店"), stores))
    if tags:
        menus.append(_several(query, "tag", _("标签"), tags))
    if len(people) > 1:
        menus.append(_single(query, "manager", _("负责人"), people | {"0": _("还没有负责人")}))
    return [*menus, *_scores(query, narrowed)]


def _names(actor: Actor) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Stores, tags and colleagues that the actor may filter by."""
    return (
        {str(store.pk): store.name for store in visible_stores(actor)[:MOST_CHOICES]},
        {str(tag.pk): tag.name for tag in all_tags()[:MOST_CHOICES]},
        {str(one.pk): one.name for one in visible_staff(actor)[:MOST_CHOICES]},
    )


def _several(query: QueryDict, name: str, label: str | Promise, words: dict[str, Any]) -> FilterMenu:
    on = query.getlist(name)
    choices = [Choice(word, _toggled(query, name, key), key in on) for key, word in words.items()]
    value = "、".join(str(words[key]) for key in words if key in on)
    return FilterMenu(label, value, _changed(query, name, None), choices)


def _single(query: QueryDict, name: str, label: str | Promise, words: dict[str, Any]) -> FilterMenu:
    on = query.get(name, "")
    choices = [
        Choice(word, _changed(query, name, None if key == on else key), key == on)
        for key, word in words.items()
    ]
    value = str(words.get(on, "")) or (on if name in ("last", "spent") else "")
    return FilterMenu(label, value, _changed(query, name, None), choices)


def _scores(query: QueryDict, narrowed: ListFilter) -> list[FilterMenu]:
    """Cells of the RFM matrix are shown as chips; they are chosen on the matrix itself."""
    shown = (("r", "R", narrowed.r_scores), ("fm", "FM", narrowed.fm_scores))
    return [
        FilterMenu(label, "、".join(map(str, scores)), _changed(query, name, None), [])
        for name, label, scores in shown
        if scores
    ]
