"""Writing a batch of orders: new ones by COPY, changed ones replaced, their former selves kept for undo."""

from collections import Counter
from dataclasses import dataclass, replace
from threading import Condition
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from django.db import connection
from django.utils import timezone

from shuke.customers.services.bulk import FACTS, KEYS, CustomerFinder, Found
from shuke.customers.services.filling import BlankFiller
from shuke.imports.ports import Counts, Difference, Setting
from shuke.imports.services.choosing import BOTH, CREATE, mode_of
from shuke.kernel.binary_rows import Kinds
from shuke.kernel.bulk import ReadyRows, beside, take_ids
from shuke.orders.importing import mixing
from shuke.orders.importing.ahead import announce_lines, drop_lines_ahead, forget_announced
from shuke.orders.importing.former import call_off, keep_before, kept_before
from shuke.orders.importing.grouping import MOST_LINES, OrderBatch
from shuke.orders.importing.mixing import SeenNumbers
from shuke.orders.importing.modes import only_wanted
from shuke.orders.importing.winning import SHOWN_DIFFERENCES, OrderRules
from shuke.orders.models import Product
from shuke.orders.services.changes import note_batch
from shuke.team.services import stores_named

ORDER_KINDS = {
    "id": "int8", "source": "text", "number": "text", "kind": "text", "customer_id": "int8", "store_id": "int8",
    "channel": "text", "ordered_at": "timestamptz", "ordered_on": "date", "amount_fen": "int8", "refund_fen": "int8",
    "currency": "text", "fingerprint": "int8", "import_run_id": "int8",
}  # fmt: skip
LINE_KINDS = {
    "order_id": "int8", "line_number": "int2", "product_id": "int8", "quantity": "numeric", "amount_fen": "int8",
    "refund_fen": "int8",
}  # fmt: skip
DEFAULTS: dict[str, Any] = {"channel": "", "currency": "CNY", "refund_fen": 0}
NEW, SAME, CHANGED, MORE = "new", "same", "changed", "more"
PATIENCE = 2.0  # seconds that reading waits for the customers of the batch before


@dataclass(frozen=True)
class Foreseen:
    """A batch made ready before its turn; void once the finder forgot what it knew."""

    orders: pl.DataFrame
    found: Found
    order_rows: ReadyRows
    line_rows: ReadyRows
    generation: int


class Writer:
    """Writes the batches of one run, each within the caller's transaction."""

    def __init__(self, setting: Setting, seen: SeenNumbers | None) -> None:
        self.setting = setting
        self.seen = seen
        self.finder = CustomerFinder(
            run_id=setting.run_id, origin=f"import:{setting.run_id}", source=setting.source
        )
        self.filler = BlankFiller(setting, self.finder)
        self._zone = timezone.get_default_timezone_name()
        self.rules = OrderRules(setting)
        self.differences: list[Difference] = []
        self._mode = mode_of(setting)
        self._mends = "mends" in setting.mapping  # rows that were given back: more of orders that are there
        self._stores: dict[str, int] = {}
        self._products: dict[str, int] = {}
        self._uncommitted: mixing.U64 | None = None
        self._turn = Condition()
        self._owed: set[int] = set()  # batches whose customers are found only when they are written
        self._met_before = False

    def forget(self) -> None:
        """A rollback: what was remembered from it is gone."""
        self.finder.forget()
        self.filler.forget()
        self._stores.clear()
        self._products.clear()
        self._uncommitted = None
        drop_lines_ahead(self.setting.run_id)

    def write(self, batch: OrderBatch) -> Counts:
        """Write orders, lines, customers, products and stores of a batch; gives its counts."""
        if self._uncommitted is not None and self.seen is not None:
            self.seen.add(self._uncommitted)  # the batch before is in for good
        numbers = batch.number_hash
        if self._mode != BOTH and len(batch.orders):
            known = {
                number: run for number, (_pk, _print, run) in self._known(batch.orders["number"]).items()
            }
            batch = only_wanted(batch, known, self.setting)
        counts: Counter[str] = Counter(rows_skipped=batch.skipped)
        if len(batch.orders):
            ready: Foreseen | None = batch.foreseen
            if ready is not None and ready.generation == self.finder.generation:
                _count_people(ready.found, counts)
                self._write_ready(ready, batch, counts)
            else:
                orders = self._with_customers(batch.orders, counts)
                self._learn_products(batch.lines)
                self._settle(batch)
                orders = orders.with_columns(self._fingerprints(batch, orders["customer_id"]))
                self._write_orders(orders, batch, counts)
        if batch.called_off and self._mode != CREATE and not self.rules.keeps_goods:
            counts["orders_called_off"] += call_off(self.setting, batch.called_off)
        self._uncommitted = numbers
        return dict(counts)

    def foresee(self, batch: OrderBatch) -> OrderBatch:
        """Find the customers and make the rows for COPY, where that takes nothing but fresh ids from the database."""
        if not len(batch.orders) or self._met_before or self.finder.generation or self._mode != BOTH:
            return batch
        if self.rules.keeps_whose:
            return batch
        with self._turn:
            self._turn.wait_for(lambda: not self._owed, PATIENCE)
            ready = None if self._owed else self._foreseen(batch)
            if ready is None:
                self._owed.add(id(batch))
                return batch
        return replace(batch, foreseen=ready)

    def _write_ready(self, ready: Foreseen, batch: OrderBatch, counts: Counter[str]) -> None:
        """People and lines on one connection, orders on another; committed in that order, never orders alone."""
        if self._known(ready.orders["number"]):
            ready.found.write()
            self._write_orders(ready.orders.drop("order", "id"), batch, counts)
            return

        def write_ahead() -> None:
            ready.found.write()
            announce_lines(self.setting.run_id, ready.orders["id"])
            ready.line_rows.write()

        with beside(write_ahead):
            ready.order_rows.write()
        forget_announced(self.setting.run_id)
        self._count_created(ready.orders, counts)

    def _settle(self, batch: OrderBatch) -> None:
        with self._turn:
            self._owed.discard(id(batch))
            self._turn.notify_all()

    def _foreseen(self, batch: OrderBatch) -> Foreseen | None:
        generation = self.finder.generation
        if not self._knows(batch.orders["store"], self._stores) or not self._knows(
            batch.lines["sku"], self._products
        ):
            return None
        stores = self._store_ids(batch.orders["store"])
        found = self.finder.foresee(_people(batch.orders, stores))
        if found is None:
            return None
        orders = batch.orders.with_columns(
            found.customer_ids.alias("customer_id"),
            stores.alias("store_id"),
            self._fingerprints(batch, found.customer_ids),
            pl.Series("id", take_ids("orders_order", len(batch.orders)), dtype=pl.Int64),
        ).with_row_index("order")
        return Foreseen(
            orders, found, self._order_rows(orders), self._line_rows(orders, batch.lines), generation
        )

    def _knows(self, words: pl.Series, known: dict[str, int]) -> bool:
        return all(word in known for word in words.unique().to_list() if word)

    def _with_customers(self, orders: pl.DataFrame, counts: Counter[str]) -> pl.DataFrame:
        stores = self._store_ids(orders["store"])
        people = _people(orders, stores)
        held = self.rules.held_customers(orders["number"])
        if held is not None:  # nobody is looked for, or made, in vain
            keys = (pl.when(held.is_null()).then(pl.col(key)).alias(key) for key in KEYS)
            people = people.with_columns(*keys)
        found = self.finder.find(people)
        _count_people(found, counts)
        counts["customers_filled"] += self.filler.fill(people, found.customer_ids)
        whose = found.customer_ids if held is None else found.customer_ids.zip_with(held.is_null(), held)
        return orders.with_columns(whose.alias("customer_id"), stores.alias("store_id"))

    def _store_ids(self, names: pl.Series) -> pl.Series:
        fixed = self.setting.options.get("store_id")
        different = [name for name in names.unique().to_list() if name]
        fresh = [name for name in different if name not in self._stores]
        if fresh:
            self._stores |= stores_named(fresh, import_run_id=self.setting.run_id)
        table = {name: self._stores.get(name.strip()) for name in different}
        known = names.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.Int64)
        return known.fill_null(int(fixed)) if fixed else known

    def _fingerprints(self, batch: OrderBatch, customers: pl.Series) -> pl.Series:
        header = mixing.combine([batch.header_hash, mixing.of_integers(customers)])
        return mixing.as_signed(header + batch.lines_hash).alias("fingerprint")

    def _write_orders(self, orders: pl.DataFrame, batch: OrderBatch, counts: Counter[str]) -> None:
        known = self._known(orders["number"])
        if not known:
            self._insert(orders.with_row_index("order"), batch.lines, counts)
            return
        self._met_before = True
        seen = (
            self.seen.contains(batch.number_hash)
            if self.seen is not None
            else np.zeros(len(orders), dtype=np.bool_)
        )
        fate = self._fates(orders, known, seen)
        table = orders.with_row_index("order").with_columns(pl.Series("fate", fate))
        for name in (SAME, CHANGED, MORE, NEW):
            part = table.filter(pl.col("fate") == name)
            if len(part):
                lines = batch.lines.filter(pl.col("order").is_in(part["order"].implode()))
                getattr(self, f"_take_{name}")(part, lines, known, counts)

    def _known(self, numbers: pl.Series) -> dict[str, tuple[int, int, int | None]]:
        """(id, fingerprint, run) of the orders of this source that are there already."""
        source = self.setting.source
        with connection.cursor() as cursor:
            cursor.execute(
                "select exists (select 1 from orders_order where source = %s and number between %s and %s)",
                [source, numbers.min(), numbers.max()],
            )
            if not cursor.fetchone()[0]:
                return {}
            cursor.execute(
                "select number, id, fingerprint, import_run_id from orders_order where source = %s and number = any(%s)",
                [source, numbers.to_list()],
            )
            return {number: (pk, fingerprint, run) for number, pk, fingerprint, run in cursor.fetchall()}

    def _fates(self, orders: pl.DataFrame, known: dict[str, Any], was_seen: Any) -> list[str]:
        fates = []
        pairs = zip(orders["number"].to_list(), orders["fingerprint"].to_list(), was_seen, strict=True)
        for number, fingerprint, seen in pairs:
            before = known.get(number)
            if before is None:
                fates.append(NEW)
            elif before[2] == self.setting.run_id or seen or self._mends:
                fates.append(MORE)
            else:
                fates.append(SAME if self.rules.is_same(before[1], fingerprint) else CHANGED)
        return fates

    # --- what is done with each kind ---

    def _take_same(self, part: pl.DataFrame, _lines: Any, _known: Any, counts: Counter[str]) -> None:
        self._count_fates("unchanged", part, counts)

    def _take_new(self, part: pl.DataFrame, lines: pl.DataFrame, _known: Any, counts: Counter[str]) -> None:
        self._insert(part.drop("fate"), lines, counts)

    def _take_changed(
        self, part: pl.DataFrame, lines: pl.DataFrame, known: Any, counts: Counter[str]
    ) -> None:
        """Bring orders to what the file says now, where it wins."""
        ids = pl.Series("id", [known[number][0] for number in part["number"].to_list()], dtype=pl.Int64)
        part = part.with_columns(ids)
        self._stage(part)
        decided = self.rules.decide()
        counts["fields_differing"] += decided.differing
        self.differences += self.rules.shown(part, lines, limit=SHOWN_DIFFERENCES - len(self.differences))
        keep_before(self.setting.run_id, decided.touched)
        with connection.cursor() as cursor:
            cursor.execute("delete from orders_orderline where order_id = any(%s)", [decided.replaced])
        self.rules.write(decided.touched)
        if decided.replaced:
            self._copy_lines(part, lines)
        is_touched = pl.col("id").is_in(decided.touched)
        self._count_fates("updated", part.filter(is_touched), counts)
        self._count_fates("unchanged", part.filter(~is_touched), counts)

    def _count_fates(self, fate: str, part: pl.DataFrame, counts: Counter[str]) -> None:
        counts[f"orders_{fate}"] += len(part)
        counts[f"rows_{fate}"] += int(part["rows"].sum())

    def _take_more(self, part: pl.DataFrame, lines: pl.DataFrame, known: Any, counts: Counter[str]) -> None:
        """More lines of orders that are there: they lay apart in the file, or were given back and mended."""
        if self._mends:
            part, lines = self._not_there_yet(part, lines, known, counts)
        elif self.rules.keeps_goods:
            others = part.filter(~pl.col("number").is_in(self.rules.made_by_run(known)))
            self._count_fates("unchanged", others, counts)
            part = part.join(others, on="order", how="anti", maintain_order="left")
            lines = lines.join(others, on="order", how="anti", maintain_order="left")
        if not len(part):
            return
        ids = [known[number][0] for number in part["number"].to_list()]
        keep_before(self.setting.run_id, [i for i, n in zip(ids, part["number"], strict=True)
                                          if known[n][2] != self.setting.run_id])  # fmt: skip
        adds_amounts = self.setting.options.get("amount_level") != "order"
        with connection.cursor() as cursor:
            cursor.execute(
                "select order_id, max(line_number) + 1 from orders_orderline where order_id = any(%s) group by 1",
                [ids],
            )
            first = dict(cursor.fetchall())
            lines_sum = _sum_by_order(lines, part["order"])
            cursor.executemany(
                "update orders_order set amount_fen = amount_fen + %s, refund_fen = refund_fen + %s,"
                " fingerprint = %s, import_run_id = %s where id = %s",
                [
                    (amount if adds_amounts else 0, refund if adds_amounts else 0,
                     _wrapped(known[number][1] + more), self.setting.run_id, pk)
                    for number, pk, amount, refund, more in zip(
                        part["number"], ids, part["amount"], part["refund"], lines_sum, strict=True)
                ],
            )  # fmt: skip
        offset = pl.Series("offset", [first.get(pk, 0) for pk in ids], dtype=pl.Int64)
        moved = lines.join(part.select("order", offset), on="order").with_columns(
            pl.col("line_number") + pl.col("offset")
        )
        self._copy_lines(part.with_columns(pl.Series("id", ids)), moved)
        replaced = kept_before(self.setting.run_id, ids)
        is_replaced = pl.Series([pk in replaced for pk in ids])
        counts["rows_updated"] += int(part["rows"].filter(is_replaced).sum())
        counts["rows_created"] += int(part["rows"].filter(~is_replaced).sum())

    def _not_there_yet(
        self, part: pl.DataFrame, lines: pl.DataFrame, known: Any, counts: Counter[str]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Without lines that their order has already: a mended file may come twice, and with good rows in it."""
        self._learn_products(lines)
        ids = pl.Series("id", [known[number][0] for number in part["number"].to_list()], dtype=pl.Int64)
        keys = ["id", "product", "quantity"]
        if self.setting.options.get("amount_level") != "order":
            keys.append("amount")
        mine = lines.with_columns(self._product_ids(lines).fill_null(0).alias("product")).join(
            part.select("order", ids), on="order", maintain_order="left"
        )
        held = self._held_lines(ids.to_list()).group_by(keys).len("held")
        place = pl.int_range(pl.len()).over(keys)
        is_new = mine.join(held, on=keys, how="left", maintain_order="left").select(
            place >= pl.col("held").fill_null(0)
        )
        fresh = lines.filter(is_new.to_series())
        sums = fresh.group_by("order").agg(
            pl.col("amount").sum(), pl.col("refund").sum(), pl.len().cast(pl.Int64).alias("rows")
        )
        counts["rows_unchanged"] += len(lines) - len(fresh)
        counts["orders_unchanged"] += len(part) - len(sums)
        return part.drop("amount", "refund", "rows").join(sums, on="order", maintain_order="left"), fresh

    def _held_lines(self, order_ids: list[int]) -> pl.DataFrame:
        with connection.cursor() as cursor:
            cursor.execute(
                "select order_id, coalesce(product_id, 0), (quantity * 1000)::bigint, amount_fen"
                " from orders_orderline where order_id = any(%s)",
                [order_ids],
            )
            rows = cursor.fetchall()
        return pl.DataFrame(
            rows, schema=dict.fromkeys(("id", "product", "quantity", "amount"), pl.Int64), orient="row"
        )

    def _insert(self, orders: pl.DataFrame, lines: pl.DataFrame, counts: Counter[str]) -> None:
        ids = pl.Series("id", take_ids("orders_order", len(orders)), dtype=pl.Int64)
        orders = orders.with_columns(ids)
        self._order_rows(orders).write()
        self._copy_lines(orders, lines)
        self._count_created(orders, counts)

    def _count_created(self, orders: pl.DataFrame, counts: Counter[str]) -> None:
        note_batch(orders["id"].to_list())
        counts["orders_created"] += len(orders)
        counts["rows_created"] += int(orders["rows"].sum())

    # --- rows for COPY ---

    def _order_rows(self, orders: pl.DataFrame, table: str = "orders_order") -> ReadyRows:
        local = pl.col("moment")
        at = local.dt.replace_time_zone(self._zone, ambiguous="earliest", non_existent="null")
        at = at.fill_null(local.dt.offset_by("1h").dt.replace_time_zone(self._zone, ambiguous="earliest",
                                                                       non_existent="null"))  # fmt: skip
        rows = orders.select(
            "id",
            pl.lit(self.setting.source).alias("source"),
            "number",
            pl.when(pl.col("amount") < 0).then(pl.lit("return")).otherwise(pl.lit("sale")).alias("kind"),
            "customer_id",
            "store_id",
            pl.col("channel").fill_null(str(self.setting.options.get("channel") or "")),
            at.dt.convert_time_zone("UTC").dt.replace_time_zone(None).alias("ordered_at"),
            local.dt.date().alias("ordered_on"),
            pl.col("amount").alias("amount_fen"),
            pl.col("refund").alias("refund_fen"),
            "currency",
            "fingerprint",
            pl.lit(self.setting.run_id).alias("import_run_id"),
        )
        rows.columns = list(ORDER_KINDS)
        return _ready(table, ORDER_KINDS, _without_defaults(rows) if table == "orders_order" else rows)

    def _stage(self, orders: pl.DataFrame) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "create temp table if not exists orders_staged on commit delete rows as "
                f"select {', '.join(ORDER_KINDS)} from orders_order with no data"
            )
            cursor.execute("truncate orders_staged")
        self._order_rows(orders, "orders_staged").write()

    def _copy_lines(self, orders: pl.DataFrame, lines: pl.DataFrame) -> None:
        self._learn_products(lines)
        self._line_rows(orders, lines).write()

    def _line_rows(self, orders: pl.DataFrame, lines: pl.DataFrame) -> ReadyRows:
        ids = np.zeros(int(orders["order"].max() or 0) + 1, dtype=np.int64)
        ids[orders["order"].to_numpy()] = orders["id"].to_numpy()
        rows = lines.select(
            pl.Series("order_id", ids[lines["order"].to_numpy()]),
            "line_number",
            self._product_ids(lines),
            "quantity",
            "amount",
            "refund",
        ).filter(pl.col("line_number") < MOST_LINES)
        rows.columns = list(LINE_KINDS)
        return _ready("orders_orderline", LINE_KINDS, _without_defaults(rows))

    def _product_ids(self, lines: pl.DataFrame) -> pl.Series:
        different = [sku for sku in lines["sku"].unique().to_list() if sku]
        ids = [self._products[sku] for sku in different]
        return (
            lines["sku"]
            .replace_strict(different, ids, default=None, return_dtype=pl.Int64)
            .alias("product_id")
        )

    def _learn_products(self, lines: pl.DataFrame) -> None:
        different = [sku for sku in lines["sku"].unique().to_list() if sku]
        skus = sorted(sku for sku in different if sku not in self._products)
        if not skus:
            return
        named = lines.filter(pl.col("sku").is_in(skus)).unique(subset="sku", keep="first")
        facts = {
            sku: (product, category)
            for sku, product, category in named.select("sku", "product", "category").rows()
        }
        known = dict(Product.objects.filter(sku__in=skus).values_list("sku", "pk"))
        Product.objects.bulk_create(
            [
                Product(
                    sku=sku,
                    name=facts[sku][0] or sku,
                    category=facts[sku][1] or "",
                    import_run_id=self.setting.run_id,
                )
                for sku in skus
                if sku not in known
            ],
            ignore_conflicts=True,
            batch_size=2000,
        )
        self._products |= dict(Product.objects.filter(sku__in=skus).values_list("sku", "pk"))


def _ready(table: str, kinds: Kinds, rows: pl.DataFrame) -> ReadyRows:
    return ReadyRows.binary(table, {column: kinds[column] for column in rows.columns}, rows)


def _without_defaults(rows: pl.DataFrame) -> pl.DataFrame:
    """Without columns that say throughout what the database puts there by itself: it need not read them."""
    same = [code for code, value in DEFAULTS.items() if code in rows.columns and (rows[code] == value).all()]
    return rows.drop(same)


def _people(orders: pl.DataFrame, stores: pl.Series) -> pl.DataFrame:
    facts = [pl.col(code) for code in FACTS if code != "store_id"]
    return orders.select(*KEYS, *facts).with_columns(stores.alias("store_id"))


def _count_people(found: Found, counts: Counter[str]) -> None:
    counts["customers_created"] += found.created
    counts["identities_learned"] += found.learned
    counts["conflicts"] += found.conflicts
    counts["orders_without_customer"] += found.customer_ids.null_count()


def _sum_by_order(lines: pl.DataFrame, orders: pl.Series) -> list[int]:
    sums = dict(lines.group_by("order").agg(pl.col("hash").sum()).rows())
    return [sums.get(order, 0) for order in orders.to_list()]


def _wrapped(number: int) -> int:
    """A sum as PostgreSQL's bigint wraps it."""
    return (number + 2**63) % 2**64 - 2**63


def shop_zone() -> ZoneInfo:
    """The shop's time zone."""
    return ZoneInfo(timezone.get_default_timezone_name())
