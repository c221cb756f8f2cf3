"""Fields about who looks after a customer and how we keep in touch."""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from shuke.assignment.queries import in_pool_ids
from shuke.customers.queries import (
    all_tags,
    customers_shared_with,
    due_follow_ups,
    follow_ups_of,
    open_follow_ups,
    tag_categories,
)
from shuke.customers.queries.choices import CHANNELS, HOURS
from shuke.desk import rules
from shuke.desk.ports import ALL, IN, NO, NONE, NOT, SOME, SPAN, YES, Asked, FilterField, Kind, numbers_of
from shuke.desk.queries.filtering import words
from shuke.desk.queries.filtering.columns import (
    CARE,
    DAYS,
    ME,
    MOST_CHOICES,
    NAMES_KEPT_SECONDS,
    TRAITS,
    Choices,
    days_column,
    field,
    fixed,
    id_column,
    kept_choices,
    words_field,
)
from shuke.desk.queries.filtering.facets import facet_field
from shuke.team.queries import reach_of, visible_staff, visible_stores
from shuke.team.rules import Scope

MOST_TAGS = 400


def _tags(asked: Asked) -> Q:
    if asked.op in (NONE, SOME):
        return Q(tag_ids=[]) if asked.op == NONE else ~Q(tag_ids=[])
    ids = numbers_of(asked)
    if asked.op == ALL:
        return Q(tag_ids__contains=ids)
    found = Q(tag_ids__overlap=ids)
    return ~found if asked.op == NOT else found


def _follow_up(asked: Asked) -> Q:
    found = Q()
    for value in asked.values:
        due = {
            "overdue": lambda: Q(
                customer_id__in=_of(due_follow_ups(asked.actor, asked.today - timedelta(days=1)))
            ),
            "today": lambda: Q(customer_id__in=_of(open_follow_ups(asked.actor).filter(due_on=asked.today))),
            "open": lambda: Q(customer_id__in=_of(open_follow_ups(asked.actor))),
            # of the row's own customer, who is within reach already: one look into an index for each row of the walk
            "nothing": lambda: ~Q(Exists(follow_ups_of(OuterRef("customer_id")).order_by())),
        }
        if value not in due:
            raise ValueError(value)
        found |= due[value]()
    return found


def _of(follow_ups: Any) -> Any:
    return follow_ups.order_by().values("customer_id")


def _stores(actor: Any) -> Choices:
    return kept_choices(
        actor, "stores", lambda: [(str(one.pk), one.name) for one in visible_stores(actor)[:MOST_CHOICES]]
    )


def _managers(actor: Any) -> Choices:
    people = kept_choices(
        actor, "people", lambda: [(str(one.pk), one.name) for one in visible_staff(actor)[:MOST_CHOICES]]
    )
    return [(ME, _("我自己")), ("0", _("还没有负责人")), *people]


def _known_tags(actor: Any) -> Choices:
    return kept_choices(actor, "tags", lambda: [(str(tag.pk), tag.name) for tag in all_tags()[:MOST_CHOICES]])


def trait_fields(actor: Any) -> Iterable[FilterField]:
    """Interests, values, needs …: one field for each category of tags that the shop uses."""
    groups = cache.get_or_set("desk.traits", _traits, NAMES_KEPT_SECONDS) or ()
    for code, name, tags in groups:
        ops = (IN, ALL, NOT, NONE, SOME)
        build = partial(_trait, tags)
        offered = partial(_same, tags)
        yield FilterField(f"trait_{code}"[:40], name, TRAITS, Kind.CHOICE, ops, build, choices=offered)


def _traits() -> list[tuple[str, str, Choices]]:
    """Code, name and tags of each category that a condition can name and that has tags."""
    by_code: dict[str, list[tuple[str, str]]] = {}
    for tag in all_tags()[:MOST_TAGS]:
        by_code.setdefault(tag.category, []).append((str(tag.pk), tag.name))
    return [
        (one.code, one.name, by_code[one.code])
        for one in tag_categories()
        if one.code in by_code and not one.is_hidden and re.fullmatch(r"[a-z][a-z0-9_]*", one.code)
    ]


def _trait(tags: Choices, asked: Asked) -> Q:
    if asked.op not in (NONE, SOME):
        return _tags(asked)
    found = Q(tag_ids__overlap=[int(pk) for pk, _name in tags])
    return ~found if asked.op == NONE else found


def _same(tags: Choices, actor: Any) -> Choices:
    return tags


def _collaborator(asked: Asked) -> Q:
    """Oneself is asked for so often, and known with the reach, that no table is looked at for it."""
    reach = reach_of(asked.actor)
    if asked.values == (ME,) and reach.scope is not Scope.ALL:
        found = Q(customer_id__in=sorted(reach.shared_ids))
        return ~found if asked.op == NOT else found
    own = [str(asked.actor.id) if value == ME else value for value in asked.values]
    ids = numbers_of(Asked(asked.actor, asked.op, tuple(own), asked.today))
    found = Q(customer_id__in=customers_shared_with(ids))
    return ~found if asked.op == NOT else found


def _in_pool(asked: Asked) -> Q:
    found = Q(customer_id__in=in_pool_ids())
    return ~found if asked.op == NO else found


def _colleagues(actor: Any) -> Choices:
    return [one for one in _managers(actor) if one[0] != "0"]


CARING: tuple[FilterField, ...] = (
    field(
        "store", _("门店"), CARE, Kind.CHOICE, f"{IN} {NOT}", partial(id_column, "store_id"), choices=_stores
    ),
    field(
        "manager",
        _("负责人"),
        CARE,
        Kind.CHOICE,
        f"{IN} {NOT}",
        partial(id_column, "account_manager_id"),
        choices=_managers,
    ),
    field("collaborator", _("协作人"), CARE, Kind.CHOICE, f"{IN} {NOT}", _collaborator, choices=_colleagues),
    field("pool", _("在公海"), CARE, Kind.FLAG, f"{YES} {NO}", _in_pool),
    field("tag", _("标签"), CARE, Kind.CHOICE, f"{IN} {ALL} {NOT} {NONE} {SOME}", _tags, choices=_known_tags),
    field("follow", _("跟进"), CARE, Kind.CHOICE, IN, _follow_up, choices=fixed(words.FOLLOW_UP_WORDS)),
    field(
        "touched",
        _("最近联系"),
        CARE,
        Kind.DAYS,
        f"{SPAN} {NONE}",
        partial(days_column, "touched_on"),
        unit=DAYS,
    ),
    words_field("touch_kind", _("最近联系方式"), CARE, "touch_kind", (rules.TOUCHES, words.TOUCH_WORDS)),
    field(
        "touch_by",
        _("最近谁联系的"),
        CARE,
        Kind.CHOICE,
        f"{IN} {NOT}",
        partial(id_column, "touch_by"),
        choices=_colleagues,
    ),
    facet_field("preferred_channel", _("愿意怎么联系"), CARE, choices=CHANNELS),
    facet_field("preferred_hours", _("方便的时间"), CARE, choices=HOURS),
)
