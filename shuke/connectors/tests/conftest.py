"""Servers for the tests of mail."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shuke.connectors.testing import MailServers


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands at noon."""
    from shuke.connectors.testing import NOON

    monkeypatch.setattr("shuke.kernel.clock.now", lambda: NOON)


@pytest.fixture
def servers(tmp_path: Path, settings: Any, noon: None) -> "Iterator[MailServers]":
    """A real SMTP and IMAP server on loopback; their certificate is trusted, and files go to a folder of the test's own."""
    from shuke.connectors.testing import MailServers

    settings.SHUKE_DATA = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "data" / "files"
    settings.MAIL_NEAR = {"loopback"}
    with MailServers(tmp_path) as running:
        settings.MAIL_CA_FILE = str(running.certificate)
        yield running
