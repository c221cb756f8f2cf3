"""Values a customer's fields offer, in the shop's words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Choices = list[tuple[str, str | Promise]]
EDUCATION: Choices = [
    ("", _("未知")),
    ("middle", _("初中及以下")),
    ("high", _("高中、中专")),
    ("college", _("大专")),
    ("bachelor", _("本科")),
    ("master", _("硕士及以上")),
]
INCOME: Choices = [
    ("", _("未知")),
    ("under_5k", _("月入 5 千以下")),
    ("5k_10k", _("月入 5 千到 1 万")),
    ("10k_20k", _("月入 1 万到 2 万")),
    ("20k_50k", _("月入 2 万到 5 万")),
    ("over_50k", _("月入 5 万以上")),
]
CHANNELS: Choices = [
    ("", _("没说过")),
    ("phone", _("电话")),
    ("sms", _("短信")),
    ("wechat", _("微信")),
    ("email", _("邮件")),
    ("visit", _("到店面谈")),
    ("none", _("不要联系")),
]
HOURS: Choices = [
    ("", _("没说过")),
    ("workday_day", _("工作日白天")),
    ("noon", _("中午")),
    ("evening", _("晚上")),
    ("weekend", _("周末")),
    ("any", _("随时")),
]


def with_current(choices: Choices, current: str) -> Choices:
    """The choices, and what is stored although it is none of them (an import may have brought it)."""
    return choices if current in dict(choices) else [*choices, (current, current)]


def label_of(choices: Choices, value: str) -> str:
    """The words for a stored value."""
    return str(dict(choices).get(value, value)) if value else ""
