"""The command line `shuke`: `--help` in Chinese, or in English with --lang en (or SHUKE_LANG=en).

Nothing of Django is imported before a command has found its configuration.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from shuke.config.cli.parser import build_parser
from shuke.config.cli.words import CommandTrouble, language_of, speak, words
from shuke.kernel.postgres import PostgresTrouble


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Troubles are told in words, not as a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    speak(language_of(arguments, os.environ))
    parsed = build_parser().parse_args(arguments)
    if parsed.run is None:
        build_parser().print_help()
        return 2
    signal.signal(signal.SIGTERM, _leave)
    return _run(parsed)


def _leave(number: int, frame: FrameType | None) -> None:
    """End by an exception, so that what was opened is closed and the database is left in order."""
    raise SystemExit(128 + number)


def _run(parsed: argparse.Namespace) -> int:
    try:
        return int(parsed.run(parsed))
    except (CommandTrouble, PostgresTrouble) as error:
        print(f"shuke: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(words("已中断。", "Interrupted."), file=sys.stderr)
        return 130
    except Exception as error:
        if type(error).__name__ != "ImproperlyConfigured":
            raise
        print(f"shuke: {error}", file=sys.stderr)
        return 1
