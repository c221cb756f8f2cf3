"""发现人群: groups of alike customers with readable names, each ready to be kept."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.desk.queries.filtering import Said
from shuke.segments.queries.discovery import Found, discover
from shuke.segments.queries.segments import words_of
from shuke.segments.rules import LESS, MORE, Manner
from shuke.segments.views.addresses import SAFE, conditions_url
from shuke.team.gate import needs
from shuke.team.rules import may
from shuke.ui.templatetags.shuke import fen_plain

CHOICES, USUAL = (3, 4, 5, 6, 7), 5


@dataclass(frozen=True)
class Card:
    """One group as it is shown."""

    found: Found
    name: str
    words: list[Said]
    list_url: str
    keep_url: str


@require_GET
@needs("segments.view")
def discover_segments(request: HttpRequest) -> HttpResponse:
    """As many groups as asked for, largest first."""
    actor: Any = request.user
    asked = request.GET.get("n", "")
    count = int(asked) if asked in {str(one) for one in CHOICES} else USUAL
    found = discover(actor, count)
    groups = found.groups if found else []
    context = {
        "cards": [
            Card(
                one,
                name,
                words_of(actor, one.conditions),
                conditions_url(one.conditions),
                _keep_url(one.conditions, name),
            )
            for one, name in zip(groups, _names(groups), strict=True)
        ],
        "found": found,
        "count": count,
        "choices": CHOICES,
        "may_edit": may(actor.ready_role, "segments.edit"),
    }
    return render(request, "segments/discover.html", context)


def _keep_url(conditions: str, name: str) -> str:
    return f"{reverse('segments:edit')}?{urlencode({'f': conditions, 'name': name}, safe=SAFE)}"


def _names(groups: list[Found]) -> list[str]:
    """What each group is like; groups alike in words are told apart by their money per visit."""
    plain = [_name(one.manner) for one in groups]
    often = Counter(plain)
    return [
        name
        if often[name] == 1
        else _("%(name)s（每次约 %(money)s）") % {"name": name, "money": fen_plain(one.basket_fen)}
        for name, one in zip(plain, groups, strict=True)
    ]


def _name(manner: Manner) -> str:
    came_often = manner.silence == MORE and manner.times == MORE
    words = [_silence(manner), _("从前常来") if came_often else _times(manner), _basket(manner)]
    said = [word for word in words if word]
    return capfirst(_("、").join(said)) if said else _("各方面都居中")


def _silence(manner: Manner) -> str:
    return {LESS: _("最近来过"), MORE: _("很久没来")}.get(manner.silence, "")


def _times(manner: Manner) -> str:
    if manner.is_once:
        return _("只来过一次")
    return {LESS: _("来得少"), MORE: _("常来")}.get(manner.times, "")


def _basket(manner: Manner) -> str:
    return {LESS: _("每次买得少"), MORE: _("每次买得多")}.get(manner.basket, "")
