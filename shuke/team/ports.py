"""What higher rooms add: tabs in 设置, the plain words of their audit entries and of their notices, and which stores they use."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True)
class SettingsTab:
    """One tab of 设置, shown to those who hold the permission."""

    key: str
    label: Words
    url_name: str
    permission: str
    order: int = 50


Shares = Callable[[int], Any]
_shares: list[Shares] = []


def register_shares(shares: Shares) -> None:
    """Say which customers are shared with a person beside their reach: a queryset of (customer id, access) by their id.

    `access` is "read" or "write". It is asked with each page, so it must be bounded and answered by an index.
    """
    if shares not in _shares:
        _shares.append(shares)


def shares_of(staff_id: int) -> list[Any]:
    """What every room shares with that person."""
    return [shares(staff_id) for shares in _shares]


_tabs: dict[str, SettingsTab] = {}


@dataclass(frozen=True)
class StaffNote:
    """Something to say beside a person in 设置, with a page to go to."""

    words: str
    url: str
    action: str
    is_warning: bool = False


StaffNotes = Callable[[Any, Collection[Any]], Mapping[int, StaffNote]]
_staff_notes: list[StaffNotes] = []


def register_staff_notes(notes: StaffNotes) -> None:
    """Say something beside people in 设置: `notes(actor, staff)` answers by their ids."""
    if notes not in _staff_notes:
        _staff_notes.append(notes)


def staff_notes(actor: Any, staff: Collection[Any]) -> dict[int, StaffNote]:
    """What rooms say beside these people."""
    found: dict[int, StaffNote] = {}
    for notes in _staff_notes:
        found.update(notes(actor, staff))
    return found


_audit_words: dict[str, Words] = {}


def register_tab(tab: SettingsTab) -> None:
    """Add or replace a tab by its key."""
    _tabs[tab.key] = tab


def registered_tabs() -> list[SettingsTab]:
    """Every tab, in order."""
    return sorted(_tabs.values(), key=lambda tab: (tab.order, tab.key))


def register_audit_words(words: Mapping[str, Words]) -> None:
    """Say in plain words what audit actions mean: {"order_recorded": _("记了一单")}."""
    _audit_words.update(words)


def audit_words(action: str) -> Words:
    """The plain words of an action; a reading of its code where no room has said any."""
    return _audit_words.get(action) or action.replace("_", " ")


@dataclass(frozen=True)
class NoticeWords:
    """How notices of one kind look: an icon, and a line for each of several, for whoever reads them.

    `lines(actor, facts)` answers one text per element, empty for what this person may not read (any more).
    """

    icon: str
    lines: Callable[[Any, Sequence[dict[str, Any]]], list[str]]


_notice_words: dict[str, NoticeWords] = {}


def register_notice_words(kind: str, words: NoticeWords) -> None:
    """Say how notices of a kind read."""
    _notice_words[kind] = words


def notice_words(kind: str) -> NoticeWords | None:
    """How notices of that kind read; None when no room has said."""
    return _notice_words.get(kind)


StoresInUse = Callable[[list[int]], set[int]]
_store_uses: dict[str, StoresInUse] = {}


def register_store_use(room: str, in_use: StoresInUse) -> None:
    """Say which of these stores a room has rows about: those are never taken away."""
    _store_uses[room] = in_use


def rooms_with_stores() -> set[str]:
    """The rooms that have said which stores they use."""
    return set(_store_uses)


def unused_stores(ids: Iterable[int]) -> set[int]:
    """Those of these stores that no room uses."""
    free = set(ids)
    for in_use in _store_uses.values():
        if free:
            free -= in_use(sorted(free))
    return free
