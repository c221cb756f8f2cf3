"""The whole demo shop as it stands at a moment, made of numbers only: no database."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from shuke.config.demo.buying import CHANNELS, Sales, sales
from shuke.config.demo.catalogue import PRODUCTS
from shuke.config.demo.days import Day, days_until
from shuke.config.demo.people import Crowd, crowd
from shuke.config.demo.shop import DAYS, SEED, STORES
from shuke.config.demo.stories import Stories, stories
from shuke.zh.calendar import lunar_words

LINE_FIELDS = (
    "number", "moment", "store", "channel", "external", "sku", "product", "category", "price", "quantity", "amount",
    "refund",
)  # fmt: skip
_NUMBER_HEADS = ("POS", "XCX", "TB", "MT", "DH")
_LUNAR = tuple(f"农历{lunar_words(month, day)}" for month in range(1, 13) for day in range(1, 30))


@dataclass(frozen=True)
class World:
    """Customers, days, sales and stories."""

    now: datetime
    crowd: Crowd
    days: list[Day]
    sales: Sales
    stories: Stories


def world(now: datetime) -> World:
    """The shop at `now` (naive, the shop's time): the same for the same moment."""
    seeds = np.random.SeedSequence(SEED).spawn(4)
    people_rng, days_rng, buying_rng, stories_rng = (np.random.default_rng(seed) for seed in seeds)
    people = crowd(people_rng, _LUNAR)
    days = days_until(now.date(), DAYS, days_rng)
    bought = sales(people, days, now, buying_rng)
    return World(now, people, days, bought, stories(people, bought, now, stories_rng))


def key_of(customer: int) -> str:
    """A customer's number in the demo's own book."""
    return f"D{customer + 1:05d}"


def order_columns(made: World) -> dict[str, list[str]]:
    """Every order line as text columns, as a till would export them."""
    bought, lines = made.sales, made.sales.baskets
    moments = [
        datetime.combine(made.days[day].on, datetime.min.time()) + timedelta(seconds=int(second))
        for day, second in zip(bought.day, bought.second, strict=True)
    ]
    numbers = _numbers([moment.date() for moment in moments], bought.channel)
    of = lines.order.tolist()
    products = [PRODUCTS[i] for i in lines.product.tolist()]
    return {
        "number": [numbers[i] for i in of],
        "moment": [f"{moments[i]:%Y-%m-%d %H:%M:%S}" for i in of],
        "store": [STORES[bought.store[i]].name for i in of],
        "channel": [CHANNELS[bought.channel[i]] for i in of],
        "external": [key_of(int(bought.customer[i])) for i in of],
        "sku": [product.sku for product in products],
        "product": [product.name for product in products],
        "category": [product.category for product in products],
        "price": [f"{product.price_yuan}.00" for product in products],
        "quantity": [str(quantity) for quantity in lines.quantity.tolist()],
        "amount": [f"{fen / 100:.2f}" for fen in lines.amount_fen.tolist()],
        "refund": [f"{fen / 100:.2f}" if fen else "" for fen in lines.refund_fen.tolist()],
    }


def _numbers(days: list[date], channel: np.ndarray) -> list[str]:
    """POS20261122-0007: the channel, the day, the running number of that day."""
    found, last, running = [], None, 0
    for day, code in zip(days, channel.tolist(), strict=True):
        running = running + 1 if day == last else 1
        last = day
        found.append(f"{_NUMBER_HEADS[code]}{day:%Y%m%d}-{running:04d}")
    return found


def begun_on(made: World) -> list[datetime]:
    """The moment each customer first stood in the shop: their first order, or some day for those without any."""
    first = np.full(len(made.crowd.people), -1)
    order = np.arange(len(made.sales.customer))[::-1]
    first[made.sales.customer[order]] = order
    found = []
    for index, at in enumerate(first.tolist()):
        day = int(made.sales.day[at]) if at >= 0 else (index * 7919) % (len(made.days) - 1)
        second = int(made.sales.second[at]) if at >= 0 else 36_000 + index % 30_000
        found.append(datetime.combine(made.days[day].on, datetime.min.time()) + timedelta(seconds=second))
    return found
