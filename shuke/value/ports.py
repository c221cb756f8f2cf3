"""What other rooms may tell the value room."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What is not to be recommended, by ids: `products` to nobody (out of stock), nothing to `customers` (an open complaint),
    and pairs of customer and product (complained about)."""

    products: tuple[int, ...] = ()
    customers: tuple[int, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()


_limits: dict[str, Callable[[], Limits]] = {}


def register_recommendation_limits(room: str, limits: Callable[[], Limits]) -> None:
    """Say what a room knows against recommendations; asked once a night. The same room replaces."""
    _limits[room] = limits


def recommendation_limits() -> Limits:
    """What all rooms know against recommendations."""
    told = [limits() for limits in _limits.values()]
    return Limits(
        tuple(pk for one in told for pk in one.products),
        tuple(pk for one in told for pk in one.customers),
        tuple(pair for one in told for pair in one.pairs),
    )
