"""Every msgid in code and templates."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parents[2]
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
CHINESE = re.compile(r"[一-鿿]")
_MARKED = re.compile(
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}|{%.*?%}|{{.*?}}|{#.*?#}|<!--.*?-->", re.S
)
_COMMENT = re.compile(r"{%\s*comment.*?{%\s*endcomment\s*%}", re.S)
UNTRANSLATED_NAMES = ("熟客", "熟", "简体中文", "繁體中文", "简体", "繁體")


@dataclass(frozen=True)
class Unmarked:
    """Chinese in a template that no translation reaches."""

    path: Path
    line: int
    text: str


def _is_ours(path: Path) -> bool:
    parts = path.relative_to(PACKAGE).parts
    is_aside = "tests" in parts or "migrations" in parts or "node_modules" in parts
    return not is_aside and path.name not in ("testing.py", "gallery.py", "gallery.html")


def sources(pattern: str) -> list[Path]:
    """The files whose words people see."""
    return sorted(path for path in PACKAGE.rglob(pattern) if _is_ours(path))


def _python_of(path: Path) -> bytes:
    if path.suffix == ".py":
        return path.read_bytes()
    lines = templatize(path.read_text("utf-8"), origin=str(path)).splitlines()
    return "\n".join(["#", *(line.strip() for line in lines)]).encode("utf-8")


def _found_in(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None, int]]:
    rows = extract("python", BytesIO(_python_of(path)), keywords=KEYWORDS, options={"encoding": "utf-8"})
    for line, message, _comments, context in rows:
        if message and message[0] if isinstance(message, tuple) else message:
            yield message, context, line


def extracted() -> Catalog:
    """Every msgid, with the files that use it."""
    catalog = Catalog()
    for path in [*sources("*.py"), *sources("*.html"), *sources("*.svg"), *sources("*.txt")]:
        for message, context, line in _found_in(path):
            catalog.add(message, context=context, locations=[(str(path.relative_to(PACKAGE)), line)])
    return catalog


def unmarked() -> list[Unmarked]:
    """Chinese text in templates outside of trans tags."""
    return [found for path in sources("*.html") for found in _unmarked_in(path)]


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _unmarked_in(path: Path) -> Iterator[Unmarked]:
    text = _MARKED.sub(_blank, _COMMENT.sub(_blank, path.read_text("utf-8")))
    for name in UNTRANSLATED_NAMES:
        text = text.replace(name, "")
    for number, line in enumerate(text.splitlines(), 1):
        if CHINESE.search(line):
            yield Unmarked(path.relative_to(PACKAGE), number, " ".join(line.split())[:80])
