"""What happened besides buying: calls, messages, visits, plans for the next days, looks and searches in the mini-program."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from shuke.config.demo.buying import Sales
from shuke.config.demo.catalogue import PRODUCTS
from shuke.config.demo.people import ONLINE, Crowd

_TOUCHES = (
    ("call", "out", "问了上次的茶喝得怎么样，说{taste}还剩小半罐，下月再买。", "已接通"),
    ("call", "out", "没接，改天下午再打。", "没接"),
    ("call", "in", "问有没有适合送老师的礼盒，推荐了谢师礼盒，要考虑一下。", "有兴趣"),
    ("wechat", "out", "发了{taste}的新茶图片和口感介绍。", "已读"),
    ("wechat", "in", "问存茶要不要放冰箱，讲了绿茶密封冷藏、白茶常温。", "已回复"),
    ("wechat", "in", "说上次的茶点孩子很喜欢。", "满意"),
    ("sms", "out", "到店有礼的提醒。", "已发送"),
    ("visit", "in", "带朋友来试喝{taste}，坐了一个多小时。", "有兴趣"),
    ("gift", "out", "生日送了一小罐桂花乌龙。", "收到了"),
    ("note", "out", "口味偏淡，水温别太高；不喝浓的熟普。", ""),
    ("note", "out", "家里有老人，常买{taste}，礼盒要素净的包装。", ""),
    ("note", "out", "一般周末下午来，喜欢靠窗的位子。", ""),
    ("meeting", "out", "谈了年节礼品，要二十份以上，发票开公司。", "有兴趣"),
)
_PLANS = (
    "回访{taste}的口味",
    "问节前要不要备礼",
    "到货提醒：{taste}",
    "约周末试茶",
    "送生日小礼",
    "补发票",
    "问上次退货后是否满意",
)
_SEARCHES = (
    "白茶",
    "龙井",
    "礼盒",
    "茶具",
    "熟普",
    "小青柑",
    "送长辈",
    "盖碗",
    "年礼",
    "单丛",
    "金骏眉",
    "低价口粮茶",
)
TOUCHES = 2_600
PLANS = 90
LOOKS = 14_000
LOOK_DAYS = 150


@dataclass(frozen=True)
class Touch:
    """A touch of the past."""

    customer: int
    kind: str
    direction: str
    body: str
    result: str
    at: datetime
    die: float


@dataclass(frozen=True)
class Plan:
    """Something to do: `days_from_now` negative is overdue."""

    customer: int
    purpose: str
    days_from_now: int
    die: float


@dataclass(frozen=True)
class Look:
    """A look, search or click."""

    customer: int
    kind: str
    subject: str
    sku: str
    channel: str
    at: datetime


@dataclass(frozen=True)
class Stories:
    """All of it."""

    touches: tuple[Touch, ...]
    plans: tuple[Plan, ...]
    looks: tuple[Look, ...]


def stories(crowd: Crowd, bought: Sales, now: datetime, rng: np.random.Generator) -> Stories:
    """The same stories for the same generator."""
    purchases = np.bincount(bought.customer, minlength=len(crowd.people))
    return Stories(
        _touches(crowd, purchases, now, rng),
        _plans(crowd, purchases, rng),
        _looks(crowd, purchases, now, rng),
    )


def _odds(values: np.ndarray) -> np.ndarray:
    shares: np.ndarray = values / values.sum()
    return shares


def _taste(crowd: Crowd, customer: int) -> str:
    return ("绿茶", "白茶", "普洱", "乌龙", "红茶")[int(crowd.taste[customer, 0])]


def _touches(
    crowd: Crowd, purchases: np.ndarray, now: datetime, rng: np.random.Generator
) -> tuple[Touch, ...]:
    weight = np.sqrt(purchases) * np.array([3.0 if person.manager else 1.0 for person in crowd.people])
    who = rng.choice(len(crowd.people), TOUCHES, p=_odds(weight))
    which = rng.choice(
        len(_TOUCHES),
        TOUCHES,
        p=(0.14, 0.08, 0.05, 0.17, 0.1, 0.05, 0.12, 0.06, 0.04, 0.06, 0.06, 0.04, 0.03),
    )
    days = rng.beta(1, 2.2, TOUCHES) * 420
    clock, dice = rng.integers(10 * 60, 20 * 60, TOUCHES), rng.random(TOUCHES)
    found = []
    for i in range(TOUCHES):
        kind, direction, body, result = _TOUCHES[which[i]]
        at = (now - timedelta(days=float(days[i]) + 0.9)).replace(
            hour=int(clock[i] // 60), minute=int(clock[i] % 60)
        )
        customer = int(who[i])
        words = body.format(taste=_taste(crowd, customer))
        found.append(Touch(customer, kind, direction, words, result, min(at, now), float(dice[i])))
    return tuple(found)


def _plans(crowd: Crowd, purchases: np.ndarray, rng: np.random.Generator) -> tuple[Plan, ...]:
    who = rng.choice(len(crowd.people), PLANS, replace=False, p=_odds((purchases > 2) * 1.0))
    days = rng.choice(
        np.arange(-4, 15),
        PLANS,
        p=_odds(np.array([0.2, 0.2, 0.3, 0.5, 3, 6, 5, 5, 4, 4, 4, 3, 3, 2, 2, 2, 2, 1, 1])),
    )
    dice = rng.random((PLANS, 2))
    return tuple(
        Plan(
            int(who[i]),
            _PLANS[int(dice[i, 0] * len(_PLANS))].format(taste=_taste(crowd, int(who[i]))),
            int(days[i]),
            float(dice[i, 1]),
        )
        for i in range(PLANS)
    )


def _looks(crowd: Crowd, purchases: np.ndarray, now: datetime, rng: np.random.Generator) -> tuple[Look, ...]:
    weight = (1.0 + purchases) * np.where(crowd.store == ONLINE, 3.0, 0.5)
    who = rng.choice(len(crowd.people), LOOKS, p=_odds(weight))
    kind = rng.choice(3, LOOKS, p=(0.68, 0.14, 0.18))
    product = rng.integers(0, len(PRODUCTS), LOOKS)
    likes = np.array([_shelf(int(taste)) for taste in range(5)], dtype=object)
    is_liked, place = rng.random(LOOKS) < 0.6, rng.random(LOOKS)
    word = rng.integers(0, len(_SEARCHES), LOOKS)
    seconds = rng.beta(1, 1.6, LOOKS) * LOOK_DAYS * 86_400
    found = []
    for i in range(LOOKS):
        customer = int(who[i])
        shelf = likes[crowd.taste[customer, 0]]
        item = PRODUCTS[shelf[int(place[i] * len(shelf))] if is_liked[i] else int(product[i])]
        at = (now - timedelta(seconds=float(seconds[i]) + 60)).replace(microsecond=0)
        channel = "淘宝" if customer % 3 == 0 else "小程序"
        if kind[i] == 1:
            found.append(Look(customer, "search", _SEARCHES[int(word[i])], "", channel, at))
        else:
            found.append(Look(customer, ("browse", "", "click")[kind[i]], item.name, item.sku, channel, at))
    return tuple(found)


def _shelf(taste: int) -> list[int]:
    category = ("绿茶", "白茶", "普洱", "乌龙", "红茶")[taste]
    return [i for i, product in enumerate(PRODUCTS) if product.category == category]
