"""What happened to values."""

from dataclasses import dataclass

from shuke.kernel.events import Event


@dataclass(frozen=True)
class ValuesRefreshed(Event):
    """A run computed everyone's values; rows it changed carry its id in `model_run_id`."""

    model_run_id: int
    changed: int


@dataclass(frozen=True)
class CustomerValueChanged(Event):
    """One customer's value was computed anew."""

    customer_id: int


@dataclass(frozen=True)
class ValuePolicyChanged(Event):
    """The shop changed its rules of value; everybody's values are due."""


@dataclass(frozen=True)
class RefreshRequested(Event):
    """Somebody asked for everybody's values to be computed now."""
