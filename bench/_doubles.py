"""A made-up shop with known doubles: slips of the pen, 简/繁, swapped digits, families on one phone, namesakes in one city."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from shuke.zh import fictional, pinyin, script

CITIES = ("杭州市", "湖州市", "苏州市", "宁波市", "绍兴市", "嘉兴市", "南京市", "上海市")
DISTRICTS = ("西湖区", "上城区", "吴兴区", "姑苏区", "海曙区", "越城区", "南湖区", "鼓楼区")
ROADS = (
    "文三路",
    "茶亭街",
    "人民路",
    "解放大道",
    "学院路",
    "湖滨路",
    "中山北路",
    "平江路",
    "莲花街",
    "竹林巷",
)
DOUBLED, FAMILIES, NAMESAKES = 0.08, 0.06, 0.03


@dataclass(frozen=True)
class Person:
    """One record of the shop."""

    name: str
    phone: str = ""
    email: str = ""
    city: str = ""
    address: str = ""
    birthday: tuple[int, int] | None = None
    birth_year: int | None = None
    gender: str = ""
    is_phone_shared: bool = False


@dataclass
class World:
    """Records in the order of their ids, and which two of them are one person."""

    people: list[Person] = field(default_factory=list)
    doubles: set[tuple[int, int]] = field(default_factory=set)

    def add(self, person: Person) -> int:
        self.people.append(person)
        return len(self.people)

    def add_double(self, of: int, person: Person) -> None:
        self.doubles.add((of, self.add(person)))


def world(count: int, seed: int) -> World:
    """About `count` records; the same for the same seed."""
    dice = random.Random(seed)
    made = World()
    n = 0
    while len(made.people) < count:
        n += 1
        person = _person(n, dice)
        place = made.add(person)
        kind = dice.random()
        if kind < DOUBLED:
            made.add_double(place, _double(person, dice))
        elif kind < DOUBLED + FAMILIES:
            made.add(_relative(person, dice))
        elif kind < DOUBLED + FAMILIES + NAMESAKES:
            made.add(replace(_person(n + 50_000_000, dice), name=person.name, city=person.city))
    return made


def _person(n: int, dice: random.Random) -> Person:
    base = fictional.person(n)
    has_birthday = dice.random() < 0.5
    return Person(
        name=base.name,
        phone=_phone(dice) if dice.random() < 0.95 else "",
        email=f"{pinyin.full(base.name)}{n}@example.com" if dice.random() < 0.5 else "",
        city=(city := dice.choice(CITIES) if dice.random() < 0.7 else ""),
        address=_address(dice) if city and dice.random() < 0.85 else "",
        birthday=(dice.randint(1, 12), dice.randint(1, 28)) if has_birthday else None,
        birth_year=dice.randint(1950, 2005) if has_birthday and dice.random() < 0.6 else None,
        gender=base.gender if dice.random() < 0.6 else "",
    )


def _phone(dice: random.Random) -> str:
    return fictional.phone(dice.randrange(fictional.PHONES))


def _address(dice: random.Random) -> str:
    place = f"{dice.choice(DISTRICTS)}{dice.choice(ROADS)}{dice.randint(1, 400)}号"
    return f"{place}{dice.randint(1, 30)}幢{dice.randint(1, 28)}0{dice.randint(1, 4)}室"


def _relative(person: Person, dice: random.Random) -> Person:
    """Husband, child or sister: one phone, one address, often one surname and half the name."""
    other = fictional.name(dice.randrange(10_000_000))
    kind = dice.random()
    if kind < 0.4 and len(person.name) > 2:
        other = person.name[:-1] + dice.choice(
            [c for c in "茗芽毫尖露茶岚黛橙碧翠檀荷" if c != person.name[-1]]
        )
    elif kind < 0.7:
        other = person.name[0] + other[1:]
    if script.fold(other) == script.fold(person.name):
        other = other[0] + "茗岚"
    alone = dice.random() < 0.5
    return Person(
        name=other,
        phone=person.phone,
        city=person.city,
        address=person.address,
        birthday=(dice.randint(1, 12), dice.randint(1, 28)) if dice.random() < 0.3 else None,
        is_phone_shared=alone,
    )


def _double(person: Person, dice: random.Random) -> Person:
    """The same person as somebody else typed them in: parts missing, one thing wrong, at least one proof left."""
    copy = replace(
        person,
        email=person.email if dice.random() < 0.7 else "",
        address=_retold(person, dice) if dice.random() < 0.7 else "",
        birthday=person.birthday if dice.random() < 0.7 else None,
        gender=person.gender if dice.random() < 0.7 else "",
    )
    copy = replace(copy, birth_year=copy.birth_year if copy.birthday else None)
    slips: list[Callable[[Person, random.Random], Person]] = [_swapped, _swapped, _one_off, _same, _in_script]
    slips += [_misheard, _new_phone, _slipped_email]
    if dice.random() < 0.06:
        slips = [_mistyped]
    return _proven(person, dice.choice(slips)(copy, dice), dice)


def _proven(person: Person, copy: Person, dice: random.Random) -> Person:
    """Somebody without phone, e-mail and address in common is a double that nobody could know."""
    if copy.phone or copy.email or copy.address:
        return copy
    return replace(copy, phone=person.phone or _phone(dice), email=person.email, address=person.address)


def _retold(person: Person, dice: random.Random) -> str:
    if not person.address:
        return ""
    told = person.address
    if dice.random() < 0.5:
        told = told.replace("幢", "栋")
    if dice.random() < 0.4:
        told = f"浙江省{person.city}{told}"
    if dice.random() < 0.3:
        told = told.removesuffix("室")
    return script.to_traditional(told) if dice.random() < 0.1 else told


def _same(copy: Person, dice: random.Random) -> Person:
    return copy


def _swapped(copy: Person, dice: random.Random) -> Person:
    if not copy.phone:
        return copy
    at = dice.choice([i for i in range(3, 10) if copy.phone[i] != copy.phone[i + 1]] or [9])
    swapped = copy.phone[:at] + copy.phone[at + 1] + copy.phone[at] + copy.phone[at + 2 :]
    return replace(copy, phone=swapped)


def _one_off(copy: Person, dice: random.Random) -> Person:
    if not copy.phone:
        return copy
    at = dice.randint(3, 10)
    digit = dice.choice([d for d in "0123456789" if d != copy.phone[at]])
    return replace(copy, phone=copy.phone[:at] + digit + copy.phone[at + 1 :])


def _in_script(copy: Person, dice: random.Random) -> Person:
    return replace(_swapped(copy, dice), name=script.to_traditional(copy.name))


def _misheard(copy: Person, dice: random.Random) -> Person:
    """A character of the same sound in its place; the phone is right."""
    at = len(copy.name) - 1
    return replace(copy, name=copy.name[:at] + _SAME_SOUND.get(copy.name[at], copy.name[at]))


def _mistyped(copy: Person, dice: random.Random) -> Person:
    """Another character altogether: only something personal can prove it."""
    return replace(copy, name=copy.name[:-1] + dice.choice("芸芝苗萍"))


def _new_phone(copy: Person, dice: random.Random) -> Person:
    if not (copy.email or copy.address):
        return _swapped(copy, dice)
    return replace(copy, phone=_phone(dice))


def _slipped_email(copy: Person, dice: random.Random) -> Person:
    if not copy.email:
        return _one_off(copy, dice)
    at = dice.randint(1, 4)
    letters = copy.email[:at] + copy.email[at + 1] + copy.email[at] + copy.email[at + 2 :]
    return replace(copy, email=letters, phone=copy.phone if dice.random() < 0.5 else _phone(dice))


_SAME_SOUND = dict(
    zip(
        "茗芽毫尖露茶岚黛橙绛缃碧翠檀荷菱杏榴枫荻香莉月白桂",
        "铭牙豪间路查兰代澄匠湘必脆谈何凌幸留峰迪湘丽越百贵",
        strict=True,
    )
)
