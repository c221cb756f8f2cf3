"""Facts that the frame around every page shows, filled in by the room that owns them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Frame:
    """What the frame shows besides the page: the shop's name, the visitor's theme, how rise and fall are coloured."""

    shop_name: str = ""
    theme: str = "auto"
    is_rise_red: bool = True
    is_demo: bool = False


Provider = Callable[[HttpRequest], Frame]
_provider: list[Provider] = []


def register(provider: Provider) -> None:
    """Name the function that knows the frame's facts. The last one wins."""
    _provider[:] = [provider]


def frame_for(request: HttpRequest) -> Frame:
    """The frame's facts for this request; plain defaults when no room has offered any."""
    return _provider[0](request) if _provider else Frame()
