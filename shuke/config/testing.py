"""Fixtures of the whole suite: database, shared data, browser."""

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from shuke.kernel.postgres import EmbeddedPostgres

CHECKOUT = Path(__file__).resolve().parents[2]
CACHE = CHECKOUT / ".cache"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
KEPT_TEMPLATES = 3


def _shared_data_folder() -> Path:
    return Path(os.environ.get("SHUKE_SHARED_DATA") or CHECKOUT.parent / "shared" / "data")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real public data sets; skips where it is absent."""
    folder = _shared_data_folder()
    if not folder.is_dir():
        pytest.skip(f"no shared data: {folder} is absent (set SHUKE_SHARED_DATA)")
    return folder


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _template_name() -> str:
    """A new template whenever a migration, or the list of apps, changes."""
    from django.apps import apps

    digest = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{path.name}".encode())
            digest.update(path.read_bytes())
        digest.update(repr(sorted(model.__name__ for model in app.get_models())).encode())
    return f"shuke_template_{digest.hexdigest()[:12]}"


def _databases(admin: "psycopg.Connection[Any]") -> dict[str, int]:
    return dict(admin.execute("select datname, oid::int from pg_database order by oid").fetchall())


def _drop(admin: "psycopg.Connection[Any]", name: str) -> None:
    admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _drop_leftovers(admin: "psycopg.Connection[Any]") -> None:
    """Clones of test runs that were killed, and templates of old migrations."""
    names = list(_databases(admin))
    for name in names:
        clone = re.fullmatch(r"shuke_test_(\d+)", name)
        if clone and not _is_alive(int(clone[1])):
            _drop(admin, name)
    templates = [name for name in names if name.startswith("shuke_template_")]
    for name in templates[:-KEPT_TEMPLATES]:
        _drop(admin, name)


def _make_template(admin: "psycopg.Connection[Any]", template: str) -> None:
    from django.core.management import call_command
    from django.db import connection

    unfinished = f"shuke_unfinished_{os.getpid()}"
    _drop(admin, unfinished)
    admin.execute(sql.SQL("create database {}").format(sql.Identifier(unfinished)))
    connection.close()
    connection.settings_dict["NAME"] = unfinished
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
    admin.execute(
        sql.SQL("alter database {} rename to {}").format(sql.Identifier(unfinished), sql.Identifier(template))
    )


def _admin_connection(server: EmbeddedPostgres) -> "psycopg.Connection[Any]":
    where = server.connection
    return psycopg.connect(
        host=where.host, port=where.port, user=where.user, dbname="postgres", autocommit=True
    )


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of this worker's own, cloned from the migrated template, and a folder of its own for what goes with it."""
    from django.conf import settings
    from django.db import connections

    clone = f"shuke_test_{os.getpid()}"
    with (
        EmbeddedPostgres(CACHE / "test-postgres", for_tests=True) as server,
        django_db_blocker.unblock(),
        _admin_connection(server) as admin,
    ):
        with _file_lock(CACHE / "test-template.lock"):
            template = _template_name()
            _drop_leftovers(admin)
            if template not in _databases(admin):
                _make_template(admin, template)
            _drop(admin, clone)
            admin.execute(
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(clone), sql.Identifier(template)
                )
            )
        connections["default"].close()
        connections["default"].settings_dict["NAME"] = clone
        settings.SHUKE_DATA = CACHE / "test-data" / clone  # facts follow their database
        yield
        shutil.rmtree(settings.SHUKE_DATA, ignore_errors=True)
        connections.close_all()
        _drop(admin, clone)


def find_chromium() -> str | None:
    """A Chromium on this machine, or None."""
    chosen = os.environ.get("SHUKE_CHROMIUM")
    found = [shutil.which(name) for name in CHROMIUM_NAMES]
    macos = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    return chosen or next((path for path in found if path), macos if Path(macos).exists() else None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium for the session; skips where none is found (fails with SHUKE_REQUIRE_BROWSER=1)."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    if path is None:
        if os.environ.get("SHUKE_REQUIRE_BROWSER") == "1":
            pytest.fail("browser tests are required here, and no Chromium was found")
        pytest.skip("no Chromium on this machine (set SHUKE_CHROMIUM)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage", "--lang=zh-CN"]
        )
        yield chromium
        chromium.close()


def _is_trouble(message: Any) -> bool:
    return message.type == "error" and "status of 422" not in message.text


@pytest.fixture
def page(browser: Any, live_server: Any) -> Iterator[Any]:
    """A fresh page on the live server; the test fails on a console error or an uncaught exception.

    Chromium calls a refused form's answer (422) an error; here it is the page doing its work.
    """
    context = browser.new_context(
        base_url=live_server.url, locale="zh-CN", viewport={"width": 1440, "height": 900}
    )
    fresh = context.new_page()
    troubles: list[str] = []
    fresh.on("console", lambda message: troubles.append(message.text) if _is_trouble(message) else None)
    fresh.on("pageerror", lambda error: troubles.append(str(error)))
    yield fresh
    context.close()
    assert troubles == [], f"the browser's console shows errors: {troubles}"


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """What a page kept for a minute does not reach the next test."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def no_jobs_left(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """A test that commits leaves no jobs: Django's flush does not know procrastinate's tables."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(
        request.fixturenames
    )
    if commits:
        from django.db import connection

        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("truncate procrastinate_jobs, procrastinate_events cascade")
