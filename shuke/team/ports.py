"""What higher rooms add to the team's pages: tabs in 设置, and the plain words of their audit entries."""

from collections.abc import Mapping
from dataclasses import dataclass

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


_tabs: dict[str, SettingsTab] = {}
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
