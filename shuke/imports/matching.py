"""Which column means which field: by header, by what was mapped before, and by what the cells look like. Pure."""

import hashlib
import re
from collections.abc import Sequence

from shuke.imports.ports import Field, KnownExport
from shuke.imports.reading import Column
from shuke.imports.rules import header_key

_DAY = re.compile(r"^(?:(?:19|20)\d{6}|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}.*)$")
_PHONE = re.compile(r"^(?:\+?86)?1[3-9]\d{9}$")
_MONEY = re.compile(r"^-?[¥￥$]?\d+\.\d{1,2}$")
_COUNT = re.compile(r"^-?\d{1,3}$")
_NUMBER = re.compile(r"^\d{1,12}$")


def fingerprint(columns: Sequence[Column]) -> str:
    """The same for files with the same headers in the same order."""
    names = "\x1f".join(header_key(column.name) for column in columns)
    return hashlib.sha256(names.encode()).hexdigest()[:24]


def vocabulary(fields: Sequence[Field]) -> set[str]:
    """Every header key that some field goes by."""
    return {header_key(word) for field in fields for word in words_of(field)}


def words_of(field: Field) -> tuple[str, ...]:
    """What a field goes by, best first; its own label (as templates and exports of ours have it) last."""
    return (*field.synonyms, str(field.label))


def match_columns(
    columns: Sequence[Column],
    fields: Sequence[Field],
    *,
    has_header: bool,
    known: Sequence[tuple[str, str]] = (),
) -> dict[str, str]:
    """field code → column id (c0 …). Each column is used once, each field once; the best synonym wins.

    `known` pairs headers with fields and comes first: what a recognised export means by them.
    """
    if not has_header:
        return match_by_look(columns)
    keys = [header_key(column.name) for column in columns]
    found: dict[str, str] = {}
    taken: set[int] = set()
    codes = {field.code for field in fields}
    for header, code in known:
        index = next((i for i, key in enumerate(keys) if key == header_key(header) and i not in taken), None)
        if code in codes and code not in found and index is not None:
            found[code] = f"c{index}"
            taken.add(index)
    ranked = sorted(
        (rank, index, field.code)
        for field in fields
        for rank, word in enumerate(words_of(field))
        for index, key in enumerate(keys)
        if key == header_key(word)
    )
    for _rank, index, code in ranked:
        if code not in found and index not in taken:
            found[code] = f"c{index}"
            taken.add(index)
    return found


def match_by_look(columns: Sequence[Column]) -> dict[str, str]:
    """A file without header: the day, the money, the count and the number that says who."""
    found: dict[str, str] = {}
    for index, column in enumerate(columns):
        code = _kind(column.samples)
        if code == "customer":
            code = "external"  # of several numbers the last one counts: CDNOW's sample puts its own id there
        if code and (code not in found or code == "external"):
            found[code] = f"c{index}"
    return found


def _kind(samples: Sequence[str]) -> str:
    if not samples:
        return ""
    for code, pattern in (("moment", _DAY), ("phone", _PHONE), ("amount", _MONEY)):
        if all(pattern.match(sample) for sample in samples):
            return code
    if all(_COUNT.match(sample) and not sample.startswith("0") for sample in samples):
        return "quantity"
    return "customer" if all(_NUMBER.match(sample) for sample in samples) else ""


LEAST_SIGNS = 2


def recognise(headers: Sequence[str], exports: Sequence[KnownExport]) -> KnownExport | None:
    """The export that has these headers; None when no known one fits well enough."""
    keys = {header_key(header) for header in headers}
    scored = [
        (sum(header_key(sign) in keys for sign in export.signs) + len(export.needs), export)
        for export in exports
        if all(header_key(need) in keys for need in export.needs)
        and sum(header_key(sign) in keys for sign in export.signs) >= LEAST_SIGNS
    ]
    return max(scored, key=lambda pair: pair[0])[1] if scored else None
