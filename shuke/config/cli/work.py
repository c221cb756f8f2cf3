"""Commands that do a piece of the shop's work."""

from argparse import Namespace

from shuke.config.cli import environment
from shuke.config.cli.words import say


def migrate(arguments: Namespace) -> int:
    """Bring the tables up to date."""
    with environment.ready():
        if environment.migrate():
            say("数据表已更新。", "The tables were updated.")
        else:
            say("数据表已是最新。", "The tables are up to date already.")
    return 0
