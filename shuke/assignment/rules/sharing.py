"""Sharing customers fairly: everybody as full as their capacity says. Deterministic: the same facts, the same answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

USUAL_CAPACITY = 1_000  # load of somebody for whom nothing is set: some three hundred customers
MOST_MOVES = 200
EVEN_WITHIN = 0.05  # shares of capacity that close to each other count as even


@dataclass(frozen=True)
class Weights:
    """What a customer of each value level weighs, and an open follow-up."""

    high: int = 5
    potential: int = 3
    low: int = 1
    none: int = 1
    follow_up: int = 2

    def of(self, level: str) -> int:
        """The weight of a customer of this level."""
        return {"high": self.high, "potential": self.potential, "low": self.low}.get(level, self.none)


@dataclass(frozen=True)
class Person:
    """Somebody who may get customers: their load so far, how much they can carry, and where they work."""

    id: int
    load: int = 0
    capacity: int = USUAL_CAPACITY
    store_ids: frozenset[int] = frozenset()
    is_senior: bool = False
    is_away: bool = False

    def fullness(self, more: int = 0) -> float:
        """The share of their capacity that is taken, with `more` on top."""
        return (self.load + more) / max(self.capacity, 1)

    def has_room(self, weight: int) -> bool:
        return self.load + weight <= self.capacity


@dataclass(frozen=True)
class Item:
    """A customer to be given to somebody."""

    customer_id: int
    weight: int
    store_id: int | None = None
    is_key: bool = False


@dataclass(frozen=True)
class Terms:
    """How strictly: only people of the customer's store; key customers to seniors only; nobody beyond their capacity."""

    same_store: bool = False
    seniors_for_key: bool = False
    within_capacity: bool = True


def split(items: Iterable[Item], people: Sequence[Person], terms: Terms) -> dict[int, int]:
    """Customer → person: the heaviest first, each to whoever is least full afterwards; the lower id among equals.

    Who is away gets nobody. Whom nobody may take is left out.
    """
    load = {one.id: one.load for one in people}
    found: dict[int, int] = {}
    for item in sorted(items, key=lambda one: (-one.weight, one.customer_id)):
        fit = [replace(one, load=load[one.id]) for one in people if fits(item, one, terms)]
        if terms.within_capacity:
            fit = [one for one in fit if one.has_room(item.weight)]
        if not fit:
            continue
        taker = min(fit, key=lambda one: (one.fullness(item.weight), one.id))
        found[item.customer_id] = taker.id
        load[taker.id] += item.weight
    return found


def fits(item: Item, person: Person, terms: Terms) -> bool:
    """Whether the person may get this customer at all, however full they are."""
    if person.is_away:
        return False
    if terms.same_store and item.store_id not in person.store_ids:
        return False
    return person.is_senior or not (terms.seniors_for_key and item.is_key)


@dataclass(frozen=True)
class Move:
    """One proposed step towards an even load."""

    customer_id: int
    from_id: int
    to_id: int
    weight: int


def balance(people: Sequence[Person], held: Mapping[int, Sequence[Item]], terms: Terms) -> list[Move]:
    """Moves that make everybody about equally full: from the fullest to the least full, the lightest customers first.

    `held` is what each person holds and may give away. Ends when the fullest and the least full differ by EVEN_WITHIN at
    most, when no move would bring them nearer, or after MOST_MOVES.
    """
    load = {one.id: one.load for one in people}
    left = {pk: sorted(held.get(pk, ()), key=lambda one: (one.weight, one.customer_id)) for pk in load}
    moves: list[Move] = []
    while len(moves) < MOST_MOVES:
        now = [replace(one, load=load[one.id]) for one in people]
        move = _next_move(now, left, terms)
        if move is None:
            break
        moves.append(move)
        load[move.from_id] -= move.weight
        load[move.to_id] += move.weight
        left[move.from_id] = [one for one in left[move.from_id] if one.customer_id != move.customer_id]
    return moves


def _next_move(people: Sequence[Person], left: Mapping[int, Sequence[Item]], terms: Terms) -> Move | None:
    givers = sorted(people, key=lambda one: (-one.fullness(), one.id))
    takers = sorted((one for one in people if not one.is_away), key=lambda one: (one.fullness(), one.id))
    for giver in givers:
        for taker in takers:
            if giver.fullness() - taker.fullness() <= EVEN_WITHIN:
                break
            for item in left[giver.id]:
                if fits(item, taker, terms) and _comes_nearer(giver, taker, item.weight):
                    return Move(item.customer_id, giver.id, taker.id, item.weight)
    return None


def _comes_nearer(giver: Person, taker: Person, weight: int) -> bool:
    """The taker does not become fuller than the giver was left."""
    return taker.has_room(weight) and taker.fullness(weight) <= giver.fullness(-weight)
