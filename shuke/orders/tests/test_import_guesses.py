# ruff: noqa: E501 - headers read best unbroken
"""What a file is, told by its headers alone: plausible tables of shops, platforms and other systems, Chinese and English."""

from pathlib import Path
from typing import Any

import pytest

from shuke.imports import services
from shuke.imports.testing import csv_bytes
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db

HEADERS = {
    "orders": [
        "订单号,下单时间,手机号,实付金额",
        "订单编号,下单日期,客户姓名,联系电话,商品,数量,单价,金额",
        "日期,客户,商品,数量,单价,金额",
        "日期,姓名,电话,金额,备注",
        "购买时间,手机号,购买商品,购买金额",
        "结账日期,桌号,消费合计,手机",
        "开单日期,客户,单号,应收,实收",
        "服务日期,会员姓名,服务项目,消费金额,技师",
        "成交日期,客户名称,成交金额",
        "订单号,付款日期,买家,件数,总价",
        "出库日期,客户,货品,数量,含税金额",
        "日期,手机号,金额",
        "Purchase Date,Email,Amount Spent",
        "Invoice No,Invoice Date,Customer,Net Amount,Tax,Gross Amount",
        "date,customer_id,amount",
        "消费时间,会员卡号,消费金额,门店",
        "小票号,销售时间,收银员,商品名称,数量,实收金额",
        "交易时间,交易金额,交易状态,买家昵称,收货人,收货地址,手机",
        "销售单号,销售日期,客户名称,品名,规格,数量,单价,金额,业务员",
        "时间,会员号,姓名,消费项目,实付,支付方式",
        "订单号,创建时间,状态,客户名称,联系人,联系电话,邮箱,收货地址,商品名称,数量,订单金额",
        "下单时间,姓名,手机号,性别,生日,城市,实付金额",
        "订单日期,客户编号,客户名称,公司名称,合计金额",
        "Order ID,Order Date,Customer Name,Email,Phone,Product,Quantity,Price,Total",
        "Date,Customer,Item,Qty,Amount",
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        "order_id,customer_id,order_date,amount",
        "Transaction ID,Date,Customer ID,Gender,Age,Product Category,Quantity,Price per Unit,Total Amount",
        "Receipt Number,Date,Store,SKU,Item Name,Qty,Net Sales,Customer Name,Customer Email",
        "Name,Email,Financial Status,Paid at,Total,Lineitem quantity,Lineitem name,Billing Name,Billing Phone",
        "Order Number,Created At,Company,Contact Name,Email,Status,Order Total",
    ],
    "customers": [
        "姓名,手机号",
        "姓名,电话,地址",
        "姓名,手机,生日,性别,备注",
        "客户姓名,联系电话,客户来源,所属门店,标签,创建时间",
        "会员号,姓名,手机号,会员等级,积分,储值余额,入会时间",
        "会员卡号,会员姓名,手机号码,生日,注册时间,累计消费金额,最近消费时间",
        "会员姓名,会员手机号,消费次数,消费金额,最后消费时间,办卡门店",
        "客户编号,客户名称,客户类型,行业,地址,电话,负责人",
        "公司名称,电话,地址,行业,网址",
        "会员编号,姓名,手机号,开卡日期,卡内余额",
        "姓名,手机号,累计充值,累计消费,最近到店,消费次数,创建时间",
        "客户名称,联系电话,成交金额,成交次数,最近成交时间",
        "用户ID,昵称,手机号,注册时间,订单数,消费总额",
        "姓名,手机号,会员等级,总金额,创建时间",
        "name,mobile,sales,created at",
        "Name,Phone,Birthday,Value,Created Time",
        "昵称,微信号,标签,添加时间,备注",
        "手机号,姓名,标签",
        "编号,姓名,性别,出生日期,联系方式,家庭住址",
        "顾客姓名,手机号,微信,城市,注册时间,消费金额",
        "客户,电话,上次到店,累计消费,备注",
        "Name,Phone,Email,Address",
        "First Name,Last Name,Email,Phone,City,Tags,Note,Total Spent,Total Orders",
        "Customer ID,Customer Name,Email,Phone,Created At,Last Order Date,Total Spent",
        "First Name,Last Name,Email,Accepts Email Marketing,Company,Address1,City,Phone,Total Spent,Total Orders,Tags,Note",
        "Full Name,Mobile,Date of Birth,Gender,Join Date,Points",
        "id,name,email,phone,created_at",
        "member_no,name,mobile,level,balance",
    ],
    "contacts": [
        "姓名,公司,职务,手机,邮箱",
        "姓名,公司,职务,手机,创建时间,成交金额",
        "姓名,公司,职务,手机,日期,金额",
        "客户名称,联系人,联系电话,地址,备注",
        "Name,Company,Title,Email,Phone,Created At,Value",
        "First Name,Last Name,Title,Company,Email,Lead Status,Amount,Created Date",
        "联系人,所属公司,职位,电话,邮箱,备注",
        "联系人姓名,客户名称,部门,职务,手机,邮箱",
        "客户名称,联系人,职务,手机,微信",
        "公司名称,联系人姓名,职位,手机号,邮箱,地址,备注",
        "姓名,单位,职务,联系电话,微信号,生日",
        "姓名,性别,工作单位,职务,手机号码,电子邮箱,创建时间",
        "联系人编号,姓名,所属客户编号,所属客户,职务,手机,创建时间,最后修改时间",
        "Full Name,Company,Job Title,Email,Phone",
        "First Name,Last Name,Company,Job Title,Email,Mobile Phone,City",
        "Name,Account Name,Title,Email,Phone,Mobile,Department",
        "Contact Name,Company Name,Title,Phone,Email,Date,Notes",
        "Last Name,First Name,Company,Title,Email,Phone,Created Date,Last Activity",
        "Contact ID,Account ID,Name,Job Title,Email,Mobile",
    ],
    "communications": [
        "客户名称,跟进时间,跟进方式,跟进内容,跟进人",
        "姓名,手机号,沟通时间,沟通内容,记录人",
        "日期,客户,方式,内容,结果",
        "时间,手机号,内容",
        "客户,联系人,时间,类型,主题,内容,创建人",
        "会员号,联系时间,联系方式,备注,操作人",
        "Date,Customer,Type,Notes,Author",
        "Customer Name,Activity Date,Activity Type,Subject,Description,Owner",
        "Email,Date,Direction,Subject,Body",
        "Contact Name,Call Start Time,Call Duration,Call Result,Description",
    ],
    "follow_ups": [
        "客户名称,任务,截止日期,负责人,状态",
        "姓名,手机号,下次跟进时间,计划内容,负责人",
        "客户,回访日期,回访内容,回访结果",
        "手机号,计划日期,事项",
        "Customer Name,Subject,Due Date,Status,Assigned to",
        "Contact Name,Task Title,Due Date,Owner,Notes",
    ],
    "products": [
        "货号,商品名称,售价",
        "商品编码,商品名称,分类,售价,成本价,库存",
        "条码,品名,规格,单位,零售价,进价",
        "商品名称,价格,品类,上架状态",
        "产品编号,产品名称,产品分类,标准价格,是否在售,备注",
        "菜品名称,菜品分类,价格,状态",
        "SKU,Product Name,Category,Price,Cost",
        "sku,name,price",
        "Title,SKU,Product Type,Price,Status,Vendor",
        "Item Code,Description,Unit Price,Quantity,Category",
        "名称,编码,分类,价格,库存数量,创建时间",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "headers"), [(kind, line) for kind, lines in HEADERS.items() for line in lines]
)
def test_what_a_file_is_stands_in_its_headers(kind: str, headers: str, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    names = headers.split(",")
    content = csv_bytes([names, [f"甲{i}" for i in range(len(names))]])
    run = services.receive_file(actor=SYSTEM, name="t.csv", chunks=[content], target=services.GUESS)
    assert run.target == kind, run.mapping
