"""The command line in two languages. It speaks before Django is set up, so its words do not come from the catalogues."""

import os
import sys
from collections.abc import Mapping, Sequence


class CommandTrouble(RuntimeError):
    """The command cannot go on; the message says what to do."""


def language_of(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    """`zh` or `en`: --lang, else SHUKE_LANG, else English only where the system's own language is English."""
    for position, word in enumerate(argv):
        if word.startswith("--lang="):
            return _known(word.removeprefix("--lang="))
        if word == "--lang" and position + 1 < len(argv):
            return _known(argv[position + 1])
    if environment.get("SHUKE_LANG"):
        return _known(environment["SHUKE_LANG"])
    system = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    return "en" if system.lower().startswith("en") else "zh"


def _known(word: str) -> str:
    return "en" if word.lower().startswith("en") else "zh"


_spoken = language_of(sys.argv[1:], os.environ)


def speak(language: str) -> None:
    """Use this language from now on."""
    global _spoken
    _spoken = language


def words(chinese: str, english: str) -> str:
    """The one of the two that is spoken."""
    return english if _spoken == "en" else chinese


def say(chinese: str, english: str) -> None:
    """Print a line of progress."""
    print(words(chinese, english), flush=True)
