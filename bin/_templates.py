"""Template lint: every template compiles, its tags are closed, all text is translatable, nothing is inline.

Inline scripts and styles would be refused by the content security policy.
"""

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VOID = set("area base br col embed hr img input link meta param source track wbr".split())
DJANGO_PART = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->|\{% comment.*?%\}.*?\{% endcomment %\}|\{#.*?#\}", re.DOTALL)
SCRIPT = re.compile(r"(<script\b[^>]*>)(.*?)</script>", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"<(/?)([a-zA-Z][\w.:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>")
TRANSLATED = re.compile(r"\{% blocktrans(?:late)?.*?\{% endblocktrans(?:late)? %\}", re.DOTALL)
DEVELOPERS_PAGES = {"ui/gallery.html"}  # shows made-up words on purpose
NAMES = {"熟", "熟客", "简体", "简体中文", "繁體", "繁體中文"}
HAN = re.compile(r"[\u4e00-\u9fff]+")
INLINE = (
    (re.compile(r"<style\b(?![^>]*nonce)", re.IGNORECASE), "inline <style>"),
    (re.compile(r"\sstyle\s*=\s*[\"']", re.IGNORECASE), "inline style attribute"),
    (re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE), "inline event handler"),
    (re.compile(r"javascript:", re.IGNORECASE), "javascript: address"),
    (re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE), "address of another host"),
)


def line_of(text: str, position: int) -> int:
    """1-based line number."""
    return text.count("\n", 0, position) + 1


def blank(match: re.Match[str]) -> str:
    """As many lines as were there, so that line numbers stay."""
    return "\n" * match.group(0).count("\n")


def inline_troubles(text: str) -> Iterator[tuple[int, str]]:
    """What the content security policy would refuse."""
    for pattern, words in INLINE:
        for match in pattern.finditer(text):
            yield line_of(text, match.start()), words
    for match in SCRIPT.finditer(text):
        opening, body = match.groups()
        if body.strip() and "nonce" not in opening and "json" not in opening:
            yield line_of(text, match.start()), "inline <script>"


def tag_troubles(text: str) -> Iterator[tuple[int, str]]:
    """Tags opened more often than closed, or the other way round."""
    bare = DJANGO_PART.sub(blank, SCRIPT.sub(r"\1</script>", text))
    count: Counter[str] = Counter()
    first: dict[str, int] = {}
    for match in TAG.finditer(bare):
        closing, name, _, itself = match.groups()
        name = name.lower()
        if name in VOID or itself:
            continue
        count[name] += -1 if closing else 1
        first.setdefault(name, line_of(bare, match.start()))
    for name, left in count.items():
        if left:
            yield (
                first[name],
                f"<{name}> {'is not closed' if left > 0 else 'is closed too often'} ({abs(left)}×)",
            )


def text_troubles(text: str) -> Iterator[tuple[int, str]]:
    """Chinese text outside of trans and blocktrans."""
    bare = DJANGO_PART.sub(blank, TRANSLATED.sub(blank, text))
    for match in HAN.finditer(bare):
        if match.group(0) not in NAMES:
            yield line_of(bare, match.start()), f"text that is not translatable: {match.group(0)}"


def compile_troubles(name: str) -> Iterator[tuple[int, str]]:
    """The template engine's own complaint."""
    from django.template import TemplateSyntaxError
    from django.template.loader import get_template

    try:
        get_template(name)
    except TemplateSyntaxError as error:
        yield 1, str(error)


def main() -> int:
    """Print every trouble as path:line: words; 1 if there was any."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuke.config.settings")
    import django

    django.setup()
    troubles = 0
    paths = sorted(CHECKOUT.glob("shuke/*/templates/**/*.html"))
    for path in paths:
        source = path.read_text()
        text = COMMENT.sub(blank, source)
        name = str(path.relative_to(next(p for p in path.parents if p.name == "templates")))
        found = [*inline_troubles(text), *compile_troubles(name)]
        found += [] if name.startswith("cotton/") else tag_troubles(text)  # components choose their tag
        found += [] if name in DEVELOPERS_PAGES else text_troubles(text)
        for line, words in sorted(set(found)):
            print(f"{path.relative_to(CHECKOUT)}:{line}: {words}")
        troubles += len(found)
    print(f"{len(paths)} templates, {troubles} troubles")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
