"""One embedded cluster, shared by all processes that use the same data folder.

Three locks (flock, so the kernel frees them on kill -9): `starting` is held for the moment of starting or stopping, `users`
is shared by everybody who needs the server, and `server` is inherited by the server's own processes: as long as one of
them lives it cannot be taken. So a stale postmaster.pid, or one whose number now belongs to another program, never misleads.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from shuke.kernel.postgres import home as places
from shuke.kernel.postgres.home import Account, PostgresTrouble
from shuke.kernel.postgres.tuning import MEGABYTE, machine_memory, server_settings
from shuke.kernel.postgres.words import explain

PORT = 5432
USER = DATABASE = "shuke"
LONGEST_SOCKET_PATH = 100
START_SECONDS = 120
ATTEMPTS = 5
LEAST_FREE_BYTES = 100 * MEGABYTE
LOG_BYTES = 20 * MEGABYTE


@dataclass(frozen=True)
class Connection:
    """How to reach a database: `host` is the folder of the Unix socket."""

    host: str
    port: int
    user: str
    dbname: str

    @property
    def url(self) -> str:
        """The same as a DATABASE_URL."""
        return f"postgresql://{self.user}@{quote(self.host, safe='')}:{self.port}/{self.dbname}"


class EmbeddedPostgres:
    """The embedded server of one data folder. Constructing it touches nothing."""

    def __init__(self, data_folder: Path, *, for_tests: bool = False) -> None:
        self.data_folder = Path(data_folder).expanduser().resolve()
        self.for_tests = for_tests
        self._users_lock: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @cached_property
    def home(self) -> Path:
        """The real folder of cluster, socket and log."""
        return places.find_home(self.data_folder)

    @property
    def cluster(self) -> Path:
        """PGDATA."""
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        """The server's log of this run."""
        return self.home / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        """Folder of the Unix socket; a short one under /tmp where the path would be too long for a socket."""
        folder = self.home / "socket"
        if len(os.fsencode(f"{folder}/.s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return folder
        return Path("/tmp") / f"shuke-{places.digest(str(self.home))}"

    @property
    def connection(self) -> Connection:
        """Where Shuke's database is; known before the server runs."""
        return Connection(host=str(self.socket_folder), port=PORT, user=USER, dbname=DATABASE)

    @property
    def url(self) -> str:
        """Shuke's database as a DATABASE_URL."""
        return self.connection.url

    def binary(self, name: str) -> Path:
        """Path of a PostgreSQL program such as pg_dump. Raises PostgresTrouble when there is none."""
        return places.find_program(name)

    def is_running(self) -> bool:
        """Whether a server answers on the socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            try:
                probe.connect(f"{self.socket_folder}/.s.PGSQL.{PORT}")
            except OSError:
                return False
        return True

    def start(self) -> None:
        """Join the running server, or start it (creating cluster and database the first time).

        Held until `stop()` or the end of this process. Raises PostgresTrouble.
        """
        if self._users_lock is not None:
            return
        with self._starting():
            users = _lock(self.data_folder / "postgres.users", fcntl.LOCK_SH)
            try:
                self._ensure_running()
            except BaseException:
                os.close(users)
                raise
            self._users_lock = users

    def stop(self) -> None:
        """Leave; the last process that leaves stops the server."""
        if self._users_lock is None:
            return
        users, self._users_lock = self._users_lock, None
        try:
            with self._starting():
                if _try_exclusive(users) and self.is_running():
                    self._pg_ctl("stop", "-m", "fast", "-w", "-t", "60")
        finally:
            os.close(users)

    @contextmanager
    def _starting(self) -> Iterator[None]:
        try:
            self.data_folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(
                self.data_folder / "postgres.starting", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            raise PostgresTrouble(explain(str(error), self.data_folder)) from error
        try:
            _wait_for(lambda: _try_exclusive(lock), START_SECONDS, "另一个进程一直在启动或停止数据库")
            yield
        finally:
            os.close(lock)

    def _ensure_running(self) -> None:
        self.__dict__.pop("home", None)
        try:
            account = self._make_home()
            for _ in range(ATTEMPTS):
                self._ensure_server(account)
                if self._ensure_database():
                    return
        except OSError as error:
            raise PostgresTrouble(explain(str(error), self.home)) from error
        raise PostgresTrouble(explain("timeout", self.home))

    def _ensure_server(self, account: Account | None) -> None:
        server = _lock(self.home / "server.lock", None)
        try:
            if not self._wait_until_running_or_gone(server):
                self._start_server(account, server)
        finally:
            os.close(server)

    def _make_home(self) -> Account | None:
        link = self.data_folder / "postgres"
        if link.is_symlink() and not link.exists():
            raise PostgresTrouble(
                f"数据库的文件夹不见了：{os.readlink(link)}。请恢复它，或用备份恢复。\n"
                f"The database folder is gone: {os.readlink(link)}. Bring it back or restore a backup."
            )
        account = places.find_account(self.home)
        if self.home != link and not link.is_symlink():
            places.make_system_folder()
            if self.home.exists():
                self.home.rename(f"{self.home}.left-{time.time_ns()}")
            self.home.mkdir(mode=0o700)
            link.symlink_to(self.home)
        for folder in (self.home, self.socket_folder):
            folder.mkdir(mode=0o700, exist_ok=True)
            if account:
                os.chown(folder, account.uid, account.gid, follow_symlinks=False)
            _require_private(folder, account)
        return account

    def _wait_until_running_or_gone(self, server: int) -> bool:
        """True: a server answers. False: no process of it is left, so one may be started."""
        waited_since = time.monotonic()
        while True:
            if self.is_running():
                return True
            if _try_exclusive(server):
                return False
            if time.monotonic() - waited_since > 3:
                self._end_orphans()
            if time.monotonic() - waited_since > START_SECONDS:
                raise PostgresTrouble(explain("timeout", self.home))
            time.sleep(0.05)

    def _end_orphans(self) -> None:
        """Backends that outlived a killed postmaster and are too busy to notice (Linux)."""
        pids = [int(path.name) for path in Path("/proc").glob("[0-9]*") if _works_in(path, self.cluster)]
        if self._postmaster_pid() not in pids:
            for pid in pids:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def _postmaster_pid(self) -> int | None:
        try:
            return int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _start_server(self, account: Account | None, server: int) -> None:
        if shutil.disk_usage(self.home).free < LEAST_FREE_BYTES:
            raise PostgresTrouble(explain("No space left on device", self.home))
        for stale in (self.cluster / "postmaster.pid", self.socket_folder / f".s.PGSQL.{PORT}.lock"):
            stale.unlink(missing_ok=True)
        if not (self.cluster / "PG_VERSION").exists():
            self._create_cluster(account)
        self._check_version()
        self._write_settings(account)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.unlink()
        self._pg_ctl("start", "-w", "-t", str(START_SECONDS), "-l", str(self.log), "-s", keep_open=server)

    def _create_cluster(self, account: Account | None) -> None:
        for leftover in self.home.glob("new-*"):
            shutil.rmtree(leftover)
        folder = self.home / f"new-{os.getpid()}"
        options = ["-D", str(folder), "-U", USER, "-E", "UTF8", "--locale=C", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", "--auth=trust", "--no-instructions"]
        options += ["--no-sync"] if self.for_tests else []
        self._run([str(places.server_bin(account) / "initdb"), *options], account)
        _write(folder / "pg_hba.conf", "local all all trust\n", account)
        folder.rename(self.cluster)

    def _check_version(self) -> None:
        stored = (self.cluster / "PG_VERSION").read_text().strip()
        output = self._run([str(places.find_program("postgres")), "--version"], None)
        if output.split()[-1].split(".")[0] != stored:
            raise PostgresTrouble(
                f"数据库由 PostgreSQL {stored} 建立，现在装的是 {output.strip()}。"
                "请用旧版本 shuke backup，再用新版本 shuke restore。\n"
                f"The cluster was made by PostgreSQL {stored}, installed is {output.strip()}: back up with the old, "
                "restore with the new."
            )

    def _write_settings(self, account: Account | None) -> None:
        settings = server_settings(
            memory=machine_memory(), cores=os.cpu_count() or 1, for_tests=self.for_tests
        )
        settings |= {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self.socket_folder).replace('"', '""'),
            "unix_socket_permissions": "0700",
        }
        lines = ["# Written by Shuke at every start; your own settings go into custom.conf beside it."]
        lines += [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
        lines += ["include_if_exists = 'custom.conf'", ""]
        _write(self.cluster / "postgresql.conf", "\n".join(lines), account)

    def _ensure_database(self) -> bool:
        """False when the server turns out to be gone: one that was just killed still answers for a moment."""
        import psycopg

        where = self.connection
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with psycopg.connect(
                    host=where.host, port=where.port, user=where.user, dbname="postgres", autocommit=True
                ) as link:
                    found = link.execute(
                        "select 1 from pg_database where datname = %s", [DATABASE]
                    ).fetchone()
                    if not found:
                        link.execute(f"create database {DATABASE}")
                return True
            except psycopg.OperationalError as error:
                if not self.is_running():
                    return False
                if time.monotonic() > deadline:
                    raise PostgresTrouble(explain(str(error), self.home)) from error
                time.sleep(0.1)

    def _pg_ctl(self, *arguments: str, keep_open: int | None = None) -> None:
        account = places.find_account(self.home)
        command = [str(places.server_bin(account) / "pg_ctl"), "-D", str(self.cluster), *arguments]
        already_logged = self.log.stat().st_size if self.log.exists() else 0
        try:
            self._run(command, account, keep_open=keep_open)
        except PostgresTrouble as error:
            logged = b""
            with suppress(OSError):
                logged = self.log.read_bytes()[already_logged:][-4000:]
            raise PostgresTrouble(
                explain(f"{error}\n{logged.decode(errors='replace')}", self.home)
            ) from error

    def _run(
        self,
        command: list[str],
        account: Account | None,
        *,
        keep_open: int | None = None,
    ) -> str:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_"))}
        result = subprocess.run(
            command,
            capture_output=True,
            check=False,
            cwd=self.home,
            env=environment | {"LC_ALL": "C", "TZ": "UTC"},
            pass_fds=() if keep_open is None else (keep_open,),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            umask=0o077,
        )
        if result.returncode != 0:
            words = (result.stderr + result.stdout).decode(errors="replace")
            raise PostgresTrouble(explain(words, self.home))
        return result.stdout.decode(errors="replace")


def _lock(path: Path, how: int | None) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if how is not None:
        fcntl.flock(handle, how)
    return handle


def _try_exclusive(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for(done: Callable[[], bool], seconds: float, trouble: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise PostgresTrouble(
                f"{trouble}。请稍后再试。\nAnother process keeps the database busy; try again."
            )
        time.sleep(0.02)


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return os.readlink(process / "cwd") == str(folder)
    except OSError:
        return False


def _require_private(folder: Path, account: Account | None) -> None:
    facts = folder.lstat()
    owner = account.uid if account else os.geteuid()
    if facts.st_uid != owner:
        raise PostgresTrouble(
            f"文件夹 {folder} 属于另一个系统账户，不能使用。请换回原来的账户运行，或更改所有者。\n"
            f"{folder} belongs to another account; run as that account or change its owner."
        )
    if facts.st_mode & 0o077:
        folder.chmod(0o700)


def _write(path: Path, text: str, account: Account | None) -> None:
    """Replace a file at once, so that a crash leaves the old one or the new one."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    if account:
        os.chown(fresh, account.uid, account.gid)
    fresh.replace(path)
