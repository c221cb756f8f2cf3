"""Which column means which field: by header, by what was mapped before, and by what the cells look like. Pure."""

import hashlib
import re
from collections.abc import Sequence

from shuke.imports.ports import Field
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
    return {header_key(word) for field in fields for word in field.synonyms}


def match_columns(columns: Sequence[Column], fields: Sequence[Field], *, has_header: bool) -> dict[str, str]:
    """field code → column id (c0 …). Each column is used once, each field once; the best synonym wins."""
    if not has_header:
        return match_by_look(columns)
    keys = [header_key(column.name) for column in columns]
    found: dict[str, str] = {}
    taken: set[int] = set()
    ranked = sorted(
        (rank, index, field.code)
        for field in fields
        for rank, word in enumerate(field.synonyms)
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
