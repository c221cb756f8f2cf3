"""人群: all of them, and the page of one."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.desk.queries.filtering import Said
from shuke.desk.queries.filtering.words import LEVEL_WORDS
from shuke.segments.models import Segment
from shuke.segments.queries.growth import Growth, changes_lately, growth_of
from shuke.segments.queries.members import sizes_of, summary_of
from shuke.segments.queries.segments import visible_segments, words_of
from shuke.segments.rules import Change
from shuke.segments.views.addresses import builder_url, list_url
from shuke.team.gate import needs
from shuke.team.rules import may
from shuke.ui.templatetags.shuke import count as counted
from shuke.ui.templatetags.shuke import day

NO_CHANGE = Change(0, 0)


@dataclass(frozen=True)
class Line:
    """One segment among all of them, in the visitor's own figures."""

    segment: Segment
    words: list[Said]
    size: int
    change: Change
    url: str


@dataclass(frozen=True)
class Level:
    """The members of one value level."""

    code: str
    label: str
    customers: int
    url: str


@require_GET
@needs("segments.view")
def segments(request: HttpRequest) -> HttpResponse:
    """Every segment one sees, with how many are in it and how that changed within a month."""
    actor: Any = request.user
    found = list(visible_segments(actor).order_by("name"))
    ids = [one.pk for one in found]
    sizes, changes = sizes_of(actor, ids), changes_lately(actor, ids)
    lines = [
        Line(
            one,
            words_of(actor, one.conditions),
            sizes.get(one.pk, 0),
            changes.get(one.pk, NO_CHANGE),
            list_url(one.pk),
        )
        for one in found
    ]
    context = {
        "lines": sorted(lines, key=lambda line: -line.size),
        "may_edit": may(actor.ready_role, "segments.edit"),
        "new_url": builder_url(),
    }
    return render(request, "segments/segments.html", context)


@require_GET
@needs("segments.view")
def segment(request: HttpRequest, pk: int) -> HttpResponse:
    """One segment: its conditions, its members in figures, how it grows, who came and who went."""
    actor: Any = request.user
    found = get_object_or_404(visible_segments(actor).select_related("made_by"), pk=pk)
    summary, growth = summary_of(actor, pk), growth_of(actor, found)
    levels = [
        Level(code, str(LEVEL_WORDS[code]), n, list_url(pk, f"level.in.{code}"))
        for code, n in summary.by_level.items()
        if code
    ]
    context = {
        "segment": found,
        "words": words_of(actor, found.conditions),
        "summary": summary,
        "growth": growth,
        "chart": _chart(growth),
        "levels": levels,
        "unbought": summary.by_level[""],
        "members_url": list_url(pk),
        "may_edit": may(actor.ready_role, "segments.edit"),
        "others": visible_segments(actor).exclude(pk=pk).order_by("name").values_list("pk", "name"),
    }
    return render(request, "segments/segment.html", context)


def _chart(growth: Growth) -> dict[str, Any] | None:
    """Members by day, once there is more than one day to show."""
    if len(growth.days) < 2:
        return None
    labels = [day(one) for one in growth.days]
    first, last = growth.sizes[0], growth.sizes[-1]
    words = {"since": labels[0], "first": counted(first), "last": counted(last)}
    said = _("%(since)s %(first)s 位，今天 %(last)s 位。") % words
    if growth.redefined_on:
        said += _("%(day)s改过条件。") % {"day": day(growth.redefined_on[-1])}
    return {
        "data": {
            "labels": labels,
            "series": [{"name": _("客户"), "values": growth.sizes}],
            "format": "count",
            "unit": _("位"),
        },
        "table": {
            "head": [_("日期"), _("客户")],
            "rows": [[label, size] for label, size in zip(labels, growth.sizes, strict=True)],
        },
        "caption": said,
    }
