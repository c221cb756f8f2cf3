"""QR codes: drawn as the standard says, read back by a reader of our own, and refused when too long."""

import hashlib

import pytest

from shuke.ui.qr import QUIET, qr_modules, qr_path

ADDRESS = "https://shop.example.com/customers/my/abcdefghijklmnopqrstuv.0123456789ab/"


def corner(rows: list[list[bool]], top: int, left: int) -> list[str]:
    return ["".join("#" if dark else "." for dark in row[left : left + 7]) for row in rows[top : top + 7]]


MARK = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]


@pytest.mark.parametrize(
    ("length", "size"), [(1, 21), (14, 21), (15, 25), (26, 25), (106, 41), (107, 45), (180, 53), (213, 57)]
)
def test_the_smallest_version_that_holds_a_text_is_drawn(length: int, size: int) -> None:
    rows = qr_modules("x" * length)
    assert (len(rows), len(rows[0])) == (size, size)
    assert corner(rows, 0, 0) == corner(rows, 0, size - 7) == corner(rows, size - 7, 0) == MARK
    assert rows[size - 8][8]  # the module that is always dark
    assert [rows[6][x] for x in range(8, size - 8)] == [x % 2 == 0 for x in range(8, size - 8)]


def test_a_longer_text_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        qr_modules("x" * 214)


def test_the_drawing_of_an_address_is_the_one_that_was_compared_with_another_encoder() -> None:
    bits = "".join("1" if dark else "0" for row in qr_modules(ADDRESS) for dark in row)
    assert hashlib.sha256(bits.encode()).hexdigest()[:16] == "3c75903e21405c32"


def test_the_path_draws_exactly_the_dark_modules() -> None:
    side, path = qr_path(ADDRESS)
    rows = qr_modules(ADDRESS)
    assert side == len(rows) + 2 * QUIET
    drawn = set()
    for step in path.split("M")[1:]:
        at, length = step.split("h")[:2]
        x, y = map(int, at.split())
        drawn |= {(y - QUIET, x - QUIET + n) for n in range(int(length.split("v")[0]))}
    assert drawn == {(y, x) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}
