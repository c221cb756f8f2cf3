"""Chinese addresses: what is province, city, county and street in a line that somebody typed or pasted."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from shuke.zh import script
from shuke.zh.places import CITIES, MUNICIPALITIES, PROVINCES, SPECIAL, full_province

_PROVINCE_TAIL = r"(?:维吾尔自治区|壮族自治区|回族自治区|特别行政区|自治区|省|市)?"
_DISTRICT = re.compile(r"^([一-鿿]{1,10}?(?:自治县|自治旗|新区|区|县|旗|市))(?=.|$)")
_CITY = re.compile(r"^([一-鿿]{2,12}?(?:自治州|地区|盟|市|州(?![一-鿿]*市)))")
_STREET = re.compile(r"[东西南北中]?[一二三]?(?:路|街|巷|弄|大路|大街|大道|大学|大厦|大酒店|饭店)")
_NO_PLACE = ("小区", "社区", "园区", "校区", "景区", "厂区", "开发区", "工业区", "住宅区", "生活区")
_DEVELOPMENT = re.compile(r"^([一-鿿]{2,12}?(?:开发区|高新区|工业园区))")


@dataclass(frozen=True)
class Region:
    """The parts of an address; those not said are empty."""

    province: str = ""
    city: str = ""
    district: str = ""
    detail: str = ""

    def __str__(self) -> str:
        """As it is written on a parcel; a municipality is said once."""
        city = "" if self.city == self.province else self.city
        return f"{self.province}{city}{self.district}{self.detail}"


@lru_cache(maxsize=4096)
def normalise_province(text: str) -> str:
    """广东, 广东省, 廣東 → 广东省; "" for no province."""
    plain = script.simplify(re.sub(r"\s", "", text))
    short = next((name for name in PROVINCES if plain.startswith(name)), "")
    if short and re.fullmatch(_PROVINCE_TAIL, plain[len(short) :]):
        return full_province(short)
    return ""


def normalise_city(text: str, province: str = "") -> str:
    """杭州 → 杭州市 where the city is known; else as it was typed."""
    plain = script.simplify(re.sub(r"\s", "", text))
    known = _known_city(plain, normalise_province(province))
    return known[1] if known and plain in (known[2], known[1]) else plain


def province_of_city(city: str) -> str:
    """The province of a known city: 杭州市 → 浙江省; "" when it is not known or not clear."""
    known = _known_city(script.simplify(re.sub(r"\s", "", city)), "")
    return known[0] if known else ""


def cities_of(province: str) -> list[str]:
    """The cities of a province, in full, the capital first."""
    full = normalise_province(province)
    for short in PROVINCES:
        if full == full_province(short):
            return [full] if short in (*MUNICIPALITIES, *SPECIAL) else list(CITIES[short].values())
    return []


def provinces() -> list[str]:
    """Every province in its full name, in the usual order."""
    return [full_province(short) for short in PROVINCES]


@lru_cache(maxsize=4096)
def parse_region(text: str) -> Region:
    """Take an address apart.

    >>> parse_region("浙江省杭州市西湖区文三路 1 号")
    Region(province='浙江省', city='杭州市', district='西湖区', detail='文三路 1 号')
    """
    plain = _tidy(text)
    found = _parsed(script.simplify(plain))
    return replace(found, detail=plain[len(plain) - len(found.detail) :] if found.detail else "")


def _parsed(text: str) -> Region:
    province, rest = _take_province(text)
    if province and province.removesuffix("市") in MUNICIPALITIES:
        rest = re.sub(rf"^{province.removesuffix('市')}市|^市辖区|^县(?=[一-鿿])", "", _left(rest))
        district, rest = _take_district(_left(rest))
        return Region(province, province, district, _left(rest))
    if province and province.removesuffix("特别行政区") in SPECIAL:
        district, rest = _take_district(_left(rest))
        return Region(province, province, district, _left(rest))
    found, city, rest = _take_city(_left(rest), province)
    district, rest = _take_district(_left(rest)) if found or city else ("", rest)
    return Region(found, city, district, _left(rest))


def _tidy(text: str) -> str:
    plain = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"^(?:中国|中國|中华人民共和国)(?=[一-鿿])", "", plain)


def _left(text: str) -> str:
    return text.lstrip(" ,，、/|-—·")


def _take_province(text: str) -> tuple[str, str]:
    for short in PROVINCES:
        if text.startswith(short) and not _is_city_of_same_name(short, text):
            tail = re.match(_PROVINCE_TAIL, text[len(short) :])
            if not (tail and tail[0]) and _STREET.match(text[len(short) :]):
                continue  # 北京路, 吉林大路, 浙江大学
            return full_province(short), text[len(short) + (tail.end() if tail else 0) :]
    return "", text


def _is_city_of_same_name(short: str, text: str) -> bool:
    """吉林市 is a city of 吉林省, 海南州 a part of 青海省."""
    return text.startswith(("吉林市", "海南州", "海南藏族"))


def _take_city(text: str, province: str) -> tuple[str, str, str]:
    """(province, city, rest): a known city tells its province."""
    known = _known_city(text, province)
    if known:
        of, full, matched = known
        return of, full, text[len(matched) :]
    named = _CITY.match(text)
    if named and province:
        return province, named[1], text[named.end() :]
    if named and re.match(r"^.{2,6}?(?:区|县|旗|镇|街道)", text[named.end() :]):
        return "", named[1], text[named.end() :]
    return province, "", text


def _known_city(text: str, province: str) -> tuple[str, str, str] | None:
    """(province, full name, what of the text it was); short names alone are taken only when they are clear."""
    found: list[tuple[str, str, str]] = []
    for short_province, cities in CITIES.items():
        of = full_province(short_province)
        if province and of != province:
            continue
        for short, full in cities.items():
            if text.startswith(full):
                found.append((of, full, full))
            elif text.startswith(short) and _ends_city(text[len(short) :], short):
                found.append((of, full, _matched(text, short, full)))
    found.sort(key=lambda one: -len(one[2]))
    return found[0] if found else None


def _matched(text: str, short: str, full: str) -> str:
    """What of the text says the city; nothing for 大理市, which is a part of 大理州."""
    if text[len(short) :].startswith("市") and not full.endswith("市"):
        return ""
    ending = re.match(r"市|地区|盟|州", text[len(short) :])
    return short + (ending[0] if ending else "")


def _ends_city(rest: str, short: str) -> bool:
    """朝阳区 and 东方路 begin like cities and are none; 杭州西湖区 is one."""
    if rest.startswith(("区", "县", "路", "街", "大道", "镇", "村", "小区", "新区", "巷", "弄")):
        return False
    return rest == "" or rest[0] in "市盟州 ,，" or rest.startswith("地区") or bool(_DISTRICT.match(rest))


def _take_district(text: str) -> tuple[str, str]:
    for pattern in (_DEVELOPMENT, _DISTRICT):
        named = pattern.match(text)
        if named and not named[1].endswith(_NO_PLACE[:6]):
            return named[1], text[named.end() :]
    return "", text
