"""Pages of 核对: likely pairs one after the other, merging two records, parting them, and 归谁."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.customers.models import DuplicatePair, Merge, MergeQuestion
from shuke.customers.queries import count_conflicts, display_name, search_customers
from shuke.customers.queries.asking import count_waiting
from shuke.customers.queries.duplicates import likely_doubles
from shuke.customers.queries.merging import (
    count_pairs,
    keys_in_words,
    last_scan,
    merge_sheet,
    merged_names,
    merges_seen,
    open_pairs,
    open_questions,
    shown_pair,
)
from shuke.customers.rules import custom as own
from shuke.customers.rules.merging import BOTH, LOSER, WINNER
from shuke.customers.services import merging
from shuke.customers.services.custom_values import CustomKeeper
from shuke.customers.services.merging import CannotMerge, Choices, VerifiedDiffer, part_named
from shuke.customers.services.pairs import decide_pair, reopen_pair
from shuke.customers.services.scanning import start_scan
from shuke.customers.views.gate import actor_of, go, needs, reached
from shuke.kernel.keyset import BadCursor, keyset_page
from shuke.ui.toasts import flash

PAGE_SIZE, MOST_COUNTED, MOST_FOUND = 30, 100, 8
TAKE = "take-"


def check_tabs(request: HttpRequest) -> dict[str, Any]:
    """What the tabs of 核对 need; counts go no further than a hundred."""
    actor = actor_of(request)
    return {
        "pair_count": count_pairs(actor, MOST_COUNTED),
        "conflict_count": count_conflicts(actor),
        "profile_count": count_waiting(actor),
        "question_count": open_questions(actor).order_by()[:MOST_COUNTED].count(),
        "may_merge": request.user.may("customers.merge"),  # type: ignore[union-attr]
    }


@require_GET
@needs("customers.edit")
def pairs(request: HttpRequest) -> HttpResponse:
    """The likeliest pair, ready to be merged; once decided, the next one."""
    actor = actor_of(request)
    pair = open_pairs(actor).first()
    context = {"tab": "pairs", "scan": last_scan(), **check_tabs(request)}
    if pair is not None:
        context |= _sheet(request, pair.first_id, pair.second_id) | {"shown": shown_pair(pair)}
    return render(request, "customers/check_pairs.html", context)


def _sheet(request: HttpRequest, winner_id: int, loser_id: int) -> dict[str, Any]:
    """Two records side by side; `keep` names the one that stays, `all` from which side everything is taken."""
    actor = actor_of(request)
    keep = request.GET.get("keep", "")
    if keep == str(loser_id):
        winner_id, loser_id = loser_id, winner_id
    wanted = request.GET.get("all", "")
    all_from = wanted if wanted in (WINNER, LOSER) else ""
    try:
        sheet = merge_sheet(actor, winner_id, loser_id, all_from=all_from)
    except ObjectDoesNotExist:
        raise Http404 from None
    return {
        "sheet": sheet,
        "all_from": all_from,
        "keys": [keys_in_words(actor, side.id) for side in sheet.sides],
        "verified": merging.verified_differences(winner_id, loser_id),
    }


@require_POST
@needs("customers.edit")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Not the same person, or later; then the next pair."""
    get_object_or_404(open_pairs(actor_of(request)), pk=pk)
    decision = "later" if request.POST.get("decision") == "later" else "different"
    decide_pair(actor=actor_of(request), pair_id=pk, decision=decision)
    words = _("一周后再提醒。") if decision == "later" else _("记下了：不是同一人。")
    flash(request, words, undo_url=reverse("customers:reopen_pair", args=[pk]))
    return go(request, reverse("customers:pairs"))


@require_POST
@needs("customers.edit")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back."""
    try:
        reopen_pair(actor=actor_of(request), pair_id=pk)
    except DuplicatePair.DoesNotExist:
        raise Http404 from None
    return go(request, reverse("customers:pairs"))


@require_POST
@needs("customers.merge")
def scan(request: HttpRequest) -> HttpResponse:
    """Look through all customers now."""
    start_scan(actor=actor_of(request))
    return go(request, reverse("customers:pairs"))


@require_GET
@needs("customers.edit")
def scan_progress(request: HttpRequest) -> HttpResponse:
    """The bar of a running search; once it is done the page is shown anew."""
    scan = last_scan()
    if scan is None or scan.state != scan.State.RUNNING:
        return go(request, reverse("customers:pairs"))
    return render(request, "customers/_scan.html", {"scan": scan})


@require_http_methods(["GET", "POST"])
@needs("customers.merge")
def merge(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Two records side by side, field by field; posting makes them one."""
    reached(request, pk)
    reached(request, other)
    problem = ""
    if request.method == "POST":
        try:
            done = merging.merge_customers(
                actor=actor_of(request), winner_id=pk, loser_id=other, choices=_choices(request)
            )
        except VerifiedDiffer as error:
            problem = str(error)
        except CannotMerge as error:
            problem = str(error)
        else:
            return _merged(request, done)
    context = _sheet(request, pk, other) | {"problem": problem, "next": _next(request)}
    return render(request, "customers/merge.html", context, status=422 if problem else 200)


def _choices(request: HttpRequest) -> Choices:
    fields = {
        key.removeprefix(TAKE): value
        for key, value in request.POST.items()
        if key.startswith(TAKE) and value in (WINNER, LOSER, BOTH)
    }
    known = merging.choice_keys()
    return Choices(
        fields={key: value for key, value in fields.items() if key in known},
        accepts_two_verified=request.POST.get("accepts_two_verified") == "1",
    )


def _next(request: HttpRequest) -> str:
    return "queue" if (request.POST.get("next") or request.GET.get("next")) == "queue" else ""


def _merged(request: HttpRequest, done: Merge) -> HttpResponse:
    words = _("已合并到 %(name)s。") % {"name": display_name(done.winner)}
    flash(request, words, undo_url=reverse("customers:unmerge", args=[done.pk]))
    if _next(request) == "queue":
        return go(request, reverse("customers:pairs"))
    return go(request, reverse("desk:customer", args=[done.winner_id]))


@require_GET
@needs("customers.merge")
def choose_other(request: HttpRequest, pk: int) -> HttpResponse:
    """With whom to merge: those who look alike, or searched for."""
    actor, customer = actor_of(request), reached(request, pk)
    text = request.GET.get("q", "").strip()[:60]
    found = [one for one in search_customers(actor, text, limit=MOST_FOUND) if one.id != pk] if text else []
    likely = likely_doubles(actor, name=customer.name, phone=customer.phone, excluding=pk) if not text else []
    context = {
        "customer": customer,
        "name": display_name(customer),
        "q": text,
        "found": found,
        "likely": likely,
    }
    return render(request, "customers/merge_choose.html", context)


@require_GET
@needs("customers.merge")
def merges(request: HttpRequest) -> HttpResponse:
    """What was merged, the latest first; each can be taken back."""
    try:
        page = keyset_page(
            merges_seen(actor_of(request)), order="-id", after=request.GET.get("after", ""), size=PAGE_SIZE
        )
    except BadCursor:
        return go(request, reverse("customers:merges"))
    rows = [
        {"merge": one, "winner": display_name(one.winner), "loser": display_name(one.loser)}
        for one in page.rows
    ]
    context = {"tab": "merges", "rows": rows, "page": page, **check_tabs(request)}
    return render(request, "customers/check_merges.html", context)


@require_POST
@needs("customers.merge")
def unmerge(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge back; if something has to be asked, ask it."""
    get_object_or_404(merges_seen(actor_of(request)), pk=pk)
    try:
        questions = merging.unmerge(actor=actor_of(request), merge_id=pk)
    except CannotMerge as error:
        flash(request, str(error), level="warn")
        return go(request, reverse("customers:merges"))
    if questions:
        flash(request, _("分开了。合并期间新来的，请说一下归谁。"))
        return go(request, reverse("customers:questions"))
    flash(request, _("分开了，两份资料都回到原样。"))
    done = Merge.objects.get(pk=pk)
    return go(request, reverse("desk:customer", args=[done.loser_id]))


@require_GET
@needs("customers.merge")
def questions(request: HttpRequest) -> HttpResponse:
    """归谁: what came while two customers were one."""
    rows = list(open_questions(actor_of(request))[:MOST_COUNTED])
    words = _question_words(rows)
    names = merged_names({pk for row in rows for pk in (row.merge.winner_id, row.merge.loser_id)})
    shown = [
        {
            "row": row,
            "kind": words[row.pk][0],
            "words": words[row.pk][1],
            "winner": names[row.merge.winner_id],
            "loser": names[row.merge.loser_id],
        }
        for row in rows
    ]
    context = {"tab": "questions", "questions": shown, **check_tabs(request)}
    return render(request, "customers/check_questions.html", context)


def _question_words(rows: list[MergeQuestion]) -> dict[int, tuple[str, str]]:
    """What each question is about: the kind of thing, and the thing in a line."""
    found: dict[int, tuple[str, str]] = {}
    for name in {row.part for row in rows}:
        part = part_named(name)
        mine = [row for row in rows if row.part == name]
        if part is None:
            label = merging.column_label(name)
            found |= {row.pk: (label, _told(name, row.facts.get("now")) or _("（空）")) for row in mine}
            continue
        ids = [row.row_id for row in mine if row.row_id is not None]
        told = part.describe(ids) if part.describe else {}
        found |= {row.pk: (str(part.words), told.get(row.row_id or 0, f"#{row.row_id}")) for row in mine}
    return found


def _told(name: str, value: Any) -> str:
    """A value of a column in words."""
    if own.id_in(name) is not None:
        return CustomKeeper().shown(name, value, is_masked=False)
    return str(value or "")


@require_POST
@needs("customers.merge")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whose it is, or take that back."""
    given = request.POST.get("answer", "")
    words = _("记下了。")
    try:
        merging.answer_question(
            actor=actor_of(request), question_id=pk, answer=given if given in ("winner", "loser") else ""
        )
    except MergeQuestion.DoesNotExist:
        raise Http404 from None
    except CannotMerge as error:
        flash(request, str(error), level="warn")
        return go(request, reverse("customers:questions"))
    flash(request, words, undo_url=reverse("customers:answer_question", args=[pk]) if given else "")
    return go(request, reverse("customers:questions"))
