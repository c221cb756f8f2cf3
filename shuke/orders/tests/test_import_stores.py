"""Stores that an order file names: opened with it, gone when it is taken back, unless something else uses them."""

from pathlib import Path
from typing import Any

import pytest

from shuke.customers.models import Customer, FieldChange
from shuke.customers.queries.stores import customers_of_gone_stores
from shuke.imports import services
from shuke.imports.models import ImportRun
from shuke.imports.testing import POS, csv_bytes, import_rows
from shuke.kernel import clock
from shuke.orders.models import Order
from shuke.orders.queries import orphaned_orders
from shuke.team import services as team
from shuke.team.models import AuditEntry, Store
from shuke.team.queries import SYSTEM
from shuke.team.testing import manager_lin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def undone(run: ImportRun) -> ImportRun:
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    run = services.undo_import(run.pk)
    assert (orphaned_orders(), customers_of_gone_stores()) == (0, 0)
    return run


def stores() -> set[str]:
    return set(Store.objects.values_list("name", flat=True))


def tills(store: str, number: str, member: str = "M900") -> bytes:
    return csv_bytes([POS[0], [number, "20250401 1000", store, "甲", member, "茶杯", "CB03", "1", "20"]])


def test_a_store_that_only_the_import_knew_goes_with_it(tmp_path: Path) -> None:
    before = stores()
    run = import_rows(tmp_path, csv_bytes(POS))
    assert stores() - before == {"测试总店"}
    assert undone(run).counts["stores_removed"] == 1
    assert stores() == before
    assert AuditEntry.objects.filter(action="store_removed").count() == 1


def test_a_store_that_was_there_before_stays(tmp_path: Path) -> None:
    team.add_store(actor=SYSTEM, name="测试总店")
    run = import_rows(tmp_path, csv_bytes(POS))
    assert undone(run).counts["stores_removed"] == 0
    assert "测试总店" in stores()


def test_a_store_with_orders_of_another_file_stays(tmp_path: Path) -> None:
    first = import_rows(tmp_path, csv_bytes(POS))
    import_rows(tmp_path, tills("测试总店", "Q1"))
    undone(first)
    assert "测试总店" in stores()
    assert Order.objects.filter(store__name="测试总店").count() == 1


def test_a_store_in_which_somebody_works_stays(tmp_path: Path) -> None:
    run = import_rows(tmp_path, csv_bytes(POS))
    manager_lin().stores.add(Store.objects.get(name="测试总店"))
    undone(run)
    assert "测试总店" in stores()


def test_a_store_to_which_a_customer_could_be_put_back_stays(tmp_path: Path) -> None:
    run = import_rows(tmp_path, csv_bytes(POS))
    chen = Customer.objects.create(name="陈", name_key="chen")
    store = Store.objects.get(name="测试总店")
    FieldChange.objects.create(
        customer=chen, field="store_id", before=store.pk, after=None, changed_at=clock.now(), audit_id=1
    )
    undone(run)
    assert "测试总店" in stores()


def test_a_store_that_somebody_changed_stays(tmp_path: Path) -> None:
    run = import_rows(tmp_path, csv_bytes(POS))
    store = Store.objects.get(name="测试总店")
    team.change_store(actor=SYSTEM, store_id=store.pk, name="总店", city="杭州", is_online=False)
    undone(run)
    assert "总店" in stores()


def test_who_may_not_undo_takes_no_store_away(tmp_path: Path) -> None:
    from django.core.exceptions import PermissionDenied

    from shuke.team.testing import clerk_wang

    run = import_rows(tmp_path, csv_bytes(POS))
    with pytest.raises(PermissionDenied):
        team.remove_stores_of_run(actor=clerk_wang(), import_run_id=run.pk)
    assert "测试总店" in stores()


def test_customers_of_a_store_that_is_gone_are_counted() -> None:
    Customer.objects.create(name="无店", name_key="wudian", store_id=987_654)
    assert customers_of_gone_stores() == 1
