"""Whether every word that people see is translated."""

import re
from collections.abc import Iterable

from babel.messages.catalog import Catalog, Message

from shuke.config.translations.catalogues import english
from shuke.config.translations.extracting import CHINESE, extracted, unmarked

_PLACEHOLDER = re.compile(r"%\([^()]*\)[sd]|%[sd]|\{[a-z_]*\}")
_KEPT_CHINESE = re.compile(r"熟客?|[「」『』]")


def problems() -> list[str]:
    """What is missing, stale or wrong; empty when all is well."""
    found, kept = extracted(), english()
    return [
        *_missing(found, kept),
        *_stale(found, kept),
        *(problem for message in kept if message.id for problem in _wrong(message)),
        *(f"not marked for translation: {place.path}:{place.line} {place.text}" for place in unmarked()),
    ]


def _missing(found: Catalog, kept: Catalog) -> Iterable[str]:
    for message in found:
        if message.id:
            own = kept.get(message.id, context=message.context)
            if own is None or not all(_strings(own)):
                place = ":".join(map(str, message.locations[0])) if message.locations else ""
                yield f"no English: {_key(message)} ({place})"


def _stale(found: Catalog, kept: Catalog) -> Iterable[str]:
    for message in kept:
        if message.id and found.get(message.id, context=message.context) is None:
            yield f"no longer used: {_key(message)}"


def _wrong(message: Message) -> Iterable[str]:
    wanted = set(_PLACEHOLDER.findall(_key(message)))
    for text in filter(None, _strings(message)):
        if set(_PLACEHOLDER.findall(text)) != wanted:
            yield f"placeholders differ: {_key(message)} → {text}"
        if CHINESE.search(_KEPT_CHINESE.sub("", text)):
            yield f"Chinese in the English: {_key(message)} → {text}"
    if message.fuzzy:
        yield f"fuzzy: {_key(message)}"


def _strings(message: Message) -> tuple[str, ...]:
    if isinstance(message.string, (tuple, list)):
        return tuple(message.string)
    return (message.string or "",)


def _key(message: Message) -> str:
    return str(message.id[-1] if isinstance(message.id, (tuple, list)) else message.id)
