"""Events: past facts that travel upward. They carry ids, never names or phone numbers."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypeVar

Handler = Callable[[Any], None]


@dataclass(frozen=True)
class Event:
    """A fact that happened. Subclasses are frozen dataclasses of JSON values, registered under their class name."""

    registry: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if Event.registry.setdefault(cls.__name__, cls).__module__ != cls.__module__:
            raise TypeError(f"two events are named {cls.__name__}")

    def payload(self) -> dict[str, Any]:
        return asdict(self)


_handlers: dict[str, list[str]] = {}
_by_path: dict[str, Handler] = {}
E_ = TypeVar("E_", bound=Handler)


def handles(event_class: type[Event]) -> Callable[[E_], E_]:
    """Register a handler of an event. It runs as a job of its own, at least once: make it safe to repeat."""

    def register(handler: E_) -> E_:
        path = f"{handler.__module__}.{handler.__qualname__}"
        _by_path[path] = handler
        paths = _handlers.setdefault(event_class.__name__, [])
        if path not in paths:
            paths.append(path)
        return handler

    return register


def handler_paths(event_name: str) -> list[str]:
    return list(_handlers.get(event_name, ()))


def handler_at(path: str) -> Handler:
    return _by_path[path]
