"""Numbers and addresses inside words: hidden for who reads contacts masked, and put back when they save what they saw. Pure."""

import re
from collections.abc import Iterator

from shuke.customers.rules import mask_email, mask_phone

_CONTACT = re.compile(
    r"(?P<email>[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,})"
    r"|(?P<phone>(?<![A-Za-z0-9_.])\+?\d(?:[\s\-–—()（）]?\d){6,14}(?![A-Za-z0-9_]|\.\d))"
)
_DAY = re.compile(r"(?:19|20)\d\d[-–]?\d\d[-–]?\d\d")


def masked_text(text: str) -> str:
    """The text with its phone numbers and e-mail addresses masked; days and short numbers stay."""
    return _CONTACT.sub(lambda found: _masked(found), text)


def unmasked_text(text: str, before: str) -> str:
    """What somebody wrote who saw `before` masked: masked contacts that are still there are the old ones."""
    if text == masked_text(before):
        return before
    for shown, real in _pairs(before):
        text = text.replace(shown, real, 1)
    return text


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for found in _CONTACT.finditer(text):
        if _masked(found) != found[0]:
            yield _masked(found), found[0]


def _masked(found: re.Match[str]) -> str:
    if found["email"]:
        return mask_email(found[0])
    if _DAY.fullmatch(found[0]):
        return found[0]
    digits = re.sub(r"\D", "", found[0])
    return mask_phone(digits) if len(digits) >= 7 else found[0]
