"""The outbox: an event and its deliveries are written with the data they speak of, or not at all."""

from django.db import connection

from shuke.kernel.events import Event, handler_at, handler_paths
from shuke.kernel.jobs import enqueue, handle_event
from shuke.kernel.models import EventRow


class NotInTransaction(RuntimeError):
    """An event was published outside a transaction; it could be lost or be untrue."""


def publish(event: Event) -> int:
    """Write the event and one job per handler in the running transaction. Returns the event row's id."""
    if not connection.in_atomic_block:
        raise NotInTransaction(type(event).__name__)
    row = EventRow.objects.create(name=type(event).__name__, payload=event.payload())
    for path in handler_paths(row.name):
        enqueue(handle_event, event_id=row.pk, handler=path)
    return row.pk


def deliver(*, event_id: int, handler: str) -> None:
    """Call one handler with the stored event."""
    row = EventRow.objects.get(pk=event_id)
    handler_at(handler)(Event.registry[row.name](**row.payload))
