"""`shuke demo`: a made-up shop, loaded once and served."""

import time
from argparse import Namespace

from shuke.config.cli import environment, serving
from shuke.config.cli.words import CommandTrouble, say, words
from shuke.config.cli.work import work_off_queue

PORTS_TO_TRY = 20
ROLES = {
    "owner": ("老板", "owner"),
    "manager": ("店长", "store manager"),
    "clerk": ("店员", "clerk"),
    "analyst": ("分析员", "analyst"),
}


def demo(arguments: Namespace) -> int:
    """Tables, demo shop and values where they are missing; then everything runs."""
    arguments.port = next_free_port(arguments.host, arguments.port)
    with environment.database():
        with environment.alone():
            if not environment.is_known_ready("demo"):
                prepare()
        serving.run_children(arguments, announce)
    return 0


def prepare() -> None:
    """Tables, shop, values."""
    environment.start_django()
    if environment.migrate():
        say("→ 数据表已就绪", "→ tables ready")
    load_where_missing()
    environment.leave_database()
    environment.remember_ready("demo")


def next_free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next one that is free."""
    for port in range(wanted, wanted + PORTS_TO_TRY):
        if serving.is_free(host, port):
            return port
    raise CommandTrouble(
        words(f"端口 {wanted} 起的 {PORTS_TO_TRY} 个端口都被占用。", f"No free port from {wanted} on.")
    )


def load_where_missing() -> None:
    """Load the demo shop into an empty installation; never into a shop that is somebody's own."""
    from django.contrib.auth import get_user_model

    from shuke.config.demo import load_demo
    from shuke.config.demo.services import is_loaded, refresh_pages
    from shuke.team.queries import SYSTEM, shop
    from shuke.value.queries import latest_report

    if is_loaded():
        if latest_report() is None:  # stopped before its values were computed
            refresh_pages(SYSTEM)
        return
    if get_user_model()._default_manager.exists() and not shop().is_demo:
        say(
            "→ 这家店已有自己的数据，不再放入示范数据。",
            "→ This shop has data of its own; the demo is not loaded into it.",
        )
        return
    began = time.monotonic()
    say(
        "→ 布置示范店：6000 位客户，18 个月的订单，并计算价值 …",
        "→ furnishing the demo shop: 6,000 customers, 18 months of orders …",
    )
    load_demo(actor=SYSTEM)
    work_off_queue()
    seconds = time.monotonic() - began
    say(f"→ 示范店已就绪（{seconds:.0f} 秒）", f"→ demo shop ready ({seconds:.0f} s)")


def announce(address: str) -> None:
    """Where the demo is and who may sign in."""
    from shuke.config.demo import LOGINS

    say(f"\n熟客演示已就绪：{address}", f"\nThe Shuke demo is ready: {address}")
    say("登录（任选一位）：", "Sign in as any of:")
    for login in LOGINS:
        print(
            f"    {login.username:<8} {login.password:<12} {login.name}({words(*ROLES[login.role])})",
            flush=True,
        )
    say("按 Ctrl+C 停止。", "Press Ctrl+C to stop.")
