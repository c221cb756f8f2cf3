"""Commands that do a piece of the shop's work."""

import asyncio
import time
from argparse import Namespace

from shuke.config.cli import environment
from shuke.config.cli.serving import work
from shuke.config.cli.words import say


def migrate(arguments: Namespace) -> int:
    """Bring the tables up to date."""
    with environment.ready():
        if environment.migrate():
            say("数据表已更新。", "The tables were updated.")
        else:
            say("数据表已是最新。", "The tables are up to date already.")
    return 0


def refresh(arguments: Namespace) -> int:
    """Compute every customer's value anew, now."""
    with environment.ready():
        from shuke.team.queries import SYSTEM
        from shuke.value.services import refresh_all

        began = time.monotonic()
        refresh_all(SYSTEM)
        work_off_queue()
        seconds = time.monotonic() - began
        say(f"价值已重新计算({seconds:.1f} 秒)。", f"Values computed ({seconds:.1f} s).")
    return 0


def work_off_queue() -> None:
    """Do the jobs that wait, and return when none is left: what a command changed is then seen everywhere."""
    environment.leave_database()
    asyncio.run(work(concurrency=2, waits_for_more=False))
