"""What the columns of order files mean, by the headers that shops, platforms and tills give them."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from shuke.imports.ports import Field
from shuke.imports.rules import header_key

ORDER, GOODS, BUYER, PLACE = _("订单"), _("商品"), _("顾客"), _("收货")

FIELDS: tuple[Field, ...] = (
    Field(
        "number", _("订单号"),
        ("订单号", "订单编号", "主订单编号", "主订单号", "单号", "小票号", "流水号", "交易单号", "销售单号", "订单ID", "票号",
         "交易号", "业务单号", "order number", "order no", "order id", "orderid", "order_no", "order", "invoice",
         "invoice no", "invoiceno", "receipt number", "receipt no", "transaction id", "basket_id", "Name"),
        group=ORDER,
    ),
    Field(
        "sub_number", _("子订单号"),
        ("子订单编号", "子订单号", "商品单号", "明细编号", "子单号", "line id", "lineitem id"), group=ORDER,
    ),
    Field(
        "moment", _("下单时间"),
        ("下单时间", "下单日期", "订单创建时间", "订单付款时间", "付款时间", "支付时间", "买家付款时间", "订单提交时间", "交易时间",
         "销售时间", "消费时间", "购买时间", "订单时间", "成交时间", "结账时间", "收银时间", "开单时间", "创建时间", "订单日期", "销售日期",
         "交易日期", "消费日期", "购买日期", "成交日期", "付款日期", "支付日期", "结账日期", "开单日期", "服务日期", "出库日期", "日期", "时间", "created at", "invoicedate", "invoice date", "order date", "orderdate", "ordered at",
         "paid at", "transaction date", "purchase date", "sale date", "date", "datetime", "timestamp", "ts", "time"),
        group=ORDER,
    ),
    Field(
        "amount", _("实付金额"),
        ("实付金额", "订单实付金额", "订单实付", "买家实付金额", "买家实际支付金额", "买家应付货款", "实付款", "实付", "实收金额",
         "实收", "实际支付金额", "支付金额", "付款金额", "应付金额", "订单金额", "成交金额", "销售金额", "交易金额", "消费金额",
         "用户实付", "用户实际支付", "用户实付金额", "顾客实付", "购买金额", "消费合计", "含税金额", "合计金额", "总金额", "合计", "总价", "金额", "amount", "amount paid", "paid amount",
         "total", "order total", "total price", "net amount", "net sales", "gross amount", "amount spent", "sales", "revenue", "dollar_value",
         "dollars", "sales value", "sales_value", "value"),
        hint=_("实际付的钱，不是原价"), group=ORDER,
    ),
    Field(
        "refund", _("退款金额"),
        ("退款金额", "订单退款金额", "退款总额", "买家退款金额", "退款", "已退款金额", "退货金额", "refunded amount",
         "refund amount", "refund", "amount refunded"), group=ORDER,
    ),
    Field(
        "status", _("订单状态"),
        ("订单状态", "交易状态", "状态", "支付状态", "订单状态名称", "financial status", "order status", "status",
         "payment status"), group=ORDER,
    ),
    Field("currency", _("货币"), ("货币", "币种", "币别", "currency", "currency code"), group=ORDER),
    Field(
        "store", _("门店"),
        ("门店", "门店名称", "店铺", "店铺名称", "商家名称", "网点", "归属网店", "下单网点", "店名", "分店", "商户名称", "store", "store name",
         "shop", "branch", "location", "outlet", "pos location"), group=ORDER,
    ),
    Field(
        "channel", _("渠道"),
        ("渠道", "订单来源", "销售渠道", "下单渠道", "来源渠道", "订单渠道", "来源", "订单类型", "channel", "sales channel",
         "source", "order source"), group=ORDER,
    ),
    Field(
        "product", _("商品"),
        ("商品", "商品名称", "宝贝标题", "宝贝名称", "标题", "商品标题", "品名", "菜品名称", "菜品", "货品名称", "产品名称", "产品",
         "商品信息", "lineitem name", "product", "product name", "item", "item name", "description", "title",
         "product title"), group=GOODS,
    ),
    Field(
        "sku", _("货号"),
        ("货号", "商品编码", "商家编码", "商品货号", "外部商品编码", "商品编号", "商品ID", "条码", "商品条码", "规格编码", "SKU编码", "sku",
         "sku id", "lineitem sku", "stockcode", "stock code", "product id", "product code", "item code", "barcode"),
        group=GOODS,
    ),
    Field(
        "category", _("品类"),
        ("品类", "商品分类", "商品类目", "类目", "分类", "商品类别", "类别", "商品分组", "菜品分类", "一级类目", "category",
         "product category", "product type", "department"), group=GOODS,
    ),
    Field(
        "quantity", _("数量"),
        ("数量", "商品数量", "购买数量", "宝贝数量", "宝贝总数量", "销售数量", "件数", "订购数量", "份数", "quantity", "qty", "lineitem quantity",
         "units", "number_of_cds", "count"), group=GOODS,
    ),
    Field(
        "price", _("单价"),
        ("单价", "商品单价", "价格", "成交单价", "销售单价", "商品价格", "京东价", "售价", "宝贝单价", "price", "unit price", "unitprice",
         "lineitem price"), group=GOODS,
    ),
    Field(
        "subtotal", _("商品小计"),
        ("商品实际成交金额", "商品小计", "小计", "商品金额", "商品实付金额", "商品优惠后金额", "行金额", "明细金额", "line total",
         "line amount", "subtotal amount"),
        hint=_("一行商品的钱；整单的钱放在实付金额"), group=GOODS,
    ),
    Field(
        "member", _("会员号"),
        ("会员号", "会员卡号", "会员编号", "会员ID", "卡号", "会员卡", "member number", "member no", "member id", "membership number",
         "card number", "loyalty number"), group=BUYER,
    ),
    Field(
        "phone", _("手机号"),
        ("手机号", "手机", "手机号码", "会员手机号", "买家手机号", "买家手机", "顾客手机号", "客户手机号", "联系手机", "收货人手机号",
         "收货人手机", "收货人手机号/提货人手机号", "收件人手机", "联系电话", "客户电话", "收货人电话", "电话", "联系方式", "phone", "mobile",
         "mobile phone", "telephone", "phone number", "customer phone", "billing phone", "shipping phone"), group=BUYER,
    ),
    Field("email", _("邮箱"), ("邮箱", "电子邮箱", "电子邮件", "邮件", "email", "e-mail", "email address"), group=BUYER),
    Field("wechat", _("微信号"), ("微信号", "微信", "wechat", "wechat id"), group=BUYER),
    Field("unionid", _("UnionID"), ("unionid", "union id", "微信unionid"), group=BUYER),
    Field(
        "external", _("外部客户号"),
        ("外部客户号", "客户编号", "客户号", "客户ID", "买家会员名", "买家昵称", "买家旺旺", "客户账号", "下单账号", "买家账号", "用户ID", "买家ID", "用户编号",
         "顾客编号", "customer id", "customerid", "customer_id", "customer number", "customer no", "customer code", "user id", "buyer id",
         "household_id"), hint=_("原系统里的客户编号或买家昵称"), group=BUYER,
    ),
    Field(
        "name", _("姓名"),
        ("姓名", "客户姓名", "会员姓名", "顾客姓名", "买家姓名", "客户名称", "收货人", "收货人姓名", "收件人", "收货人/提货人", "联系人", "顾客",
         "客户", "customer name", "customer", "billing name", "shipping name", "full name", "buyer name"), group=BUYER,
    ),
    Field("province", _("省份"), ("省份", "省", "收货人省份", "收货省份", "province", "state", "shipping province"), group=PLACE),
    Field("city", _("城市"), ("城市", "市", "收货人城市", "收货城市", "city", "shipping city"), group=PLACE),
    Field("district", _("区县"), ("区县", "区", "地区", "收货人地区", "收货区县", "district", "county"), group=PLACE),
    Field("region", _("省市区"), ("省市区", "所在地区", "收货地区", "省/市/区"), group=PLACE),
    Field(
        "address", _("地址"),
        ("地址", "收货地址", "详细地址", "详细收货地址", "收货人地址", "收件地址", "客户地址", "收货地址/提货地址", "address", "shipping address",
         "shipping street", "address1"), group=PLACE,
    ),
    Field(
        "mends", _("原文件行号"), ("原文件行号", "Line in the file"),
        hint=_("退回文件自带的列：这些是改好的行，加到原来的订单上"), group=ORDER,
    ),
    Field("note", _("顾客备注"), ("顾客备注", "会员备注", "客户备注", "customer note"), group=BUYER),
)  # fmt: skip

BY_CODE = {field.code: field for field in FIELDS}
KEY_FIELDS = ("member", "phone", "email", "unionid", "wechat", "external")

NOT_SOLD = frozenset(
    "交易关闭 已关闭 关闭 订单关闭 已取消 取消 订单取消 交易取消 待付款 等待买家付款 未付款 待支付 未支付 等待付款 等待支付 已作废 作废 "
    "商家取消 用户取消 支付失败 已撤单 撤单 cancelled canceled voided void unpaid pending expired failed closed "
    "awaitingpayment pendingpayment refundedbeforeshipping".split()
)

# Of these, those that say of an order once paid that nothing of it is left.
CALLED_OFF = NOT_SOLD - frozenset(
    "待付款 等待买家付款 未付款 待支付 未支付 等待付款 等待支付 支付失败 unpaid pending failed awaitingpayment pendingpayment".split()
)

_PLATFORMS = (
    ("有赞", {"归属网店", "订单实付金额", "商品实际成交金额", "有赞订单号"}),
    ("淘宝", {"宝贝标题", "买家会员名", "买家实际支付金额", "宝贝总数量", "买家旺旺", "子订单编号"}),
    ("京东", {"京东价", "下单账号", "客户账号", "京东订单号"}),
    ("美团", {"菜品名称", "商家实收", "用户实付", "订单流水", "门店ID"}),
    ("Shopify", {"lineitemname", "lineitemprice", "financialstatus", "lineitemquantity"}),
    ("收银", {"小票号", "收银员", "流水号", "收银时间"}),
)


def platform_of(headers: Sequence[str]) -> str:
    """The platform or till whose export has these headers; empty when none is recognised."""
    keys = {header_key(header) for header in headers}
    best = max(_PLATFORMS, key=lambda platform: len(platform[1] & keys))
    return best[0] if best[1] & keys else ""
