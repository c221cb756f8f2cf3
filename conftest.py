"""The whole suite: one embedded PostgreSQL kept in .cache, a migrated template, and a clone of it for each worker.

This file is read before Django's settings, so it says which database they see.
"""

import os
from pathlib import Path

import pytest

from shuke.kernel.postgres import EmbeddedPostgres

CHECKOUT = Path(__file__).resolve().parent
TEST_POSTGRES = EmbeddedPostgres(CHECKOUT / ".cache" / "test-postgres", for_tests=True)

os.environ["SHUKE_TESTING"] = "1"
os.environ["SHUKE_DATA"] = str(CHECKOUT / ".cache" / "test-data")
os.environ["DATABASE_URL"] = TEST_POSTGRES.url
os.environ["SHUKE_KEEP_STATEMENTS"] = "1"
os.environ["DJANGO_SETTINGS_MODULE"] = "shuke.config.settings"
# Playwright keeps an event loop in the test's thread; Django would refuse to touch the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
for name in ("SHUKE_LANG", "SHUKE_HTTPS", "SHUKE_DEBUG", "SHUKE_TIME_ZONE", "SHUKE_SECRET_KEY"):
    os.environ.pop(name, None)

pytest_plugins = ["shuke.config.testing"]


def pytest_collection_modifyitems(items: "list[pytest.Item]") -> None:
    """What takes longest begins first, so that no worker waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_configure() -> None:
    """Load the settings, so that pytest-django sets Django up."""
    from django.conf import settings

    _ = settings.DATABASES
