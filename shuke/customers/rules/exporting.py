"""What a cell of an exported file may hold. Pure."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")


def plain_text(text: str) -> str:
    """Text without what no file can hold."""
    return _CONTROL.sub("", text)


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it.

    Leading spaces do not hide it, and neither do full-width signs, which Excel reads like the narrow ones.
    """
    plain = plain_text(text)
    begins = plain[:1] in FORMULA_STARTS or plain.lstrip()[:1] in FORMULA_STARTS
    return f"'{plain}" if plain and begins else plain
