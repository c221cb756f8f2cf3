# ruff: noqa: E501 - the rows of an export read best unbroken
"""Export files as shops get them from platforms and tills, about fictional people; and a way to import in one line."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import xlsxwriter

from shuke.imports import services
from shuke.imports.models import ImportRun
from shuke.team.queries import SYSTEM

Row = Sequence[str]


def import_rows(
    folder: Path, content: bytes, *, name: str = "orders.csv", source: str = "", **options: str
) -> ImportRun:
    """Receive a file with this content and run it to its end."""
    run = services.receive_file(actor=SYSTEM, name=name, chunks=[content], source=source)
    if options:
        run.refresh_from_db()
        run = services.set_mapping(
            actor=SYSTEM,
            run_id=run.pk,
            mapping=run.mapping,
            options=run.options | options,
            source=run.source.name if run.source else source,
        )
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    return services.run_import(run.pk)


def csv_bytes(rows: Sequence[Row], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Rows as a text table."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_bytes(rows: Sequence[Row]) -> bytes:
    """Rows as a workbook of text cells."""
    out = io.BytesIO()
    texts = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, {"in_memory": True, **texts}) as book:
        sheet = book.add_worksheet("订单")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def parquet_bytes(rows: Sequence[Row]) -> bytes:
    """Rows as Parquet; the first row names the columns."""
    out = io.BytesIO()
    columns = {name: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}
    pl.DataFrame(columns).write_parquet(out)
    return out.getvalue()


def _phone(n: int) -> str:
    return str(15_400_000_000 + n)


# Each file holds the same three sales: order 1 of person 1 (two lines, 368.00 + 60.00), order 2 of person 2 (99.90), order 3 of
# person 1 (20.00), and one that was never paid.

YOUZAN: list[Row] = [
    ["订单号", "订单状态", "下单时间", "归属网店", "商品名称", "商品编码", "商品单价", "商品数量", "商品实际成交金额", "订单实付金额",
     "收货人姓名", "收货人手机号", "买家昵称"],
    ["E1", "交易完成", "2025-03-01 09:05:00", "茶里小店", "白茶礼盒", "BC01", "368.00", "1", "368.00", "428.00", "王测试", _phone(1), "茶友一"],
    ["E1", "交易完成", "2025-03-01 09:05:00", "茶里小店", "茉莉花茶", "MH02", "30.00", "2", "60.00", "428.00", "王测试", _phone(1), "茶友一"],
    ["E2", "交易完成", "2025-03-02 10:00:00", "茶里小店", "茉莉花茶", "MH02", "99.90", "1", "99.90", "99.90", "李测试", _phone(2), "茶友二"],
    ["E3", "交易完成", "2025-03-05 18:30:00", "茶里小店", "茶杯", "CB03", "20.00", "1", "20.00", "20.00", "王测试", _phone(1), "茶友一"],
    ["E4", "交易关闭", "2025-03-06 18:30:00", "茶里小店", "茶杯", "CB03", "20.00", "1", "20.00", "20.00", "李测试", _phone(2), "茶友二"],
]  # fmt: skip

TAOBAO: list[Row] = [
    ["主订单编号", "子订单编号", "买家会员名", "宝贝标题", "商家编码", "宝贝数量", "买家实际支付金额", "订单状态", "订单创建时间", "收货人姓名", "联系手机"],
    ["T1", "T1-1", "茶友一", "白茶礼盒", "BC01", "1", "368.00", "交易成功", "2025-03-01 09:05:00", "王**", "*******0001"],
    ["T1", "T1-2", "茶友一", "茉莉花茶", "MH02", "2", "60.00", "交易成功", "2025-03-01 09:05:00", "王**", "*******0001"],
    ["T2", "T2", "茶友二", "茉莉花茶", "MH02", "1", "99.90", "卖家已发货,等待买家确认", "2025-03-02 10:00:00", "李**", "*******0002"],
    ["T3", "T3", "茶友一", "茶杯", "CB03", "1", "20.00", "交易成功", "2025-03-05 18:30:00", "王**", "*******0001"],
    ["T4", "T4", "茶友二", "茶杯", "CB03", "1", "20.00", "等待买家付款", "2025-03-06 18:30:00", "李**", "*******0002"],
]  # fmt: skip

JINGDONG: list[Row] = [
    ["订单号", "商品ID", "商品名称", "订购数量", "下单时间", "京东价", "应付金额", "订单状态", "下单账号", "客户姓名", "联系电话"],
    ["J1", "BC01", "白茶礼盒", "1", "2025/3/1 9:05", "368.00", "428.00", "完成", "jd_u1", "王测试", _phone(1)],
    ["J1", "MH02", "茉莉花茶", "2", "2025/3/1 9:05", "30.00", "428.00", "完成", "jd_u1", "王测试", _phone(1)],
    ["J2", "MH02", "茉莉花茶", "1", "2025/3/2 10:00", "99.90", "99.90", "完成", "jd_u2", "李测试", _phone(2)],
    ["J3", "CB03", "茶杯", "1", "2025/3/5 18:30", "20.00", "20.00", "完成", "jd_u1", "王测试", _phone(1)],
    ["J4", "CB03", "茶杯", "1", "2025/3/6 18:30", "20.00", "20.00", "已取消", "jd_u2", "李测试", _phone(2)],
]  # fmt: skip

MEITUAN: list[Row] = [
    ["美团订单明细"],
    ["导出时间:2025-03-31"],
    ["订单编号", "下单时间", "门店名称", "菜品名称", "菜品分类", "数量", "用户实付", "订单状态", "顾客手机号"],
    ["M1", "2025年3月1日 9时5分", "测试总店", "白茶礼盒+茉莉花茶", "茶", "3", "￥428.00", "已完成", _phone(1)],
    ["M2", "2025年3月2日 10时0分", "测试总店", "茉莉花茶", "茶", "1", "￥99.90", "已完成", _phone(2)],
    ["M3", "2025年3月5日 18时30分", "测试总店", "茶杯", "器", "1", "￥20.00", "已完成", f"{_phone(1)}"],
    ["M4", "2025年3月6日 18时30分", "测试总店", "茶杯", "器", "1", "￥20.00", "用户取消", _phone(2)],
]  # fmt: skip

SHOPIFY: list[Row] = [
    ["Name", "Email", "Financial Status", "Paid at", "Currency", "Total", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku"],
    ["#1001", "one@example.com", "paid", "2025-03-01 09:05:00 +0800", "CNY", "428.00", "1", "White tea", "368.00", "BC01"],
    ["#1001", "one@example.com", "", "", "", "", "2", "Jasmine tea", "30.00", "MH02"],
    ["#1002", "two@example.com", "paid", "2025-03-02 10:00:00 +0800", "CNY", "99.90", "1", "Jasmine tea", "99.90", "MH02"],
    ["#1003", "one@example.com", "paid", "2025-03-05 18:30:00 +0800", "CNY", "20.00", "1", "Cup", "20.00", "CB03"],
    ["#1004", "two@example.com", "voided", "", "CNY", "20.00", "1", "Cup", "20.00", "CB03"],
]  # fmt: skip

POS: list[Row] = [
    ["小票号", "销售时间", "门店", "收银员", "会员卡号", "商品名称", "条码", "数量", "金额"],
    ["P1", "20250301 0905", "测试总店", "甲", "M001", "白茶礼盒", "BC01", "1", "368"],
    ["P1", "20250301 0905", "测试总店", "甲", "M001", "茉莉花茶", "MH02", "2", "60"],
    ["P2", "20250302 1000", "测试总店", "甲", "M002", "茉莉花茶", "MH02", "1", "99.9"],
    ["P3", "20250305 1830", "测试总店", "乙", "M001", "茶杯", "CB03", "1", "20"],
]

EXPORTS: Mapping[str, list[Row]] = {
    "有赞": YOUZAN, "淘宝": TAOBAO, "京东": JINGDONG, "美团": MEITUAN, "Shopify": SHOPIFY, "收银": POS,
}  # fmt: skip
