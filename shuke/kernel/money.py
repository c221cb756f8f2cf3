"""Money is integer fen (1/100 of the currency's unit) with a currency beside it."""

SYMBOLS = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$", "JPY": "JP¥"}


def format_fen(amount_fen: int, currency: str = "CNY", *, with_zeros: bool = True) -> str:
    """¥1,234.50; a minus sign stands before the symbol."""
    sign = "-" if amount_fen < 0 else ""
    yuan, fen = divmod(abs(amount_fen), 100)
    symbol = SYMBOLS.get(currency, f"{currency} ")
    cents = f".{fen:02d}" if with_zeros or fen else ""
    return f"{sign}{symbol}{yuan:,}{cents}"
