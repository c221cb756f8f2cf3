"""Done in parts on all cores, the figures are those of the whole, to the last bit."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from shuke.analytics import parts, scoring
from shuke.analytics.features import features_of
from shuke.analytics.purchases import Purchases
from shuke.analytics.scoring import Policy
from shuke.analytics.tests.samples import day_number, purchases_of
from shuke.analytics.tests.test_scoring import AS_OF, shop

TODAY = day_number(AS_OF)


def equal(one: Any, other: Any) -> None:
    if is_dataclass(one):
        for field in fields(one):
            equal(getattr(one, field.name), getattr(other, field.name))
    else:
        np.testing.assert_array_equal(one, other)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Parts of some thirty customers; the sizes that were done."""
    monkeypatch.setattr(parts, "FEWEST_IN_A_PART", 30)
    monkeypatch.setattr(parts, "_cores", lambda: 3)
    return []


def test_features_and_values_in_parts_equal_those_of_the_whole(small_parts):
    purchases = purchases_of(shop(200))

    def counted(part: Purchases) -> Any:
        small_parts.append(part.customer.size)
        return features_of(part, as_of=TODAY, window_days=365)

    equal(parts.in_parts(purchases, counted), features_of(purchases, as_of=TODAY, window_days=365))
    assert len(small_parts) == 6 and sum(small_parts) == 200
    learned = scoring.learn(purchases, Policy(), as_of=TODAY)
    equal(
        scoring.score_all(purchases, learned, as_of=TODAY),
        scoring.score(purchases, learned.model, as_of=TODAY),
    )


def test_a_small_table_is_one_part_and_none_fails(small_parts):
    none = np.zeros(0, np.int64)
    empty = Purchases(none, type(purchases_of(shop(1)).groups).of_counts(none), none, none)
    assert parts.in_parts(empty, lambda part: part.customer.size) == 0


def test_an_error_in_a_part_is_raised(small_parts):
    def broken(part: Purchases) -> Any:
        raise RuntimeError("out of tea")

    with pytest.raises(RuntimeError, match="out of tea"):
        parts.in_parts(purchases_of(shop(200)), broken)
