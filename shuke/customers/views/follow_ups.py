"""跟进: what is due as a list and as a calendar, and the address for one's own calendar program."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.customers import services
from shuke.customers.models import Interaction
from shuke.customers.queries import contacts_for, day_choices, display_name, follow_up_counts, follow_ups_in
from shuke.customers.queries import follow_ups as due
from shuke.customers.services.feeds import digest_of
from shuke.customers.views.gate import actor_of, go, needs
from shuke.kernel import clock
from shuke.kernel.ical import CONTENT_TYPE
from shuke.kernel.keyset import BadCursor, keyset_page
from shuke.ui.toasts import flash

PAGE_SIZE = 30
SHOWN_IN_WEEK = 20
LONGEST_SECRET = 80
SPAN_WORDS = {
    due.OVERDUE: gettext_lazy("逾期"),
    due.TODAY: gettext_lazy("今天"),
    due.WEEK: gettext_lazy("本周"),
    due.LATER: gettext_lazy("以后"),
    due.ALL: gettext_lazy("全部"),
}
KIND_ICONS = {
    "call": "phone",
    "sms": "message",
    "email": "mail",
    "wechat": "brand-wechat",
    "visit": "door-enter",
    "meeting": "users",
    "gift": "gift",
}


@require_GET
@needs("customers.follow_up")
def follow_ups(request: HttpRequest) -> HttpResponse:
    """What is due: overdue, today, this week; mine or the whole store's."""
    only_own = request.GET.get("who") != "all"
    counts = follow_up_counts(actor_of(request), only_own=only_own)
    span = _span(request, counts)
    on = _day(request.GET.get("on", ""))
    rows = follow_ups_in(actor_of(request), due.ALL if on else span, only_own=only_own)
    if on:
        rows = rows.filter(due_on=on)
    try:
        page = keyset_page(
            rows.select_related("customer", "assignee", "plan"),
            order="due_on",
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
            size=PAGE_SIZE,
        )
    except BadCursor as error:
        raise Http404 from error
    context = {
        "lines": [_line(request, step) for step in page.rows],
        "page": page,
        "span": "" if on else span,
        "on": on,
        "tabs": [(key, words, _count_words(counts.get(key))) for key, words in SPAN_WORDS.items()],
        "who": "mine" if only_own else "all",
        "today": clock.today(),
        "days": day_choices(),
        "kinds": Interaction.Kind.choices,
        "view": "list",
    }
    return render(request, "customers/follow_ups.html", context)


def _span(request: HttpRequest, counts: dict[str, int]) -> str:
    """As asked; else what is most pressing."""
    asked = request.GET.get("span", "")
    if asked in SPAN_WORDS:
        return asked
    return due.OVERDUE if counts[due.OVERDUE] and not counts[due.TODAY] else due.TODAY


def _count_words(count: int | None) -> str:
    if not count:
        return ""
    return f"{due.MOST_COUNTED}+" if count > due.MOST_COUNTED else str(count)


def _line(request: HttpRequest, step: Any) -> dict[str, Any]:
    contacts = contacts_for(actor_of(request), step.customer)
    return {
        "step": step,
        "name": display_name(step.customer),
        "contacts": contacts,
        "icon": KIND_ICONS.get(step.kind, "calendar-event"),
        "late_days": (clock.today() - step.due_on).days,
    }


@require_GET
@needs("customers.follow_up")
def calendar(request: HttpRequest) -> HttpResponse:
    """A month or a week; on a phone the same days as a list."""
    today = clock.today()
    day = _day(request.GET.get("day", "")) or today
    is_week = request.GET.get("view") == "week"
    only_own = request.GET.get("who") != "all"
    start, end = _week(day) if is_week else _month(day)
    shown = SHOWN_IN_WEEK if is_week else due.SHOWN_A_DAY
    days = due.calendar_days(actor_of(request), start, end, only_own=only_own, shown=shown)
    context = {
        "days": days,
        "weeks": [days[n : n + 7] for n in range(0, len(days), 7)],
        "has_any": any(one.steps for one in days),
        "day": day,
        "end": end,
        "today": today,
        "is_week": is_week,
        "view": "week" if is_week else "month",
        "who": "mine" if only_own else "all",
        "before": (start - timedelta(days=1)) if is_week else day.replace(day=1) - timedelta(days=1),
        "after": (end + timedelta(days=1)) if is_week else _next_month(day),
        "icons": KIND_ICONS,
        "week_days": [_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), pgettext("星期", "日")],
    }
    return render(request, "customers/calendar.html", context)


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 2000 <= found.year <= 2100 else None


def _week(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _month(day: date) -> tuple[date, date]:
    """Whole weeks around the month."""
    first = day.replace(day=1)
    last = day.replace(day=monthrange(day.year, day.month)[1])
    return _week(first)[0], _week(last)[1]


def _next_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1]) + timedelta(days=1)


@require_http_methods(["GET", "POST"])
@needs("customers.follow_up")
def feed_settings(request: HttpRequest) -> HttpResponse:
    """The address for one's own calendar program: made, shown this once, made anew."""
    address = ""
    if request.method == "POST":
        secret = services.issue_feed(actor=actor_of(request))
        address = request.build_absolute_uri(reverse("customers:feed", args=[secret]))
    context = {"address": address, "feed": due.feed_of(actor_of(request))}
    response = render(request, "customers/feed.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@needs("customers.follow_up")
def revoke_feed(request: HttpRequest) -> HttpResponse:
    """The address works no more."""
    services.revoke_feed(actor=actor_of(request))
    flash(request, _("日历地址停用了，订阅它的程序不会再更新。"))
    return go(request, reverse("customers:feed_settings"))


@require_GET
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Somebody's follow-ups for their calendar program; whoever has the address reads it, nobody is signed in."""
    found = due.feed_with(digest_of(secret[:LONGEST_SECRET]))
    if found is None:
        raise Http404
    services.note_feed_read(found.pk)
    response = HttpResponse(due.feed_text(found.staff), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = 'inline; filename="shuke.ics"'
    response["Cache-Control"] = "private, max-age=600"
    response["X-Robots-Tag"] = "noindex"
    return response
