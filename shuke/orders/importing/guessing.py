"""How surely a table is one of orders. Pure.

A list of people often carries a date and a sum too: when the record was made, what they are worth. Such columns alone make no
orders; a number, goods, or a date that can only be a sale's do.
"""

from collections.abc import Mapping

from shuke.imports.rules import header_key

_SIGNS = ("number", "moment", "amount", "subtotal", "quantity", "price", "product", "sku", "status", "refund")
_PROOFS = frozenset({"number", "moment", "subtotal", "quantity", "price", "product", "sku", "refund"})
_DATES = frozenset(map(header_key, ("日期", "时间", "date", "time", "datetime", "timestamp", "ts")))
_RECORDED = frozenset(
    map(header_key, ("创建时间", "created at", "created time", "create date", "created date"))
)
_VAGUE = {
    "number": frozenset({"name"}),
    "moment": _DATES | _RECORDED,
    "product": frozenset(map(header_key, ("title", "description", "标题"))),
    "status": frozenset(map(header_key, ("状态", "status"))),
}
PROVEN, DATED = 6, 3


def order_likelihood(mapping: Mapping[str, str]) -> int:
    """By field → header: a time with money or goods counts its columns, and more where one can mean nothing else."""
    has_money = bool({"amount", "subtotal"} & mapping.keys()) or {"price", "quantity"} <= mapping.keys()
    if "moment" not in mapping or not has_money:
        return 0
    clear = {
        code for code in _SIGNS if code in mapping and header_key(mapping[code]) not in _VAGUE.get(code, ())
    }
    if clear & _PROOFS:
        return PROVEN + len(clear | ({"moment"} & mapping.keys()))
    return len(clear) + (0 if header_key(mapping["moment"]) in _RECORDED else DATED)
