"""What a customer is found by besides the record itself: other phones and addresses, the companies they belong to.

Rooms of the house that keep more of a person's names and contacts add them here: the search terms follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from shuke.customers.rules import EMAIL, PHONE, WECHAT

Words = dict[str, set[str]]


@dataclass
class SearchWords:
    """More names (each from any part of it, pinyin and initials) and contacts of one customer."""

    names: set[str] = field(default_factory=set)
    contacts: Words = field(default_factory=lambda: {PHONE: set(), EMAIL: set(), WECHAT: set()})


def search_words_of(customer_ids: Sequence[int]) -> dict[int, SearchWords]:
    """More words by customer; those who have none are left out."""
    found: dict[int, SearchWords] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select customer_id, namespace, value from customers_identity"
            " where customer_id = any(%(ids)s::bigint[]) and namespace = any(%(kinds)s)"
            " union select customer_id, kind, value from customers_contactpoint"
            " where customer_id = any(%(ids)s::bigint[]) and removed_at is null and kind = any(%(kinds)s)",
            {"ids": list(customer_ids), "kinds": [PHONE, EMAIL, WECHAT]},
        )
        for pk, kind, value in cursor.fetchall():
            found.setdefault(pk, SearchWords()).contacts[kind].add(value)
        cursor.execute(
            "select k.person_id, c.name from customers_companycontact k"
            " join customers_customer c on c.id = k.company_id"
            " where k.person_id = any(%s::bigint[]) and k.ended_at is null and c.name <> ''",
            [list(customer_ids)],
        )
        for pk, name in cursor.fetchall():
            found.setdefault(pk, SearchWords()).names.add(name)
    return found
