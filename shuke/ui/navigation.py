"""What the rail and the bottom bar show. Rooms register their entries; each visitor sees what they may open."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise


class Visitor(Protocol):
    """Whoever is signed in, as far as navigation cares."""

    is_authenticated: bool

    def may(self, permission: str) -> bool: ...


@dataclass(frozen=True)
class NavItem:
    """One entry: `group` is "main" or "foot" (below the line); `phone_order` > 0 puts it in the bottom bar.

    `match` lists URL prefixes that mark the entry as current; by default the entry's own address.
    `keys` are words the Ctrl+K palette also finds it by (pinyin, English), also while the shop has no use for it: `has_use`.
    """

    key: str
    label: str | Promise
    url_name: str
    icon: str
    permission: str | None = None
    group: str = "main"
    order: int = 50
    phone_order: int = 0
    match: tuple[str, ...] = ()
    keys: str = ""
    shortcut: str = ""
    has_use: Callable[[HttpRequest], bool] | None = None


@dataclass(frozen=True)
class NavLink:
    """An entry made ready for one request."""

    item: NavItem
    url: str
    is_current: bool


_items: dict[str, NavItem] = {}


def register(item: NavItem) -> None:
    """Add or replace an entry by its key."""
    _items[item.key] = item


def links_for(request: HttpRequest) -> list[NavLink]:
    """The entries this visitor may open and has a use for, in order, the current one marked."""
    return [link for link in pages_for(request) if link.is_current or _has_use(link.item, request)]


def pages_for(request: HttpRequest) -> list[NavLink]:
    """Every entry this visitor may open, also those that the shop has no use for yet."""
    visitor = getattr(request, "user", None)
    if visitor is None or not visitor.is_authenticated:
        return []
    found = [
        NavLink(item, address, is_current=False)
        for item in sorted(_items.values(), key=lambda i: (i.order, i.key))
        if (item.permission is None or visitor.may(item.permission)) and (address := _address(item))
    ]
    return _with_one_current(found, request.path)


def shape_of(request: HttpRequest) -> str:
    """The same for visitors of one role to whom the same entries are shown: what is drawn of them may be drawn once."""
    asked = [item for item in _items.values() if item.has_use is not None]
    return " ".join(item.key for item in asked if _has_use(item, request))


def section_of(request: HttpRequest) -> str:
    """The key of the entry that the page belongs to, empty for none."""
    return next((link.item.key for link in pages_for(request) if link.is_current), "")


def _has_use(item: NavItem, request: HttpRequest) -> bool:
    """Asked once per request."""
    if item.has_use is None:
        return True
    known: dict[str, bool] = request.__dict__.setdefault("_known_uses", {})
    if item.key not in known:
        known[item.key] = item.has_use(request)
    return known[item.key]


def _address(item: NavItem) -> str:
    """Where an entry leads; empty while no room has a page of that name."""
    try:
        return _reversed(item.url_name)
    except NoReverseMatch:
        return ""


_reversed = cache(reverse)


def _with_one_current(links: list[NavLink], path: str) -> list[NavLink]:
    best = max(links, key=lambda link: _match_length(link, path), default=None)
    if best is None or _match_length(best, path) == 0:
        return links
    return [NavLink(link.item, link.url, is_current=link is best) for link in links]


def _match_length(link: NavLink, path: str) -> int:
    prefixes = (link.url, *link.item.match)
    lengths = [len(p) for p in prefixes if path == p or (p != "/" and path.startswith(p))]
    return max(lengths, default=0)
