"""Keeps child processes running: starts them, restarts what crashes, stops all of them gracefully. Django-free.

A child holds the reading end of a pipe; when the supervisor dies, even by kill -9, the pipe closes and the child ends
itself (`end_with_parent`). So nothing is left behind that would hold the port.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

PARENT_PIPE = "SHUKE_PARENT_PIPE"
GRACE_SECONDS = 20.0
STEADY_SECONDS = 60.0
LONGEST_PAUSE = 30.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass
class Child:
    """One kind of process: its name, how to start it, and how it fares."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_after: float = 0.0
    crashes: int = 0
    waits_for: threading.Event | None = None  # not started before this is set

    def pause_after_crash(self, now: float) -> float:
        """Seconds to wait before the next start: 1, 2, 4 … up to 30; a child that ran steadily begins anew."""
        if now - self.started_at > STEADY_SECONDS:
            self.crashes = 0
        self.crashes += 1
        return min(LONGEST_PAUSE, 2.0 ** (self.crashes - 1))


@dataclass
class Supervisor:
    """Runs the children until a stop signal."""

    children: list[Child]
    report: Callable[[str, int], None] = lambda name, code: None
    is_stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Start everything and watch; returns when all children have stopped."""
        before = {number: signal.signal(number, self._on_signal) for number in STOP_SIGNALS}
        self._pipe = os.pipe()
        try:
            while not self.is_stopping.is_set():
                self._look_after_children()
                self.is_stopping.wait(0.2)
        finally:
            self._stop_children()
            for end in self._pipe:
                os.close(end)
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Ask `run` to stop the children and return."""
        self.is_stopping.set()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop()

    def _look_after_children(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self.report(child.name, child.process.returncode)
                child.process = None
                child.start_after = now + child.pause_after_crash(now)
            is_due = child.waits_for is None or child.waits_for.is_set()
            if child.process is None and is_due and now >= child.start_after:
                self._start(child, now)

    def _start(self, child: Child, now: float) -> None:
        reading_end = self._pipe[0]
        child.process = subprocess.Popen(
            child.command,
            env=os.environ | {PARENT_PIPE: str(reading_end)},
            pass_fds=(reading_end,),
            process_group=0,  # Ctrl+C reaches the supervisor alone, which then stops the children in order
            stdin=subprocess.DEVNULL,
        )
        child.started_at = now

    def _stop_children(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def end_with_parent() -> None:
    """In a child: end this process when the supervisor is gone. Does nothing when started by hand."""
    handle = os.environ.pop(PARENT_PIPE, None)
    if handle is None:
        return

    def watch() -> None:
        os.read(int(handle), 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def shuke_command(*arguments: str) -> list[str]:
    """The command line of this very installation."""
    return [sys.executable, "-m", "shuke.config.cli", *arguments]
