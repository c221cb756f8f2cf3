"""Decisions about customers: how values are normalised, masked, checked and compared. Pure.

Messages are Chinese msgids; they are translated where they are shown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from shuke.zh import calendar, pinyin, script

MEMBER, PHONE, EMAIL, UNIONID, WECHAT = "member", "phone", "email", "unionid", "wechat"
TRUST = (MEMBER, PHONE, EMAIL, UNIONID, WECHAT)  # external:<source> after these
ONE_PER_CUSTOMER = frozenset({MEMBER, UNIONID})
NAME_LENGTH = 80
_MOBILE = re.compile(r"1[3-9]\d{9}")
_ABROAD = re.compile(r"^(?:\+|00)?86(?=1[3-9]\d{9}$|0?[2-9]\d{8,10}$|0?10\d{8}$)")
_EMAIL = re.compile(r"[^@\s,;<>()\[\]\"']{1,64}@[^@\s,;<>()\[\]\"']{1,180}\.[^@\s.,;<>()\[\]\"']{2,40}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def _(message: str) -> str:
    """Marks a message for translation."""
    return message


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field and what to do about it."""

    field: str
    message: str


@dataclass(frozen=True)
class IdentityKeys:
    """What a fact says about whose it is. `external` holds (source, id) pairs; values as they came."""

    member_number: str = ""
    phone: str = ""
    email: str = ""
    unionid: str = ""
    wechat: str = ""
    external: tuple[tuple[str, str], ...] = field(default=())

    def pairs(self) -> list[tuple[str, str]]:
        """(namespace, normalised value), most trusted first; what cannot be read is left out."""
        found = [
            (MEMBER, clean_line(self.member_number)),
            (PHONE, normalise_phone(self.phone) or ""),
            (EMAIL, normalise_email(self.email) or ""),
            (UNIONID, clean_line(self.unionid)),
            (WECHAT, clean_line(self.wechat).lower()),
            *((f"external:{source}", clean_line(value)) for source, value in self.external),
        ]
        return list(dict.fromkeys((space[:60], value[:254]) for space, value in found if value))


@dataclass(frozen=True)
class Compared:
    """The fields of a customer that tell whether two are one."""

    name: str = ""
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    birthday: tuple[object, ...] = ()
    city: str = ""
    address: str = ""


@dataclass(frozen=True)
class Likeness:
    """How likely two records are one person (0–100) and why."""

    score: int
    reasons: tuple[str, ...]


@lru_cache(maxsize=8192)
def normalise_phone(text: str) -> str | None:
    """E.164 of a phone as people write it (+86, 0086, spaces, dashes, full width); None when it cannot be one.

    Any mainland mobile shape 1[3-9]xxxxxxxxx is taken, assigned or not; landlines need their area code.
    """
    plain = re.sub(r"[\s\-–—.()/·]+", "", script.even(text or ""))
    digits = _ABROAD.sub("", plain)
    if _MOBILE.fullmatch(digits):
        return f"+86{digits}"
    if not re.fullmatch(r"\+?\d{5,20}", plain):
        return None
    return _parsed(plain if plain.startswith("+") else f"+{plain[2:]}" if plain.startswith("00") else digits)


def _parsed(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "CN")
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    if number.country_code == 86 and not _is_mainland_landline(text):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _is_mainland_landline(text: str) -> bool:
    digits = re.sub(r"^\+?(?:86)?", "", text) if text.startswith("+86") else text
    return bool(re.fullmatch(r"0?(?:10|2\d|[3-9]\d{2})\d{7,8}|[48]00\d{7}", digits))


def shown_phone(e164: str) -> str:
    """A normalised phone as it is dialled at home: 15400006621, 057188001234; abroad as +852…"""
    if not e164.startswith("+86"):
        return e164
    digits = e164[3:]
    if _MOBILE.fullmatch(digits) or digits.startswith(("400", "800")):
        return digits
    return f"0{digits}"


def mask_phone(phone: str) -> str:
    """138****6621: enough to recognise, too little to dial."""
    if not phone:
        return ""
    digits = shown_phone(phone)
    if len(digits) < 8:
        return "*" * len(digits)
    return f"{digits[: len(digits) - 8]}****{digits[-4:]}"


def mask_email(email: str) -> str:
    """c***@example.com."""
    local, at, domain = email.partition("@")
    return f"{local[:1]}***@{domain}" if at else "***" if email else ""


def mask_word(word: str) -> str:
    """First and last character of an account name: w***n."""
    return f"{word[0]}***{word[-1]}" if len(word) > 2 else "***" if word else ""


def normalise_email(text: str) -> str | None:
    """Lower case, half width, no spaces around; None when it cannot be an address."""
    plain = script.even(text or "").strip().strip(".,;<>")
    return plain if len(plain) <= 254 and _EMAIL.fullmatch(plain) else None


def clean_line(text: str) -> str:
    """One line without control and direction characters, spaces squeezed."""
    return re.sub(r"\s+", " ", _CONTROL.sub("", text or "")).strip()


def clean_text(text: str) -> str:
    """Several lines without control and direction characters."""
    return _CONTROL.sub("", (text or "").replace("\r\n", "\n")).strip()


def fold_name(name: str) -> str:
    """What two spellings of the same name share."""
    return script.fold(name)


def problems_of(
    *, name: str, phone: str, email: str = "", birthday: calendar.Birthday | None = None
) -> list[Problem]:
    """What has to be mended before a customer with these values can be saved."""
    found = []
    if not clean_line(name) and not clean_line(phone):
        found.append(Problem("name", _("请填写姓名或手机号，有一项就能保存。")))
    if len(clean_line(name)) > NAME_LENGTH:
        found.append(Problem("name", _("姓名最多 80 个字，请写短一些。")))
    if clean_line(phone) and normalise_phone(phone) is None:
        found.append(Problem("phone", _("这个号码不像电话。手机请填 11 位数字，座机请带区号。")))
    if clean_line(email) and normalise_email(email) is None:
        found.append(Problem("email", _("邮箱应像 name@example.com，请检查 @ 和后面的域名。")))
    if birthday is not None and calendar.birthday_error(birthday):
        found.append(Problem("birthday_day", _("没有这一天，请检查生日的月和日。")))
    elif birthday is not None and calendar.is_never_leap(birthday):
        found.append(Problem("birthday_day", _("没有闰正月和闰腊月，请看看是不是闰月。")))
    return found


SURE, LIKELY, POSSIBLE = 90, 70, 40


def likeness(one: Compared, other: Compared) -> Likeness:
    """Compare two records. A shared phone alone may be a family's: sure only with a name that agrees."""
    reasons: list[tuple[int, str]] = []
    name = _name_likeness(one.name, other.name)
    if one.phones & other.phones:
        reasons.append((60, _("电话相同")))
    if one.emails & other.emails:
        reasons.append((55, _("邮箱相同")))
    if name:
        reasons.append(name)
    if one.birthday and one.birthday == other.birthday:
        reasons.append((25, _("生日相同")))
    if one.address and fold_name(one.address) == fold_name(other.address):
        reasons.append((20, _("地址相同")))
    score = sum(points for points, _reason in reasons)
    if _differ(one.name, other.name) and name is None:
        score -= 25
    return Likeness(max(0, min(score, 99)), tuple(reason for _points, reason in reasons))


def _name_likeness(one: str, other: str) -> tuple[int, str] | None:
    a, b = fold_name(one), fold_name(other)
    if not a or not b:
        return None
    if a == b:
        return (40, _("姓名相同"))
    if len(a) == len(b) > 1 and pinyin.full(one) == pinyin.full(other):
        return (25, _("姓名同音"))
    if len(a) > 1 and len(b) > 1 and (a in b or b in a):
        return (20, _("姓名相近"))
    return None


def _differ(one: str, other: str) -> bool:
    return bool(one and other) and fold_name(one) != fold_name(other)


def possible_duplicates(new: Compared, others: Iterable[tuple[int, Compared]]) -> list[tuple[int, Likeness]]:
    """(id, likeness) of those worth a second look, the likeliest first."""
    scored = [(key, likeness(new, other)) for key, other in others]
    return sorted((pair for pair in scored if pair[1].score >= POSSIBLE), key=lambda pair: -pair[1].score)
