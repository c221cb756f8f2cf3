"""Tags by what they are about: interests, values, needs …"""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from shuke.customers.models import CustomerTag, Tag, TagCategory
from shuke.customers.rules.profile import CATEGORIES, TAG_SOURCES

OTHER = ""
MOST_COUNTED = 1_000
MOST_OFFERED = 200


@dataclass(frozen=True)
class Category:
    """What a group of tags is about. `is_own`: the shop made it."""

    code: str
    name: str
    place: int
    is_hidden: bool
    is_own: bool


@dataclass(frozen=True)
class Trait:
    """One tag on one customer, and where it came from in words."""

    name: str
    source: str


@dataclass(frozen=True)
class TraitGroup:
    """Tags of one category."""

    name: str
    traits: tuple[Trait, ...]


@dataclass(frozen=True)
class TagGroup:
    """Tags of one category, to choose from."""

    category: Category
    tags: tuple[Tag, ...]


@dataclass(frozen=True)
class CuratedTag:
    """A tag on the settings page. `count` ends at 1,000."""

    id: int
    name: str
    category: str
    count: int
    is_hidden: bool
    merged_into: str


def tag_categories() -> list[Category]:
    """Every category: those that every shop has, as the shop calls them, its own, and at the end what is in none."""
    rows = {row.code: row for row in TagCategory.objects.order_by("place", "pk")}
    known = [
        Category(
            code=one.code,
            name=rows[one.code].name if one.code in rows else _(one.name),
            place=place,
            is_hidden=one.code in rows and rows[one.code].is_hidden,
            is_own=False,
        )
        for place, one in enumerate(CATEGORIES)
    ]
    codes = {one.code for one in CATEGORIES}
    own = [
        Category(row.code, row.name, row.place, row.is_hidden, True)
        for row in rows.values()
        if row.code not in codes
    ]
    return [*known, *own, Category(OTHER, _("其他"), 999, False, False)]


def traits_of(customer_id: int) -> list[TraitGroup]:
    """A customer's tags by category, in the categories' order; the uncategorised last."""
    links = CustomerTag.objects.filter(customer_id=customer_id, tag__merged_into=None).order_by("tag__name")
    rows = list(links.values_list("tag__name", "tag__category", "source"))
    if not rows:
        return []
    categories = tag_categories()
    known = {category.code for category in categories}
    groups: dict[str, list[Trait]] = {}
    for name, code, source in rows:
        groups.setdefault(code if code in known else OTHER, []).append(Trait(name, source_words(source)))
    return [
        TraitGroup(category.name, tuple(groups[category.code]))
        for category in categories
        if category.code in groups
    ]


def source_words(source: str) -> str:
    """Where a tag came from, for people."""
    known = TAG_SOURCES.get(source.partition(":")[0])
    return _(known) if known else source


def offered_tags() -> list[TagGroup]:
    """Tags to choose from: hidden ones and those of hidden categories left out."""
    tags = list(Tag.objects.filter(merged_into=None, is_hidden=False).order_by("name")[:MOST_OFFERED])
    categories = tag_categories()
    known = {category.code for category in categories}
    by_code: dict[str, list[Tag]] = {}
    for tag in tags:
        by_code.setdefault(tag.category if tag.category in known else OTHER, []).append(tag)
    return [
        TagGroup(category, tuple(by_code[category.code]))
        for category in categories
        if category.code in by_code and not category.is_hidden
    ]


def curated_tags(category: str | None = None) -> list[CuratedTag]:
    """Every tag with how many customers carry it, by name; of one category if given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select t.id, t.name, t.category, t.is_hidden, coalesce(m.name, ''),"
            " (select count(*) from (select 1 from customers_customertag c where c.tag_id = t.id limit %s) few)"
            " from customers_tag t left join customers_tag m on m.id = t.merged_into_id"
            " where %s::text is null or t.category = %s order by t.name",
            [MOST_COUNTED, category, category],
        )
        return [
            CuratedTag(pk, name, code, count, is_hidden, merged)
            for pk, name, code, is_hidden, merged, count in cursor.fetchall()
        ]
