"""Making and changing a segment, and the steps of its page."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shuke.desk.queries.filtering import BadFilter, Narrowed, read
from shuke.desk.queries.listing import count_matching
from shuke.segments import services
from shuke.segments.models import Segment
from shuke.segments.queries.segments import visible_segments, words_of
from shuke.segments.services import SegmentForm
from shuke.segments.views.addresses import builder_url
from shuke.team.gate import needs
from shuke.ui import toasts


@needs("segments.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Name what the builder was asked for; with `about` it changes that segment."""
    actor: Any = request.user
    given = request.POST or request.GET
    about = given.get("about", "")
    known = get_object_or_404(visible_segments(actor), pk=int(about)) if about.isdigit() else None
    conditions = given.get("f", known.conditions if known else "")
    if request.method == "GET" and not conditions:
        return HttpResponseRedirect(builder_url())
    form, problems = _form(request, known, conditions), {}
    if request.method == "POST":
        try:
            return _save(request, known, form)
        except ValidationError as error:
            problems = {name: words[0] for name, words in _by_name(error).items()}
    context = {
        "known": known,
        "form": form,
        "problems": problems,
        "words": words_of(actor, conditions),
        "count": _count(actor, conditions),
        "builder_url": builder_url(conditions, about),
    }
    return render(request, "segments/edit.html", context, status=422 if problems else 200)


def _form(request: HttpRequest, known: Segment | None, conditions: str) -> SegmentForm:
    """What was typed; before that, what the segment is."""
    if request.method == "POST":
        typed = request.POST
        return SegmentForm(
            typed.get("name", ""), conditions, typed.get("description", ""), typed.get("kind") == "frozen"
        )
    if known is None:
        return SegmentForm(request.GET.get("name", "")[:60], conditions)
    return SegmentForm(known.name, conditions, known.description, known.frozen_at is not None)


def _save(request: HttpRequest, known: Segment | None, form: SegmentForm) -> HttpResponse:
    actor: Any = request.user
    if known is None:
        pk = services.create_segment(actor=actor, form=form)
        toasts.flash(
            request,
            _("人群已建好"),
            undo_url=reverse("segments:step", args=[pk, "delete"]),
        )
    else:
        pk = known.pk
        services.change_segment(actor=actor, segment_id=pk, form=form)
        toasts.flash(request, _("人群已保存"))
    return HttpResponseRedirect(reverse("segments:segment", args=[pk]))


def _by_name(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {"name": error.messages}


def _count(actor: Any, conditions: str) -> Any:
    try:
        return count_matching(actor, Narrowed(wanted=read(conditions)))
    except BadFilter:
        return None


@require_POST
@needs("segments.edit")
def take_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step with a segment; afterwards its page, or all of them once it is gone."""
    try:
        words, undo = _step(request, pk, step)
    except Segment.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        toasts.flash(request, error.messages[0], level="error")
        return HttpResponseRedirect(reverse("segments:segments"))
    toasts.flash(request, words, undo_url=undo)
    if step == "delete":
        return HttpResponseRedirect(reverse("segments:segments"))
    return HttpResponseRedirect(reverse("segments:segment", args=[pk]))


def _step(request: HttpRequest, pk: int, step: str) -> tuple[str, str]:
    """What was done, in words, and the address that takes it back."""
    actor: Any = request.user
    if step == "recount":
        services.recount_segment(actor=actor, segment_id=pk)
        return _("已按条件重新算过"), ""
    if step == "freeze":
        services.freeze_segment(actor=actor, segment_id=pk)
        return _("已固定，以后成员不再变"), reverse("segments:step", args=[pk, "follow"])
    if step == "follow":
        services.follow_segment(actor=actor, segment_id=pk)
        return _("已改为自动更新"), reverse("segments:step", args=[pk, "freeze"])
    if step == "delete":
        services.delete_segment(actor=actor, segment_id=pk)
        return _("人群已删除"), reverse("segments:step", args=[pk, "restore"])
    if step == "restore":
        services.restore_segment(actor=actor, segment_id=pk)
        return _("人群已恢复"), ""
    raise Http404
