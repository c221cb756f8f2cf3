"""Whether two records are one person: by which keys candidates meet, what agrees, and what that is worth. Pure.

A phone or an address may be a household's: alone they prove nothing. Merging is suggested (`is_sure`) only where the name
agrees, something else does too, and nothing personal speaks against it. Points are a table; docs/merging.md explains it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from shuke.customers.rules import _
from shuke.zh import pinyin, script

SHOWN_FROM, SURE_FROM = 45, 70
COMMON_NAME = 3.0  # log10 of how few carry the name: below, a same name says less
_TITLES = re.compile(r"(先生|女士|小姐|太太|老师|阿姨|老板|经理|总)$")
_NOT_PLACE = re.compile(r"[^\w]|_")
_NUMBERS = re.compile(r"\d+|[a-z](?=座|栋|幢|单元)")
_REAL_NUMBER = re.compile(r"\d{7,}")
_EASY_TO_MIX = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))

POINTS = {
    "name": 40,
    "surname": 8,
    "name_turned": 34,
    "name_sound": 32,
    "name_close": 18,
    "name_differs": -60,
    "phone": 45,
    "phone_shared": 15,
    "phone_slip": 38,
    "phone_differs": -6,
    "email": 45,
    "email_close": 32,
    "wechat": 45,
    "address": 30,
    "city_differs": -8,
    "birthday": 22,
    "birthday_year": 29,
    "birthday_differs": -35,
    "gender_differs": -25,
    "member_differs": -20,
}
WORDS = {
    "name": _("姓名相同"),
    "surname": _("同姓"),
    "name_turned": _("姓名只是顺序不同"),
    "name_sound": _("姓名同音"),
    "name_close": _("姓名只差一个字"),
    "name_differs": _("姓名不同"),
    "phone": _("电话相同"),
    "phone_shared": _("共用一个电话"),
    "phone_slip": _("电话只差一位或两位颠倒"),
    "phone_differs": _("电话不同"),
    "email": _("邮箱相同"),
    "email_close": _("邮箱很像"),
    "wechat": _("微信号相同"),
    "address": _("地址相同"),
    "city_differs": _("不在一个城市"),
    "birthday": _("生日同一天"),
    "birthday_year": _("出生年月日相同"),
    "birthday_differs": _("生日不同"),
    "gender_differs": _("性别不同"),
    "member_differs": _("会员号不同，两个都已验证"),
}
NAME_AGREES = frozenset({"name", "name_turned", "name_sound"})
PERSONAL = frozenset({"email", "email_close", "wechat", "birthday", "birthday_year"})
HOUSEHOLD = frozenset({"phone", "phone_slip", "address"})
AGAINST = frozenset({"name_differs", "birthday_differs", "gender_differs", "member_differs"})


@dataclass(frozen=True, slots=True)
class Record:
    """What tells people apart, as it is stored. Phones as digits dialled at home; `members` are verified numbers."""

    name: str = ""
    phones: tuple[str, ...] = ()
    shared_phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    wechat: str = ""
    city: str = ""
    address: str = ""
    birthday: tuple[str, int, int] | None = None
    birth_year: int | None = None
    gender: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """How likely two records are one person (0–100), why (keys of WORDS), and whether merging is suggested."""

    score: int
    reasons: tuple[str, ...] = field(default=())
    is_sure: bool = False


@lru_cache(maxsize=65_536)
def bare_name(name: str) -> str:
    """A name without titles, width, case, spaces; simplified."""
    return _TITLES.sub("", script.fold(name))


@lru_cache(maxsize=65_536)
def sound_of(name: str) -> tuple[str, ...]:
    """Syllables as they are easily mixed up (zh/z, ing/in); nothing for a name of fewer than two."""
    parts = pinyin.readings(script.split_units(bare_name(name)))
    return tuple(_eased(part[0]) for part in parts) if len(parts) > 1 else ()


@lru_cache(maxsize=4_096)
def _eased(syllable: str) -> str:
    for strict, easy in _EASY_TO_MIX:
        if syllable.startswith(strict) or (len(easy) > 1 and syllable.endswith(strict)):
            syllable = syllable.replace(strict, easy)
    return syllable


@lru_cache(maxsize=65_536)
def bare_address(address: str, city: str) -> str:
    """An address without marks, simplified, from after the city on; 栋, 幢 and 号楼 are one."""
    plain = _NOT_PLACE.sub("", script.simplify(script.even(address)))
    place = script.simplify(script.even(city)).removesuffix("市")
    if place and (at := plain.find(place)) >= 0:
        plain = plain[at + len(place) :].removeprefix("市")
    return plain.replace("号楼", "幢").replace("栋", "幢").replace("单元", "单")


def numbers_of(address: str) -> tuple[str, ...]:
    """House, building and door: what an address hangs on."""
    return tuple(_NUMBERS.findall(address))


def name_key(record: Record) -> str:
    """What two ways to write or mishear one name share, in any order; empty for a surname alone."""
    return "".join(sorted(sound_of(record.name)))


def block_keys(record: Record) -> Iterator[str]:
    """Keys of which two records of one person share at least one; two that share none are never compared."""
    name = name_key(record)
    for phone in (*record.phones, *record.shared_phones):
        yield f"p{phone}"
        if name and len(phone) >= 11:
            # whichever digit slipped or pair was swapped, one of these three is untouched
            for place, part in enumerate((phone[3:7], phone[7:11], phone[3:6] + phone[8:11])):
                yield f"n{place}{name}{part}"
    for email in record.emails:
        yield f"e{email}"
        if name:
            local, _at, domain = email.partition("@")
            yield f"l{name}{local}"
            yield f"d{name}{local[:2]}{len(domain)}"
    if record.wechat:
        yield f"w{record.wechat.lower()}"
    numbers = numbers_of(bare_address(record.address, record.city))
    if numbers and (sound := sound_of(record.name)):
        yield f"a{name}{'-'.join(numbers)}"
        yield f"s{sound[0]}{'-'.join(numbers)}{record.city[:2]}{record.address[-2:]}"
    if name and record.birthday:
        yield f"b{name}{record.birthday}"


def compare(one: Record, other: Record, *, rarity: float = 6.0) -> Verdict:
    """Weigh two records. `rarity`: log10 of (customers / customers of that name)."""
    reasons = [*_names(one, other), *_phones(one, other), *_emails(one, other), *_places(one, other)]
    reasons += [*_birthdays(one, other), *_others(one, other)]
    score = sum(POINTS[reason] for reason in reasons)
    if rarity < COMMON_NAME:
        score -= round(8 * (COMMON_NAME - max(rarity, 0)))
    score = max(0, min(score, 100))
    told = sorted(reasons, key=lambda reason: -POINTS[reason])
    return Verdict(score, tuple(told), _is_sure(score, frozenset(reasons)))


def _is_sure(score: int, reasons: frozenset[str]) -> bool:
    if score < SURE_FROM or reasons & AGAINST:
        return False
    if reasons & NAME_AGREES:
        return bool(reasons & (PERSONAL | HOUSEHOLD))
    # brothers and sisters share a phone and an address and differ by one character
    return "name_close" in reasons and bool(reasons & PERSONAL) and bool(reasons & HOUSEHOLD)


def _names(one: Record, other: Record) -> Iterator[str]:
    a, b = bare_name(one.name), bare_name(other.name)
    if not a or not b:
        return
    if a == b:
        yield "name" if sound_of(one.name) else "surname"
    elif sorted(a) == sorted(b):
        yield "name_turned"
    elif (sound := sound_of(one.name)) and sound == sound_of(other.name):
        yield "name_sound"
    elif a[0] == b[0] and (len(a) == 1 or len(b) == 1):
        yield "surname"
    elif OSA.distance(a, b, score_cutoff=1) <= 1 or _is_part(a, b):
        yield "name_close"
    else:
        yield "name_differs"


def _is_part(a: str, b: str) -> bool:
    return min(len(a), len(b)) > 1 and (a in b or b in a)


def _phones(one: Record, other: Record) -> Iterator[str]:
    mine, theirs = set(one.phones), set(other.phones)
    if mine & theirs:
        yield "phone"
        return
    if (mine | set(one.shared_phones)) & (theirs | set(other.shared_phones)):
        yield "phone_shared"
    elif any(_is_slip(a, b) for a in mine for b in theirs):
        yield "phone_slip"
    elif mine and theirs:
        yield "phone_differs"


def _is_slip(a: str, b: str) -> bool:
    is_number = _REAL_NUMBER.fullmatch(a) and len(a) == len(b)
    return bool(is_number) and OSA.distance(a, b, score_cutoff=1) <= 1


def _emails(one: Record, other: Record) -> Iterator[str]:
    if set(one.emails) & set(other.emails):
        yield "email"
    elif any(_is_close_email(a, b) for a in one.emails for b in other.emails):
        yield "email_close"


def _is_close_email(a: str, b: str) -> bool:
    """One slip of letters, or the same name at another provider; numbers in it are not slips but other people."""
    mine, theirs = a.partition("@")[0], b.partition("@")[0]
    if mine == theirs:
        return len(mine) > 4
    letters = re.sub(r"\d", "", a), re.sub(r"\d", "", b)
    digits = re.sub(r"\D", "", mine) == re.sub(r"\D", "", theirs)
    return len(mine) > 4 and digits and OSA.distance(*letters, score_cutoff=1) <= 1


def _places(one: Record, other: Record) -> Iterator[str]:
    if one.city and other.city and script.simplify(one.city) != script.simplify(other.city):
        yield "city_differs"
        return
    a, b = bare_address(one.address, one.city), bare_address(other.address, other.city)
    numbers = numbers_of(a)
    if len(a) > 4 and numbers and numbers == numbers_of(b) and fuzz.ratio(a, b) >= 80:
        yield "address"


def _birthdays(one: Record, other: Record) -> Iterator[str]:
    if one.birthday is None or other.birthday is None or one.birthday[0] != other.birthday[0]:
        return
    years = {one.birth_year, other.birth_year} - {None}
    if one.birthday != other.birthday or len(years) > 1:
        yield "birthday_differs"
    elif one.birth_year and other.birth_year:
        yield "birthday_year"
    else:
        yield "birthday"


def _others(one: Record, other: Record) -> Iterator[str]:
    if one.wechat and one.wechat.lower() == other.wechat.lower():
        yield "wechat"
    if one.gender and other.gender and one.gender != other.gender:
        yield "gender_differs"
    if one.members and other.members and not set(one.members) & set(other.members):
        yield "member_differs"


def words_of(reasons: Iterable[str]) -> list[str]:
    """Reasons as msgids, those that speak for it first."""
    return [WORDS[reason] for reason in reasons if reason in WORDS]
