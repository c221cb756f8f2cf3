"""Ids of customers by search terms and tags: ranges of a b-tree, never more than a bounded walk, only within reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from shuke.customers.models import Customer
from shuke.kernel.compiled import prepared_rows
from shuke.team.queries import Actor, Reach, reach_of
from shuke.team.rules import Scope
from shuke.zh.terms import TermRange, TypedWord

CANDIDATES = 80  # of each kind, before ranking
MOST_WALKED = 60_000  # index entries looked at for one range when only some stores are within reach
MOST_COUNTED = 1_000  # a word that has more is not the one to drive by
OWN_CUSTOMERS = 5_000
MOST_TAGS = 20
EACH_MISSPELLING = 6


@dataclass(frozen=True)
class Within:
    """The reach of an actor on search terms: stores (None: all), and customers outside of these: their own and shared ones."""

    store_ids: tuple[int, ...] | None
    own: tuple[int, ...] = ()

    @classmethod
    def of(cls, actor: Actor) -> "Within":
        reach = reach_of(actor)
        if reach.scope is Scope.ALL:
            return cls(None)
        stores = tuple(sorted(reach.store_ids)) if reach.scope is Scope.STORE else ()
        return cls(stores, tuple(_own_ids(reach)))


def _own_ids(reach: Reach) -> list[int]:
    if reach.staff_id is None:
        return []
    mine = Customer.objects.filter(account_manager_id=reach.staff_id, merged_into=None)
    outside = mine.exclude(store_id__in=sorted(reach.store_ids)) if reach.store_ids else mine
    found = outside.values_list("pk", flat=True)[:OWN_CUSTOMERS]
    return list(dict.fromkeys([*found, *sorted(reach.shared_ids)]))


def by_word(word: TypedWord, within: Within, limit: int) -> list[int]:
    """Customers with a term in one of the word's ranges: those with exactly the term first."""
    parts: list[_Part] = []
    for term_range in word.ranges:
        parts.append(_exactly(term_range.low, within, limit))
        if not term_range.is_single:
            parts.append(_walked(term_range, within, limit))
    found = _ids_of(parts)
    for term_range in word.ranges:
        found += among(term_range, within.own, limit)
    return found


def exactly(term: str, within: Within, limit: int) -> list[int]:
    """Those with exactly this term, the newest first."""
    return _ids_of([_exactly(term, within, limit)])


def walk(term_range: TermRange, within: Within, limit: int) -> list[int]:
    """Those whose terms begin so, in the order of the terms: the shortest completions come first."""
    return _ids_of([_walked(term_range, within, limit)])


@dataclass(frozen=True)
class _Part:
    """A statement that gives ids, and its values."""

    statement: str
    values: tuple[Any, ...]


def _exactly(term: str, within: Within, limit: int) -> _Part:
    and_store = "" if within.store_ids is None else "and store_id = any(%s::int[])"
    stores = [] if within.store_ids is None else [list(within.store_ids)]
    return _Part(
        f"select customer_id from customers_searchterm where term = %s {and_store} "
        "order by customer_id desc limit %s",
        (term, *stores, min(limit, 40)),
    )


def _walked(term_range: TermRange, within: Within, limit: int) -> _Part:
    if within.store_ids is None:
        return _Part(
            "select customer_id from customers_searchterm where term >= %s and term < %s order by term limit %s",
            (term_range.low, term_range.high, limit),
        )
    return _Part(
        "select customer_id from (select customer_id, store_id from customers_searchterm "
        "where term >= %s and term < %s order by term limit %s) walked where store_id = any(%s::int[]) limit %s",
        (term_range.low, term_range.high, MOST_WALKED, list(within.store_ids), limit),
    )


def _ids_of(parts: Sequence[_Part]) -> list[int]:
    """What the statements give, one after the other, in one question to the database."""
    statement = " union all ".join(f"({part.statement})" for part in parts)
    values = [value for part in parts for value in part.values]
    return [row[0] for row in prepared_rows(statement, values)]


def among(term_range: TermRange, ids: Sequence[int], limit: int) -> list[int]:
    """Of these customers, those with a term in the range."""
    if not ids:
        return []
    rows = prepared_rows(
        "select i.id from unnest(%s::int[]) with ordinality i(id, place) where exists ("
        "select 1 from customers_searchterm t where t.customer_id = i.id "
        "and t.term || '' >= %s::text collate \"C\" and t.term || '' < %s::text collate \"C\" offset 0) "
        "order by i.place limit %s",  # || '' and offset 0: look up each customer, never walk the range
        [list(ids), term_range.low, term_range.high, limit],
    )
    return [row[0] for row in rows]


def count_terms(words: Sequence[TypedWord]) -> list[int]:
    """How many terms answer to each word, counted no further than MOST_COUNTED for each of its ranges."""
    ranges = [(place, each) for place, word in enumerate(words) for each in word.ranges]
    counts = [
        f"select {place}, count(*) from"
        " (select 1 from customers_searchterm where term >= %s and term < %s limit %s) counted"
        for place, _each in ranges
    ]
    values = [value for _place, each in ranges for value in (each.low, each.high, MOST_COUNTED)]
    found = [0] * len(words)
    for place, number in prepared_rows(" union all ".join(counts), values):
        found[place] += number
    return found


def by_misspelling(words: Sequence[str], within: Within, limit: int) -> list[tuple[int, str]]:
    """Customers with a term that begins like one of the words, and that term; earlier words first."""
    if not words or within.store_ids == ():
        return []
    and_store = "" if within.store_ids is None else "and store_id = any(%s::int[])"
    stores = [] if within.store_ids is None else [list(within.store_ids)]
    with connection.cursor() as cursor:
        cursor.execute(
            "select t.customer_id, t.term from unnest(%s::text[]) with ordinality w(word, place)"
            " cross join lateral (select customer_id, term, store_id from customers_searchterm"
            ' where term >= w.word collate "C" and term < (w.word || chr(1114111)) collate "C"'
            f" {and_store} order by term limit %s) t order by t.term <> w.word, w.place limit %s",
            [list(words), *stores, EACH_MISSPELLING, limit],
        )
        return list(cursor.fetchall())


def tags_named_like(text: str) -> list[tuple[int, str]]:
    """Tags whose name holds the text (of two and more characters), the shortest first: id and name."""
    if len(text) < 2:  # noqa: PLR2004 - one character is in too many
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, name from customers_tag where strpos(lower(name), lower(%s)) > 0 order by length(name), id limit %s",
            [text, MOST_TAGS],
        )
        return list(cursor.fetchall())


def by_tags(tag_ids: Sequence[int], within: Within, limit: int) -> list[int]:
    """Some customers of the stores within reach, or in the actor's care, who carry one of the tags."""
    if not tag_ids:
        return []
    if within.store_ids is None:
        return _ids(
            "select customer_id from customers_customertag where tag_id = any(%s::bigint[]) limit %s",
            [list(tag_ids), limit],
        )
    return _ids(
        "select c.id from (select customer_id from customers_customertag where tag_id = any(%s::bigint[]) limit %s) t"
        " join customers_customer c on c.id = t.customer_id"
        " where c.store_id = any(%s::bigint[]) or c.id = any(%s::bigint[]) limit %s",
        [list(tag_ids), 20 * limit, list(within.store_ids), list(within.own), limit],
    )


def among_tagged(tag_ids: Sequence[int], ids: Sequence[int]) -> list[int]:
    """Of these customers, those who carry one of the tags."""
    if not tag_ids or not ids:
        return []
    return _ids(
        "select customer_id from customers_customertag where customer_id = any(%s::bigint[])"
        " and tag_id = any(%s::bigint[])",
        [list(ids), list(tag_ids)],
    )


def _ids(statement: str, values: list[Any]) -> list[int]:
    """Planned for these values: a rare tag is walked another way than one that everybody has."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]
