"""What happened at the desk."""

from dataclasses import dataclass

from shuke.kernel.events import Event


@dataclass(frozen=True)
class ContactHandled(Event):
    """A line of 今天 was dealt with: done, later or dismissed (and `result` of a contact made)."""

    suggestion_id: int
    customer_id: int
    state: str
    result: str
