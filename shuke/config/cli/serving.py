"""The processes: web, worker, scheduler, and `serve` that keeps all three."""

import asyncio
import os
import socket
import threading
import time
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from shuke.config.cli import environment
from shuke.config.cli.words import CommandTrouble, say, words
from shuke.config.evenly import Shares, spread_evenly
from shuke.config.supervisor import Child, Supervisor, end_with_parent, shuke_command

READY_SECONDS = 60


def web(arguments: Namespace) -> int:
    """Serve the pages (granian, WSGI)."""
    environment.require_configuration()
    end_with_parent()
    check_port(arguments.host, arguments.port)
    with environment.database():
        from granian import Granian
        from granian.constants import Interfaces

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuke.config.settings")
        processes = arguments.processes or default_processes()
        Granian(
            "shuke.config.wsgi:application",
            address=arguments.host,
            port=arguments.port,
            interface=Interfaces.WSGI,
            workers=processes,
            blocking_threads=arguments.threads,
            respawn_failed_workers=True,
            workers_kill_timeout=10,
            log_enabled=False,
            websockets=False,
        ).serve(target_loader=partial(load_application, Shares(processes)))
    return 0


def load_application(shares: Shares, *_: Any, **__: Any) -> Any:
    """In a web process: the application; the process ends when the one that forked it is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    from shuke.config.wsgi import application

    return spread_evenly(application, shares)


def default_processes() -> int:
    """Web processes for this machine."""
    return max(1, min(4, os.cpu_count() or 1))


def worker(arguments: Namespace) -> int:
    """Run jobs until stopped."""
    end_with_parent()
    with environment.ready():
        from shuke.kernel.late_indexes import build_late

        build_late()
        asyncio.run(work(concurrency=arguments.concurrency))
    return 0


async def work(*, concurrency: int, waits_for_more: bool = True) -> None:
    """Run jobs; for ever, or until none is left."""
    from procrastinate.contrib.django import app
    from procrastinate.worker import Worker

    class JobsOnly(Worker):
        """Leaves the periodic jobs to the scheduler process."""

        async def _periodic_deferrer(self) -> None:
            await asyncio.Event().wait()

    connector: Any = app.connector
    with app.replace_connector(connector.get_worker_connector()) as running:
        async with running.open_async():
            options: dict[str, Any] = dict(running.worker_defaults)
            options |= {"concurrency": concurrency, "name": "shuke", "shutdown_graceful_timeout": 10}
            options |= {"wait": waits_for_more, "install_signal_handlers": waits_for_more}
            worker: Any = JobsOnly(app=running, **options)
            await worker.run()


def scheduler(arguments: Namespace) -> int:
    """Put periodic jobs on the queue when they are due, until stopped."""
    end_with_parent()
    with environment.ready():
        asyncio.run(_schedule())
    return 0


async def _schedule() -> None:
    import signal

    from procrastinate.contrib.django import app
    from procrastinate.periodic import PeriodicDeferrer

    connector: Any = app.connector
    with app.replace_connector(connector.get_worker_connector()) as running:
        async with running.open_async():
            running.perform_import_paths()
            deferrer = PeriodicDeferrer(registry=running.periodic_registry, **running.periodic_defaults)
            task = asyncio.ensure_future(deferrer.worker())
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, task.cancel)
            try:
                await task
            except asyncio.CancelledError:
                return


def serve(arguments: Namespace, *, announce: Callable[[str], None] | None = None) -> int:
    """Everything on one machine: tables up to date, a first account, then web, worker and scheduler."""
    check_port(arguments.host, arguments.port)
    with environment.database():
        with environment.alone():
            if not environment.is_known_ready("shop"):
                _prepare_shop()
        run_children(arguments, announce or announce_address)
    return 0


def _prepare_shop() -> None:
    environment.start_django()
    from shuke.config.cli.accounts import ensure_first_account

    if environment.migrate():
        say("数据表已是最新。", "The tables are up to date.")
    ensure_first_account()
    environment.leave_database()
    environment.remember_ready("shop")


def run_children(arguments: Namespace, announce: Callable[[str], None]) -> None:
    """Web, worker(s) and scheduler under a supervisor; `announce` is called with the address once it answers.

    The web server goes first: whoever waits for a page should not wait for the rest.
    """
    place = ["--host", arguments.host, "--port", str(arguments.port)]
    place += ["--processes", str(arguments.processes), "--threads", str(arguments.threads)]
    is_web_up = threading.Event()
    children = [Child("web", shuke_command("web", *place))]
    jobs = shuke_command("worker", "--concurrency", str(arguments.concurrency))
    children += [
        Child(f"worker-{number + 1}", jobs, waits_for=is_web_up) for number in range(arguments.workers)
    ]
    children.append(Child("scheduler", shuke_command("scheduler"), waits_for=is_web_up))
    supervisor = Supervisor(children, report=_report_end)
    address = f"http://{_reachable(arguments.host)}:{arguments.port}/"

    def watch() -> None:
        is_ready = _waits_until_ready(supervisor, address)
        is_web_up.set()
        if is_ready:
            announce(address)

    threading.Thread(target=watch, name="announce", daemon=True).start()
    supervisor.run()
    say("已停止。", "Stopped.")


def announce_address(address: str) -> None:
    """Tell where Shuke is."""
    say(f"熟客已就绪：{address}（Ctrl+C 停止）", f"Shuke is ready: {address} (Ctrl+C to stop)")


def _report_end(name: str, code: int) -> None:
    say(
        f"{name} 意外退出（代码 {code}），正在重新启动 …",
        f"{name} ended unexpectedly (code {code}); restarting …",
    )


def _waits_until_ready(supervisor: Supervisor, address: str) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not supervisor.is_stopping.is_set():
        if _answers(address):
            return True
        time.sleep(0.05)
    return False


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}health", timeout=5):
            return True
    except HTTPError:
        return True
    except (URLError, OSError):
        return False


def _reachable(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def is_free(host: str, port: int) -> bool:
    """Whether the port can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise CommandTrouble(
                words(f"没有权限使用端口 {port}。", f"No permission for port {port}.")
            ) from error
        except OSError:
            return False
    return True


def check_port(host: str, port: int) -> None:
    """Raise CommandTrouble when the port is taken."""
    if not is_free(host, port):
        raise CommandTrouble(
            words(
                f"端口 {port} 已被占用。请换一个，例如 SHUKE_PORT={port + 1}。",
                f"Port {port} is taken. Choose another, e.g. SHUKE_PORT={port + 1}.",
            )
        )
