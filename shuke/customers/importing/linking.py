"""Which record a row belongs to: the company of a contact, the customer of a communication."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from shuke.customers.importing.recognising import external_space, holders_of

MISSING, AMBIGUOUS = "missing", "ambiguous"


@dataclass(frozen=True)
class Link:
    """What a row says about its other end: a number of the source, a name, or keys (namespace, value)."""

    numbers: tuple[str, ...] = ()
    name: str = ""
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def says_something(self) -> bool:
        return bool(self.numbers or self.name or self.keys)


def find_linked(links: Sequence[Link], *, source: str, companies_only: bool) -> list[int | str | None]:
    """For each row the customer's id, None where it says nothing, or why there is none (MISSING, AMBIGUOUS).

    A number decides where one is given; else keys, then the name as the source's files told it, then a name only one has.
    """
    space = external_space(source)
    wanted = {(space, number) for link in links for number in link.numbers}
    wanted |= {(space, link.name) for link in links if link.name}
    wanted |= {key for link in links for key in link.keys}
    known = holders_of(wanted)
    open_names = {
        link.name for link in links if link.name and not link.numbers and (space, link.name) not in known
    }
    named = _named(open_names, companies_only=companies_only)
    return [_answer(link, space, known, named) for link in links]


def _answer(
    link: Link, space: str, known: dict[tuple[str, str], int], named: dict[str, list[int]]
) -> int | str | None:
    if not link.says_something:
        return None
    for number in link.numbers:
        if (space, number) in known:
            return known[(space, number)]
    for key in link.keys:
        if key in known:
            return known[key]
    if link.numbers or not link.name:
        return MISSING
    if (space, link.name) in known:
        return known[(space, link.name)]
    found = named.get(link.name, [])
    return found[0] if len(found) == 1 else AMBIGUOUS if found else MISSING


def _named(names: Iterable[str], *, companies_only: bool) -> dict[str, list[int]]:
    wanted = sorted(set(names))
    if not wanted:
        return {}
    found: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, id from customers_customer where name = any(%s) and merged_into_id is null"
            " and deleted_at is null" + (" and kind = 'company'" if companies_only else ""),
            [wanted],
        )
        for name, pk in cursor.fetchall():
            found.setdefault(name, []).append(pk)
    return found
