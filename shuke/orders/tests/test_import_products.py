"""Product tables: made, changed, given back, taken back."""

from pathlib import Path
from typing import Any

import pytest

from shuke.imports import queries, services
from shuke.imports.models import ImportReject, ImportRun
from shuke.imports.testing import EXPORTS, POS, csv_bytes, import_rows
from shuke.orders.models import Product
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db
ROWS = [
    ["货号", "商品名称", "品类", "售价", "成本", "在售"],
    ["BC01", "白茶礼盒", "茶", "￥368.00", "180", "是"],
    ["MH02", "茉莉花茶", "茶", "30", "", "停售"],
    ["", "散装红茶", "茶", "一百", "", ""],
    ["", "", "茶", "10", "", ""],
]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def imported(rows: list[list[str]], **options: str) -> ImportRun:
    run = services.receive_file(actor=SYSTEM, name="p.csv", chunks=[csv_bytes(rows)], target=services.GUESS)
    if options:
        run = services.set_mapping(
            actor=SYSTEM, run_id=run.pk, mapping=run.mapping, options=run.options | options, source="商品"
        )
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    return services.run_import(run.pk)


def figures(run: ImportRun) -> tuple[int, int, int, int, int]:
    tally = queries.tally_of(run)
    return tally.created, tally.updated, tally.unchanged, tally.skipped, tally.rejected


def test_products_are_made_and_bad_rows_come_back() -> None:
    run = imported(ROWS)
    assert (run.target, figures(run)) == ("products", (2, 0, 0, 0, 2))
    values = list(
        Product.objects.order_by("sku").values_list("sku", "name", "price_fen", "cost_fen", "is_active")
    )
    assert values == [("BC01", "白茶礼盒", 36800, 18000, True), ("MH02", "茉莉花茶", 3000, None, False)]
    rejects = ImportReject.objects.order_by("line_number").values_list("line_number", "column", "reason")
    assert list(rejects) == [
        (4, "售价", "看不懂的价格，请写成 128.00 这样"),
        (5, "商品名称", "没有货号，也没有商品名"),
    ]
    assert figures(imported(ROWS)) == (0, 0, 2, 0, 2)


def test_changed_products_are_put_back_and_sold_ones_stay(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(POS))
    before = list(Product.objects.order_by("sku").values_list("sku", "name", "price_fen", "category"))
    run = imported(ROWS[:3])
    assert figures(run) == (0, 2, 0, 0, 0)
    Product.objects.filter(sku="MH02").update(price_fen=3500)
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    run = services.undo_import(run.pk)
    after = dict(Product.objects.values_list("sku", "price_fen"))
    assert after["MH02"] == 3500
    names = [
        row[:2] for row in Product.objects.order_by("sku").values_list("sku", "name", "price_fen", "category")
    ]
    assert names == [row[:2] for row in before]
    assert (after["BC01"], run.counts["products_restored"], run.counts["products_removed"]) == (None, 2, 0)


@pytest.mark.parametrize(("mode", "expected"), [("create", (1, 0, 0, 1, 2)), ("update", (0, 1, 0, 1, 2))])
def test_only_new_or_only_known_products(mode: str, expected: tuple[int, ...]) -> None:
    Product.objects.create(sku="BC01", name="旧名")
    assert figures(imported(ROWS, mode=mode)) == expected


@pytest.mark.parametrize("platform", list(EXPORTS))
def test_a_table_of_orders_stays_one_of_orders(platform: str) -> None:
    content = csv_bytes(EXPORTS[platform])
    run = services.receive_file(actor=SYSTEM, name="o.csv", chunks=[content], target=services.GUESS)
    assert (run.target, run.source and run.source.name) == ("orders", platform)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, ("白茶礼盒", "茶", 36800, 18000)),
        ({"wins": "blanks"}, ("老礼盒", "茶", 39900, 18000)),
        ({"wins": "ours"}, ("老礼盒", "", 39900, None)),
        ({"wins": "ours", "wins_price": "file"}, ("老礼盒", "", 36800, None)),
        ({"wins_name": "ours"}, ("老礼盒", "茶", 36800, 18000)),
    ],
)
def test_of_a_product_that_differs_each_field_goes_by_its_rule(
    rules: dict[str, str], expected: tuple[Any, ...]
) -> None:
    product = Product.objects.create(sku="BC01", name="老礼盒", price_fen=39900)
    before = Product.objects.values().get()
    run = imported(ROWS[:2], **rules)
    product.refresh_from_db()
    assert (product.name, product.category, product.price_fen, product.cost_fen) == expected
    assert run.counts["fields_differing"] == 2
    assert figures(run) == ((0, 0, 1, 0, 0) if rules == {"wins": "ours"} else (0, 1, 0, 0, 0))
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    services.undo_import(run.pk)
    assert Product.objects.values().get() == before


def test_a_run_takes_later_rows_of_a_product_that_it_made_itself() -> None:
    again = ["BC01", "白茶大礼盒", "", "398", "", ""]
    imported([*ROWS[:2], *[["X", str(n), "茶", "1", "", ""] for n in range(3)], again], wins="ours")
    assert Product.objects.get(sku="BC01").price_fen == 39800


def test_the_check_page_shows_where_file_and_product_differ() -> None:
    Product.objects.create(sku="BC01", name="老礼盒", price_fen=39900)
    run = services.receive_file(
        actor=SYSTEM, name="p.csv", chunks=[csv_bytes(ROWS[:2])], target=services.GUESS
    )
    run = services.set_mapping(
        actor=SYSTEM, run_id=run.pk, mapping=run.mapping, options={"wins_price": "ours"}, source="商品"
    )
    shown = [(one.line, one.who, one.field, one.ours, one.theirs, one.is_taken)
             for one in services.preview_run(run).differences]  # fmt: skip
    assert shown == [
        (2, "老礼盒", "name", "老礼盒", "白茶礼盒", True),
        (2, "老礼盒", "price", "399.00", "368.00", False),
    ]
    assert Product.objects.get().price_fen == 39900
