"""The shop's own number of a customer: K, the number of the record, and a check digit. Pure.

It stands on the customer's page and in exports, and brings an edited list back to the right records. The check digit catches
what a slip of the pen or dragging a cell in a table program makes up.
"""

import re

_SHAPE = re.compile(r"[kK]\s*(\d{1,18})(\d)")


def customer_number(customer_id: int) -> str:
    """K and the number with its check digit: 1024 is K10249."""
    return f"K{customer_id}{_check_digit(str(customer_id))}"


def read_customer_number(text: str) -> int | None:
    """The id of the record that the number names; None for anything that is no number of ours."""
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None or shape[1].startswith("0") or _check_digit(shape[1]) != shape[2]:
        return None
    return int(shape[1])


def _check_digit(digits: str) -> str:
    """Luhn's: one wrong digit and most swapped neighbours change it."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return str(-sum(sum(divmod(number, 10)) for number in doubled) % 10)
