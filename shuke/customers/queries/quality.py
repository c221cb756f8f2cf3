"""How good profiles are: the score of one with its reasons, those of a list, and what all of a shop look like."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shuke.customers.models import ProfileQuality, QualityFigure, QualityPolicy
from shuke.customers.queries.quality_facts import facts_given, facts_select
from shuke.customers.rules import quality as rules
from shuke.customers.rules.quality import FieldState, Reason, Scheme
from shuke.kernel import clock
from shuke.team.queries import Actor, reach_of
from shuke.team.rules import Scope

YEAR_MONTHS = 12


@dataclass(frozen=True)
class Profile:
    """What is known about a profile by field, when somebody last had a word about it, and what follows from it."""

    kind: str
    score: int
    completeness: int
    freshness: int
    states: dict[str, FieldState]
    confirmed: dict[str, datetime]
    stale: frozenset[str]
    reasons: list[Reason]
    to_ask: list[str]

    @property
    def told(self) -> str:
        """The reasons in words."""
        return reasons_in_words(self.reasons)


def quality_policy() -> QualityPolicy:
    """What a good profile is to this shop; the usual where nothing was saved."""
    return QualityPolicy.objects.first() or QualityPolicy()


def quality_scheme() -> Scheme:
    """The same as the rules read it."""
    policy = quality_policy()
    return Scheme(policy.person, policy.company, policy.half_lives)


def profile_quality(customer_id: int) -> Profile | None:
    """How good one profile is, as of now. None for a customer who is merged, deleted or not there; reach is the caller's."""
    return profiles_quality([customer_id]).get(customer_id)


def profiles_quality(customer_ids: Iterable[int]) -> dict[int, Profile]:
    """How good these profiles are, as of now, read field by field."""
    scheme, now = quality_scheme(), clock.now()
    with connection.cursor() as cursor:
        cursor.execute(facts_select(of_some=True), {**facts_given(), "ids": list(customer_ids)})
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["id"]: _profile(row, scheme, now) for row in rows}


def _profile(row: dict[str, Any], scheme: Scheme, now: datetime) -> Profile:
    kind = rules.COMPANY if row["is_company"] else rules.PERSON
    states = {code: _state(row, code, now) for code in rules.CODES}
    return Profile(
        kind=kind,
        score=rules.score(kind, states, scheme),
        completeness=rules.completeness(kind, states, scheme),
        freshness=rules.freshness(kind, states, scheme),
        states=states,
        confirmed={code: row[f"{code}_at"] for code in rules.CODES},
        stale=frozenset(
            code for code, one in states.items() if rules.is_stale(one, scheme.half_life_days(code))
        ),
        reasons=rules.reasons(kind, states, scheme),
        to_ask=rules.to_ask(states, kind, scheme),
    )


def _state(row: dict[str, Any], code: str, now: datetime) -> FieldState:
    at, lost = row[f"{code}_at"], row[f"{code}_lost"]
    months = int((now - at).total_seconds() // (86_400 * rules.MONTH_DAYS))
    return FieldState(
        is_filled=row[f"{code}_filled"],
        months=min(max(months, 0), rules.MOST_MONTHS),
        is_doubtful=lost is not None and lost > at,
    )


# --- words ---


def field_words(code: str) -> str:
    """What a field is called."""
    return _(rules.FIELD_OF[code].words)


def reasons_in_words(reasons: Iterable[Reason]) -> str:
    """缺生日、地址；手机号 2 年没人核实过."""
    found = list(reasons)
    missing = [field_words(one.code) for one in found if one.what == rules.MISSING]
    said = [_reason_words(one) for one in found if one.what != rules.MISSING]
    if missing:
        said.append(_("缺%(fields)s") % {"fields": _("、").join(missing)})
    return _("；").join(said)


def _reason_words(reason: Reason) -> str:
    words = {"field": field_words(reason.code)}
    if reason.what == rules.DOUBTFUL:
        doubts = {"phone": _("手机号上次没打通"), "email": _("邮箱退过信")}
        return doubts.get(reason.code) or _("%(field)s可能不对了") % words
    if reason.months >= YEAR_MONTHS:
        years = reason.months // YEAR_MONTHS
        text = ngettext("%(field)s %(n)s 年没人核实过", "%(field)s %(n)s 年没人核实过", years)
        return text % {**words, "n": years}
    text = ngettext("%(field)s %(n)s 个月没人核实过", "%(field)s %(n)s 个月没人核实过", reason.months)
    return text % {**words, "n": reason.months}


# --- for lists ---


def quality_rows() -> QuerySet[ProfileQuality]:
    """All scores as a queryset, for set-based readers (`.values(...)`); no scope: for jobs, not for pages."""
    return ProfileQuality.objects.all()


def ids_lacking(codes: Iterable[str]) -> QuerySet[ProfileQuality, int]:
    """Ids of customers whose profile lacks any of these fields; no scope: to stand in another query."""
    return _ids_without("filled", rules.mask(codes))


def ids_unconfirmed(codes: Iterable[str]) -> QuerySet[ProfileQuality, int]:
    """Ids of customers of whose fields any of these is stale or doubtful; no scope: to stand in another query."""
    wanted = rules.mask(codes)
    rows = ProfileQuality.objects.annotate(
        found=F("stale").bitand(wanted) + F("doubtful").bitand(wanted)
    ).exclude(found=0)
    return rows.values_list("customer_id", flat=True)


def _ids_without(column: str, wanted: int) -> QuerySet[ProfileQuality, int]:
    rows = ProfileQuality.objects.annotate(found=F(column).bitand(wanted)).exclude(found=wanted)
    return rows.values_list("customer_id", flat=True)


# --- the whole shop ---


@dataclass(frozen=True)
class FieldFigure:
    """One field over all profiles of a kind within reach: how many have it, and of how many it is not to be relied on."""

    code: str
    words: str
    weight: int
    filled: int
    missing: int
    stale: int
    doubtful: int
    filled_share: float
    unsure: int
    unsure_share: float


@dataclass(frozen=True)
class Overview:
    """The profiles of one kind within an actor's reach, added up in the night or after a rebuild."""

    kind: str
    customers: int
    mean_score: int
    bands: tuple[int, ...]
    fields: tuple[FieldFigure, ...]
    as_of: datetime


def quality_overview(actor: Actor, kind: str, store_id: int | None = None) -> Overview | None:
    """All profiles of a kind within reach, or those of one store of it; None where there are none.

    Who sees only their own customers reads no sums of the stores.
    """
    rows = _figures(actor, store_id).filter(kind=kind)
    found = list(rows)
    customers = sum(row.customers for row in found)
    if not customers:
        return None
    scheme = quality_scheme()
    return Overview(
        kind=kind,
        customers=customers,
        mean_score=round(sum(row.score_sum for row in found) / customers),
        bands=tuple(_added(found, "bands")),
        fields=tuple(_field_figures(found, kind, customers, scheme)),
        as_of=min(row.as_of for row in found),
    )


def _figures(actor: Actor, store_id: int | None) -> QuerySet[QualityFigure]:
    reach = reach_of(actor)
    if reach.scope not in (Scope.ALL, Scope.STORE) or not actor.may("customers.view"):
        return QualityFigure.objects.none()
    if reach.scope is Scope.ALL:
        return QualityFigure.objects.filter(**{} if store_id is None else {"store_id": store_id})
    stores = reach.store_ids if store_id is None else reach.store_ids & {store_id}
    return QualityFigure.objects.filter(store_id__in=sorted(stores))


def _added(rows: list[QualityFigure], name: str) -> list[int]:
    return [sum(parts) for parts in zip(*(getattr(row, name) for row in rows), strict=True)]


def _field_figures(
    rows: list[QualityFigure], kind: str, customers: int, scheme: Scheme
) -> Iterable[FieldFigure]:
    sums = zip(rules.CODES, *(_added(rows, name) for name in ("filled", "stale", "doubtful")), strict=True)
    for code, filled, stale, doubtful in sums:
        weight = scheme.weight(kind, code)
        if weight:
            unsure = stale + doubtful
            yield FieldFigure(
                code, field_words(code), weight, filled, customers - filled, stale, doubtful,
                filled / customers, unsure, unsure / filled if filled else 0.0,
            )  # fmt: skip
