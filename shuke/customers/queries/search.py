"""Search as you type: ranges of a b-tree, never more than a bounded walk, only within reach.

A typed text is read as one beginning first (王伟, wangw, 6621). If that gives too little, several words must all hold, driven by
the rarest; then mixtures such as luojl or 王xl are tried, where every candidate's spelling is checked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from shuke.customers.models import Customer
from shuke.customers.queries.records import Contacts, contacts_for, display_name, visible_customers
from shuke.team.queries import Actor, Reach, reach_of
from shuke.team.rules import Scope
from shuke.zh import pinyin, script, terms
from shuke.zh.terms import TermRange, TypedQuery, TypedWord

CANDIDATES = 80  # of each kind, before ranking
MOST_WALKED = 60_000  # index entries looked at for one range when only some stores are within reach
MOST_COUNTED = 1_000  # a word that has more is not the one to drive by
MOST_GUESSED = 800
OWN_CUSTOMERS = 5_000
READ = (
    "name", "phone", "email", "wechat", "member_number", "updated_at", "store_id", "account_manager_id"
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """One customer found, as the actor may read it."""

    id: int
    name: str
    phone: str
    member_number: str
    store_name: str
    contacts: Contacts
    is_exact: bool


@dataclass(frozen=True)
class _Within:
    """SQL for the reach of an actor on search terms."""

    store_ids: tuple[int, ...] | None  # None: all

    @classmethod
    def of(cls, reach: Reach) -> "_Within":
        if reach.scope is Scope.ALL:
            return cls(None)
        return cls(tuple(sorted(reach.store_ids)) if reach.scope is Scope.STORE else ())


def search_customers(actor: Actor, text: str, limit: int = 8) -> list[Found]:
    """Customers within the actor's reach that answer to what was typed, the best first; contacts by the actor's rights."""
    query = terms.query_terms(text)
    if query.whole is None or limit < 1:
        return []
    seen: dict[int, None] = {}
    ranked: list[Customer] = []
    for ids in _stages(actor, query):
        new = [pk for pk in dict.fromkeys(ids) if pk not in seen]
        seen.update(dict.fromkeys(new))
        ranked += _ranked(actor, new, query.whole)
        if len(ranked) >= limit:
            break
    best = ranked[:limit]
    named = Customer.objects.filter(pk__in=[customer.pk for customer in best], store__isnull=False)
    stores = dict(named.values_list("pk", "store__name"))
    return [_found(actor, customer, query.whole, stores) for customer in best]


def search_ids(actor: Actor, text: str, cap: int = 1000) -> QuerySet[Customer, int]:
    """Ids of customers within reach that answer to the text, at most `cap`, as a subquery (see `found_ids`)."""
    return visible_customers(actor).filter(pk__in=found_ids(actor, text, cap)).values_list("pk", flat=True)


def found_ids(actor: Actor, text: str, cap: int = 1000) -> list[int]:
    """Ids of customers that answer to the text, at most `cap`, for lists that check reach themselves.

    Everything that begins like the text and, of several words, those that answer to all; mixtures such as luojl only when there
    is nothing else. Lists sort by their own columns, so a beginning that more than `cap` share is cut off anywhere.
    """
    query = terms.query_terms(text)
    if query.whole is None:
        return []
    ids: dict[int, None] = {}
    for stage in _stages(actor, query, per_range=cap):
        ids.update(dict.fromkeys(stage))
        if ids:
            break
    return list(ids)[:cap]


def ids_with_term(actor: Actor, term: str) -> list[int]:
    """Some customers of the stores within reach that have exactly this term, the newest first."""
    return _exact(term, _Within.of(reach_of(actor)), CANDIDATES)


def _stages(actor: Actor, query: TypedQuery, per_range: int = CANDIDATES) -> Iterable[list[int]]:
    """Candidate ids, likeliest first, each stage asked only when the ones before gave too little."""
    if not visible_customers(actor).query.is_empty() and query.whole is not None:
        reach = reach_of(actor)
        within = _Within.of(reach)
        own = _own_ids(actor, reach)
        yield _of_word(query.whole, within, own, per_range)
        if query.words:
            yield _of_all(query.words, within, own, per_range)
        for guess in query.whole.guesses:
            yield _of_guess(guess, within, own, per_range)


def _own_ids(actor: Actor, reach: Reach) -> list[int]:
    """Customers in the actor's care that lie outside the stores within reach."""
    if reach.scope is Scope.ALL or reach.staff_id is None:
        return []
    mine = Customer.objects.filter(account_manager_id=reach.staff_id, merged_into=None)
    outside = mine.exclude(store_id__in=sorted(reach.store_ids)) if reach.store_ids else mine
    return list(outside.values_list("pk", flat=True)[:OWN_CUSTOMERS])


def _of_word(word: TypedWord, within: _Within, own: list[int], limit: int) -> list[int]:
    found: list[int] = []
    for term_range in word.ranges:
        found += _exact(term_range.low, within, limit)
        if not term_range.is_single:
            found += _walk(term_range, within, limit)
        found += _among(term_range, own, limit)
    return found


def _exact(term: str, within: _Within, limit: int) -> list[int]:
    """Those with exactly this term, the newest first."""
    return _ids(
        f"select customer_id from customers_searchterm where term = %s {_and_store(within)} "
        "order by customer_id desc limit %s",
        [term, *_store_values(within), min(limit, 40)],
    )


def _walk(term_range: TermRange, within: _Within, limit: int) -> list[int]:
    """Those whose terms begin so, in the order of the terms: the shortest completions come first."""
    if within.store_ids is None:
        return _ids(
            "select customer_id from customers_searchterm where term >= %s and term < %s order by term limit %s",
            [term_range.low, term_range.high, limit],
        )
    if not within.store_ids:
        return []
    return _ids(
        "select customer_id from (select customer_id, store_id from customers_searchterm "
        "where term >= %s and term < %s order by term limit %s) walked where store_id = any(%s::int[]) limit %s",
        [term_range.low, term_range.high, MOST_WALKED, list(within.store_ids), limit],
    )


def _among(term_range: TermRange, ids: Sequence[int], limit: int) -> list[int]:
    """Of these customers, those with a term in the range."""
    if not ids:
        return []
    return _ids(
        "select i.id from unnest(%s::int[]) with ordinality i(id, place) where exists ("
        "select 1 from customers_searchterm t where t.customer_id = i.id "
        "and t.term || '' >= %s collate \"C\" and t.term || '' < %s collate \"C\" offset 0) "
        "order by i.place limit %s",  # || '' and offset 0: look up each customer, never walk the range
        [list(ids), term_range.low, term_range.high, limit],
    )


def _of_all(words: Sequence[TypedWord], within: _Within, own: list[int], limit: int) -> list[int]:
    """Those that answer to every word: the rarest gives the candidates, the others are looked up for each."""
    by_count = sorted((_count(word), place) for place, word in enumerate(words))
    rarest, *others = [words[place] for _count_, place in by_count]
    candidates = list(dict.fromkeys(_of_word(rarest, within, own, MOST_COUNTED)))
    for word in others:
        held = {pk for term_range in word.ranges for pk in _among(term_range, candidates, MOST_COUNTED)}
        candidates = [pk for pk in candidates if pk in held]
    return candidates[:limit]


def _count(word: TypedWord) -> int:
    """How many terms answer, counted no further than MOST_COUNTED."""
    total = 0
    for term_range in word.ranges:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from (select 1 from customers_searchterm where term >= %s and term < %s limit %s) s",
                [term_range.low, term_range.high, MOST_COUNTED],
            )
            total += cursor.fetchone()[0]
    return total


def _of_guess(guess: TermRange, within: _Within, own: list[int], limit: int) -> list[int]:
    """Those whose initials begin so and whose name is spelt as typed."""
    ids = [*_walk(guess, within, MOST_GUESSED), *_among(guess, own, MOST_GUESSED)]
    names = Customer.objects.filter(pk__in=ids).values_list("pk", "name")
    spelt = {pk for pk, name in names if terms.is_spelt(name, guess.segments)}
    return [pk for pk in ids if pk in spelt][:limit]


def _and_store(within: _Within) -> str:
    return "" if within.store_ids is None else "and store_id = any(%s::int[])"


def _store_values(within: _Within) -> list[list[int]]:
    return [] if within.store_ids is None else [list(within.store_ids)]


def _ids(statement: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


def _ranked(actor: Actor, ids: list[int], word: TypedWord) -> list[Customer]:
    """The candidates within reach: exact ones, then those whose name begins so, then the most recently touched."""
    rows = visible_customers(actor).filter(pk__in=ids[: 3 * CANDIDATES]).only(*READ)
    return sorted(rows, key=lambda customer: _rank(customer, word.text))


def _rank(customer: Customer, text: str) -> tuple[bool, bool, float]:
    is_exact = _is_exact(customer, text)
    is_start = is_exact or script.fold(customer.name).startswith(text) or _read(customer).startswith(text)
    return (not is_exact, not is_start, -customer.updated_at.timestamp())


def _read(customer: Customer) -> str:
    return pinyin.full(customer.name)


def _is_exact(customer: Customer, text: str) -> bool:
    return text in (
        script.fold(customer.name),
        _read(customer),
        terms.home_digits(customer.phone),
        customer.email,
        script.fold(customer.member_number),
        customer.wechat.lower(),
    )


def _found(actor: Actor, customer: Customer, word: TypedWord, stores: dict[int, str]) -> Found:
    contacts = contacts_for(actor, customer)
    return Found(
        id=customer.pk,
        name=display_name(customer),
        phone=contacts.phone,
        member_number=customer.member_number,
        store_name=stores.get(customer.pk, ""),
        contacts=contacts,
        is_exact=_is_exact(customer, word.text),
    )
