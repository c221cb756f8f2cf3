"""Facts that the frame around every page shows, filled in by the room that owns them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Frame:
    """What the frame shows besides the page: the shop's name, the visitor's theme, how rise and fall are coloured.

    `has_colleagues`: somebody else works here too.
    """

    shop_name: str = ""
    theme: str = "auto"
    is_rise_red: bool = True
    is_demo: bool = False
    has_colleagues: bool = True


@dataclass(frozen=True)
class Bell:
    """Where notices are read, and how many wait: counted up to a hundred only."""

    url: str
    unread: int

    @property
    def shown(self) -> str:
        """The number as it fits on a bell; empty for none."""
        return "" if not self.unread else "99+" if self.unread > 99 else str(self.unread)


BellProvider = Callable[[HttpRequest], Bell | None]
_bell: list[BellProvider] = []


def register_bell(provider: BellProvider) -> None:
    """Name the function that knows a visitor's notices. The last one wins."""
    _bell[:] = [provider]


def bell_for(request: HttpRequest) -> Bell | None:
    """The visitor's bell; None for visitors without one, and before any room has offered it."""
    return _bell[0](request) if _bell else None


Provider = Callable[[HttpRequest], Frame]
_provider: list[Provider] = []


def register(provider: Provider) -> None:
    """Name the function that knows the frame's facts. The last one wins."""
    _provider[:] = [provider]


def frame_for(request: HttpRequest) -> Frame:
    """The frame's facts for this request; plain defaults when no room has offered any."""
    return _provider[0](request) if _provider else Frame()
