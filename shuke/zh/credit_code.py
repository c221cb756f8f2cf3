"""Check digits of Chinese numbers: 统一社会信用代码 (GB 32100-2015) and the citizen number (GB 11643-1999)."""

import re

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = [3**place % 31 for place in range(17)]
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_SIGNS = "10X98765432"


def credit_code_check_sign(first_17: str) -> str:
    """The 18th character of a credit code. Raises ValueError for a character that cannot be in one."""
    total = sum(_SIGNS.index(sign) * weight for sign, weight in zip(first_17, _WEIGHTS, strict=True))
    return _SIGNS[(31 - total % 31) % 31]


def is_credit_code(text: str) -> bool:
    """Whether these 18 characters are a 统一社会信用代码 with the right check character."""
    if len(text) != 18 or any(sign not in _SIGNS for sign in text):
        return False
    return credit_code_check_sign(text[:17]) == text[17]


def is_citizen_number(text: str) -> bool:
    """Whether these 18 characters are a citizen number with the right check digit (one-person businesses use it for tax)."""
    if not re.fullmatch(r"\d{17}[\dX]", text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _CITIZEN_WEIGHTS, strict=False))
    return _CITIZEN_SIGNS[total % 11] == text[17]
