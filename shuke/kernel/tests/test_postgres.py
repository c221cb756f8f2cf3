"""The embedded PostgreSQL, on a small cluster of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shuke.kernel.postgres import EmbeddedPostgres, PostgresTrouble, home
from shuke.kernel.postgres.cluster import _require_private
from shuke.kernel.postgres.home import Account, can_enter
from shuke.kernel.postgres.tuning import server_settings
from shuke.kernel.postgres.words import explain

GIGABYTE = 1024**3
JOINER = """
import sys
from pathlib import Path
from shuke.kernel.postgres import EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1]), for_tests=True).start()
print("joined", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    for step in (folder, *folder.parents):  # pytest's folders are closed to the account that runs the server
        if step.stat().st_uid == os.geteuid() and "pytest-of-" in str(step):
            step.chmod(0o755)
    return folder


@pytest.fixture
def server(data_folder: Path) -> Iterator[EmbeddedPostgres]:
    running = EmbeddedPostgres(data_folder, for_tests=True)
    running.start()
    yield running
    running.start()
    running.stop()


def ask(server: EmbeddedPostgres, question: str) -> object:
    with psycopg.connect(server.url) as link:
        row = link.execute(question).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def postmaster_of(server: EmbeddedPostgres) -> int:
    return int((server.cluster / "postmaster.pid").read_text().split("\n")[0])


def another_process(data_folder: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", JOINER, str(data_folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "joined\n"
    return process


def test_it_is_utf8_with_the_builtin_locale_and_listens_on_its_own_socket_only(
    server: EmbeddedPostgres,
) -> None:
    assert (
        ask(server, "select datlocprovider::text || datlocale from pg_database where datname = 'shuke'")
        == "bC.UTF-8"
    )
    assert ask(server, "show server_encoding") == "UTF8"
    assert ask(server, "show listen_addresses") == ""
    assert ask(server, "show max_connections") == "200"
    assert server.socket_folder.stat().st_mode & 0o777 == 0o700


def test_what_was_committed_is_there_after_kill_9_of_the_whole_server(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url, autocommit=True) as link:
        link.execute("create table kept as select 41 + 1 as answer")
        link.execute("checkpoint")
    os.kill(postmaster_of(server), signal.SIGKILL)
    again = EmbeddedPostgres(server.data_folder, for_tests=True)
    again.start()
    assert ask(again, "select answer from kept") == 42
    again.stop()


def test_a_stale_pid_file_that_names_a_living_process_does_not_mislead(server: EmbeddedPostgres) -> None:
    left_behind = (server.cluster / "postmaster.pid").read_text().split("\n")
    server.stop()
    stale = server.cluster / "postmaster.pid"
    stale.write_text("\n".join([str(os.getpid()), *left_behind[1:]]))
    server.start()
    assert ask(server, "select 1") == 1
    assert postmaster_of(server) != os.getpid()


def test_the_server_is_shared_and_the_last_one_to_leave_stops_it(server: EmbeddedPostgres) -> None:
    other = another_process(server.data_folder)
    first = postmaster_of(server)
    server.stop()
    assert server.is_running(), "another process still uses it"
    server.start()
    assert postmaster_of(server) == first
    other.communicate("")
    server.stop()
    assert not server.is_running()


def test_a_process_that_was_killed_counts_as_gone(server: EmbeddedPostgres) -> None:
    other = another_process(server.data_folder)
    other.kill()
    other.wait()
    server.stop()
    assert not server.is_running()


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder() -> None:
    deep = EmbeddedPostgres(Path("/var/tmp") / ("long" * 30))
    assert deep.socket_folder.parent == Path("/tmp")
    assert len(f"{deep.socket_folder}/.s.PGSQL.5432") < 103
    assert EmbeddedPostgres(Path("/var/tmp") / ("long" * 30)).url == deep.url


def test_a_folder_of_somebody_else_is_told_in_chinese(tmp_path: Path) -> None:
    somebody = Account(uid=tmp_path.stat().st_uid + 1, gid=tmp_path.stat().st_gid)
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as another account")
    with pytest.raises(PostgresTrouble, match="属于另一个系统账户"):
        _require_private(tmp_path, somebody)


def test_a_lost_cluster_is_not_silently_replaced_by_an_empty_one(data_folder: Path) -> None:
    (data_folder / "postgres").symlink_to(data_folder / "gone")
    with pytest.raises(PostgresTrouble, match="数据库的文件夹不见了"):
        EmbeddedPostgres(data_folder).start()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("FATAL: could not write to file: No space left on device", "磁盘空间不足"),
        ("could not open directory: Permission denied", "没有权限"),
        ("FATAL: could not map anonymous shared memory: Cannot allocate memory", "内存不足"),
        ("could not bind Unix address: Address already in use", "套接字"),
        ("Read-only file system", "只读"),
        ("something new", "内置数据库出错"),
    ],
)
def test_the_servers_words_are_told_in_chinese(said: str, meant: str) -> None:
    assert meant in explain(said, Path("/data"))
    assert said in explain(said, Path("/data"))


def test_memory_settings_follow_the_machine_and_stay_in_bounds() -> None:
    small = server_settings(memory=GIGABYTE // 2, cores=1, for_tests=False)
    large = server_settings(memory=256 * GIGABYTE, cores=64, for_tests=False)
    assert (small["shared_buffers"], small["work_mem"]) == ("85MB", "8MB")
    assert (large["shared_buffers"], large["work_mem"]) == ("4096MB", "64MB")
    assert "fsync" not in small
    assert server_settings(memory=GIGABYTE, cores=2, for_tests=True)["fsync"] == "off"


def test_an_account_enters_only_where_every_folder_lets_it(tmp_path: Path) -> None:
    stranger = Account(uid=54321, gid=54321)
    inner = tmp_path / "inner"
    inner.mkdir()
    inner.chmod(0o755)
    tmp_path.chmod(0o700)
    assert not can_enter(inner, stranger)
    assert can_enter(inner, Account(uid=tmp_path.stat().st_uid, gid=54321)) == can_enter(
        tmp_path.parent, Account(uid=tmp_path.stat().st_uid, gid=54321)
    )


def test_the_client_programs_come_with_it() -> None:
    for name in ("pg_dump", "pg_restore", "psql"):
        assert home.find_program(name).exists()


def test_a_missing_program_is_told_in_chinese() -> None:
    with pytest.raises(PostgresTrouble, match="找不到 PostgreSQL 的程序"):
        home.find_program("pg_nonsense")
