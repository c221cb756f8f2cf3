"""Ctrl+K: finds customers, pages and actions, and does the actions; one answer for each thing typed."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.customers.queries import tags_found
from shuke.desk.forms import LONGEST_TEXT, STAGE_WORDS
from shuke.desk.queries.search import Hit, hits_for, recent_hits
from shuke.team.services import require
from shuke.ui import navigation, palette
from shuke.ui.palette import Action, Answer
from shuke.zh import marking

HITS, RECENT, TO_DO, PAGES = 6, 5, 6, 6


@dataclass(frozen=True)
class Choice:
    """An action or page to choose. Without `url` it asks next for whom (`asks`)."""

    pieces: Answer
    icon: str
    url: str = ""
    asks: str = ""
    label: str = ""
    shortcut: str = ""


@dataclass(frozen=True)
class Group:
    """Choices under one heading."""

    key: str
    title: str
    hits: tuple[Hit, ...] = ()
    choices: tuple[Choice, ...] = ()
    is_whole: bool = False


@require_GET
def palette_answer(request: HttpRequest) -> HttpResponse:
    """What answers to `q`. `action`: for whom it is to be done; `customer`: what to do for them; `recent`: opened lately."""
    text = request.GET.get("q", "").strip()[:LONGEST_TEXT]
    chosen = palette.action_named(request, request.GET.get("action", ""))
    pk = _number(request.GET.get("customer", ""))
    if pk is not None:
        groups = [_for_customer(request, pk, text)]
    elif chosen is not None and chosen.for_customer:
        groups = [_customers(request, text)]
    else:
        groups = _everything(request, text)
    groups = [group for group in groups if group.hits or group.choices]
    act = chosen if pk is None else None
    context = {
        "text": text,
        "groups": groups,
        "chosen": act,
        "urls": {hit.id: _opens(hit, act) for group in groups for hit in group.hits},
        "stages": STAGE_WORDS,
        "can_add": request.user.may("customers.add") and pk is None and chosen is None,  # type: ignore[union-attr]
    }
    return render(request, "desk/_palette.html", context)


def _opens(hit: Hit, action: Action | None) -> str:
    """Where choosing a customer leads: to the action that waits for one, else to the customer's page."""
    return (action.address(hit.id) if action else None) or reverse("desk:customer", args=[hit.id])


def _everything(request: HttpRequest, text: str) -> list[Group]:
    """Customers first, unless what was typed is the whole name of an action or page (dr for 导入)."""
    groups = [
        _customers(request, text),
        *_tags(request, text),
        _actions(request, text),
        _pages(request, text),
    ]
    return sorted(groups, key=lambda group: not group.is_whole) if text else groups


def _customers(request: HttpRequest, text: str) -> Group:
    if not request.user.may("customers.view"):  # type: ignore[union-attr]
        return Group("customers", "")
    if text:
        return Group("customers", _("客户"), hits=tuple(hits_for(request.user, text, HITS)))  # type: ignore[arg-type]
    recent = [pk for pk in map(_number, request.GET.get("recent", "").split(",")) if pk is not None]
    return Group("customers", _("最近打开的客户"), hits=tuple(recent_hits(request.user, recent)[:RECENT]))  # type: ignore[arg-type]


def _tags(request: HttpRequest, text: str) -> list[Group]:
    found = tags_found(request.user, text) if text else []  # type: ignore[arg-type]
    choices = tuple(
        Choice(
            Answer(marking.in_text(name, [text]), is_whole=False),
            "tag",
            url=f"{reverse('desk:customer_list')}?tag={pk}",
        )
        for pk, name in found
    )
    return [Group("tags", _("标签"), choices=choices)]


def _actions(request: HttpRequest, text: str) -> Group:
    answers = [
        (action, palette.answer(text, action.label, action.keys)) for action in palette.actions_for(request)
    ]
    choices = [_choice(action, found) for action, found in answers if found is not None]
    return _group("actions", _("做什么"), choices, TO_DO)


def _choice(action: Action, found: Answer, customer_id: int | None = None) -> Choice:
    asks = action.key if action.for_customer and customer_id is None else ""
    return Choice(
        found,
        action.icon,
        url="" if asks else action.address(customer_id) or "",
        asks=asks,
        label=str(action.label),
        shortcut=action.shortcut,
    )


def _pages(request: HttpRequest, text: str) -> Group:
    links = navigation.pages_for(request)
    answers = [
        (link, palette.answer(text, link.item.label, f"{link.item.keys} {link.item.key}")) for link in links
    ]
    choices = [
        Choice(
            found,
            link.item.icon,
            url=link.url,
            shortcut=f"g {link.item.shortcut}" if link.item.shortcut else "",
        )
        for link, found in answers
        if found is not None
    ]
    return _group("pages", _("去哪一页"), choices, PAGES if text else len(choices))


def _for_customer(request: HttpRequest, customer_id: int, text: str) -> Group:
    """What can be done for one customer, who must be within reach."""
    require(request.user, "customers.view")  # type: ignore[arg-type]
    if not recent_hits(request.user, [customer_id]):  # type: ignore[arg-type]
        return Group("for", "")
    opening = Action("open", _("打开客户页"), "desk:customer", "user", for_customer=True)
    actions = [opening, *(action for action in palette.actions_for(request) if action.for_customer)]
    answers = [(action, palette.answer(text, action.label, action.keys)) for action in actions]
    choices = [_choice(action, found, customer_id) for action, found in answers if found is not None]
    return _group("for", _("做什么"), choices, len(choices))


def _group(key: str, title: str, choices: list[Choice], most: int) -> Group:
    ordered = sorted(choices, key=lambda choice: not choice.pieces.is_whole)
    return Group(
        key, title, choices=tuple(ordered[:most]), is_whole=any(one.pieces.is_whole for one in ordered)
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None  # noqa: PLR2004 - an id
