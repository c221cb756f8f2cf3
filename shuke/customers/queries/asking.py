"""Whom to ask about their data, what customers want changed, links to them, and how the week goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from shuke.customers.models import Customer, ProfileLink, ProfileProposal, ProfileQuality, ProfileReview
from shuke.customers.queries.changes import reading_of
from shuke.customers.queries.contact import Verdict, contact_allowed
from shuke.customers.queries.quality import Profile, field_words, profile_quality
from shuke.customers.queries.records import birthday_of, display_name, visible_customers
from shuke.customers.rules import asking as rules
from shuke.customers.rules import keeping
from shuke.kernel import clock
from shuke.kernel.timeline import SourceRows, TimelineEntry, TimelineWanted
from shuke.team.queries import Actor
from shuke.team.rules import NO_ROLE, may
from shuke.zh import regions

LOOKED_AT, MOST_COUNTED, MOST_PROPOSALS = 12, 100, 20
CHANNEL, ANSWER = "call", "answer"


@dataclass(frozen=True)
class Waiting:
    """The customer to go through next: the record, what is known of the profile, and whether they may be called now."""

    customer: Customer
    profile: Profile
    verdict: Verdict


@dataclass(frozen=True)
class Week:
    """What one person did this week (Monday to today), and everybody within reach."""

    own: dict[str, int]
    own_total: int
    everybody: int


def waiting_profiles(actor: Actor) -> QuerySet[ProfileQuality]:
    """Profiles within reach with something to ask about, the most urgent first; those put off left out."""
    if not may(getattr(actor, "ready_role", NO_ROLE), "customers.edit"):
        return ProfileQuality.objects.none()
    seen = visible_customers(actor).filter(pk=OuterRef("customer_id"))
    put_off = ProfileReview.objects.filter(
        customer_id=OuterRef("customer_id"), undone_at=None, shown_from__gt=clock.today()
    )
    rows = ProfileQuality.objects.filter(Exists(seen), ~Exists(put_off), urgency__gt=0)
    return rows.order_by("-urgency", "customer_id")


def count_waiting(actor: Actor) -> int:
    """How many wait, counted no further than a hundred; what customers want changed among them."""
    found = waiting_profiles(actor).order_by()[:MOST_COUNTED].count()
    return min(found + open_proposals(actor).order_by()[:MOST_COUNTED].count(), MOST_COUNTED)


def next_profile(actor: Actor, wanted_id: int | None = None) -> Waiting | None:
    """The customer whom asking helps most and who may be contacted (not too often lately), or the one wanted."""
    if wanted_id is not None:
        return _waiting(actor, wanted_id)
    for row in waiting_profiles(actor)[:LOOKED_AT]:
        found = _waiting(actor, row.customer_id)
        if found is not None and found.verdict.code not in (keeping.TOO_OFTEN, keeping.UNWANTED):
            return found
    return None


def _waiting(actor: Actor, customer_id: int) -> Waiting | None:
    customer = (
        visible_customers(actor).select_related("store", "account_manager").filter(pk=customer_id).first()
    )
    profile = profile_quality(customer_id) if customer else None
    if customer is None or profile is None:
        return None
    return Waiting(customer, profile, contact_allowed(customer_id, CHANNEL))


def week_of(actor: Actor) -> Week:
    """Decisions since Monday that stand, without those put off."""
    monday = clock.today() - timedelta(days=clock.today().weekday())
    done = ProfileReview.objects.filter(undone_at=None, decided_at__gte=clock.day_start(monday)).exclude(
        outcome=ProfileReview.Outcome.LATER
    )
    rows = done.filter(staff_id=actor.id or 0).order_by().values_list("outcome").annotate(n=Count("pk"))
    own = dict(rows)
    seen = visible_customers(actor).filter(pk=OuterRef("customer_id"))
    return Week(own, sum(own.values()), done.filter(Exists(seen)).count())


# --- links and answers ---


def live_links() -> QuerySet[ProfileLink]:
    """Links that still open: not answered, not taken back, not too old, of a customer who is there."""
    return ProfileLink.objects.filter(
        answered_at=None,
        revoked_at=None,
        expires_at__gt=clock.now(),
        customer__merged_into=None,
        customer__deleted_at=None,
    )


def link_of(customer_id: int) -> ProfileLink | None:
    """The newest link of a customer; reach is the caller's."""
    rows = ProfileLink.objects.filter(customer_id=customer_id).select_related("created_by")
    return rows.order_by("-pk").first()


def is_live(link: ProfileLink | None) -> bool:
    """Whether that link still opens."""
    return link is not None and live_links().filter(pk=link.pk).exists()


def current_values(customer: Customer) -> dict[str, Any]:
    """What a customer is asked about, as it stands: texts, the birthday, the address in one line; empty for nothing."""
    found: dict[str, Any] = {code: getattr(customer, code, "") for code in rules.ASKED}
    parts = (getattr(customer, part) for part in rules.PLACE)
    return found | {"birthday": birthday_of(customer), "address": str(regions.Region(*parts))}


# --- what waits for a look ---


@dataclass(frozen=True)
class Proposal:
    """What a customer wants changed, as the actor reads it."""

    id: int
    customer_id: int
    name: str
    field: str
    before: str
    after: str
    at: datetime


def open_proposals(actor: Actor) -> QuerySet[ProfileProposal]:
    """What customers within reach want changed and nobody has looked at, the oldest first."""
    if not may(getattr(actor, "ready_role", NO_ROLE), "customers.edit"):
        return ProfileProposal.objects.none()
    seen = visible_customers(actor)
    rows = ProfileProposal.objects.filter(state=ProfileProposal.State.OPEN, customer__in=seen)
    return rows.select_related("customer").order_by("pk")


def proposals_shown(actor: Actor, customer_id: int | None = None) -> list[Proposal]:
    """Those in words, of one customer or of all; contacts masked by the actor's role."""
    rows = open_proposals(actor)
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    found = list(rows[:MOST_PROPOSALS])
    reading = reading_of(actor) if found else None
    return [
        Proposal(
            id=row.pk,
            customer_id=row.customer_id,
            name=display_name(row.customer),
            field=field_words(row.field),
            before=reading.read(row.field, row.before),
            after=reading.read(row.field, row.after),
            at=row.created_at,
        )
        for row in found
        if reading is not None
    ]


def answer_words(answer: dict[str, Any]) -> str:
    """确认了 手机号、生日；改了 地址；等店里看 邮箱."""
    said = [
        (answer.get("right"), _("确认了 %(fields)s")),
        (answer.get("changed"), _("填写了 %(fields)s")),
        (answer.get("proposed"), _("想改 %(fields)s，等店里看过")),
    ]
    return _("；").join(
        words % {"fields": _("、").join(map(field_words, codes))} for codes, words in said if codes
    )


_ANSWERS = SourceRows(
    lambda: ProfileLink.objects.filter(answered_at__isnull=False), ANSWER, moment="answered_at"
)


def answer_entries(customer_ids: list[int], wanted: TimelineWanted) -> list[TimelineEntry]:
    """Customers who checked their own data behind a link, as entries of their timeline."""
    is_narrowed = wanted.channel or wanted.author or wanted.text or wanted.staff_id is not None
    if not wanted.wants(("change",)) or is_narrowed or wanted.direction:
        return []
    return [
        TimelineEntry(
            happened_at=row.answered_at,
            kind="change",
            title=_("客户自己核对了资料"),
            body=answer_words(row.answer),
            source=ANSWER,
            id=row.pk,
        )
        for row in _ANSWERS.page(customer_ids, wanted, lambda rows: rows)
        if row.answered_at is not None
    ]
