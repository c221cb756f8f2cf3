"""People who do not exist: real surnames, given names out of tea, colours and seasons, phones that were never assigned."""

from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate

_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何罗高林郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范"
    "汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严武莫孔单仇解查朴区"
)
_COMPOUND = ("欧阳", "司徒", "上官", "诸葛", "尉迟", "慕容")
_WEIGHTS = [max(700 // (rank + 8), 4) for rank in range(len(_SURNAMES))]
_BOUNDS = list(accumulate(_WEIGHTS))
_FEMALE = (
    "白露 茶香 茉莉 春芽 翠微 青黛 月白 桂花 玉露 采薇 金萱 兰雪 小满 梅占 素心 芙蓉 银针 紫笋 云裳 水仙 香橼 胭脂 荔红 杏黄 "
    "樱草 石榴 丁香 秋香 雪芽 碧螺 竹青 荷露 花朝 清明 蜜兰 奇兰 黄栌 海棠 霜白 芽儿"
)
_MALE = (
    "毛尖 松烟 龙井 云雾 普洱 岩茶 大麦 谷雨 白毫 铁罗 苍山 竹叶 正山 乌龙 黑砖 沱茶 秋白 惊蛰 立夏 冬至 墨灰 石青 靛蓝 赭石 "
    "玄青 山岚 石乳 肉桂 茗山 茶山 青柑 老丛 寿眉 六安 祁红 滇红 黄芽 太平 霜降 半岩"
)
_SHORT = "茗芽毫尖露茶岚黛橙绛缃碧翠檀荷菱杏榴枫荻"
_FEMALE_NAMES, _MALE_NAMES = _FEMALE.split(), _MALE.split()
FIRST_PHONE = 15_400_000_000
PHONES = 100_000_000


@dataclass(frozen=True)
class Person:
    """A fictional customer: the n-th is always the same."""

    name: str
    gender: str  # female, male
    phone: str
    email: str


def person(n: int) -> Person:
    """The n-th fictional person."""
    return Person(name(n), gender(n), phone(n), f"c{n}@example.com")


def name(n: int) -> str:
    """The n-th fictional name; names repeat as they do in life."""
    return _surname(_mixed(n, 1)) + _given(n)


def gender(n: int) -> str:
    """female or male; given names go with it."""
    return "female" if _mixed(n, 2) % 100 < 58 else "male"


def phone(n: int) -> str:
    """The n-th phone number of the prefix 154, which was never assigned to mobile customers."""
    if not 0 <= n < PHONES:
        raise ValueError(f"no fictional phone {n}")
    return str(FIRST_PHONE + n)


def _surname(number: int) -> str:
    if number % 211 == 0:
        return _COMPOUND[number // 211 % len(_COMPOUND)]
    return _SURNAMES[bisect(_BOUNDS, number % _BOUNDS[-1])]


def _given(n: int) -> str:
    number = _mixed(n, 3)
    names = _FEMALE_NAMES if gender(n) == "female" else _MALE_NAMES
    kind = number % 10
    number //= 10
    if kind < 6:
        return names[number % len(names)]
    first = _SHORT[number % len(_SHORT)]
    return first if kind < 8 else names[number // 64 % len(names)][0] + first


def _mixed(n: int, salt: int) -> int:
    """A number that looks random and is always the same (splitmix64)."""
    z = (n * 4 + salt) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ z >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return z ^ z >> 31
