"""Fictional people."""

import pytest

from shuke.zh import fictional


def test_the_same_number_is_always_the_same_person() -> None:
    assert fictional.person(5) == fictional.Person("田苍芽", "male", "15400000005", "c5@example.com")


def test_phones_stay_in_the_prefix_that_was_never_assigned() -> None:
    assert fictional.phone(0) == "15400000000"
    assert fictional.phone(99_999_999) == "15499999999"
    with pytest.raises(ValueError, match="no fictional phone"):
        fictional.phone(100_000_000)


def test_names_vary_and_repeat_as_in_life() -> None:
    names = [fictional.name(n) for n in range(20_000)]
    assert 3_000 < len(set(names)) < 15_000
    assert {len(name) for name in names} == {2, 3, 4}
