"""The demo shop's own facts: its name, stores, people. All invented."""

from dataclasses import dataclass

NAME = "栖谷茶礼"
SOURCE = "演示数据"
MARK = "demo"
SEED = 20_240_606
CUSTOMERS = 6_000
DAYS = 548
PASSWORD = "yunwu-2026"


@dataclass(frozen=True)
class DemoStore:
    """One of the four."""

    name: str
    city: str
    is_online: bool
    share: float  # of the customers


@dataclass(frozen=True)
class DemoLogin:
    """Somebody to look around as; the password is public, for the demo only."""

    username: str
    name: str
    role: str
    stores: tuple[str, ...]
    password: str = PASSWORD


STORES = (
    DemoStore("听雨巷店", "杭州", False, 0.34),
    DemoStore("云锦路店", "南京", False, 0.26),
    DemoStore("南湖店", "嘉兴", False, 0.18),
    DemoStore("线上商城", "", True, 0.22),
)
_EVERYWHERE = tuple(store.name for store in STORES)
LOGINS = (
    DemoLogin("lin", "林知夏", "owner", ()),
    DemoLogin("zhou", "周望舒", "manager", ("听雨巷店", "线上商城")),
    DemoLogin("wang", "王小满", "clerk", ("听雨巷店",)),
    DemoLogin("chen", "陈一诺", "analyst", ()),
)
COLLEAGUES = (
    DemoLogin("he", "何青禾", "manager", ("云锦路店",)),
    DemoLogin("shen", "沈南乔", "clerk", ("云锦路店",)),
    DemoLogin("ye", "叶知秋", "clerk", ("南湖店",)),
    DemoLogin("gu", "顾清欢", "clerk", ("线上商城",)),
)
LEAVER = DemoLogin("qin", "秦小雨", "clerk", ("云锦路店",))  # disabled, with customers nobody has taken over
