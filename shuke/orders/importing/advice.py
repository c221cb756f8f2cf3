"""What to say about a file before it is imported: what is missing, what will be left out, what has to be asked."""

import re
from collections import Counter
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from shuke.imports import rules
from shuke.imports.ports import Advice, Choice, Setting, Text
from shuke.imports.rules import Hints, columns
from shuke.imports.services.choosing import mode_choice
from shuke.orders.importing.fields import KEY_FIELDS
from shuke.orders.importing.lines import is_not_sold
from shuke.orders.importing.winning import ruled, wins_choices

_AMBIGUOUS = re.compile(r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "HKD", "TWD", "JPY", "AUD", "CAD", "SGD", "MYR", "KRW")


def advise(rows: pl.DataFrame, setting: Setting, hints: Hints) -> Advice:
    """Advice on sample rows (text columns c0 …) under a mapping."""
    mapping = setting.mapping
    return Advice(
        missing=_missing(mapping),
        notes=_notes(rows, mapping),
        choices=[
            mode_choice(setting),
            *wins_choices(setting),
            *_amount_choice(rows, setting),
            *_date_choice(rows, setting),
            _currency_choice(setting),
        ],
        ruled=ruled(mapping),
    )


def _missing(mapping: dict[str, str]) -> list[Text]:
    missing: list[Text] = []
    if "moment" not in mapping:
        missing.append(_("请选出哪一列是下单时间。"))
    if not ({"amount", "subtotal"} & mapping.keys() or {"price", "quantity"} <= mapping.keys()):
        missing.append(_("请选出哪一列是实付金额；没有的话，选出单价和数量。"))
    return missing


def _notes(rows: pl.DataFrame, mapping: dict[str, str]) -> list[Text]:
    notes: list[Text] = []
    if "number" not in mapping:
        notes.append(_("没有订单号：每一行算一笔订单，按内容识别；再次导入同一文件不会重复。"))
    if not set(KEY_FIELDS) & mapping.keys():
        notes.append(_("没有能认出顾客的列(会员号、手机号、邮箱或客户号):订单会计入营业额，不计入客户价值。"))
    masked = _share(rows, mapping.get("phone"), r"\*{2,}")
    if masked:
        notes.append(_("手机号带 *,是平台隐藏过的，不能用来认出顾客。"))
    closed = _closed(rows, mapping.get("status"))
    if closed:
        notes.append(_("状态为“%(words)s”的行不是成交，会跳过。") % {"words": "”“".join(closed)})
    return notes


def _share(rows: pl.DataFrame, column: str | None, pattern: str) -> float:
    if column is None or not len(rows):
        return 0.0
    return float(rows[column].str.contains(pattern).mean() or 0.0)  # type: ignore[arg-type]


def _closed(rows: pl.DataFrame, column: str | None) -> list[str]:
    if column is None:
        return []
    return sorted(status for status in rows[column].unique().to_list() if status and is_not_sold(status))[:6]


# --- does the amount stand for the line or for the whole order? ---


def amount_level(rows: pl.DataFrame, mapping: dict[str, str]) -> str:
    """ "order" when the amount of an order is repeated on each of its lines or stands on the first only, else "line"."""
    if "number" not in mapping or "amount" not in mapping:
        return "line"
    orders = _sample_orders(rows, mapping)
    votes = Counter(_vote(lines) for lines in orders)
    votes.pop("", None)
    return "order" if votes["order"] > votes["line"] else "line"


Line = tuple[int | None, int | None]  # amount, what price times quantity or the subtotal comes to


def _sample_orders(rows: pl.DataFrame, mapping: dict[str, str]) -> list[list[Line]]:
    number = columns.tidy(rows[mapping["number"]]).to_list()
    amount = columns.read_amounts(columns.tidy(rows[mapping["amount"]])).values.to_list()
    goods = _goods(rows, mapping)
    orders: dict[str, list[Line]] = {}
    for key, money, worth in zip(number, amount, goods, strict=True):
        if key:
            orders.setdefault(key, []).append((money, worth))
    return [lines for lines in orders.values() if len(lines) > 1]


def _goods(rows: pl.DataFrame, mapping: dict[str, str]) -> list[int | None]:
    if "subtotal" in mapping:
        return columns.read_amounts(columns.tidy(rows[mapping["subtotal"]])).values.to_list()
    if not {"price", "quantity"} <= mapping.keys():
        return [None] * len(rows)
    price = columns.read_prices(columns.tidy(rows[mapping["price"]])).values
    quantity = columns.read_quantities(columns.tidy(rows[mapping["quantity"]])).values
    return [
        None if p is None or q is None else round(p * q / 100_000)
        for p, q in zip(price, quantity, strict=True)
    ]


def _vote(lines: list[Line]) -> str:
    amounts = [money for money, _worth in lines]
    known = [money for money in amounts if money is not None]
    if not known:
        return ""
    if len(known) == 1:
        return "order"
    goods = [worth for _money, worth in lines if worth is not None]
    if len(set(known)) > 1:
        return "line"
    if len(goods) == len(lines) and known[0]:
        total, own = sum(goods), max(goods)
        return (
            "order"
            if abs(total - known[0]) < abs(own - known[0])
            else "line"
            if len(set(goods)) == 1
            else "order"
        )
    return "order" if known[0] else ""


def _amount_choice(rows: pl.DataFrame, setting: Setting) -> list[Choice]:
    if not {"number", "amount"} <= setting.mapping.keys():
        return []
    value = str(setting.options.get("amount_level") or amount_level(rows, setting.mapping))
    answers = (("line", _("每行商品的金额")), ("order", _("整单的金额(每行重复，或只在第一行)")))
    return [Choice("amount_level", _("“实付金额”是"), answers, value)]


def _date_choice(rows: pl.DataFrame, setting: Setting) -> list[Choice]:
    column = setting.mapping.get("moment")
    cells = [rules.clean(cell) for cell in rows[column].head(500).to_list()] if column else []
    odd = [cell for cell in cells if _AMBIGUOUS.match(cell)]
    if not odd:
        return []
    guess = _day_or_month(odd)
    value = str(setting.options.get("date_order") or guess)
    answers = (("", _("请选择")), ("dmy", _("日在前(31/12/2025)")), ("mdy", _("月在前(12/31/2025)")))
    return [Choice("date_order", _("日期写法"), answers, value)]


def _day_or_month(cells: list[str]) -> str:
    pairs = [tuple(int(part) for part in re.split(r"[-/.]", cell)[:2]) for cell in cells]
    if any(first > 12 for first, _second in pairs):
        return "dmy"
    return "mdy" if any(second > 12 for _first, second in pairs) else ""


def _currency_choice(setting: Setting) -> Choice:
    label = _("没写货币的按") if "currency" in setting.mapping else _("货币")
    answers: tuple[tuple[str, Any], ...] = tuple((code, code) for code in CURRENCIES)
    return Choice("currency", label, answers, str(setting.options.get("currency") or "CNY"))
