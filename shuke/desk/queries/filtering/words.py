"""The words of the vocabularies lists filter by."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]

LEVEL_WORDS: Words = {"high": _("高价值"), "potential": _("有潜力"), "low": _("低价值")}
GROUP_WORDS: Words = {
    "key_value": _("重要价值"),
    "key_grow": _("重要发展"),
    "key_keep": _("重要保持"),
    "key_rescue": _("重要挽留"),
    "value": _("一般价值"),
    "grow": _("一般发展"),
    "keep": _("一般保持"),
    "rescue": _("一般挽留"),
}
STAGE_WORDS: Words = {
    "prospect": _("潜在"),
    "first": _("首购"),
    "repeat": _("复购"),
    "loyal": _("忠诚"),
    "lapsed": _("流失"),
}
PHASE_WORDS: Words = {
    "acquire": _("获取"),
    "grow": _("提升"),
    "mature": _("成熟"),
    "decline": _("衰退"),
    "leave": _("离开"),
}
TREND_WORDS: Words = {"rising": _("在上升"), "steady": _("平稳"), "falling": _("在下降")}
KIND_WORDS: Words = {"person": _("个人"), "company": _("公司")}
GENDER_WORDS: Words = {"female": _("女"), "male": _("男"), "unknown": _("没填")}
TOUCH_WORDS: Words = {
    "call": _("电话"),
    "sms": _("短信"),
    "wechat": _("微信"),
    "email": _("邮件"),
    "visit": _("拜访"),
    "meeting": _("见面"),
    "gift": _("礼物"),
}
FOLLOW_UP_WORDS: Words = {
    "overdue": _("有过期没做的"),
    "today": _("今天要做的"),
    "open": _("有约好的"),
    "nothing": _("没有约"),
}
