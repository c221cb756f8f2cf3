from dataclasses import dataclass

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from shuke.kernel.events import Event, handles
from shuke.kernel.models import EventRow
from shuke.kernel.outbox import NotInTransaction, deliver, publish


@dataclass(frozen=True)
class KettleBoiled(Event):
    kettle_id: int


heard: list[int] = []


@handles(KettleBoiled)
def pour_tea(event: KettleBoiled) -> None:
    heard.append(event.kettle_id)


@pytest.mark.django_db
def test_an_event_is_written_with_one_job_per_handler() -> None:
    with transaction.atomic():
        row_id = publish(KettleBoiled(kettle_id=7))
    assert EventRow.objects.get(pk=row_id).payload == {"kettle_id": 7}
    jobs = ProcrastinateJob.objects.filter(task_name="kernel.handle_event")
    assert [job.args for job in jobs] == [{"event_id": row_id, "handler": f"{__name__}.pour_tea"}]


@pytest.mark.django_db
def test_a_rolled_back_transaction_leaves_neither_event_nor_job() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(KettleBoiled(kettle_id=8))
        _ = 1 / 0
    assert not EventRow.objects.exists()
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NotInTransaction):
        publish(KettleBoiled(kettle_id=9))
    assert not EventRow.objects.exists()


@pytest.mark.django_db
def test_a_delivery_hands_the_handler_the_stored_event() -> None:
    heard.clear()
    row_id = publish(KettleBoiled(kettle_id=11))
    deliver(event_id=row_id, handler=f"{__name__}.pour_tea")
    deliver(event_id=row_id, handler=f"{__name__}.pour_tea")
    assert heard == [11, 11]


def test_two_events_of_one_name_in_different_places_are_refused() -> None:
    with pytest.raises(TypeError, match="two events are named KettleBoiled"):
        type("KettleBoiled", (Event,), {"__module__": "elsewhere"})
