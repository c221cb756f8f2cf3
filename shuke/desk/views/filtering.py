"""The menus and the builder of a list's filter. Each is a fragment over htmx and works as a page or a plain form without."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.customers.rules.custom import DATE
from shuke.desk import forms
from shuke.desk.forms import ListState
from shuke.desk.ports import (
    DAYS_SIGN,
    SPAN,
    TIMES_SIGN,
    FilterField,
    FilterUse,
    Kind,
    filter_fields,
    filter_use,
)
from shuke.desk.queries.filtering import (
    Condition,
    Group,
    Narrowed,
    at,
    named,
    op_words,
    replaced,
    signed,
    with_more,
    written,
)
from shuke.desk.queries.grouping import group_counts
from shuke.desk.queries.listing import count_matching
from shuke.desk.queries.own import TYPES, groupings, listed_fields
from shuke.desk.queries.rows import matching_rows
from shuke.desk.views.drawing import all_columns
from shuke.desk.views.reading import read_builder, read_row
from shuke.kernel import clock
from shuke.team.gate import needs

MOST_GROUPS = 4
CHOSEN = (Kind.CHOICE, Kind.BOUGHT)
Words = str | Promise


@dataclass(frozen=True)
class Row:
    """One condition as inputs: its name in the form, its field, and what is set."""

    name: str
    field: FilterField
    op: str
    ops: list[tuple[str, str]]
    values: tuple[str, ...]
    choices: list[tuple[str, Words]]
    group: int = 0
    suggestions: tuple[str, ...] = ()

    @property
    def low(self) -> str:
        return signed(self.asked, TIMES_SIGN) if self.field.kind is Kind.BOUGHT else self._end(0)

    @property
    def high(self) -> str:
        return signed(self.asked, DAYS_SIGN) if self.field.kind is Kind.BOUGHT else self._end(2)

    @property
    def asked(self) -> Condition:
        return Condition(self.field.code, self.op, self.values)

    def _end(self, place: int) -> str:
        end = (self.values[0] if self.op == SPAN and self.values else "").partition("-")[place]
        return f"{end[:4]}-{end[4:6]}-{end[6:]}" if self.field.kind is Kind.DAY and len(end) == 8 else end

    @property
    def text(self) -> str:
        return "、".join(named(self.asked, self.field))


@dataclass(frozen=True)
class Block:
    """Conditions that belong together, in the builder; the first block is the filter itself."""

    number: int
    is_any: bool
    rows: list[Row] = field(default_factory=list)


def _row(actor: Any, name: str, condition: Condition, known: FilterField, group: int = 0) -> Row:
    said = op_words(known.kind)
    return Row(
        name=name,
        field=known,
        op=condition.op if condition.op in known.ops else known.ops[0],
        ops=[(op, said[op]) for op in known.ops],
        values=condition.values,
        choices=list(known.choices(actor)) if known.kind in CHOSEN else [],
        group=group,
        suggestions=tuple(known.suggestions(actor)),
    )


def _sections(actor: Any) -> list[tuple[str, list[FilterField]]]:
    found: dict[str, list[FilterField]] = {}
    for known in filter_fields(actor).values():
        found.setdefault(str(known.section), []).append(known)
    return list(found.items())


@require_GET
@needs("customers.view")
def filter_fields_menu(request: HttpRequest) -> HttpResponse:
    """What "+ 条件" offers."""
    state = forms.read_state(request.GET)
    context = {"sections": _sections(request.user), "query": state.query().removeprefix("?")}
    return render(request, "desk/filter/_fields.html", context)


@require_GET
@needs("customers.view")
def filter_one(request: HttpRequest) -> HttpResponse:
    """The inputs of one condition: that at a place of the filter, or a new one of a field."""
    state, actor = forms.read_state(request.GET), request.user
    place = request.GET.get("at", "")
    node = at(state.narrowed.wanted, (int(place),)) if place.isdigit() and len(place) < 3 else None
    code = node.field if isinstance(node, Condition) else request.GET.get("field", "")
    known = filter_fields(actor).get(code)
    if known is None:
        return HttpResponse(
            _("这个条件现在没有了，请去掉它。"), status=404, content_type="text/plain; charset=utf-8"
        )
    condition = node if isinstance(node, Condition) else Condition(code, known.ops[0])
    context = {
        "row": _row(actor, "c0", condition, known),
        "place": place if isinstance(node, Condition) else "",
        "hidden": _hidden(state),
        "clear": state.wanting(replaced(state.narrowed.wanted, (int(place),), None))
        if isinstance(node, Condition)
        else "",
    }
    return render(request, "desk/filter/_one.html", context)


def _hidden(state: ListState) -> list[tuple[str, str]]:
    return parse_qsl(state.query().removeprefix("?"))


@require_GET
@needs("customers.view")
def filter_set(request: HttpRequest) -> HttpResponse:
    """Put one condition into the filter, and show the list."""
    state, given = forms.read_state(request.GET), request.GET
    condition = read_row(request.user, given, "c0")
    place, wanted = given.get("at", ""), state.narrowed.wanted
    is_old = place.isdigit() and len(place) < 3 and isinstance(at(wanted, (int(place),)), Condition)
    if condition is not None and not is_old:
        wanted = with_more(wanted, condition)
    elif is_old:
        wanted = replaced(wanted, (int(place),), condition)
    return HttpResponseRedirect(f"{reverse('desk:customer_list')}{state.wanting(wanted)}")


@require_GET
@needs("customers.view")
def filter_builder(request: HttpRequest) -> HttpResponse:
    """The builder: every condition as a row, in groups. `do` says which button was pressed."""
    state, given = forms.read_state(request.GET), request.GET
    wanted = read_builder(request.user, given) if "rows" in given else state.narrowed.wanted
    do = given.get("do", "")
    use = filter_use(given.get("use", ""))
    if do == "show":
        return HttpResponseRedirect(_leads_to(use, given, state, wanted))
    blocks = _blocks(request.user, wanted, given, do)
    context = {
        "blocks": blocks,
        "may_add_group": len(blocks) <= MOST_GROUPS,
        "sections": _sections(request.user),
        "hidden": [pair for pair in _hidden(state) if pair[0] != "f"] + _for_use(use, given),
        "use": use,
        "count": count_matching(request.user, Narrowed(state.narrowed.text, wanted)),  # type: ignore[arg-type]
        "is_drawer": "X-Drawer" in request.headers or given.get("drawer") == "1",
    }
    is_form_only = request.headers.get("HX-Target") == "builder"
    template = (
        "desk/filter/_builder.html"
        if is_form_only or request.headers.get("X-Drawer")
        else "desk/filter/page.html"
    )
    return render(request, template, context)


def _leads_to(use: FilterUse | None, given: QueryDict, state: ListState, wanted: Group) -> str:
    """Where the builder's last button leads: to the list, or to what the conditions are for."""
    if use is None:
        return f"{reverse('desk:customer_list')}{state.wanting(wanted)}"
    pairs = {"f": written(wanted), "about": given.get("about", "")}
    query = urlencode({name: value for name, value in pairs.items() if value}, safe=forms.SAFE)
    return f"{reverse(use.url_name)}?{query}"


def _for_use(use: FilterUse | None, given: QueryDict) -> list[tuple[str, str]]:
    return [("use", use.code), ("about", given.get("about", "")[:20])] if use else []


def _blocks(actor: Any, wanted: Group, given: QueryDict, do: str) -> list[Block]:
    """The filter as blocks of rows, with one row or block more if that was asked for."""
    known = filter_fields(actor)
    blocks, number = [Block(0, wanted.is_any)], 0
    for node in wanted.nodes:
        inner = node.conditions() if isinstance(node, Group) else [node]
        block = blocks[0]
        if isinstance(node, Group):
            block = Block(len(blocks), node.is_any)
            blocks.append(block)
        for condition in inner:
            if condition.field in known:
                block.rows.append(_row(actor, f"c{number}", condition, known[condition.field], block.number))
                number += 1
    if do == "group" and len(blocks) <= MOST_GROUPS:
        blocks.append(Block(len(blocks), not wanted.is_any))
    for block in blocks:
        code = given.get(f"add{block.number}", "")
        if code in known:
            block.rows.append(
                _row(actor, f"c{number}", Condition(code, known[code].ops[0]), known[code], block.number)
            )
            number += 1
    return blocks


@require_GET
@needs("customers.view")
def filter_count(request: HttpRequest) -> HttpResponse:
    """How many match what stands in the builder now."""
    text = forms.read_filter(request.GET).text
    narrowed = Narrowed(text, read_builder(request.user, request.GET))
    found = count_matching(request.user, narrowed)  # type: ignore[arg-type]
    return render(request, "desk/filter/_count.html", {"count": found, "wanted": written(narrowed.wanted)})


@require_GET
@needs("customers.view")
def list_columns(request: HttpRequest) -> HttpResponse:
    """The chooser of columns; sent off, it shows the list with those chosen, in the order given."""
    state, known = forms.read_state(request.GET), all_columns(request.user)
    if "col" in request.GET:
        chosen = tuple(dict.fromkeys(one for one in request.GET.getlist("col") if one in known))
        new = state.query(columns=chosen or forms.DEFAULT_COLUMNS)
        return HttpResponseRedirect(f"{reverse('desk:customer_list')}{new}")
    there = [code for code in state.columns if code in known]
    order = [*there, *(code for code in known if code not in there)]
    context = {
        "columns": [(code, known[code].label, code in state.columns) for code in order],
        "hidden": [pair for pair in _hidden(state) if pair[0] != "cols"],
        "plain_query": state.query(columns=forms.DEFAULT_COLUMNS),
    }
    return render(request, "desk/filter/_columns.html", context)


@require_GET
@needs("customers.view")
def list_more(request: HttpRequest) -> HttpResponse:
    """The menus of order and grouping."""
    state = forms.read_state(request.GET)
    if request.GET.get("menu") == "by":
        own = {field.code: field.name for field in groupings(request.user)}
        words = [(word, state.query(by="" if word == state.by else word)) for word in forms.GROUPINGS | own]
        labels, current = forms.GROUPINGS | own, state.by
    else:
        labels, current = forms.SORT_WORDS | _own_sorts(request.user), state.sort
        words = [(word, state.query(sort=word)) for word in labels]
    links = [(labels[word], query, word == current) for word, query in words]
    return render(request, "desk/filter/_links.html", {"links": links})


def _own_sorts(actor: Any) -> dict[str, str]:
    """From the top down, by each of the shop's own fields that has an order."""
    fields = [one for one in listed_fields(actor) if TYPES[one.kind].sorts]
    return {
        f"-{one.code}": (_("%(field)s晚的在前") if one.kind == DATE else _("%(field)s大的在前"))
        % {"field": one.name}
        for one in fields
    }


@require_GET
@needs("customers.view")
def list_groups(request: HttpRequest) -> HttpResponse:
    """How many of the list are of each kind; each opens that part of it."""
    state, actor = forms.read_state(request.GET), request.user
    if state.by not in forms.GROUPINGS and state.by not in {one.code for one in groupings(request.user)}:
        return HttpResponse(_("请先选按什么分组。"), status=422, content_type="text/plain; charset=utf-8")
    rows = matching_rows(actor, state.narrowed, clock.today())  # type: ignore[arg-type]
    found = group_counts(actor, rows, state.by)  # type: ignore[arg-type]
    groups = [
        (one, state.wanting(with_more(state.narrowed.wanted, Condition(state.by, "in", (one.value,)))))
        for one in found
        if one.count.number
    ]
    return render(request, "desk/filter/_groups.html", {"groups": groups, "close": state.query(by="")})
