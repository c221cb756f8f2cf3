"""Sharing fairly: tables of who gets whom, and what is never done."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuke.assignment.rules.sharing import EVEN_WITHIN, Item, Move, Person, Terms, Weights, balance, split

STORE, OTHER = 1, 2
ANY = Terms()


def item(pk: int, weight: int = 1, store: int | None = STORE, *, is_key: bool = False) -> Item:
    return Item(pk, weight, store, is_key=is_key)


def person(
    pk: int,
    load: int = 0,
    capacity: int = 100,
    store: int = STORE,
    *,
    senior: bool = False,
    away: bool = False,
) -> Person:
    return Person(pk, load, capacity, frozenset({store}), is_senior=senior, is_away=away)


@pytest.mark.parametrize(
    ("case", "items", "people", "terms", "expected"),
    [
        ("nobody", [item(1)], [], ANY, {}),
        ("one takes all", [item(1), item(2)], [person(7)], ANY, {1: 7, 2: 7}),
        ("the lower id first among equals", [item(1), item(2)], [person(7), person(8)], ANY, {1: 7, 2: 8}),
        ("the heaviest first", [item(1), item(2, 5)], [person(7), person(8)], ANY, {2: 7, 1: 8}),
        ("who has more gets less", [item(1), item(2)], [person(7, 50), person(8)], ANY, {1: 8, 2: 8}),
        (
            "half the capacity, half the customers",
            [item(n) for n in range(1, 7)],
            [person(7, capacity=20), person(8, capacity=10)],
            ANY,
            {1: 7, 2: 7, 3: 8, 4: 7, 5: 7, 6: 8},
        ),
        ("who is away gets nobody", [item(1)], [person(7, away=True), person(8, 90)], ANY, {1: 8}),
        ("who is full gets nobody", [item(1, 5)], [person(7, 98), person(8, 96)], ANY, {}),
        (
            "unless capacity does not count",
            [item(1, 5)],
            [person(7, 98), person(8, 96)],
            Terms(within_capacity=False),
            {1: 8},
        ),
        (
            "only people of the store",
            [item(1), item(2, store=OTHER), item(3, store=None)],
            [person(7), person(8, store=OTHER)],
            Terms(same_store=True),
            {1: 7, 2: 8},
        ),
        (
            "key customers to seniors only",
            [item(1, is_key=True), item(2)],
            [person(7), person(8, 60, senior=True)],
            Terms(seniors_for_key=True),
            {1: 8, 2: 7},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_gets_whom(
    case: str, items: list[Item], people: list[Person], terms: Terms, expected: dict[int, int]
) -> None:
    assert split(items, people, terms) == expected


@settings(max_examples=60, deadline=None)
@given(
    weights=st.lists(st.integers(1, 9), max_size=40),
    loads=st.lists(st.integers(0, 80), min_size=1, max_size=6),
    seed=st.randoms(use_true_random=False),
)
def test_the_order_in_which_things_are_named_decides_nothing(
    weights: list[int], loads: list[int], seed: object
) -> None:
    items = [item(n + 1, weight) for n, weight in enumerate(weights)]
    people = [person(n + 1, load) for n, load in enumerate(loads)]
    mixed_items, mixed_people = items[:], people[:]
    seed.shuffle(mixed_items)  # type: ignore[attr-defined]
    seed.shuffle(mixed_people)  # type: ignore[attr-defined]
    found = split(items, people, ANY)
    assert split(mixed_items, mixed_people, ANY) == found
    for one in people:
        got = sum(items[pk - 1].weight for pk, who in found.items() if who == one.id)
        assert one.load + got <= one.capacity or got == 0


def test_an_uneven_store_is_evened_out_with_few_moves_of_the_lightest() -> None:
    people = [person(7, 40), person(8, 0)]
    held = {7: [item(1, 20), item(2, 10), item(3, 10)]}
    assert balance(people, held, ANY) == [Move(2, 7, 8, 10), Move(3, 7, 8, 10)]


@pytest.mark.parametrize(
    ("case", "people", "held"),
    [
        ("even already", [person(7, 40), person(8, 38)], {7: [item(1)]}),
        ("nothing to give", [person(7, 90), person(8, 0)], {}),
        ("the other is away", [person(7, 90), person(8, 0, away=True)], {7: [item(1, 10)]}),
        ("one heavy customer would only change places", [person(7, 40), person(8, 0)], {7: [item(1, 40)]}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_moves_when_it_would_not_help(
    case: str, people: list[Person], held: dict[int, list[Item]]
) -> None:
    assert balance(people, held, ANY) == []


def test_key_customers_are_not_moved_to_juniors() -> None:
    held = {7: [item(1, 10, is_key=True), item(2, 12)]}
    moves = balance([person(7, 60), person(8, 0)], held, Terms(seniors_for_key=True))
    assert moves == [Move(2, 7, 8, 12)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(1, 5), max_size=15), min_size=2, max_size=5))
def test_evening_out_never_makes_the_spread_wider(loads: list[list[int]]) -> None:
    number = iter(range(1, 1000))
    held = {pk: [item(next(number), weight) for weight in some] for pk, some in enumerate(loads)}
    people = [person(pk, sum(one.weight for one in held[pk])) for pk in held]
    load = {one.id: one.load for one in people}
    for move in balance(people, held, ANY):
        load[move.from_id] -= move.weight
        load[move.to_id] += move.weight
    before = [one.load for one in people]
    assert max(load.values()) - min(load.values()) <= max(max(before) - min(before), EVEN_WITHIN * 100)
    assert sum(load.values()) == sum(before)


def test_weights_know_every_level() -> None:
    weigh = Weights()
    assert [weigh.of(level) for level in ("high", "potential", "low", "", "else")] == [5, 3, 1, 1, 1]
