"""What went wrong, in the shopkeeper's words. Codes come from `rules`, `reading` and the targets."""

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

CELL_PROBLEMS: dict[str, Promise] = {
    "missing": _("这一格不能空着"),
    "bad_moment": _("看不懂的时间，请写成 2026-01-03 09:05 这样"),
    "day_or_month": _("分不清日和月，请在“日期写法”里选择日在前还是月在前"),
    "moment_too_old": _("时间早于 1980 年，请核对"),
    "moment_in_future": _("时间在将来，请核对"),
    "bad_amount": _("看不懂的金额，请写成 1234.50 这样"),
    "amount_too_large": _("金额太大，请核对"),
    "bad_number": _("看不懂的数字"),
    "bad_quantity": _("看不懂的数量"),
    "quantity_too_large": _("数量太大，请核对"),
    "bad_currency": _("不认识的货币，请写成 CNY、USD 这样的代码"),
    "formula": _("格子里是公式，没有算好的结果；请在表格软件里复制后“粘贴为值”再导入"),
    "key_lost_digits": _("号码被表格软件写成了科学计数，位数已丢；请把这一列设为文本后重新导出"),
    "too_long": _("内容太长"),
    "ragged": _("这一行的列数与表头不一致，多半是内容里有没加引号的分隔符"),
    "broken_text": _("这一行的文字编码已损坏"),
    "too_many_lines": _("同一订单的明细超过 30000 行，请核对订单号这一列是否对错了"),
    "mixed_currency": _("同一订单里有两种货币"),
    "bad_phone": _("手机号不对，又没有其他能认出顾客的号码"),
    "bad_email": _("邮箱不对，又没有其他能认出顾客的号码"),
    "nobody": _("没有姓名，也没有手机号、邮箱或编号，不知道是谁"),
    "bad_phone_cell": _("这不像电话号码。手机请写 11 位数字，座机带区号，国外号码以 + 开头"),
    "bad_email_cell": _("这不像邮箱，应像 name@example.com"),
    "bad_birthday": _("看不懂的生日，请写成 1988-08-15、8月15日或农历八月十五"),
    "bad_own_number": _("这不是本店编号，应像 K10249；请不要改这一列，也不要拖拽填充"),
    "own_number_unknown": _("没有这个编号的客户，可能已经删除；要当作新客户导入，请把编号清空"),
    "company_missing": _("找不到这一行所属的公司。请先导入公司，或在核对页选“照样导入”或“按公司名新建”"),
    "company_ambiguous": _("有几家公司都叫这个名字，分不清是哪一家；请加上公司的编号"),
    "customer_missing": _("找不到这一行说的客户。请先导入客户和联系人，再导入这个文件"),
    "customer_ambiguous": _("有几位客户都叫这个名字，分不清是哪一位；请加上编号或手机号"),
    "customer_not_named": _("这一行没有说明是哪位客户的"),
    "customer_out_of_reach": _("这位客户不归您的门店管，您不能改"),
    "store_out_of_reach": _("这家门店不归您管，请让店主来导入"),
    "custom_text": _("内容太长，最多 200 个字"),
    "custom_long": _("内容太长，最多 2,000 个字"),
    "custom_number": _("这里要填数字，例如 12 或 12.5"),
    "custom_money": _("这里要填金额，例如 1280 或 1280.50"),
    "custom_date": _("这里要填日期，例如 2026-11-28"),
    "custom_choice": _("没有这个选项；要新增选项，请在上面选“加进选项里”"),
    "custom_many": _("有一项不在选项里；要新增选项，请在上面选“加进选项里”"),
    "custom_flag": _("这里只能填“是”或“否”"),
    "custom_link": _("这里要填网址，例如 https://example.com"),
    "bad_price": _("看不懂的价格，请写成 128.00 这样"),
    "no_product": _("没有货号，也没有商品名"),
    "no_amount": _("没有金额：实付金额空着，单价和数量也算不出"),
}

COUNTED: dict[str, Promise] = {
    "orders_created": _("新订单"),
    "orders_updated": _("更新的订单"),
    "orders_unchanged": _("没有变化的订单"),
    "orders_called_off": _("后来关闭、记作全额退款的订单"),
    "customers_created": _("新客户"),
    "customers_filled": _("补上了空白资料的老客户"),
    "orders_without_customer": _("认不出顾客的订单"),
    "interactions_created": _("新的往来记录"),
    "follow_ups_created": _("新的跟进"),
    "products_created": _("新商品"),
    "products_updated": _("更新的商品"),
    "fields_differing": _("和我们不一样的格子"),
    "rows_waiting": _("还在等关联的行"),
    "conflicts": _("待核对的重复客户"),
}
TAKEN_BACK: dict[str, Promise] = {
    "orders_removed": _("拿走的订单"),
    "orders_restored": _("还原的订单"),
    "customers_removed": _("拿走的客户"),
    "stores_removed": _("拿走的门店"),
    "customers_restored": _("还原的客户"),
    "customers_kept": _("后来有人用过、留下的客户"),
    "fields_left": _("后来又改过、没有动的格子"),
    "interactions_removed": _("拿走的往来记录"),
    "follow_ups_removed": _("拿走的跟进"),
    "past_restored": _("还原的往来和跟进"),
    "products_removed": _("拿走的商品"),
    "products_restored": _("还原的商品"),
}
FILE_PROBLEMS: dict[str, Promise] = {
    "empty": _("文件是空的，请检查后重新导出。"),
    "only_zeros": _("文件里没有文字，只有空字节，多半没有下载完整；请重新导出。"),
    "header_only": _("文件里只有表头，没有数据行；请检查导出的时间范围。"),
    "no_table": _("文件里找不到表格。请导出为 CSV 或 XLSX 再导入。"),
    "too_large": _("文件太大。请按月份分几次导出再导入。"),
    "image": _("这是图片，不是表格。请在原系统里导出 CSV 或 XLSX。"),
    "pdf": _("这是 PDF，读不出表格。请在原系统里导出 CSV 或 XLSX。"),
    "old_excel": _("这是旧版 Excel(.xls)或 Word 文件。请用 Excel 或 WPS 打开，另存为 .xlsx 再导入。"),
    "not_workbook": _("这是压缩包或其他文档，不是表格。请先解压，选里面的 CSV 或 XLSX。"),
    "archive": _("这是压缩包。请先解压，选里面的 CSV 或 XLSX。"),
    "html": _("这是网页，不是表格(有些系统把网页存成 .xls)。请用 Excel 或 WPS 打开，另存为 .xlsx 再导入。"),
    "program": _("这不是表格文件。请在原系统里导出 CSV 或 XLSX。"),
    "zip_bomb": _("这个 XLSX 解开后大得不正常，为安全起见没有打开。请把数据另存为 CSV 再导入。"),
    "broken_workbook": _("这个 XLSX 已损坏或设了密码，打不开。请用 Excel 或 WPS 打开后另存一份再导入。"),
    "broken_parquet": _("这个 Parquet 文件已损坏，打不开。请重新导出。"),
    "binary": _("文件里不是文字，读不出表格。请在原系统里导出 CSV 或 XLSX。"),
    "one_column": _("只读出一列，看不出列是怎么分隔的。请导出为 CSV 或 XLSX 再导入。"),
    "line_too_long": _("文件里有一行长得不正常，不像表格。请检查后重新导出。"),
    "gone": _("上传的文件已不在服务器上，请重新上传。"),
    "changed": _("文件在导入途中被改动了，请重新上传。"),
}


def cell_reason(code: str) -> str:
    """Why a cell was not taken, in Chinese: stored so, translated when shown."""
    with override("zh-hans"):
        return str(CELL_PROBLEMS.get(code, code))


def shown_reason(reason: str) -> str:
    """A stored reason in the reader's language."""
    return gettext(reason) if reason else ""


def file_problem(code: str) -> str:
    """What is wrong with a file, in the language of whoever asks."""
    return str(FILE_PROBLEMS.get(code, FILE_PROBLEMS["no_table"]))
