"""客户: the list. Everything it shows stands in the address."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.customers.queries import bulk_bar
from shuke.customers.rules.custom import id_in
from shuke.desk import forms
from shuke.desk.forms import ListState
from shuke.desk.ports import SOME, filter_uses
from shuke.desk.queries.filtering import Condition, Group, said, with_more, written
from shuke.desk.queries.listing import ListPage, Wanted, list_page
from shuke.desk.queries.own import sort_for
from shuke.desk.queries.saved import EVERYBODY, View, views_of
from shuke.desk.views.drawing import all_columns, columns_of, draw_rows
from shuke.kernel.keyset import BadCursor
from shuke.team.gate import needs
from shuke.team.queries import Actor
from shuke.team.rules import may
from shuke.ui.templatetags.shuke import count as counted

SHOWN_TABS = 9


@dataclass(frozen=True)
class Tab:
    """A view among the tabs."""

    view: View
    url: str
    is_here: bool


@dataclass(frozen=True)
class Chip:
    """A condition in words; its menu edits it, `clear` is the address without it."""

    label: str | Promise
    value: str
    clear: str
    path: str


@dataclass(frozen=True)
class Choice:
    """One entry of a menu."""

    label: str | Promise
    query: str
    is_on: bool


@require_GET
@needs("customers.view")
def customer_list(request: HttpRequest) -> HttpResponse:
    """The page, or over htmx its list alone. Opened without anything asked for, it shows the view that opens first."""
    actor: Any = request.user
    views = views_of(actor)
    first = next((one for one in views if one.opens_first and one.key != EVERYBODY), None)
    if not request.GET and first:
        return HttpResponseRedirect(_url_of(first))
    state = forms.read_state(request.GET)
    state = replace(state, sort=sort_for(actor, state.sort))
    if (shown := _sorted_upwards(state)) is not None:
        return HttpResponseRedirect(shown)
    wanted = Wanted(
        state.narrowed,
        state.sort,
        request.GET.get("after", ""),
        request.GET.get("before", ""),
        state.columns,
    )
    try:
        page = list_page(actor, wanted)
    except BadCursor:
        return HttpResponseRedirect(state.query())
    return render(request, "desk/list.html", _context(request, state, page, views))


def _sorted_upwards(state: ListState) -> str | None:
    """The list with "has a value" added: from the smallest up, customers without any would come first."""
    if state.sort.startswith("-") or id_in(state.sort) is None:
        return None
    if any(one.field == state.sort for one in state.narrowed.wanted.conditions()):
        return None
    return state.wanting(with_more(state.narrowed.wanted, Condition(state.sort, SOME)))


def _context(request: HttpRequest, state: ListState, page: ListPage, views: list[View]) -> dict[str, Any]:
    actor: Any = request.user
    bulk = bulk_bar(actor, source="list", text=state.stored, total=_total(page, state))
    columns = columns_of(state.columns, all_columns(actor))
    here = _view_here(state, views)
    return {
        "page": page,
        "state": state,
        "columns": columns,
        "drawn": draw_rows(page.rows, columns, has_picks=bulk is not None),
        "sort": state.sort,
        "narrowed": state.narrowed,
        "text": state.narrowed.text,
        "tabs": [Tab(one, _url_of(one), one is here) for one in views if one.is_pinned][:SHOWN_TABS],
        "here": here,
        "is_changed": here is not None and bool(here.id) and state.stored != _normal(here),
        "has_unsaved": here is None and not state.narrowed.is_empty,
        "chips": chips_of(actor, state),
        "query": state.query().removeprefix("?"),
        "hidden": [pair for pair in parse_qsl(state.query().removeprefix("?")) if pair[0] != "q"],
        "clear_query": state.wanting(Group()),
        "next_query": _paged(state, "after", page.next_cursor),
        "previous_query": _paged(state, "before", page.previous_cursor),
        "bulk": bulk,
        "uses": [one for one in filter_uses() if may(actor.ready_role, one.permission)],
        "written": written(state.narrowed.wanted),
        "may_edit": may(actor.ready_role, "customers.edit"),
    }


def _total(page: ListPage, state: ListState) -> str:
    """How many "all that match" are, in words; empty where they could not be told apart."""
    if page.left_out or state.is_unreadable or not page.rows:
        return ""
    return _("超过 1 万") if page.count.is_capped else counted(page.count.number)


def _url_of(view: View) -> str:
    return f"{reverse('desk:customer_list')}?view={view.key}{'&' if view.query else ''}{view.query}"


def _normal(view: View) -> str:
    return forms.read_stored(view.query).stored


def _view_here(state: ListState, views: list[View]) -> View | None:
    """The view the address names, as far as it still shows it; else a view that asks for the same."""
    named = next((one for one in views if one.key == state.view), None)
    if named and (named.id or state.stored == _normal(named)):
        return named
    asked = replace(state.narrowed, text="").wanted
    alike = (one for one in views if one.is_pinned and not one.id)
    return next((one for one in alike if forms.read_stored(one.query).narrowed.wanted == asked), None)


def chips_of(actor: Actor, state: ListState) -> list[Chip]:
    """The conditions of a list, each as one chip; conditions that belong together are one."""
    wanted = state.narrowed.wanted
    words = said(actor, wanted)
    if wanted.is_any:
        return [Chip(words[0].label, words[0].value, state.wanting(Group()), "all")]
    return [
        Chip(one.label, one.value, _without(state, place), "all" if isinstance(node, Group) else str(place))
        for place, (node, one) in enumerate(zip(wanted.nodes, words, strict=True))
    ]


def _without(state: ListState, place: int) -> str:
    nodes = state.narrowed.wanted.nodes
    return state.wanting(Group((*nodes[:place], *nodes[place + 1 :])))


def _paged(state: ListState, name: str, cursor: str) -> str:
    if not cursor:
        return ""
    query = state.query()
    return f"{query}{'&' if len(query) > 1 else ''}{urlencode({name: cursor})}"
