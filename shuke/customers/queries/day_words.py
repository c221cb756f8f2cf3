"""Birthdays, lunar days and festivals in the reader's language."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from shuke.zh import calendar, script
from shuke.zh.calendar import Birthday

LEAP_YEAR = 2024
NAMES = frozenset({
    gettext_noop("立春"), gettext_noop("雨水"), gettext_noop("惊蛰"), gettext_noop("春分"), gettext_noop("清明"),
    gettext_noop("谷雨"), gettext_noop("立夏"), gettext_noop("小满"), gettext_noop("芒种"), gettext_noop("夏至"),
    gettext_noop("小暑"), gettext_noop("大暑"), gettext_noop("立秋"), gettext_noop("处暑"), gettext_noop("白露"),
    gettext_noop("秋分"), gettext_noop("寒露"), gettext_noop("霜降"), gettext_noop("立冬"), gettext_noop("小雪"),
    gettext_noop("大雪"), gettext_noop("冬至"), gettext_noop("小寒"), gettext_noop("大寒"), gettext_noop("春节"),
    gettext_noop("元宵节"), gettext_noop("龙头节"), gettext_noop("端午节"), gettext_noop("七夕节"), gettext_noop("中秋节"),
    gettext_noop("重阳节"), gettext_noop("腊八节"), gettext_noop("除夕"), gettext_noop("元旦节"), gettext_noop("情人节"),
    gettext_noop("妇女节"), gettext_noop("植树节"), gettext_noop("劳动节"), gettext_noop("青年节"), gettext_noop("母亲节"),
    gettext_noop("儿童节"), gettext_noop("父亲节"), gettext_noop("教师节"), gettext_noop("国庆节"), gettext_noop("感恩节"),
    gettext_noop("平安夜"), gettext_noop("圣诞节"),
})  # fmt: skip


def birthday_words(birthday: Birthday | None) -> str:
    """农历十月初四, 3月8日 or nothing: as files, the audit and imports have it, whoever reads."""
    if birthday is None:
        return ""
    if birthday.calendar == calendar.LUNAR:
        return f"农历{calendar.lunar_words(birthday.month, birthday.day, birthday.is_leap)}"
    return f"{birthday.month}月{birthday.day}日"


def birthday_shown(birthday: Birthday | None) -> str:
    """As the reader says it: 农历十月初四, 農曆臘月初八, lunar month 10, day 4; nothing for none."""
    language = get_language() or ""
    if birthday is None or not language.startswith("en"):
        words = birthday_words(birthday)
        return script.to_traditional(words) if language.startswith("zh-hant") else words
    if birthday.calendar != calendar.LUNAR:
        return date_format(date(LEAP_YEAR, birthday.month, birthday.day), "j F")
    given = {"month": birthday.month, "day": birthday.day}
    if birthday.is_leap:
        return _("农历闰 %(month)s 月 %(day)s 日") % given
    return _("农历 %(month)s 月 %(day)s 日") % given


def lunar_shown(day: date) -> str:
    """The lunar day of a solar one."""
    lunar = calendar.to_lunar(day)
    return birthday_shown(Birthday(calendar.LUNAR, lunar.month, lunar.day, lunar.is_leap))


def day_names_shown(day: date) -> tuple[str, ...]:
    """The solar term and the festivals of a day."""
    return tuple(_(name) if name in NAMES else name for name in calendar.day_names(day))
