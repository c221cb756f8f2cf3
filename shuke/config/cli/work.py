"""Commands that do a piece of the shop's work."""

import asyncio
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from shuke.config.cli import environment
from shuke.config.cli.serving import work
from shuke.config.cli.words import CommandTrouble, say, words


def migrate(arguments: Namespace) -> int:
    """Bring the tables up to date."""
    with environment.ready():
        if environment.migrate():
            say("数据表已更新。", "The tables were updated.")
        else:
            say("数据表已是最新。", "The tables are up to date already.")
    return 0


def refresh(arguments: Namespace) -> int:
    """Compute every customer's value anew, now; if asked to, from facts made anew from the orders."""
    with environment.ready():
        from shuke.team.queries import SYSTEM
        from shuke.value.services import rebuild_facts, refresh_all

        began = time.monotonic()
        if arguments.rebuild_facts:
            rows = rebuild_facts()
            seconds = time.monotonic() - began
            say(
                f"已从订单重建 {rows:,} 条购买记录（{seconds:.1f} 秒）。",
                f"{rows:,} facts made anew from the orders ({seconds:.1f} s).",
            )
        refresh_all(SYSTEM)
        work_off_queue()
        seconds = time.monotonic() - began
        say(f"价值已重新计算（{seconds:.1f} 秒）。", f"Values computed ({seconds:.1f} s).")
    return 0


def import_file(arguments: Namespace) -> int:
    """Show what the file holds, ask, import it in the foreground, and say what came of it."""
    path = Path(arguments.file).expanduser()
    if not path.is_file():
        raise CommandTrouble(words(f"找不到文件 {path}。", f"There is no file {path}."))
    with environment.ready():
        environment.migrate()
        from django.utils.translation import override

        with override(words("zh-hans", "en")):
            report = _import(path, arguments)
        work_off_queue()
    return 0 if report.state == "done" else 1


def _import(path: Path, arguments: Namespace) -> Any:
    from shuke.imports.services import NotUsable, import_file

    try:
        report = import_file(
            path=path,
            source=arguments.source,
            target=arguments.what,
            mapping=dict(word.partition("=")[::2] for word in arguments.column),
            ask=None if arguments.yes else _agrees,
            watch=_show_progress if sys.stdout.isatty() else None,
        )
    except (NotUsable, ValueError) as error:
        raise CommandTrouble(str(error)) from error
    if report.missing:
        print("\n".join(report.lines))
        missing = "、".join(map(str, report.missing))
        raise CommandTrouble(
            words(
                f"还缺少：{missing}。请用 --column 列=字段 指明。",
                f"Missing: {missing}. Tell with --column COLUMN=FIELD.",
            )
        )
    say(f"\n导入结束：{report.counts}", f"\nImport finished: {report.counts}")
    return report


def _agrees(report: Any) -> bool:
    print("\n".join(report.lines))
    return input(words("就这样导入吗？[Y/n] ", "Import like this? [Y/n] ")).strip().lower() in (
        "",
        "y",
        "yes",
        "是",
    )


def _show_progress(done: int, total: int) -> None:
    print(f"\r{done:,} / {total:,}", end="", flush=True)


def work_off_queue() -> None:
    """Do the jobs that wait, and return when none is left: what a command changed is then seen everywhere."""
    environment.leave_database()
    asyncio.run(work(concurrency=2, waits_for_more=False))
