"""Lines into orders: which lines are one order, what it comes to, and the fingerprint of what it says. No database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from shuke.imports.ports import Setting
from shuke.orders.importing import mixing
from shuke.orders.importing.fields import KEY_FIELDS
from shuke.orders.importing.mixing import U64, SeenNumbers, Words

I64 = npt.NDArray[np.int64]
HEADER = ("moment", "currency", "store", "channel", *KEY_FIELDS, "name", "province", "city", "district", "region",
          "address", "note")  # fmt: skip
MOST_LINES = 30_000


@dataclass(frozen=True)
class OrderBatch:
    """Orders in order of appearance and their lines, sorted by order. `rows` of an order are its lines here."""

    orders: pl.DataFrame  # number, HEADER, amount, refund, rows
    lines: pl.DataFrame  # order (row of orders), line_number (from 0), sku … refund, hash
    header_hash: U64  # of an order without its customer
    lines_hash: U64  # sum over its lines
    number_hash: U64  # for `seen`
    skipped: int
    called_off: Sequence[str] = ()  # numbers of orders of which nothing is left
    foreseen: Any = None  # what the writer made ready before its turn


class Grouper:
    """Groups the batches of one run. Keeps what must be known across batches: the numbers seen so far."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.has_number = "number" in setting.mapping
        self.is_order_level = self.has_number and setting.options.get("amount_level") == "order"
        self.currency = str(setting.options.get("currency") or "CNY")
        self.seen = SeenNumbers()
        self._words = Words()

    def group(self, lines: pl.DataFrame, skipped: int) -> OrderBatch:
        """Orders of a batch. For files without order numbers, counts equal rows against those of earlier batches."""
        lines = lines.with_columns(
            pl.col("currency").fill_null(self.currency),
            pl.col("quantity").fill_null(1000),
            pl.coalesce("sku", pl.col("product").str.slice(0, 80)).alias("sku"),
        )
        if self.has_number:
            lines, firsts, order = _in_order(lines)
            numbers = lines["number"].gather(firsts)
            number_hash = numbers.hash(11).to_numpy()
        else:
            firsts = np.arange(len(lines), dtype=np.int64)
            order = firsts
            numbers, number_hash = self._content_numbers(lines)
        return self._totals(lines, firsts, order, numbers, number_hash, skipped)

    def _totals(
        self, lines: pl.DataFrame, firsts: I64, order: I64, numbers: pl.Series, number_hash: U64, skipped: int
    ) -> OrderBatch:
        own, refunds = self._line_amounts(lines, firsts, order)
        rows = np.diff(np.append(firsts, len(lines)))
        amount, refund = _sums(own, firsts), _sums(refunds, firsts)
        heads = lines.select(HEADER)[firsts] if len(firsts) < len(lines) else lines.select(HEADER)
        orders = heads.with_columns(
            numbers.alias("number"),
            pl.Series("amount", amount),
            pl.Series("refund", refund),
            pl.Series("rows", rows),
        )
        line_hash = mixing.combine(
            [
                self._words.numbers(lines["sku"]),
                mixing.of_integers(lines["quantity"]),
                own.view(np.uint64),
                refunds.view(np.uint64),
            ]
        )
        number_in_order = np.arange(len(lines), dtype=np.int64) - firsts[order] if len(lines) else order
        table = lines.select("line", "sku", "product", "category", "quantity").with_columns(
            pl.Series("order", order), pl.Series("line_number", number_in_order),
            pl.Series("amount", own), pl.Series("refund", refunds), pl.Series("hash", line_hash.view(np.int64)),
        )  # fmt: skip
        header_hash = mixing.combine(
            [
                mixing.of_integers(orders["moment"].dt.epoch("us")),
                *(self._words.numbers(orders[code]) for code in ("currency", "store", "channel")),
            ]
        )
        lines_hash = np.add.reduceat(line_hash, firsts) if len(lines) else line_hash
        return OrderBatch(orders, table, header_hash, lines_hash, number_hash, skipped)

    def _line_amounts(self, lines: pl.DataFrame, firsts: I64, order: I64) -> tuple[I64, I64]:
        priced = _price_times_quantity(lines)
        if not self.is_order_level:
            amount = lines.select(pl.coalesce("amount", "subtotal", priced).fill_null(0)).to_series()
            return amount.to_numpy().astype(np.int64), _refunds(lines["refund"])
        weight = lines.select(pl.coalesce("subtotal", priced, "quantity").fill_null(0)).to_series().to_numpy()
        fallback = lines.select(pl.coalesce("subtotal", priced).fill_null(0)).to_series().to_numpy()
        totals = _first_known(lines["amount"], firsts, order, _sums(fallback, firsts))
        refunds = _first_known(lines["refund"].abs(), firsts, order, np.zeros(len(firsts), dtype=np.int64))
        return _shared_out(totals, weight, firsts, order), _shared_out(refunds, weight, firsts, order)

    def _content_numbers(self, lines: pl.DataFrame) -> tuple[pl.Series, U64]:
        """Numbers for rows without one: what the row says, and for equal rows how many came before."""
        content = mixing.combine(
            [
                mixing.of_integers(lines["moment"].dt.epoch("us")),
                *(
                    mixing.of_integers(lines[code])
                    for code in ("amount", "subtotal", "price", "quantity", "refund")
                ),
                *(
                    self._words.numbers(lines[code])
                    for code in ("sku", "product", "store", "channel", "currency")
                ),
                *(self._words.numbers(lines[code]) for code in (*KEY_FIELDS, "name", "sub_number")),
            ]
        )
        frame = pl.DataFrame({"h": pl.Series(content)})
        within = frame.select(pl.int_range(pl.len()).over("h")).to_series().to_numpy()
        nth = within + self.seen.counts(content)
        numbers = frame.select(
            pl.when(pl.Series(nth) == 0)
            .then(pl.lit("#") + pl.col("h").cast(pl.String))
            .otherwise(pl.lit("#") + pl.col("h").cast(pl.String) + "-" + pl.Series(nth).cast(pl.String))
        ).to_series()
        return numbers, content


def _in_order(lines: pl.DataFrame) -> tuple[pl.DataFrame, I64, I64]:
    """Lines sorted so that each order's stand together; the first line of each order; the order of each line."""
    if not len(lines):
        empty = np.zeros(0, dtype=np.int64)
        return lines, empty, empty
    number = lines["number"]
    run = (number != number.shift(1)).fill_null(True).to_numpy()
    heads = np.flatnonzero(run)
    if number.gather(heads).n_unique() == len(heads):
        return lines, heads, np.cumsum(run) - 1
    place = pl.DataFrame({"n": number}).with_row_index("i").select(pl.col("i").first().over("n")).to_series()
    lines = lines.with_columns(place.alias("place")).sort("place", maintain_order=True).drop("place")
    return _in_order(lines)


def _sums(values: I64, firsts: I64) -> I64:
    return np.add.reduceat(values, firsts).astype(np.int64) if len(firsts) else np.zeros(0, dtype=np.int64)


def _refunds(refunds: pl.Series) -> I64:
    return refunds.fill_null(0).abs().to_numpy().astype(np.int64)


def _price_times_quantity(lines: pl.DataFrame) -> pl.Series:
    """Fen from 1/10,000 yuan times thousandths, half away from zero."""
    product = pl.col("price") * pl.col("quantity")
    fen = (product.abs() + 50_000) // 100_000
    return lines.select(pl.when(product < 0).then(-fen).otherwise(fen)).to_series()


def _first_known(values: pl.Series, firsts: I64, order: I64, otherwise: I64) -> I64:
    """For each order the first value that is not null."""
    found = otherwise.copy()
    is_known = values.is_not_null().to_numpy()
    known = np.flatnonzero(is_known)[::-1]
    found[order[known]] = values.fill_null(0).to_numpy()[known]
    return found


def _shared_out(totals: I64, weights: I64, firsts: I64, order: I64) -> I64:
    """Totals over lines by weight, to the fen, adding up exactly; equal shares where weights say nothing."""
    if not len(order):
        return np.zeros(0, dtype=np.int64)
    weight = np.abs(weights).astype(np.float64)
    weight[(np.add.reduceat(weight, firsts) == 0)[order]] = 1.0
    total_weight = np.add.reduceat(weight, firsts)[order]
    running = np.cumsum(weight)
    before = (running - weight)[firsts][order]
    share = np.rint(totals[order] * np.minimum((running - before) / total_weight, 1.0)).astype(np.int64)
    last = np.append(firsts[1:], len(order)) - 1
    share[last] = totals
    previous = np.concatenate([[0], share[:-1]])
    previous[firsts] = 0
    return share - previous
