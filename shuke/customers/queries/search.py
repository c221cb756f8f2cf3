"""Search as you type: what a typed text may mean, the likeliest meaning first, each bounded, only within reach.

1. One beginning of a name, pinyin, initials, number or address (王伟, wangw, 6621).
2. Several words that must all hold, driven by the rarest.
3. Mixtures such as luojl or 王xl, each candidate's spelling checked.
4. Tags. 5. Words of notes and touches.
6. Only when nothing at all was found: Latin words that are one slip away.

A meaning is tried when the ones before gave too little.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from shuke.customers.models import Customer
from shuke.customers.queries import candidates, texts
from shuke.customers.queries.candidates import CANDIDATES, Within
from shuke.customers.queries.matches import Match, matches_for
from shuke.customers.queries.records import (
    Contacts,
    contacts_for,
    display_name,
    living_id,
    people_reached,
    visible_customers,
)
from shuke.customers.queries.several_words import ids_by_all
from shuke.customers.rules.numbers import customer_number, read_customer_number
from shuke.kernel.compiled import Compiled, given_list
from shuke.team.queries import Actor, reads_contacts
from shuke.zh import pinyin, script, terms
from shuke.zh.terms import TermRange, TypedQuery, TypedWord

MOST_GUESSED, GUESSED_PART = 800, 200
LIKELY_SLIPS = 24  # sounds alike, letters swapped: of the hundreds of slips there are, most that people make
ENOUGH = 24  # where many answer, so many are put in order: three times what is shown
MOST_RANKED = 3 * CANDIDATES
Worth = Callable[[Sequence[int]], dict[int, float]]


class How(IntEnum):
    """In which way customers were found; what it means is tried in this order."""

    BEGINNING = 0
    WORDS = 1
    SPELLING = 2
    TAG = 3
    TEXT = 4
    SLIP = 5


@dataclass(frozen=True)
class Found:
    """One customer found, as the actor may read it, and why."""

    id: int
    name: str
    phone: str
    member_number: str
    contacts: Contacts
    is_exact: bool
    match: Match


@dataclass(frozen=True)
class _Stage:
    how: How
    ids: list[int]


def search_customers(actor: Actor, text: str, limit: int = 8, worth_of: Worth | None = None) -> list[Found]:
    """Customers within the actor's reach that answer to what was typed, the best first; contacts by the actor's rights.

    Exact answers come first, then beginnings, then others; among equals whoever is worth more (`worth_of`, from a room that
    knows), then whoever was touched last.
    """
    query = terms.query_terms(text)
    if query.whole is None or limit < 1:
        return []
    seen: dict[int, None] = {}
    ranked: list[tuple[Customer, How]] = []
    for stage in _stages(actor, query):
        new = [pk for pk in dict.fromkeys(stage.ids) if pk not in seen]
        seen.update(dict.fromkeys(new))
        ranked += [(customer, stage.how) for customer in _ranked(actor, new, query.whole, worth_of)]
        if len(ranked) >= limit:
            break
    return _found(actor, query, ranked[:limit])


def found_ids(actor: Actor, text: str, cap: int = 1000) -> list[int]:
    """Ids of customers that answer to the text, at most `cap`, for lists that check reach themselves.

    Everything that begins like the text and, of several words, those that answer to all; other meanings only when there
    is nothing else. Lists sort by their own columns, so a beginning that more than `cap` share is cut off anywhere.
    """
    query = terms.query_terms(text)
    if query.whole is None:
        return []
    ids: dict[int, None] = {}
    for stage in _stages(actor, query, per_range=cap):
        ids.update(dict.fromkeys(stage.ids))
        if ids:
            break
    return list(ids)[:cap]


def ids_with_term(actor: Actor, term: str) -> list[int]:
    """Some customers of the stores within reach that have exactly this term, the newest first."""
    return candidates.exactly(term, Within.of(actor), CANDIDATES)


def tags_found(actor: Actor, text: str, limit: int = 3) -> list[tuple[int, str]]:
    """Tags whose name holds what was typed: id and name. Nothing for who may not view customers."""
    if visible_customers(actor).query.is_empty():
        return []
    return candidates.tags_named_like(terms.typed_text(text))[:limit]


def _stages(actor: Actor, query: TypedQuery, per_range: int = CANDIDATES) -> Iterator[_Stage]:
    """Candidate ids, likeliest first, each stage asked only when the ones before gave too little."""
    if visible_customers(actor).query.is_empty() or query.whole is None:
        return
    within = Within.of(actor)
    is_anybody = False
    for stage in _meanings(query, query.whole, within, per_range):
        is_anybody = is_anybody or bool(stage.ids)
        yield stage
    if not is_anybody:
        yield _Stage(How.SLIP, _by_slip(actor, query.whole, within))


def _meanings(query: TypedQuery, whole: TypedWord, within: Within, limit: int) -> Iterator[_Stage]:
    numbered = _by_number(whole.plain)
    if numbered:
        yield _Stage(How.BEGINNING, numbered)
    yield _Stage(How.BEGINNING, candidates.by_word(whole, within, limit))
    if query.words:
        yield _Stage(How.WORDS, ids_by_all(query.words, within, limit if limit > CANDIDATES else ENOUGH))
    for guess in whole.guesses:
        yield _Stage(How.SPELLING, _by_guess(guess, within, limit))
    tags = [pk for pk, _name in candidates.tags_named_like(whole.plain)]
    yield _Stage(How.TAG, candidates.by_tags(tags, within, limit))
    if not query.words:
        yield _Stage(How.TEXT, _by_text(whole, within, limit))


def _by_number(text: str) -> list[int]:
    """The record with our own number, or the one it lives on in; who reads the ids checks reach."""
    named = read_customer_number(text)
    living = living_id(named) if named else None
    return [living] if living else []


def _by_text(word: TypedWord, within: Within, limit: int) -> list[int]:
    """Those whose notes or touches hold the word itself; whom the keys name is read to be sure."""
    ids = texts.reached_by_text(word.text_keys, within.store_ids, within.own, limit)
    said = texts.saying(ids, [word.plain])
    return [pk for pk in ids if pk in said]


def _by_guess(guess: TermRange, within: Within, limit: int) -> list[int]:
    """Those whose initials begin so and whose name is spelt as typed."""
    ids = [
        *candidates.walk(guess, within, MOST_GUESSED),
        *candidates.among(guess, within.own, MOST_GUESSED),
    ]
    found: list[int] = []
    for at in range(0, len(ids), GUESSED_PART):
        part = ids[at : at + GUESSED_PART]
        names = dict(_NAMES.rows(ids=part))
        found += [pk for pk in part if pk in names and terms.is_spelt(names[pk], guess.segments)]
        if len(found) >= min(limit, ENOUGH if limit <= CANDIDATES else limit):
            break
    return found[:limit]


_NAMES = Compiled(
    lambda: Customer.objects.filter(pk__among=given_list("ids", "bigint")).values_list("pk", "name")
)


def _by_slip(actor: Actor, word: TypedWord, within: Within) -> list[int]:
    """Those with a term one slip away. Who reads contacts masked gets names only: guessing must not spell an address."""
    slips = terms.misspellings(word.text)
    likely = slips[:LIKELY_SLIPS]
    pairs = candidates.by_misspelling(likely, within, CANDIDATES)
    if not any(term in likely for _pk, term in pairs):  # a whole term as it was meant needs no further guess
        pairs += candidates.by_misspelling(slips[LIKELY_SLIPS:], within, CANDIDATES)
    if not reads_contacts(actor):
        rows = Customer.objects.filter(pk__in=[pk for pk, _term in pairs])
        named = {pk: terms.name_terms(name) for pk, name in rows.values_list("pk", "name")}
        pairs = [(pk, term) for pk, term in pairs if term in named.get(pk, ())]
    return [pk for pk, _term in pairs]


def _ranked(actor: Actor, ids: list[int], word: TypedWord, worth_of: Worth | None) -> list[Customer]:
    """The candidates within reach: exact ones, then those that begin so, then by worth, then the most recently touched."""
    if not ids:
        return []
    rows = list(people_reached(actor, ids[:MOST_RANKED]).values())
    worth = worth_of([row.pk for row in rows]) if worth_of and len(rows) > 1 else {}
    return sorted(
        rows,
        key=lambda row: (*_rank(row, word.text), -worth.get(row.pk, 0.0), -row.updated_at.timestamp()),
    )


def _rank(customer: Customer, text: str) -> tuple[bool, bool]:
    is_exact = _is_exact(customer, text)
    is_start = is_exact or script.fold(customer.name).startswith(text) or _read(customer).startswith(text)
    return (not is_exact, not is_start)


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
        customer_number(customer.pk).lower(),
    )


def _found(actor: Actor, query: TypedQuery, best: Sequence[tuple[Customer, How]]) -> list[Found]:
    rows = [customer for customer, _how in best]
    slipped = frozenset(customer.pk for customer, how in best if how is How.SLIP)
    words = query.words or ((query.whole,) if query.whole else ())
    matches = matches_for(actor, rows, words, slipped)
    text = query.whole.text if query.whole else ""
    return [_hit(actor, row, _is_exact(row, text), matches[row.pk]) for row in rows]


def _hit(actor: Actor, row: Customer, is_exact: bool, match: Match) -> Found:
    contacts = contacts_for(actor, row)
    return Found(
        id=row.pk,
        name=display_name(row),
        phone=contacts.phone,
        member_number=row.member_number,
        contacts=contacts,
        is_exact=is_exact,
        match=match,
    )
