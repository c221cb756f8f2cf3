"""What a person was told: mentions, customers they follow, what is overdue."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shuke.kernel.keyset import BadCursor
from shuke.team import services
from shuke.team.models import Notice, Staff
from shuke.team.ports import notice_words
from shuke.team.queries import notices_of
from shuke.ui.toasts import flash


@dataclass(frozen=True)
class NoticeLine:
    """A notice in words."""

    id: int
    icon: str
    text: str
    told_at: datetime
    is_read: bool


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """Every notice of one's own, the newest first."""
    try:
        page = notices_of(_reader(request).pk, after=request.GET.get("after", ""))
    except BadCursor as error:
        raise Http404 from error
    context = {"lines": _lines(request, page.rows), "page": page}
    return render(request, "team/notices.html", context)


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it, and go where it leads."""
    notice = Notice.objects.filter(pk=pk, staff_id=_reader(request).pk).first()
    if notice is None:
        raise Http404
    services.read_notices(actor=_reader(request), notice_id=pk)
    return redirect(notice.url if notice.url.startswith("/") else reverse("team:notices"))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """All of them are read."""
    services.read_notices(actor=_reader(request))
    flash(request, _("都看过了。"))
    return redirect("team:notices")


def _reader(request: HttpRequest) -> Staff:
    return cast(Staff, request.user)  # the middleware turned everybody else away


def _lines(request: HttpRequest, rows: list[Notice]) -> list[NoticeLine]:
    """In words, kind by kind; what its room may not tell this reader any more is left out."""
    found: dict[int, NoticeLine] = {}
    ordered = sorted(rows, key=lambda row: row.kind)
    for kind, group in groupby(ordered, key=lambda row: row.kind):
        words, of_kind = notice_words(kind), list(group)
        if words is None:
            continue
        texts = words.lines(request.user, [row.facts for row in of_kind])
        for row, text in zip(of_kind, texts, strict=True):
            if text:
                found[row.pk] = _line(row, words.icon, text)
    return [found[row.pk] for row in rows if row.pk in found]


def _line(row: Any, icon: str, text: str) -> NoticeLine:
    return NoticeLine(row.pk, icon, text, row.told_at, is_read=row.read_at is not None)
