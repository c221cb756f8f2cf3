"""The commands and their options."""

import os
from argparse import SUPPRESS, ArgumentParser, HelpFormatter, Namespace
from collections.abc import Callable
from importlib import import_module
from typing import Any

from shuke import __version__
from shuke.config.cli.words import words


class Formatter(HelpFormatter):
    """argparse's own few words in the spoken language."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=100)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, words("用法：", "Usage: ") if prefix is None else prefix)


def command(path: str) -> Callable[[Namespace], int]:
    """A command that is imported when it runs: `--help` stays quick."""
    module, name = path.split(":")

    def run(arguments: Namespace) -> int:
        return int(getattr(import_module(module), name)(arguments))

    return run


def build_parser() -> ArgumentParser:
    """The whole command line."""
    parser = _dressed(
        ArgumentParser(
            prog="shuke",
            formatter_class=Formatter,
            add_help=False,
            description=words(
                "熟客：把买过一次的人变成常来的人。",
                "Shuke: a customer system that turns buyers into regulars.",
            ),
            epilog=words(
                "数据放在 SHUKE_DATA 指定的文件夹（内置数据库），或 DATABASE_URL 指定的 PostgreSQL。",
                "Data live in the folder SHUKE_DATA (embedded database), or in the PostgreSQL of DATABASE_URL.",
            ),
        )
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"shuke {__version__}",
        help=words("显示版本", "show the version"),
    )
    commands = parser.add_subparsers(title=words("命令", "commands"), metavar="", parser_class=ArgumentParser)
    parser.set_defaults(run=None)
    _add_processes(commands)
    _add_work(commands)
    _add_care(commands)
    return parser


def _dressed(parser: ArgumentParser) -> ArgumentParser:
    parser._positionals.title = words("参数", "arguments")
    parser._optionals.title = words("选项", "options")
    parser.add_argument(
        "-h", "--help", action="help", default=SUPPRESS, help=words("显示这段说明", "show this help")
    )
    parser.add_argument(
        "--lang", choices=("zh", "en"), default=SUPPRESS, help=words("说明的语言", "language of the words")
    )
    return parser


def _add(commands: Any, name: str, path: str, chinese: str, english: str) -> ArgumentParser:
    text = words(chinese, english)
    parser = _dressed(
        commands.add_parser(name, help=text, description=text, formatter_class=Formatter, add_help=False)
    )
    parser.set_defaults(run=command(path))
    return parser


def _add_processes(commands: Any) -> None:
    serving = "shuke.config.cli.serving"
    serve = _add(
        commands,
        "serve",
        f"{serving}:serve",
        "运行熟客：网页、后台任务、定时任务一起",
        "run everything: web, worker and scheduler",
    )
    _add_web_options(serve)
    _add_worker_options(serve)
    _add_web_options(_add(commands, "web", f"{serving}:web", "只运行网页", "run only the web server"))
    _add_concurrency(_add(commands, "worker", f"{serving}:worker", "只运行后台任务", "run only the jobs"))
    _add(
        commands,
        "scheduler",
        f"{serving}:scheduler",
        "只运行定时任务",
        "run only the scheduler of periodic jobs",
    )
    demo = _add(
        commands,
        "demo",
        "shuke.config.cli.demo:demo",
        "打开一家示范店（数据都是虚构的）",
        "serve a demo shop (all data are made up)",
    )
    _add_web_options(demo)
    _add_worker_options(demo)


def _add_web_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        default=os.environ.get("SHUKE_HOST", "127.0.0.1"),
        help=words(
            "监听地址（默认 SHUKE_HOST 或 127.0.0.1）", "address to listen on (SHUKE_HOST or 127.0.0.1)"
        ),
    )
    parser.add_argument(
        "--port",
        type=int,
        default=int(os.environ.get("SHUKE_PORT", "8000")),
        help=words("端口（默认 SHUKE_PORT 或 8000）", "port (SHUKE_PORT or 8000)"),
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=0,
        help=words("网页进程数（默认按处理器核数，最多 4）", "web processes (default: the cores, at most 4)"),
    )
    parser.add_argument(
        "--threads", type=int, default=2, help=words("每个网页进程的线程数", "threads of each web process")
    )


def _add_worker_options(parser: ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, default=1, help=words("后台任务进程数", "worker processes"))
    _add_concurrency(parser)


def _add_concurrency(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--concurrency",
        type=int,
        default=4,
        help=words("每个进程同时做几件任务", "jobs at once in each worker"),
    )


def _add_work(commands: Any) -> None:
    work = "shuke.config.cli.work"
    bring = _add(
        commands,
        "import",
        f"{work}:import_file",
        "导入订单、客户、往来等文件(CSV、Excel、Parquet …)",
        "import a file of orders, customers, communications …",
    )
    bring.add_argument("file", help=words("文件", "the file"))
    bring.add_argument(
        "--what",
        default="",
        help=words(
            "每一行是什么：orders、customers、contacts、communications、follow_ups、products（默认看表头自己认）",
            "what the rows are: orders, customers, contacts, communications, follow_ups, products (default: told by the header)",
        ),
    )
    bring.add_argument(
        "--source",
        default="",
        help=words("来源名称（记住列的对应关系）", "name of the source (remembers the columns)"),
    )
    bring.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="列=字段",
        help=words("这一列是什么，可重复，例如 --column 电话=手机号", "what a column means; may be repeated"),
    )
    bring.add_argument(
        "--yes", action="store_true", help=words("不再询问，直接导入", "do not ask, import at once")
    )
    refresh = _add(
        commands,
        "refresh",
        f"{work}:refresh",
        "重新计算全部客户的价值",
        "compute the value of every customer anew",
    )
    refresh.add_argument(
        "--rebuild-facts",
        action="store_true",
        help=words(
            "先删掉数据文件夹里的 facts，从订单重建（文件坏了、换了机器、数字可疑时用）",
            "first delete the folder facts of the data and make it anew from the orders (damaged files, another machine, doubts)",
        ),
    )


def _add_care(commands: Any) -> None:
    _add(commands, "migrate", "shuke.config.cli.work:migrate", "更新数据表", "bring the tables up to date")
    admin = _add(
        commands,
        "createadmin",
        "shuke.config.cli.accounts:createadmin",
        "添加一个管理员账户",
        "add an administrator",
    )
    admin.add_argument(
        "--username", default="admin", help=words("登录名（默认 admin）", "sign-in name (admin)")
    )
    admin.add_argument("--name", default=words("店主", "Owner"), help=words("姓名", "name"))
    admin.add_argument(
        "--ask", action="store_true", help=words("自己输入一次性密码", "type the one-time password")
    )
    keep = _add(
        commands,
        "backup",
        "shuke.config.cli.archive:backup",
        "备份数据库和文件，写完即校验",
        "back up database and files, verified",
    )
    keep.add_argument(
        "file",
        nargs="?",
        help=words("备份文件（默认 shuke-日期.backup）", "the archive (default shuke-DATE.backup)"),
    )
    keep.add_argument(
        "--force", action="store_true", help=words("覆盖已有的备份文件", "overwrite an existing archive")
    )
    back = _add(commands, "restore", "shuke.config.cli.archive:restore", "从备份恢复", "restore a backup")
    back.add_argument("file", help=words("备份文件", "the archive"))
    back.add_argument(
        "--force", action="store_true", help=words("覆盖现有的数据", "overwrite the data that are here")
    )
