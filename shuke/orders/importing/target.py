"""The import target 用于订单: advice on a mapping, and the run from rows to orders."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

import polars as pl
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shuke.customers.events import CustomersImported
from shuke.customers.services.bulk import count_of_run
from shuke.customers.services.filling import queue_terms_of_filled
from shuke.imports.ports import Advice, Counts, Field, Prepared, Progress, Setting
from shuke.imports.rules import Hints
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.orders.events import OrdersImported
from shuke.orders.importing import advice, undoing
from shuke.orders.importing.ahead import drop_lines_ahead
from shuke.orders.importing.fields import FIELDS, platform_of
from shuke.orders.importing.grouping import Grouper, OrderBatch
from shuke.orders.importing.lines import Unfinished, read_lines
from shuke.orders.importing.writing import Writer, shop_zone
from shuke.orders.services.days import forget_all_day_figures


def hints_of(setting: Setting) -> Hints:
    """What cells alone do not say: the shop's zone, the latest sane moment, day before month or after."""
    latest = timezone.make_naive(clock.now()) + timedelta(days=2)
    order = setting.options.get("date_order")
    return Hints(shop_zone(), _to_second(latest), {"dmy": True, "mdy": False}.get(str(order)))


def _to_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


class OrderReader:
    """Reads and writes the batches of one run."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.grouper = Grouper(setting)
        self.writer = Writer(setting, self.grouper.seen if self.grouper.has_number else None)
        self.differences = self.writer.differences
        self._hints = hints_of(setting)
        self._unfinished = Unfinished()

    def prepare(self, frame: pl.DataFrame, *, is_last: bool) -> Prepared:
        rows = len(frame) if is_last else self._complete_rows(frame)
        lines = read_lines(frame[:rows], self.setting, self._hints, self._unfinished)
        self._unfinished = self._last_order(lines.frame)
        batch = replace(self.grouper.group(lines.frame, lines.skipped), called_off=lines.called_off)
        if not self.grouper.has_number:
            self.grouper.seen.add(batch.number_hash)
        return Prepared(rows, batch, lines.rejected)

    def _last_order(self, lines: pl.DataFrame) -> Unfinished:
        """The order whose lines may go on in the next batch: one that filled this one."""
        if not self.grouper.has_number or not len(lines):
            return Unfinished()
        number = str(lines["number"][-1])
        more = self._unfinished.lines if self._unfinished.number == number else 0
        return Unfinished(number, more + int((lines["number"] == number).sum()))

    def foresee(self, prepared: Prepared) -> Prepared:
        return replace(prepared, content=self.writer.foresee(prepared.content))

    def _complete_rows(self, frame: pl.DataFrame) -> int:
        """Rows before the last order: the next batch may bring more of it."""
        column = self.setting.mapping.get("number")
        if column is None or not len(frame):
            return len(frame)
        numbers = frame[column]
        others = (numbers != numbers[-1]).arg_true()
        return int(others[-1]) + 1 if len(others) else len(frame)

    def replay(self, prepared: Prepared) -> None:
        if self.grouper.has_number:
            self.grouper.seen.add(prepared.content.number_hash)

    def write(self, prepared: Prepared) -> Counts:
        content: OrderBatch = prepared.content
        return self.writer.write(content)

    def forget(self) -> None:
        self.writer.forget()


class OrderTarget:
    """Rows are order lines; they become orders, products, stores and customers."""

    code = "orders"
    label = _("订单")
    late_indexes: ClassVar[Mapping[str, Sequence[str]]] = {
        "orders_order": ("orders_of_customer", "orders_on_day")
    }

    def fields(self) -> Sequence[Field]:
        return FIELDS

    def guess_source(self, columns: Sequence[str]) -> str:
        return platform_of(columns)

    def advise(self, rows: pl.DataFrame, setting: Setting) -> Advice:
        return advice.advise(rows, setting, hints_of(setting))

    def open(self, setting: Setting) -> OrderReader:
        drop_lines_ahead(setting.run_id)
        return OrderReader(setting)

    def finish(self, setting: Setting, counts: Counts) -> Counts:
        """Orders that were replaced piece by piece by what they were before are unchanged after all; then tell."""
        counts = undoing.settle_unchanged(setting.run_id, counts)
        # People go in beside their orders: after an interruption some of a batch may have been there already.
        counts = counts | {"customers_created": count_of_run(setting.run_id)}
        queue_terms_of_filled(setting.run_id)
        forget_all_day_figures()
        publish(CustomersImported(run_id=setting.run_id))
        publish(
            OrdersImported(
                run_id=setting.run_id,
                orders=sum(counts.get(f"orders_{fate}", 0) for fate in ("created", "updated", "called_off")),
            )
        )
        return counts

    def undo(self, run_id: int, progress: Progress) -> Counts:
        return undoing.undo(run_id, progress)
