"""Two or three segments beside each other: what they share, and how their customers differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.segments.models import Segment
from shuke.segments.queries.comparing import Overlap, Part, Profile, overlaps, profile_of
from shuke.segments.queries.segments import visible_segments
from shuke.segments.views.addresses import conditions_url, list_url
from shuke.team.gate import needs
from shuke.ui.templatetags.shuke import count, fen_plain, percent1

MOST = 3


@dataclass(frozen=True)
class Shared:
    """One part of what segments share: its name, its customers, how many the largest part holds, and its list."""

    label: str
    customers: int
    most: int
    url: str


@require_GET
@needs("segments.view")
def compare(request: HttpRequest) -> HttpResponse:
    """The segments that `with` names; fewer than two: a choice of them."""
    actor: Any = request.user
    everyone = list(visible_segments(actor).order_by("name"))
    asked = [
        int(one) for one in dict.fromkeys(request.GET.getlist("with")) if one.isascii() and one.isdigit()
    ]
    by_id = {one.pk: one for one in everyone}
    chosen = [by_id[pk] for pk in asked if pk in by_id][:MOST]
    context: dict[str, Any] = {
        "chosen": chosen,
        "slots": [(place, chosen[place].pk if place < len(chosen) else 0) for place in range(MOST)],
        "everyone": everyone,
    }
    if len(chosen) > 1:
        profiles = [profile_of(actor, one.pk) for one in chosen]
        context |= {"shared": _shared(chosen, overlaps(actor, [one.pk for one in chosen]))}
        context |= {"rows": _rows(profiles), "blocks": _blocks(chosen, profiles)}
    return render(request, "segments/compare.html", context)


def _shared(chosen: Sequence[Segment], parts: Sequence[Overlap]) -> list[Shared]:
    """Every part with its customers; each opens them as a list."""
    most = max((part.customers for part in parts), default=0)
    return [
        Shared(_part_words(chosen, part), part.customers, most, _part_url(chosen, part)) for part in parts
    ]


def _part_words(chosen: Sequence[Segment], part: Overlap) -> str:
    names = [one.name for one, is_in in zip(chosen, part.is_in, strict=True) if is_in]
    if len(names) == 1:
        return _("只在「%(name)s」") % {"name": names[0]}
    return " + ".join(f"「{name}」" for name in names)


def _part_url(chosen: Sequence[Segment], part: Overlap) -> str:
    return conditions_url(
        *(
            f"segment.{'in' if is_in else 'not'}.{one.pk}"
            for one, is_in in zip(chosen, part.is_in, strict=True)
        )
    )


def _rows(profiles: Sequence[Profile]) -> list[tuple[str, list[str]]]:
    """What is compared, and each segment's figure."""
    return [
        (_("客户"), [count(one.customers) for one in profiles]),
        (_("未来一年价值，每位"), [_yuan(one.clv_year_fen) for one in profiles]),
        (_("累计消费，每位"), [_yuan(one.spent_fen) for one in profiles]),
        (_("每次消费"), [_yuan(one.basket_fen) for one in profiles]),
        (_("消费次数，每位"), [f"{one.purchases:.1f}" for one in profiles]),
        (_("90 天内来过"), [percent1(one.came_lately) for one in profiles]),
        (_("流失可能，平均"), [percent1(one.leaving_chance) for one in profiles]),
    ]


def _yuan(fen: int) -> str:
    """Averages in whole yuan."""
    return fen_plain(round(fen, -2))


def _blocks(chosen: Sequence[Segment], profiles: Sequence[Profile]) -> list[dict[str, Any]]:
    """Value level, stage and channel: what share of each segment."""
    return [
        _block(_("价值"), "level", chosen, [one.levels for one in profiles]),
        _block(_("阶段"), "stage", chosen, [one.stages for one in profiles]),
        _block(_("在什么渠道买过"), "bought_through", chosen, [one.channels for one in profiles]),
    ]


def _block(
    title: str, field: str, chosen: Sequence[Segment], parts: Sequence[Sequence[Part]]
) -> dict[str, Any]:
    rows = [
        (
            same[0].label,
            [
                (part, list_url(one.pk, f"{field}.in.{part.value}"))
                for one, part in zip(chosen, same, strict=True)
            ],
        )
        for same in zip(*parts, strict=True)
    ]
    return {"title": title, "rows": rows}
