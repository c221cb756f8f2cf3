"""RFM, lifecycle, Pareto and levels: named cases."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuke.analytics import levels, lifecycle, pareto, rfm
from shuke.analytics.features import ShopGaps
from shuke.analytics.lifecycle import Thresholds
from shuke.analytics.tests.samples import purchases_of

NAN = float("nan")
THRESHOLDS = Thresholds(loyal_from=3, decline_after_days=30, lapsed_after_days=60)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_quintiles_score_one_to_five():
    days, count, money = np.arange(1, 101), np.arange(1, 101), np.arange(1, 101) * 100
    edges = rfm.edges_of(days, count, money)
    assert edges.recency_days == (20.0, 40.0, 60.0, 80.0)
    scores = rfm.score(
        edges,
        ints(1, 20, 21, 80, 81),
        ints(1, 20, 21, 80, 81),
        ints(100, 2000, 2100, 8000, 8100),
    )
    assert scores.r.tolist() == [5, 5, 4, 2, 1]
    assert scores.f.tolist() == [1, 1, 2, 4, 5]
    assert scores.m.tolist() == [1, 1, 2, 4, 5]


@given(st.lists(st.integers(0, 6), min_size=5, max_size=60))
def test_equal_values_get_equal_scores_and_more_is_never_less(values):
    found = np.array(values, np.int64)
    edges = rfm.edges_of(found, found, found)
    scores = rfm.score(edges, found, found, found)
    for one in range(found.size):
        for other in range(found.size):
            if found[one] >= found[other]:
                assert scores.f[one] >= scores.f[other] and scores.r[one] <= scores.r[other]
    assert scores.f.min() >= 1 and scores.f.max() <= 5


@pytest.mark.parametrize(
    ("r", "f", "m", "group"),
    [
        (5, 5, 5, "key_value"),
        (5, 1, 5, "key_grow"),
        (1, 5, 5, "key_keep"),
        (1, 1, 5, "key_rescue"),
        (5, 5, 1, "value"),
        (5, 1, 1, "grow"),
        (1, 5, 1, "keep"),
        (1, 1, 1, "rescue"),
        (3, 3, 3, "rescue"),
    ],
)
def test_the_eight_groups(r, f, m, group):
    edges = rfm.RfmEdges((1.0,) * 4, (1.0,) * 4, (1.0,) * 4, 3.0, 3.0, 3.0)
    scores = rfm.RfmScores(ints(r), ints(f), ints(m))
    assert rfm.GROUPS[rfm.group_codes(edges, scores)[0]] == group


def moves(days: list[date], as_of: date) -> list[tuple[str, str, str]]:
    found = lifecycle.moves_of(
        purchases_of([(1, day, 100) for day in days]),
        THRESHOLDS,
        as_of=as_of.toordinal() - date(1970, 1, 1).toordinal(),
    )
    return [
        (
            lifecycle.STAGES[a],
            lifecycle.STAGES[b],
            date.fromordinal(day + date(1970, 1, 1).toordinal()).isoformat(),
        )
        for a, b, day in zip(found.from_stage, found.to_stage, found.day.tolist(), strict=True)
    ]


def test_a_life_is_dated_again_from_its_purchases():
    days = [
        date(2026, 1, 1),
        date(2026, 1, 20),
        date(2026, 2, 10),
        date(2026, 6, 1),
        date(2026, 6, 20),
    ]
    assert moves(days, date(2026, 6, 30)) == [
        ("prospect", "first", "2026-01-01"),
        ("first", "repeat", "2026-01-20"),
        ("repeat", "loyal", "2026-02-10"),
        ("loyal", "lapsed", "2026-04-12"),
        ("lapsed", "repeat", "2026-06-01"),
    ]


def test_silence_of_exactly_the_limit_is_not_yet_a_lapse():
    assert moves([date(2026, 1, 1)], date(2026, 3, 2))[-1][1] == "first"
    assert moves([date(2026, 1, 1)], date(2026, 3, 3))[-1] == (
        "first",
        "lapsed",
        "2026-03-03",
    )


def test_five_phases_follow_stage_and_silence():
    stage = ints(0, 1, 2, 3, 4, 1, 3)
    silent = ints(0, 5, 30, 10, 90, 31, 45)
    found = lifecycle.phases_of(stage, silent, THRESHOLDS)
    names = [lifecycle.PHASES[code] for code in found]
    assert names == [
        "acquire",
        "acquire",
        "grow",
        "mature",
        "leave",
        "decline",
        "decline",
    ]


def test_thresholds_come_from_the_shop_unless_it_set_them():
    gaps = ShopGaps(10.0, 20.0, 35.0, 40.0, 95.2)
    derived = lifecycle.default_thresholds(
        gaps, loyal_from=4, decline_after_days=None, lapsed_after_days=None
    )
    assert derived == Thresholds(4, 40, 96)
    chosen = lifecycle.default_thresholds(gaps, loyal_from=5, decline_after_days=21, lapsed_after_days=45)
    assert chosen == Thresholds(5, 21, 45)
    unknown = lifecycle.default_thresholds(
        ShopGaps(NAN, NAN, NAN, NAN, NAN),
        loyal_from=4,
        decline_after_days=None,
        lapsed_after_days=None,
    )
    assert unknown == Thresholds(4, 90, 180)


def test_pareto_classes_and_shares():
    spent = ints(800, 100, 50, 30, 20, 0)
    edges = pareto.edges_of(spent)
    assert "".join("ABC-"[code] for code in pareto.abc_codes(edges, spent)) == "ABBCC-"
    share = pareto.top_share(edges, spent)
    assert share[:5].tolist() == [0.001, 0.21, 0.41, 0.61, 0.81] and np.isnan(share[5])
    curve = pareto.share_curve(spent, points=5)
    np.testing.assert_allclose(curve.money, [0, 0.8, 0.9, 0.95, 0.98, 1.0])


def test_levels_take_the_best_fifth_and_the_better_half():
    expected = np.arange(1.0, 11.0)
    edges = levels.edges_of(expected)
    codes = levels.level_codes(edges, expected, np.ones(10, bool))
    assert [levels.LEVELS[code] for code in codes] == ["low"] * 5 + ["potential"] * 3 + ["high"] * 2
    assert levels.level_codes(edges, ints(0).astype(float), np.zeros(1, bool)).tolist() == [3]
