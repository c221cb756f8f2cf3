"""Merging over all rooms: every table that points to a customer takes part, and parting leaves no trace."""

import os
import random
from collections import Counter
from typing import Any

import pytest
from django.apps import apps

from shuke.customers.models import Customer, Merge
from shuke.customers.services import index_terms, merging
from shuke.customers.services.merging import How
from shuke.customers.services.quality import refresh_quality
from shuke.desk.services.rows import refresh_rows
from shuke.kernel.events import handler_paths
from shuke.kernel.models import EventRow
from shuke.kernel.outbox import deliver
from shuke.orders.services import refresh_marks
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.value.services import refresh_customer
from tests.filling import Filler

SEED = os.environ.get("SHUKE_SEED", "")  # any word: another shop, other merges
PAIRS = 1_000 if os.environ.get("SHUKE_NIGHTLY") else 60 if SEED else 24
NO_ROWS_NEEDED = {"customers.Customer.merged_into", "customers.Merge.winner", "customers.Merge.loser"}
NAMED_LIKE_CUSTOMERS = {"customer_id", "customer_ids"}
NO_CUSTOMERS_OF_THEIR_OWN = {"customers.ChangeSetPart"}  # a list of ids in a log of what was done


def pointing_columns() -> set[str]:
    """Every column of Shuke's tables that names a customer."""
    found = set()
    for model in apps.get_models():
        if not model.__module__.startswith("shuke.") or model._meta.proxy:
            continue
        for field in model._meta.concrete_fields:
            points = field.is_relation and field.related_model is Customer
            if points or field.name in NAMED_LIKE_CUSTOMERS:
                found.add(f"{model._meta.label}.{field.name}")
    return {name for name in found if name.rsplit(".", 1)[0] not in NO_CUSTOMERS_OF_THEIR_OWN}


def test_merging_knows_every_table_that_points_to_a_customer() -> None:
    """Register yours with `customers.services.merging.register_rows` in your room's registration.py."""
    assert pointing_columns() - {part.name for part in merging.registered()} == set()


def test_every_registered_table_exists() -> None:
    assert {part.name for part in merging.registered()} - pointing_columns() == set()


def dump() -> dict[str, Counter[str]]:
    """All rows of all tables with a customer column; computed ones without their row numbers and dates of computing."""
    found = {}
    for part in merging.registered():
        if part.label == "customers.Merge":
            continue
        columns = [field.attname for field in part.model._meta.concrete_fields]
        if part.how is How.DERIVED:
            columns = [name for name in columns if name not in ("id", "as_of", "model_run_id", "pk")]
        rows = part.model._base_manager.values(*columns)
        found[part.label] = Counter(repr(sorted(row.items())) for row in rows)
    return found


def differences(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> dict[str, Any]:
    """What a failing comparison should say: per table, rows that went and rows that came."""
    return {
        label: {"lost": list(before[label] - after[label])[:2], "new": list(after[label] - before[label])[:2]}
        for label in before
        if before[label] != after[label]
    }


def told(found: dict[str, Any]) -> str:
    """Every difference on a line of its own."""
    return "\n".join(
        f"{label} {side}: {row}"
        for label, sides in found.items()
        for side, rows in sides.items()
        for row in rows
    )


def deliver_events(after: int) -> int:
    """Run the handlers of everything published since, also of what they publish; returns the last event's id."""
    while rows := list(EventRow.objects.filter(pk__gt=after).order_by("pk")):
        for row in rows:
            for path in handler_paths(row.name):
                deliver(event_id=row.pk, handler=path)
            after = row.pk
    return after


def settle(customers: list[Customer]) -> None:
    """Compute what is computed, so that only merging can change it."""
    ids = [customer.pk for customer in customers]
    for pk in ids:
        refresh_customer(pk)
    refresh_marks(ids)
    index_terms(ids)
    refresh_quality(ids)
    refresh_rows(ids)


@pytest.mark.long
@pytest.mark.django_db
def test_merging_random_pairs_over_all_rooms_and_parting_them_leaves_the_database_as_it_was() -> None:
    chance = random.Random(SEED or 20261122)
    team.cast()
    filler = Filler(chance, SEED)
    customers = filler.customers(int(PAIRS * 1.4) + 2)
    for part in merging.registered():
        if part.name not in NO_ROWS_NEEDED and part.how in (How.MOVE, How.STAY):
            filler.fill(part.model, part.column, customers)
    empty = [
        part.name
        for part in merging.registered()
        if part.how is How.MOVE and not part.model._base_manager.exists()
    ]
    assert empty == [], "the filler made no rows of these tables: nothing would be tested of them"
    settle(customers)
    before = dump()
    last = EventRow.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    merges = merge_random_pairs(chance, customers)
    last = deliver_events(last)
    assert Customer.objects.filter(merged_into=None).count() == len(customers) - PAIRS
    assert differences(before, dump()) != {}

    chance.shuffle(merges)
    questions = [question for pk in merges for question in merging.unmerge(actor=SYSTEM, merge_id=pk)]
    deliver_events(last)
    assert [(q.merge_id, q.part, q.row_id, q.facts) for q in questions] == []
    assert differences(before, dump()) == {}, told(differences(before, dump()))
    assert Merge.objects.filter(undone_at=None).count() == 0


def merge_random_pairs(chance: random.Random, customers: list[Customer]) -> list[int]:
    """Any two of those still living, again and again: chains and stars come by themselves."""
    living = [customer.pk for customer in customers]
    merges = []
    for _ in range(PAIRS):
        winner_id, loser_id = chance.sample(living, 2)
        keys = ("name", "birthday", "place", "note", "phone", "store_id", "gender")
        wishes = {key: chance.choice(["winner", "loser"]) for key in keys if chance.random() < 0.5}
        choices = merging.Choices(fields=wishes, accepts_two_verified=True)
        merge = merging.merge_customers(actor=SYSTEM, winner_id=winner_id, loser_id=loser_id, choices=choices)
        merges.append(merge.pk)
        living.remove(loser_id)
    return merges
