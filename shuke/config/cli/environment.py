"""What every command needs before it works: a configuration, a running database, Django."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from shuke.config.cli.words import CommandTrouble, words
from shuke.kernel.postgres import EmbeddedPostgres

MIGRATION_LOCK = 7_301_840
PACKAGE = Path(__file__).resolve().parents[2]
READY_NOTE = "ready.json"


def require_configuration() -> None:
    """Raise CommandTrouble unless it is clear which database is meant."""
    if not os.environ.get("DATABASE_URL") and not os.environ.get("SHUKE_DATA"):
        raise CommandTrouble(
            words(
                "还没有指定数据放在哪里。请设置其中一个再运行：\n"
                "  SHUKE_DATA=/路径/到/数据文件夹      使用内置数据库（推荐）\n"
                "  DATABASE_URL=postgresql://…        使用已有的 PostgreSQL",
                "It is not configured where the data live. Set one of these and run again:\n"
                "  SHUKE_DATA=/path/to/a/data/folder  to use the embedded database (recommended)\n"
                "  DATABASE_URL=postgresql://…        to use a PostgreSQL of your own",
            )
        )


def data_folder() -> Path | None:
    """The data folder, where one is set."""
    value = os.environ.get("SHUKE_DATA")
    return Path(value).expanduser().resolve() if value else None


@contextmanager
def database() -> Iterator[None]:
    """The database for the length of a command: the embedded one is started when nobody has, and left at the end."""
    require_configuration()
    folder = data_folder()
    if os.environ.get("DATABASE_URL") or folder is None:
        yield
        return
    with EmbeddedPostgres(folder):
        yield


def start_django() -> None:
    """Set Django up with Shuke's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuke.config.settings")
    import django

    django.setup()


@contextmanager
def alone() -> Iterator[None]:
    """One process at a time prepares a data folder; others wait here for it."""
    folder = data_folder()
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "preparing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def ready() -> Iterator[None]:
    """Database and Django."""
    with database():
        start_django()
        yield


def is_migrated() -> bool:
    """Whether every migration has been applied."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def migrate() -> bool:
    """Bring the tables up to date, one process at a time, and queue what is left to fill. True when there was something to do."""
    from django.core.management import call_command
    from django.db import OperationalError, connection

    from shuke.kernel.upgrades import queue_upgrade_work

    try:
        if is_migrated():
            queue_upgrade_work()
            return False
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                call_command("migrate", verbosity=0, interactive=False)
                queue_upgrade_work()
            finally:
                cursor.execute("select pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    except OperationalError as error:
        raise CommandTrouble(
            words(
                f"连不上数据库，请检查 DATABASE_URL。\n{error}",
                f"The database cannot be reached; check DATABASE_URL.\n{error}",
            )
        ) from error
    return True


def fingerprint() -> str:
    """Changes whenever an upgrade may bring new migrations."""
    summary = hashlib.sha256()
    for path in sorted(PACKAGE.glob("*/migrations/*.py")):
        summary.update(f"{path.parent.parent.name}/{path.name} {path.stat().st_size}\n".encode())
    for package in ("django", "procrastinate", "django-axes"):
        summary.update(f"{package} {metadata.version(package)}\n".encode())
    return summary.hexdigest()


def applied_migrations() -> int:
    """How many migrations the embedded database has; 0 where it cannot be told. Needs no Django."""
    folder = data_folder()
    if os.environ.get("DATABASE_URL") or folder is None:
        return 0
    import psycopg

    try:
        with psycopg.connect(EmbeddedPostgres(folder).url) as link:
            row = link.execute("select count(*) from django_migrations").fetchone()
            return int(row[0]) if row else 0
    except psycopg.Error:
        return 0


def remember_ready(what: str) -> None:
    """Note in the data folder that nothing is left to prepare, so that the next start need not look."""
    folder, applied = data_folder(), applied_migrations()
    if folder is not None and applied:
        note = {"what": what, "code": fingerprint(), "applied": applied}
        (folder / READY_NOTE).write_text(json.dumps(note))


def is_known_ready(what: str) -> bool:
    """Whether the last start left everything prepared, by this very code, and the database is still that one."""
    folder = data_folder()
    if folder is None:
        return False
    try:
        note = json.loads((folder / READY_NOTE).read_text())
    except (OSError, ValueError):
        return False
    return bool(note == {"what": what, "code": fingerprint(), "applied": applied_migrations()})


def leave_database() -> None:
    """Close this process's connections, so that only the child processes keep theirs."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        close_pool = getattr(connection, "close_pool", None)
        if close_pool is not None:
            close_pool()
