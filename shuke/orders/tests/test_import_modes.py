"""Only new orders, only known ones: what is not wanted leaves nothing behind."""

from pathlib import Path
from typing import Any

import pytest

from shuke.customers.models import Customer
from shuke.imports import queries, services
from shuke.imports.testing import YOUZAN, csv_bytes, import_rows
from shuke.orders.models import Order, OrderLine
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def changed(rows: list[Any]) -> bytes:
    """The same file later: the second order's amount was mended, and there is one of somebody new."""
    later = [list(row) for row in rows]
    for row in later:
        if row[0] == "E2":
            row[8] = row[9] = "88.80"
    new = list(later[3])
    new[0], new[10], new[11], new[12] = "E9", "新测试", "15400000009", "茶友九"
    return csv_bytes([*later, new])


def amounts() -> dict[str, int]:
    return dict(Order.objects.values_list("number", "amount_fen"))


def test_only_new_orders_leave_known_ones_as_they_are(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(YOUZAN))
    run = import_rows(tmp_path, changed(YOUZAN), mode="create")
    tally = queries.tally_of(run)
    assert (tally.created, tally.updated, tally.unchanged, tally.skipped) == (1, 0, 0, 5)
    assert amounts() == {"E1": 42800, "E2": 9990, "E3": 2000, "E9": 8880}
    assert Customer.objects.filter(phone="15400000009").count() == 1
    assert OrderLine.objects.filter(order__number="E9").count() == 1
    services.undo_run(actor=SYSTEM, run_id=run.pk)
    services.undo_import(run.pk)
    assert amounts() == {"E1": 42800, "E2": 9990, "E3": 2000}


def test_only_known_orders_add_nothing_and_nobody(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(YOUZAN))
    people = Customer.objects.count()
    run = import_rows(tmp_path, changed(YOUZAN), mode="update")
    tally = queries.tally_of(run)
    assert (tally.created, tally.updated, tally.skipped) == (0, 1, 2)
    assert amounts() == {"E1": 42800, "E2": 8880, "E3": 2000}
    assert Customer.objects.count() == people
    assert OrderLine.objects.filter(order__number="E1").count() == 2


def test_only_known_orders_of_an_empty_house_are_none(tmp_path: Path) -> None:
    run = import_rows(tmp_path, csv_bytes(YOUZAN), mode="update")
    assert (run.state, Order.objects.count(), Customer.objects.count()) == ("done", 0, 0)
    assert queries.tally_of(run).skipped == 5
