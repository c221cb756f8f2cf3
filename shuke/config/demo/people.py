"""The demo shop's customers: who they are and how they buy. Nobody of them exists."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from shuke.config.demo.catalogue import CATEGORIES
from shuke.config.demo.shop import COLLEAGUES, CUSTOMERS, LOGINS, STORES
from shuke.zh import fictional

HABITS = ("regular", "casual", "gift", "company", "prospect")
HABIT_SHARES = (0.47, 0.36, 0.09, 0.03, 0.05)
TEA = CATEGORIES[:5]
ONLINE = len(STORES) - 1
_CITIES = {
    "听雨巷店": ("浙江", "杭州", ("上城区", "西湖区", "拱墅区", "滨江区", "余杭区")),
    "云锦路店": ("江苏", "南京", ("建邺区", "鼓楼区", "秦淮区", "玄武区", "栖霞区")),
    "南湖店": ("浙江", "嘉兴", ("南湖区", "秀洲区", "海宁市", "桐乡市")),
    "线上商城": ("", "", ("",)),
}
_FAR = (
    ("上海", "上海"),
    ("北京", "北京"),
    ("广东", "深圳"),
    ("广东", "广州"),
    ("四川", "成都"),
    ("湖北", "武汉"),
    ("福建", "厦门"),
)
_JOBS = (
    "教师",
    "医生",
    "工程师",
    "个体经营",
    "会计",
    "设计师",
    "公务员",
    "退休",
    "自由职业",
    "销售",
    "律师",
    "学生",
)
_FIRMS = (
    "半日闲",
    "七分甜",
    "三更雨",
    "不着急",
    "纸飞机",
    "慢半拍",
    "第八天",
    "小数点",
    "回形针",
    "没问题",
    "下一站",
    "两朵云",
)
_TRADES = (
    "设计",
    "文化传播",
    "软件",
    "餐饮",
    "物流",
    "会展",
    "装饰",
    "贸易",
    "教育",
    "健康",
    "广告",
    "建材",
    "旅行",
    "印务",
    "园艺",
)
_FOUND = (
    ("路过门店", 0.34),
    ("朋友介绍", 0.2),
    ("小程序", 0.16),
    ("淘宝", 0.14),
    ("美团", 0.08),
    ("茶会活动", 0.05),
    ("展会", 0.03),
)
_LIKES = (
    "爱喝浓的",
    "肠胃弱少喝生茶",
    "送长辈",
    "要开发票",
    "喜欢先试喝",
    "包装要素",
    "怕苦",
    "自己有紫砂壶",
    "周末来",
    "下班顺路",
)


@dataclass(frozen=True)
class DemoCustomer:
    """One customer as the shop knows them."""

    index: int
    habit: str
    kind: str
    name: str
    phone: str
    email: str
    wechat: str
    member_number: str
    gender: str
    birthday: str  # 1986-03-05, 03-05 or 农历十月初四
    province: str
    city: str
    district: str
    occupation: str
    industry: str
    store: str
    first_channel: str
    manager: str
    note: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Crowd:
    """All customers, with what drives their buying as arrays."""

    people: tuple[DemoCustomer, ...]
    habit: np.ndarray  # index into HABITS
    store: np.ndarray  # index into STORES
    taste: np.ndarray  # (n, 2) indices into CATEGORIES
    purse: np.ndarray  # standard normal: how dear they buy


def crowd(rng: np.random.Generator, lunar_words: tuple[str, ...]) -> Crowd:
    """The same customers for the same generator."""
    n = CUSTOMERS
    habit = rng.choice(len(HABITS), n, p=HABIT_SHARES)
    store = rng.choice(len(STORES), n, p=[s.share for s in STORES])
    taste = np.stack([rng.choice(5, n, p=(0.24, 0.24, 0.2, 0.17, 0.15)), rng.choice(8, n)], axis=1)
    purse = np.clip(rng.normal(0, 1, n), -2.2, 2.2)
    dice = rng.random((n, 14))
    people = tuple(
        _person(i, HABITS[habit[i]], STORES[store[i]].name, int(taste[i, 0]), dice[i], lunar_words)
        for i in range(n)
    )
    return Crowd(people, habit, store, taste, purse)


def _person(
    i: int, habit: str, store: str, taste: int, dice: np.ndarray, lunar_words: tuple[str, ...]
) -> DemoCustomer:
    is_company = habit == "company"
    province, city, district = _home(store, dice)
    phone = _phone(i)
    return DemoCustomer(
        index=i,
        habit=habit,
        kind="company" if is_company else "person",
        name=_company(i) if is_company else fictional.name(i + 1),
        phone=phone if dice[0] > 0.03 else "",
        email=f"c{i + 1}@example.cn" if dice[1] < (0.9 if is_company else 0.12) else "",
        wechat=f"qigu_{i + 1:05d}" if dice[2] < 0.55 or dice[0] <= 0.03 else "",
        member_number=f"QG{i + 1:06d}" if dice[3] < 0.8 and habit != "prospect" else "",
        gender="" if is_company else fictional.gender(i + 1),
        birthday="" if is_company else _birthday(dice, lunar_words),
        province=province,
        city=city,
        district=district,
        occupation=_JOBS[int(dice[7] * len(_JOBS))] if not is_company and dice[8] < 0.35 else "",
        industry=_TRADES[i % len(_TRADES)] if is_company else "",
        store=store,
        first_channel="展会" if is_company and dice[9] < 0.4 else _found(float(dice[9]), store),
        manager=_manager(store, habit, float(dice[10])),
        note=_LIKES[int(dice[11] * len(_LIKES))] if dice[12] < 0.16 else "",
        tags=_tags(habit, taste, dice),
    )


def _phone(i: int) -> str:
    return fictional.phone((i * 15_485_863 + 6_204_321) % fictional.PHONES)


def _company(i: int) -> str:
    return f"{_FIRMS[i % len(_FIRMS)]}{_TRADES[i % len(_TRADES)]}{'工作室' if i % 3 == 0 else '公司'}{i % 97 + 1:02d}"


def _home(store: str, dice: np.ndarray) -> tuple[str, str, str]:
    province, city, districts = _CITIES[store]
    if not city:
        far = _FAR[int(dice[4] * len(_FAR))]
        return far[0], far[1], ""
    return province, city, districts[int(dice[4] * len(districts))]


def _birthday(dice: np.ndarray, lunar_words: tuple[str, ...]) -> str:
    if dice[5] > 0.62:
        return ""
    day = date.fromordinal(date(1952, 1, 1).toordinal() + int(dice[6] * 365.25 * 52))
    if dice[5] < 0.12:
        return lunar_words[int(dice[6] * len(lunar_words))]
    return f"{day:%Y-%m-%d}" if dice[5] < 0.5 else f"{day:%m-%d}"


def _found(die: float, store: str) -> str:
    if store == STORES[ONLINE].name:
        return "小程序" if die < 0.5 else "淘宝"
    for word, share in _FOUND:
        die -= share
        if die < 0:
            return word
    return _FOUND[0][0]


def _manager(store: str, habit: str, die: float) -> str:
    """Companies and half of the regulars have somebody who looks after them."""
    names = [p.name for p in (*LOGINS, *COLLEAGUES) if store in p.stores]
    is_looked_after = habit == "company" or (habit == "regular" and die < 0.5)
    return names[int(die * 997) % len(names)] if is_looked_after else ""


def _tags(habit: str, taste: int, dice: np.ndarray) -> tuple[str, ...]:
    found = []
    if habit == "company":
        found.append("企业客户")
    if habit == "gift":
        found.append("送礼")
    if habit == "regular" and dice[13] < 0.4:
        found.append(f"爱喝{TEA[taste]}")
    if dice[13] > 0.94:
        found.append("茶会常客")
    return tuple(found)
