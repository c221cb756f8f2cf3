"""What is in each basket: things the customer likes, at prices they can bear, gifts when it is time for gifts."""

from dataclasses import dataclass

import numpy as np

from shuke.config.demo.catalogue import CATEGORIES, PRODUCTS
from shuke.config.demo.people import HABITS, Crowd

GIFT_BOX = CATEGORIES.index("礼盒")
SNACK = CATEGORIES.index("茶点")
_EVERYDAY = (0.16, 0.15, 0.14, 0.13, 0.12, 0.06, 0.03, 0.21)
_PURSES = 5
_PRICE_FEN = np.array([product.price_yuan * 100 for product in PRODUCTS])


@dataclass(frozen=True)
class Baskets:
    """Every order line as arrays; `order` counts orders in the order of the sales."""

    order: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    amount_fen: np.ndarray
    refund_fen: np.ndarray


def fill_baskets(
    crowd: Crowd, customer: np.ndarray, is_gift: np.ndarray, age_days: np.ndarray, rng: np.random.Generator
) -> Baskets:
    """Lines for each order."""
    lines = np.where(
        is_gift, 1 + (rng.random(len(customer)) < 0.25), 1 + rng.poisson(0.75, len(customer)).clip(0, 3)
    )
    order = np.repeat(np.arange(len(customer)), lines)
    buyer = customer[order]
    is_first = np.concatenate([[True], order[1:] != order[:-1]]) if len(order) else np.zeros(0, bool)
    category = _categories(crowd, buyer, is_gift[order] & is_first, rng)
    product = _products(category, crowd.purse[buyer], rng)
    quantity = _quantities(crowd, buyer, category, rng)
    rate = _rates(crowd, customer, rng)[order]
    amount = (_PRICE_FEN[product] * quantity * rate / 10).round().astype(np.int64) * 10
    return Baskets(order, product, quantity, amount, _refunds(order, amount, age_days, rng))


def _categories(
    crowd: Crowd, buyer: np.ndarray, wants_gift: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    die = rng.random(len(buyer))
    everyday = rng.choice(len(CATEGORIES), len(buyer), p=_EVERYDAY)
    chosen = np.where(
        die < 0.52, crowd.taste[buyer, 0], np.where(die < 0.68, crowd.taste[buyer, 1], everyday)
    )
    return np.where(wants_gift, GIFT_BOX, chosen)


def _shelf_odds(category: int) -> tuple[np.ndarray, np.ndarray]:
    """The products of a category, and for each purse the cumulative odds among them."""
    shelf = np.array([i for i, product in enumerate(PRODUCTS) if product.category == CATEGORIES[category]])
    price = np.log(_PRICE_FEN[shelf])
    standing = (price - price.mean()) / price.std()
    liked = 1 / (1 + np.argsort(np.argsort((shelf * 7919) % 101))) ** 0.6
    purses = np.linspace(-1.4, 1.4, _PURSES)[:, None]
    odds = liked * np.exp(-((standing - purses) ** 2))
    return shelf, np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)


def _products(category: np.ndarray, purse: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    tier = np.clip(((purse + 1.75) / 0.7).astype(int), 0, _PURSES - 1)
    die = rng.random(len(category))
    product = np.zeros(len(category), dtype=np.int64)
    for code in range(len(CATEGORIES)):
        shelf, odds = _shelf_odds(code)
        here = np.flatnonzero(category == code)
        place = (die[here][:, None] > odds[tier[here]]).sum(axis=1).clip(0, len(shelf) - 1)
        product[here] = shelf[place]
    return product


def _quantities(
    crowd: Crowd, buyer: np.ndarray, category: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    habit = crowd.habit[buyer]
    n = len(buyer)
    usual = rng.choice((1, 2, 3), n, p=(0.84, 0.13, 0.03))
    boxes = rng.choice((1, 2, 3, 4, 6), n, p=(0.45, 0.3, 0.1, 0.1, 0.05))
    bulk = rng.choice((6, 8, 10, 12, 20, 30, 50), n, p=(0.2, 0.2, 0.22, 0.14, 0.12, 0.08, 0.04))
    quantity = np.where((habit == HABITS.index("gift")) & (category == GIFT_BOX), boxes, usual)
    return np.where((habit == HABITS.index("company")) & (category == GIFT_BOX), bulk, quantity)


def _rates(crowd: Crowd, customer: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rate = rng.choice((1, 0.95, 0.9, 0.85), len(customer), p=(0.68, 0.16, 0.11, 0.05))
    return np.where(crowd.habit[customer] == HABITS.index("company"), 0.86, rate)


def _refunds(
    order: np.ndarray, amount: np.ndarray, age_days: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """About one order in forty has something brought back, wholly or in part, a few days later."""
    returned = (rng.random(len(age_days)) < 0.025) & (age_days > 3)
    is_back = returned[order] & (rng.random(len(order)) < 0.8)
    share = np.where(rng.random(len(order)) < 0.7, 1.0, 0.5)
    return np.where(is_back, (amount * share / 10).round().astype(np.int64) * 10, 0)
