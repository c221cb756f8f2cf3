"""Filters and tags for every template: money, time, counts, icons, attributes."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import unescape
from typing import Any

from django import template
from django.template.base import FilterExpression, Parser, Token
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, escape, format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shuke.ui.rhythm import RhythmStrip, Tick

register = template.Library()

NOTHING = "—"
WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
SIGNS = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$", "JPY": "JP¥"}


def _is_english() -> bool:
    return (get_language() or "zh").startswith("en")


def _number(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    return Decimal(str(value))


def _yuan(value: Any) -> Decimal | None:
    amount = _number(value)
    return None if amount is None else (amount / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _trimmed(value: Decimal, places: int) -> str:
    text = f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _short_zh(amount: Decimal) -> str:
    hundred_million, ten_thousand = "億萬" if (get_language() or "").startswith("zh-hant") else "亿万"
    for unit, size in ((hundred_million, Decimal(10**8)), (ten_thousand, Decimal(10**4))):
        if abs(amount) >= size:
            scaled = amount / size
            return _trimmed(scaled, 0 if abs(scaled) >= 100 else 1) + unit
    return _trimmed(amount, 0)


def _short_en(amount: Decimal) -> str:
    for unit, size in (("B", Decimal(10**9)), ("M", Decimal(10**6)), ("K", Decimal(10**4))):
        if abs(amount) >= size:
            scaled = amount / (size if unit != "K" else Decimal(1000))
            return _trimmed(scaled, 0 if abs(scaled) >= 100 else 1) + unit
    return _trimmed(amount, 0)


def short_number(amount: Decimal) -> str:
    """1.2万, 3,456万, 1.2亿 in Chinese; 12K, 1.2M in English; small numbers as they are."""
    return _short_en(amount) if _is_english() else _short_zh(amount)


def _signed(amount: Decimal, currency: str, body: str) -> str:
    sign = SIGNS.get(currency, f"{currency} ")
    return f"{'−' if amount < 0 else ''}{sign}{body.lstrip('-')}"


@register.filter
def fen(value: Any, currency: str = "CNY") -> str:
    """Integer fen as ¥1,234.50."""
    amount = _yuan(value)
    return NOTHING if amount is None else _signed(amount, currency, f"{amount:,.2f}")


@register.filter
def fen_plain(value: Any, currency: str = "CNY") -> str:
    """As `fen`, without .00 for whole yuan: ¥1,234."""
    text = fen(value, currency)
    return text.removesuffix(".00")


@register.filter
def fen_short(value: Any, currency: str = "CNY") -> SafeString:
    """Rounded for figures (¥1.2万), the exact amount in the title."""
    amount = _yuan(value)
    if amount is None:
        return mark_safe(NOTHING)
    short = _signed(amount, currency, short_number(amount))
    return format_html('<span class="num" title="{}">{}</span>', fen(value, currency), short)


@register.filter
def count(value: Any) -> str:
    """12,304."""
    number = _number(value)
    return NOTHING if number is None else f"{number:,.0f}"


@register.filter
def count_short(value: Any) -> SafeString:
    """1.2万, the exact count in the title."""
    number = _number(value)
    if number is None:
        return mark_safe(NOTHING)
    return format_html('<span class="num" title="{}">{}</span>', count(value), short_number(number))


@register.filter
def percent1(value: Any) -> str:
    """A share (0.684) as 68.4%."""
    number = _number(value)
    return NOTHING if number is None else f"{number * 100:.1f}%"


@register.filter
def signed_percent1(value: Any) -> str:
    """A change (0.08) as +8.0%."""
    number = _number(value)
    return NOTHING if number is None else f"{number * 100:+.1f}%".replace("-", "−")


def _local(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return timezone.localtime(value) if timezone.is_aware(value) else value
    return datetime.combine(value, time.min)


def day_words(value: date | datetime) -> str:
    """2026年11月22日, or 11月22日 within this year."""
    return _date_words(value, timezone.localdate().year, is_english=_is_english())


def _date_words(value: date | datetime, this_year: int, *, is_english: bool) -> str:
    if is_english:
        return date_format(value, "j M Y")
    year = "" if value.year == this_year else f"{value.year}年"
    return f"{year}{value.month}月{value.day}日"


@register.filter
def day(value: Any) -> str:
    """11月22日 (with the year when it is another one)."""
    return NOTHING if not value else day_words(_local(value))


def _ago_words(days: int) -> str:
    if days == 0:
        return _("今天")
    if days == 1:
        return _("昨天")
    if days == -1:
        return _("明天")
    if days < 0:
        return ngettext("%(n)s天后", "%(n)s天后", -days) % {"n": -days}
    if days < 100:
        return ngettext("%(n)s天前", "%(n)s天前", days) % {"n": days}
    if days < 730:
        return ngettext("%(n)s个月前", "%(n)s个月前", days // 30) % {"n": days // 30}
    return ngettext("%(n)s年前", "%(n)s年前", days // 365) % {"n": days // 365}


@register.filter
def ago(value: Any) -> SafeString:
    """3天前, the date in the title; minutes and hours for moments of today."""
    if not value:
        return mark_safe(NOTHING)
    local = _local(value)
    days = (timezone.localdate() - local.date()).days
    words = _ago_words(days)
    exact = day_words(local)
    if isinstance(value, datetime):
        exact = f"{exact} {local:%H:%M}"
        if days == 0:
            words = _recent_words(value)
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, words)


def _recent_words(value: datetime) -> str:
    now = timezone.now() if timezone.is_aware(value) else timezone.localtime().replace(tzinfo=None)
    minutes = int((now - value).total_seconds() // 60)
    if 0 <= minutes < 1:
        return _("刚刚")
    if 0 <= minutes < 60:
        return ngettext("%(n)s分钟前", "%(n)s分钟前", minutes) % {"n": minutes}
    return _("今天 %(clock)s") % {"clock": f"{_local(value):%H:%M}"}


@register.filter
def weekday_time(value: Any) -> str:
    """周三 14:05 (this week), otherwise 11月3日 14:05; without a clock for a plain date."""
    if not value:
        return NOTHING
    local = _local(value)
    near = abs((timezone.localdate() - local.date()).days) < 7
    weekday = date_format(local, "D") if _is_english() else WEEKDAYS_ZH[local.weekday()]
    head = weekday if near else day_words(local)
    return f"{head} {local:%H:%M}" if isinstance(value, datetime) else head


@register.filter
def initial(value: Any) -> str:
    """The character for an avatar: the surname, or the first Latin letter. Takes escaped text too."""
    text = unescape(str(value or "")).strip()
    return text[:1].upper() or "?"


@register.filter
def hue(value: Any) -> int:
    """One of eight stable colours for a name."""
    return sum(ord(char) for char in str(value or "")) % 8 + 1


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """One Tabler outline icon from the sprite; hidden from readers unless labelled."""
    return _icon(name, size, str(label))


@lru_cache(maxsize=512)
def _icon(name: str, size: str, label: str) -> SafeString:
    kind = f" i-{size}" if size else ""
    aria = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(" aria-hidden=true")
    return format_html(
        '<svg class="i{}"{}><use href="{}#{}"/></svg>', kind, aria, static("ui/dist/icons.svg"), name
    )


@register.simple_tag
def rest(attrs: Mapping[str, Any]) -> SafeString:
    """A component's remaining attributes, every value escaped. Use this, never the bare `attrs`."""
    pairs = [(key, value) for key, value in attrs.attrs_dict().items() if value not in (False, None)]
    return format_html_join("", "{}", ((_attribute(key, value),) for key, value in pairs))


def _attribute(key: str, value: Any) -> SafeString:
    if value is True or value == "":
        return format_html(" {}", key) if value is True else format_html(' {}=""', key)
    return format_html(' {}="{}"', key, conditional_escape(value))


@register.filter
def pct(value: Any) -> str:
    """A position 0..1000 as a percentage for an SVG attribute."""
    return f"{int(value or 0) / 10:g}%"


@register.filter
def month_words(value: date) -> str:
    """3月, Mar."""
    return date_format(value, "M") if _is_english() else f"{value.month}月"


@register.simple_tag
def rhythm_ticks(strip: RhythmStrip) -> SafeString:
    """Months on the axis of a rhythm strip. Drawn here, as the dots are: a template takes ten times as long for each."""
    return mark_safe("".join(map(_tick, strip.ticks)))


def _tick(tick: Tick) -> str:
    at, word = pct(tick.x), str(tick.on.year) if tick.is_year else month_words(tick.on)
    return (
        f'<line class="r-tick" x1="{at}" x2="{at}" y1="42" y2="{68 if tick.is_year else 66}"/>'
        f'<text class="r-word{" r-year" if tick.is_year else ""}" x="{at}" dx="4" y="80">{escape(word)}</text>'
    )


@register.simple_tag
def rhythm_dots(strip: RhythmStrip) -> SafeString:
    """Purchases on a rhythm strip, each with its day."""
    is_english, this_year = _is_english(), timezone.localdate().year
    dots = (
        f'<circle cx="{pct(dot.x)}" cy="42" r="4.5">'
        f"<title>{escape(_date_words(dot.on, this_year, is_english=is_english))}</title></circle>"
        for dot in strip.dots
    )
    return mark_safe("".join(dots))


@register.simple_tag
def rhythm_small_dots(strip: RhythmStrip) -> SafeString:
    """The same on the small strip of a list."""
    return mark_safe("".join(f'<circle cx="{pct(dot.x)}" cy="11" r="2.5"/>' for dot in strip.dots))


@register.filter
def clock_time(value: Any) -> str:
    """14:05, in the shop's time."""
    return f"{_local(value):%H:%M}" if value else NOTHING


@register.filter
def machine_time(value: Any) -> str:
    """2026-11-22T14:05:00+08:00, for a `datetime` attribute."""
    return _local(value).isoformat(timespec="seconds") if value else ""


@register.filter
def delta_words(value: Any, text: str = "") -> str:
    """A change without its sign (the arrow carries it for the eye): 8.0%, with the sign kept for readers."""
    number = _number(value)
    return text or (NOTHING if number is None else f"{number * 100:+.1f}%".replace("-", "−"))


@register.simple_tag
def chart_data(identity: str, value: Any) -> SafeString:
    """The data block a chart reads."""
    return json_script(value, f"{identity}-data")


@register.filter
def may(visitor: Any, permission: str) -> bool:
    """Whether the visitor holds the permission; False for those who are not signed in."""
    return bool(getattr(visitor, "is_authenticated", False) and visitor.may(permission))


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """mapping[key], or nothing."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The current query string with some keys changed (None removes): ?{% query page=None sort="name" %}."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        params.pop(key, None)
        if value not in (None, ""):
            params[key] = value
    return f"?{params.urlencode()}" if params else "?"


MOST_DRAWN = 400


class SameForNode(template.Node):
    """Keeps what it drew for each combination of values and language."""

    def __init__(self, nodelist: template.NodeList, values: list[FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values
        self._drawn: dict[tuple[str, ...], SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        key = (get_language() or "", *(str(value.resolve(context)) for value in self.values))
        drawn = self._drawn.get(key)
        if drawn is None:
            if len(self._drawn) >= MOST_DRAWN:
                self._drawn.clear()
            drawn = self._drawn[key] = self.nodelist.render(context)
        return drawn


@register.tag
def same_for(parser: Parser, token: Token) -> SameForNode:
    """{% same_for user.role frame.shop_name %}…{% end_same_for %}: drawn once for each value of these, in each language.

    Only for parts that depend on nothing else: no token, nonce, path, clock or customer may stand inside.
    """
    values = [parser.compile_filter(part) for part in token.split_contents()[1:]]
    nodelist = parser.parse(("end_same_for",))
    parser.delete_first_token()
    return SameForNode(nodelist, values)
