"""The catalogues: English kept by hand, Traditional Chinese converted, Simplified Chinese typeset."""

import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from shuke.config.translations.extracting import PACKAGE

LOCALE = PACKAGE / "locale"
ENGLISH = LOCALE / "en" / "LC_MESSAGES" / "django.po"
OVERRIDES = LOCALE / "zh_Hant" / "overrides.toml"
TYPESET = LOCALE / "typeset"
_BEGUN = datetime(2026, 11, 22, tzinfo=UTC)
_HEADER = "# English words of 熟客. Msgids are Simplified Chinese."
_AFTER_CHINESE = r"(?<=[\u4e00-\u9fff\u300d\u300b\u201d\uff09])"
_MARKS = dict(zip(",;?!:", "\uff0c\uff1b\uff1f\uff01\uff1a", strict=True))
_MARK = re.compile(_AFTER_CHINESE + r"([,;?!:])(?!//)\s?")
_AFTER_VALUE = re.compile(r"(?<=\)s)([,;?!:])\s?(?=[\u4e00-\u9fff])")
_BRACKETS = re.compile(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)")
_PLACEHOLDERS = re.compile(r"%\([^()]*\)[sd]")


def english() -> Catalog:
    """The English catalogue as it is kept."""
    if not ENGLISH.exists():
        return Catalog(locale="en")
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def merged(found: Catalog, kept: Catalog) -> Catalog:
    """Exactly the msgids found, with the words kept for them."""
    catalog = Catalog(
        locale="en", project="Shuke", charset="utf-8", header_comment=_HEADER, creation_date=_BEGUN,
        revision_date=_BEGUN, last_translator="Shuke <shuke@example.com>", language_team="en", fuzzy=False,
    )  # fmt: skip
    for message in found:
        if message.id:
            old = kept.get(message.id, context=message.context)
            catalog.add(message.id, old.string if old else None, context=message.context)
    return catalog


def save_english(catalog: Catalog) -> None:
    """Write the English catalogue, sorted, so that changes read well."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=120, sort_output=True, no_location=True)
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    ENGLISH.write_bytes(buffer.getvalue())


def typeset(text: str) -> str:
    """Half-width marks after Chinese characters, and brackets around them, full-width: 好,走(吧) → 好，走（吧）."""
    text = _hidden(text, lambda plain: _BRACKETS.sub("\uff08\\1\uff09", plain))
    text = _MARK.sub(lambda match: _MARKS[match[1]], text)
    return _AFTER_VALUE.sub(lambda match: _MARKS[match[1]], text)


def _hidden(text: str, change: Callable[[str], str]) -> str:
    """Change the text with its placeholders out of the way."""
    held = _PLACEHOLDERS.findall(text)
    changed = change(_PLACEHOLDERS.sub("\x00", text))
    for placeholder in held:
        changed = changed.replace("\x00", placeholder, 1)
    return changed


@cache
def _overrides() -> dict[str, dict[str, str]]:
    return tomllib.loads(OVERRIDES.read_text("utf-8")) if OVERRIDES.exists() else {}


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("s2twp").convert
    return convert


def traditional(text: str) -> str:
    """Traditional Chinese as it is written in Taiwan; the overrides win."""
    whole = _overrides().get("messages", {})
    if text in whole:
        return whole[text]
    converted = _converter()(typeset(text))
    for wrong, right in _overrides().get("words", {}).items():
        converted = converted.replace(wrong, right)
    return converted


def converted(kept: Catalog, locale: str, convert: Callable[[str], str]) -> Catalog:
    """A Chinese catalogue with every msgid converted."""
    catalog = Catalog(locale=locale, creation_date=_BEGUN, revision_date=_BEGUN, fuzzy=False)
    for message in kept:
        if message.id:
            catalog.add(message.id, _converted(message, convert), context=message.context)
    return catalog


def _converted(message: Message, convert: Callable[[str], str]) -> str | tuple[str, ...]:
    if isinstance(message.id, tuple):
        return (convert(message.id[-1]),)
    return convert(str(message.id))


def compile_all() -> list[Path]:
    """Write every `.mo`; returns their paths."""
    kept = english()
    made = {
        LOCALE / "en": kept,
        LOCALE / "zh_Hant": converted(kept, "zh_Hant", traditional),
        TYPESET / "zh_Hans": converted(kept, "zh_Hans", typeset),
    }
    return [_write_mo(folder / "LC_MESSAGES" / "django.mo", catalog) for folder, catalog in made.items()]


def _write_mo(path: Path, catalog: Catalog) -> Path:
    buffer = BytesIO()
    write_mo(buffer, catalog)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
    return path
