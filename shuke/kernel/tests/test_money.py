import pytest

from shuke.kernel.money import format_fen


@pytest.mark.parametrize(
    ("amount_fen", "currency", "shown"),
    [
        (123450, "CNY", "¥1,234.50"),
        (-5, "CNY", "-¥0.05"),
        (0, "CNY", "¥0.00"),
        (120_00, "USD", "US$120.00"),
        (100, "THB", "THB 1.00"),
    ],
)
def test_an_amount_shows_its_sign_symbol_and_fen(amount_fen: int, currency: str, shown: str) -> None:
    assert format_fen(amount_fen, currency) == shown


def test_whole_yuan_can_be_shown_without_zeros() -> None:
    assert format_fen(36800, with_zeros=False) == "¥368"
    assert format_fen(36850, with_zeros=False) == "¥368.50"
