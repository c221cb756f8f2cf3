"""`shuke backup` and `shuke restore`: database, files and keys in one archive, proven readable after writing."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shuke.config.cli import environment
from shuke.config.cli.words import CommandTrouble, say, words
from shuke.kernel.postgres.home import find_program

FORMAT = 1
DUMP = "database.dump"
MANIFEST = "manifest.json"
KEYS = ("secret.key", "connectors.key")
CHUNK = 1024 * 1024


def backup(arguments: Namespace) -> int:
    """Write one archive and read all of it back."""
    with environment.ready():
        target = Path(arguments.file or default_name()).expanduser().resolve()
        if target.exists() and not arguments.force:
            raise CommandTrouble(
                words(
                    f"{target} 已存在；确实要覆盖请加 --force。",
                    f"{target} exists; add --force to overwrite it.",
                )
            )
        write_archive(target)
        size = target.stat().st_size / 1e6
        say(
            f"备份完成并已校验：{target}({size:.1f} MB)",
            f"Backup written and verified: {target} ({size:.1f} MB)",
        )
    return 0


def restore(arguments: Namespace) -> int:
    """Put an archive back; refuses to overwrite a shop without --force."""
    source = Path(arguments.file).expanduser().resolve()
    with environment.ready():
        verify_archive(source)
        if not arguments.force and has_tables():
            raise CommandTrouble(
                words(
                    "这里已经有数据，恢复会覆盖它。请先备份；确实要覆盖请加 --force。",
                    "There are data here, and restoring overwrites them. Back up first; add --force to go on.",
                )
            )
        if other_connections():
            raise CommandTrouble(
                words(
                    "熟客还在运行，请先停止再恢复。",
                    "Shuke is still running; stop it before restoring.",
                )
            )
        put_back(source)
        environment.migrate()
        say("恢复完成。", "Restored.")
    return 0


def default_name() -> str:
    """shuke-20260131-0405.backup in the folder one stands in."""
    return f"shuke-{datetime.now(UTC).astimezone():%Y%m%d-%H%M%S}.backup"


def write_archive(target: Path) -> None:
    """Dump, pack, verify, then move into place: a file of that name is always a good one."""
    unfinished = target.with_name(f"{target.name}.partial")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".shuke-backup-") as scratch:
            dump = Path(scratch) / DUMP
            run_tool(["pg_dump", "-Fc", "--no-owner", "--no-privileges", "-f", str(dump)])
            members = [(DUMP, dump), *_kept_files()]
            _pack(unfinished, members)
        verify_archive(unfinished)
        unfinished.replace(target)
    except OSError as error:
        raise CommandTrouble(
            words(
                f"备份没有写成：{error}",
                f"The backup could not be written: {error}",
            )
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _kept_files() -> Iterator[tuple[str, Path]]:
    from django.conf import settings

    for name in KEYS:
        if (Path(settings.SHUKE_DATA) / name).exists():
            yield name, Path(settings.SHUKE_DATA) / name
    files = Path(settings.MEDIA_ROOT)
    for path in sorted(files.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"files/{path.relative_to(files)}", path


def _pack(target: Path, members: list[tuple[str, Path]]) -> None:
    from shuke import __version__

    manifest: dict[str, Any] = {"format": FORMAT, "shuke": __version__}
    manifest["created_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    manifest["members"] = {name: _digest_of(path) for name, path in members}
    with (
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, path in members:
            archive.add(path, arcname=name, recursive=False)
        with tempfile.NamedTemporaryFile("w", dir=target.parent) as note:
            note.write(json.dumps(manifest, ensure_ascii=False, indent=1))
            note.flush()
            archive.add(note.name, arcname=MANIFEST)
        archive.close()
        file.flush()
        os.fsync(file.fileno())


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_archive(path: Path) -> dict[str, Any]:
    """The manifest, after every member was read and the dump was replayed into nothing. Raises CommandTrouble."""
    try:
        with tarfile.open(path, "r:") as archive:
            manifest: dict[str, Any] = json.load(_member(archive, MANIFEST))
            if manifest.get("format") != FORMAT:
                raise CommandTrouble(
                    words(
                        "这份备份来自更新的版本，请先升级熟客。",
                        "This backup is from a newer version; upgrade Shuke first.",
                    )
                )
            for name, digest in manifest["members"].items():
                if hashlib.file_digest(_member(archive, name), "sha256").hexdigest() != digest:
                    raise KeyError(name)
            run_tool(["pg_restore", "-f", os.devnull], given=_member(archive, DUMP))
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise CommandTrouble(
            words(
                f"{path} 不是完好的备份：{error}",
                f"{path} is not a sound backup: {error}",
            )
        ) from error
    return manifest


def _member(archive: tarfile.TarFile, name: str) -> Any:
    file = archive.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file


def put_back(source: Path) -> None:
    """Replace database (in one transaction), files and keys by those of a verified archive."""
    from django.conf import settings

    data, files = Path(settings.SHUKE_DATA), Path(settings.MEDIA_ROOT)
    with tempfile.TemporaryDirectory(dir=_made(data), prefix=".shuke-restore-") as scratch:
        with tarfile.open(source, "r:") as archive:
            archive.extractall(scratch, filter="data")
        _replay(Path(scratch) / DUMP)
        fresh = _made(Path(scratch) / "files")
        if files.exists():
            files.rename(Path(scratch) / "files.before")
        files.parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(files)
        for name in KEYS:
            if (Path(scratch) / name).exists():
                shutil.copy2(Path(scratch) / name, data / name)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _replay(dump: Path) -> None:
    environment.leave_database()
    script = dump.with_suffix(".sql")
    run_tool(["pg_restore", "--no-owner", "--no-privileges", "-f", str(script), str(dump)])
    wipe = "drop schema public cascade; create schema public;"
    run_tool(
        ["psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-c", wipe, "-f", str(script)]
    )


def has_tables() -> bool:
    """Whether the database holds anything."""
    from django.db import connection

    return bool(connection.introspection.table_names())


def other_connections() -> int:
    """How many other clients use this database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def run_tool(command: list[str], given: Any = None) -> None:
    """Run one of PostgreSQL's client programs on Shuke's database. Raises CommandTrouble with its own words."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [
                str(find_program(command[0], prefers_system=is_encrypted())),
                *command[1:],
            ],
            env=os.environ | connection_variables(),
            stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )
        if given is not None and process.stdin is not None:
            try:
                shutil.copyfileobj(given, process.stdin, CHUNK)
                process.stdin.close()
            except BrokenPipeError:
                pass
        if process.wait() != 0:
            complaints.seek(0)
            text = complaints.read()[-2000:].decode(errors="replace").strip()
            raise CommandTrouble(words(f"{command[0]} 出错：{text}", f"{command[0]} failed: {text}"))


def is_encrypted() -> bool:
    """Whether the database is reached over SSL, which the wheel's own client programs cannot speak."""
    from django.db import connection

    connection.ensure_connection()
    link: Any = connection.connection
    return bool(link.pgconn.ssl_in_use)


def connection_variables() -> dict[str, str]:
    """libpq's variables for Shuke's database; a password must not show in the list of processes."""
    from django.conf import settings

    given = settings.DATABASES["default"]
    names = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    variables = {variable: str(given[name]) for variable, name in names.items() if given.get(name)}
    sslmode = given.get("OPTIONS", {}).get("sslmode")
    return variables | ({"PGSSLMODE": str(sslmode)} if sslmode else {})
