"""What an upgrade leaves is queued once for every shop, and queued again by nothing."""

from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from shuke.kernel import upgrades
from shuke.kernel.jobs import task

pytestmark = pytest.mark.django_db


@task(name="kernel.tests.fill_marks")
def fill_marks() -> None:
    """Nothing."""


@task(name="kernel.tests.fill_rows")
def fill_rows() -> None:
    """Nothing."""


@pytest.fixture(autouse=True)
def _no_other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrades, "_works", {})


def queued() -> list[Any]:
    return list(ProcrastinateJob.objects.order_by("id").values_list("task_name", flat=True))


def test_each_piece_of_work_is_queued_once() -> None:
    upgrades.register("marks", fill_marks)
    assert upgrades.queue_upgrade_work() == ["marks"]
    assert upgrades.queue_upgrade_work() == []
    assert queued() == ["kernel.tests.fill_marks"]


def test_what_a_later_version_adds_is_queued_alone() -> None:
    upgrades.register("marks", fill_marks)
    upgrades.queue_upgrade_work()
    upgrades.register("rows", fill_rows)
    assert upgrades.queue_upgrade_work() == ["rows"]
    assert queued() == ["kernel.tests.fill_marks", "kernel.tests.fill_rows"]
