"""The supervisor, with small programs as its children."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shuke.config.supervisor import Child, Supervisor

PATIENCE = 15
SUPERVISED = """
import sys
from shuke.config.supervisor import Child, Supervisor
child = "import os, time; from shuke.config.supervisor import end_with_parent; end_with_parent(); "
child += "print(os.getpid(), flush=True); time.sleep(600)"
Supervisor([Child("steady", [sys.executable, "-c", child])]).run()
"""


def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition; fail when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        threading.Event().wait(0.02)


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def run_until(supervisor: Supervisor, holds: Callable[[], bool]) -> None:
    """Run the supervisor in this (the main) thread, and stop it when the condition holds."""
    failures: list[BaseException] = []

    def watch() -> None:
        try:
            until(holds)
        except BaseException as error:
            failures.append(error)
        supervisor.stop()

    watcher = threading.Thread(target=watch)
    watcher.start()
    supervisor.run()
    watcher.join()
    assert failures == []


def test_a_child_that_crashes_is_started_again(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    code = f"open({str(marks)!r}, 'a').write('x'); raise SystemExit(3)"
    ends: list[tuple[str, int]] = []
    supervisor = Supervisor(
        [Child("weak", [sys.executable, "-c", code])], report=lambda name, code: ends.append((name, code))
    )
    run_until(supervisor, lambda: len(ends) >= 2)
    assert marks.read_text() == "xx"
    assert ends == [("weak", 3), ("weak", 3)]


def test_children_are_asked_to_leave_and_waited_for(tmp_path: Path) -> None:
    words = tmp_path / "words"
    code = (
        "import signal, pathlib; signal.signal(signal.SIGTERM, lambda *_: None);"
        f"p = pathlib.Path({str(words)!r}); p.write_text('here'); signal.pause(); p.write_text('left in order')"
    )
    run_until(Supervisor([Child("steady", [sys.executable, "-c", code])]), words.exists)
    assert words.read_text() == "left in order"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_children_end_when_the_supervisor_is_killed() -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISED],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert supervisor.stdout is not None
    child = int(supervisor.stdout.readline())
    assert not is_gone(child)
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    until(lambda: is_gone(child))


def test_pauses_grow_with_crashes_and_begin_anew_after_a_steady_run() -> None:
    child = Child("weak", [], started_at=100.0)
    assert [child.pause_after_crash(101.0) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert child.pause_after_crash(100.0 + 61) == 1
