"""What happened to orders."""

from dataclasses import dataclass

from shuke.kernel.events import Event


@dataclass(frozen=True)
class OrderRecorded(Event):
    """One order came in or changed (till, API, page)."""

    order_id: int
    customer_id: int | None


@dataclass(frozen=True)
class OrdersImported(Event):
    """A run brought orders in, or changed some."""

    run_id: int
    orders: int


@dataclass(frozen=True)
class OrdersRemoved(Event):
    """An import was undone, or the demo shop cleared."""

    run_id: int | None
