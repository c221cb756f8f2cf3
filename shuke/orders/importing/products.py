# ruff: noqa: E501 - tables of headers read best unbroken
"""Rows of any table become products: known by their SKU, or by their name where files carry none."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shuke.imports import rules
from shuke.imports.ports import (
    Advice,
    Counts,
    Difference,
    Field,
    Prepared,
    Progress,
    Rejected,
    Setting,
    Template,
)
from shuke.imports.rules import columns
from shuke.imports.rules.winning import Outcome, rule_for, settle
from shuke.imports.services.choosing import CREATE, UPDATE, mode_choice, mode_of, wins_choice
from shuke.imports.services.keeping import Overwritten, forget_overwritten, keep_overwritten, overwritten
from shuke.orders.models import OrderLine, Product

KIND = "product"
BATCH = 2_000
CODES = {
    "name": "name", "category": "category", "price": "price_fen", "cost": "cost_fen", "active": "is_active",
}  # fmt: skip
VALUES = tuple(CODES.values())
SHOWN_DIFFERENCES = 12
_OFF = frozenset("否 停售 下架 已下架 停产 no false 0 inactive n".split())
_GOODS, _MONEY = gettext_lazy("商品"), gettext_lazy("价格")

FIELDS: tuple[Field, ...] = (
    Field(
        "sku", gettext_lazy("货号"),
        ("货号", "商品编码", "商家编码", "产品编码", "产品编号", "商品编号", "规格编码", "条码", "商品条码", "sku", "Product Code", "item code",
         "barcode", "编码"), group=_GOODS,
    ),
    Field(
        "name", gettext_lazy("商品"),
        ("商品", "商品名称", "产品名称", "品名", "菜品名称", "菜品", "货品名称", "宝贝标题", "名称", "商品标题", "Product Name", "product", "item name", "name", "title"), group=_GOODS,
    ),
    Field(
        "category", gettext_lazy("品类"),
        ("品类", "商品分类", "产品分类", "类目", "分类", "商品类目", "商品分组", "菜品分类", "Product Category", "category", "product type"), group=_GOODS,
    ),
    Field("price", gettext_lazy("售价"), ("售价", "价格", "单价", "标准价格", "零售价", "商品价格", "Unit Price", "price", "list price"), group=_MONEY),
    Field("cost", gettext_lazy("成本"), ("成本", "成本价", "进价", "采购价", "cost", "unit cost", "Unit cost"), group=_MONEY),
    Field("active", gettext_lazy("在售"), ("在售", "是否在售", "状态", "上下架", "销售状态", "上架状态", "Product Active", "active", "status"), group=_GOODS),
)  # fmt: skip


@dataclass(frozen=True)
class ProductRow:
    """What a row says of a product; None: nothing."""

    line: int
    sku: str
    values: Mapping[str, Any]


class ProductReader:
    """Reads and writes the batches of one run."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.differences: list[Difference] = []
        self._rules = {column: rule_for(code, setting.options) for code, column in CODES.items()}

    def prepare(self, frame: pl.DataFrame, *, is_last: bool) -> Prepared:
        texts = {code: columns.tidy(frame[column]) for code, column in self.setting.mapping.items()}
        money: dict[str, columns.Parsed] = {
            code: columns.read_amounts(texts[code]) for code in ("price", "cost") if code in texts
        }
        cells = {code: series.to_list() for code, series in texts.items()}
        rows: list[ProductRow] = []
        rejected: list[Rejected] = []
        for i, line in enumerate(frame["line"].to_list()):
            problem = self._problem(i, cells, money)
            if problem:
                code, reason = problem
                value = cells[code][i] if code in cells else ""
                rejected.append(Rejected(line, self.setting.mapping.get(code, ""), value or "", reason))
            else:
                rows.append(self._row(i, line, cells, money))
        return Prepared(len(frame), rows, rejected)

    def _problem(
        self, i: int, cells: dict[str, Any], money: dict[str, columns.Parsed]
    ) -> tuple[str, str] | None:
        for code, parsed in money.items():
            if parsed.problems[i] is not None:
                return code, str(parsed.problems[i]) if parsed.problems[i] != "bad_amount" else "bad_price"
            if (parsed.values[i] or 0) < 0:
                return code, "bad_price"
        if not any(cells.get(code, [None] * (i + 1))[i] for code in ("sku", "name")):
            return "name", "no_product"
        sku = cells["sku"][i] if "sku" in cells else None
        try:
            rules.plain_key(sku or "")
        except rules.Unreadable as problem:
            return "sku", problem.code
        return None

    def _row(self, i: int, line: int, cells: dict[str, Any], money: dict[str, columns.Parsed]) -> ProductRow:
        name = _line(cells["name"][i])[:200] if "name" in cells and cells["name"][i] else None
        sku = rules.plain_key(cells["sku"][i])[:80] if "sku" in cells and cells["sku"][i] else ""
        active = cells["active"][i] if "active" in cells else None
        values = {
            "name": name,
            "category": _line(cells["category"][i])[:80]
            if "category" in cells and cells["category"][i]
            else None,
            "price_fen": money["price"].values[i] if "price" in money else None,
            "cost_fen": money["cost"].values[i] if "cost" in money else None,
            "is_active": None if active is None else active.strip().lower() not in _OFF,
        }
        return ProductRow(line, sku or (name or "")[:80], values)

    def foresee(self, prepared: Prepared) -> Prepared:
        return prepared

    def replay(self, prepared: Prepared) -> None:
        """Nothing is remembered between batches."""

    def forget(self) -> None:
        """Nothing is remembered between batches."""

    def write(self, prepared: Prepared) -> Counts:
        rows: list[ProductRow] = prepared.content
        counts: Counter[str] = Counter()
        wanted: dict[str, dict[str, Any]] = {}
        for row in rows:
            said = {name: value for name, value in row.values.items() if value is not None}
            wanted.setdefault(row.sku, {}).update(said)
        known = Product.objects.select_for_update().in_bulk(list(wanted), field_name="sku")
        outcomes = {sku: self._outcome(product, wanted[sku]) for sku, product in known.items()}
        fates = {sku: self._fate(known.get(sku), outcomes.get(sku)) for sku in wanted}
        self._show({row.sku: row.line for row in rows}, known, wanted, outcomes)
        self._create({sku: wanted[sku] for sku, fate in fates.items() if fate == "created"})
        changed = {sku: outcomes[sku].takes for sku, fate in fates.items() if fate == "updated"}
        self._change([known[sku] for sku in changed], changed)
        for row in rows:
            counts[f"rows_{fates[row.sku]}"] += 1
        counts["products_created"] = sum(fate == "created" for fate in fates.values())
        counts["products_updated"] = sum(fate == "updated" for fate in fates.values())
        counts["fields_differing"] = sum(len(outcome.differs) for outcome in outcomes.values())
        return dict(counts)

    def _outcome(self, product: Product, said: Mapping[str, Any]) -> Outcome:
        is_own = product.import_run_id == self.setting.run_id
        if mode_of(self.setting) == CREATE and not is_own:
            return Outcome()
        ours = {column: getattr(product, column) for column in VALUES}
        return settle(ours, said, self._rules, is_own=is_own)

    def _fate(self, product: Product | None, outcome: Outcome | None) -> str:
        mode = mode_of(self.setting)
        if product is None or outcome is None:
            return "skipped" if mode == UPDATE else "created"
        if mode == CREATE and product.import_run_id != self.setting.run_id:
            return "skipped"
        return "updated" if outcome.takes else "unchanged"

    def _show(
        self,
        lines: Mapping[str, int],
        known: Mapping[str, Product],
        wanted: Mapping[str, Mapping[str, Any]],
        outcomes: Mapping[str, Outcome],
    ) -> None:
        """Keep the first differences for the page where the file is checked."""
        codes = {column: code for code, column in CODES.items()}
        found = (
            Difference(
                lines[sku], known[sku].name, codes[column], _told(column, getattr(known[sku], column)),
                _told(column, wanted[sku][column]), column in outcome.takes,
            )
            for sku, outcome in outcomes.items()
            for column in outcome.differs
        )  # fmt: skip
        self.differences += islice(found, max(SHOWN_DIFFERENCES - len(self.differences), 0))

    def _create(self, wanted: dict[str, dict[str, Any]]) -> None:
        Product.objects.bulk_create(
            [
                Product(sku=sku, import_run_id=self.setting.run_id, **{"name": sku} | values)
                for sku, values in wanted.items()
            ],
            batch_size=BATCH,
        )

    def _change(self, products: list[Product], changed: Mapping[str, Mapping[str, Any]]) -> None:
        kept = []
        for product in products:
            values = changed[product.sku]
            if product.import_run_id != self.setting.run_id:
                kept.append(Overwritten(product.pk, {n: getattr(product, n) for n in values}, values))
            for name, value in values.items():
                setattr(product, name, value)
        if products:
            Product.objects.bulk_update(products, VALUES, batch_size=BATCH)
        keep_overwritten(self.setting.run_id, KIND, kept)


def _told(column: str, value: Any) -> str:
    if column in ("price_fen", "cost_fen"):
        return f"{value / 100:.2f}"
    if column == "is_active":
        return _("是") if value else _("否")
    return str(value)[:60]


def _line(text: str) -> str:
    return " ".join(text.split())


class ProductTarget:
    """Rows are products."""

    code = "products"
    label = gettext_lazy("商品")

    def fields(self) -> Sequence[Field]:
        return FIELDS

    def guess_source(self, columns: Sequence[str]) -> str:
        return ""

    def advise(self, rows: pl.DataFrame, setting: Setting) -> Advice:
        missing = [] if {"sku", "name"} & setting.mapping.keys() else [_("请选出哪一列是货号或商品名。")]
        choices = [mode_choice(setting), wins_choice(setting)]
        return Advice(list(missing), [], choices, frozenset(CODES.keys() & setting.mapping.keys()))

    def open(self, setting: Setting) -> ProductReader:
        return ProductReader(setting)

    def finish(self, setting: Setting, counts: Counts) -> Counts:
        return counts

    def undo(self, run_id: int, progress: Progress) -> Counts:
        """Put changed products back where nobody changed them since; made ones go unless they were sold."""
        counts: Counter[str] = Counter()
        while kept := overwritten(run_id, KIND, limit=BATCH):
            counts["products_restored"] += _restore(run_id, kept)
            progress(counts["products_restored"], counts["products_restored"])
        counts["products_removed"] = _remove(run_id)
        return dict(counts)

    def template(self) -> Template:
        rows = [["BC01", "示例白茶礼盒", "茶", "368.00", "180.00", "是"]]
        return Template(_("商品导入模板"), [str(field.label) for field in FIELDS], rows)


@transaction.atomic
def _restore(run_id: int, kept: Sequence[Overwritten]) -> int:
    products = Product.objects.select_for_update().in_bulk([one.object_id for one in kept])
    restored = 0
    for one in kept:
        product = products.get(one.object_id)
        same = [n for n in one.before if product is not None and getattr(product, n) == one.after[n]]
        if product is not None and same:
            for name in same:
                setattr(product, name, one.before[name])
            product.save(update_fields=same)
            restored += 1
    forget_overwritten(run_id, KIND, [one.object_id for one in kept])
    return restored


@transaction.atomic
def _remove(run_id: int) -> int:
    used = OrderLine.objects.filter(product_id__in=Product.objects.filter(import_run_id=run_id).values("pk"))
    made = Product.objects.filter(import_run_id=run_id).exclude(pk__in=used.values("product_id"))
    return made.delete()[0]


def likelihood(mapping: Mapping[str, str]) -> int:
    """How surely a table of these columns is one of products, not of orders."""
    found = set(mapping)
    if not {"sku", "name"} & found or not {"price", "cost", "category", "active"} & found:
        return 0
    return len(found)
