from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from shuke.value.rules import reasons_for
from shuke.value.wording import model_words, percent, reason_text

TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Sample:
    purchases: int = 6
    last_on: date | None = TODAY - timedelta(days=45)
    usual_gap_days: float | None = 21.0
    leaving_chance: float | None = 0.7
    expected_purchases_year: float | None = 3.24
    mean_spend_fen: int = 36_800
    spent_fen: int = 941_200
    top_share: float | None = 0.03
    at_stake_fen: int = 200_000


def sentences(value: Sample) -> list[str]:
    return [reason_text(reason) for reason in reasons_for(value, TODAY)]


def test_a_regular_who_stays_away():
    assert sentences(Sample()) == [
        "通常每 21 天来一次，已 45 天未到店",
        "照同类客户的规律，70% 的可能不再来，一年约 ¥2,000 会随之失去",
        "累计消费 ¥9,412，排在全店前 3%",
        "照过去的节奏，未来 12 个月预计来 3.2 次，每次约 ¥368",
    ]


@pytest.mark.parametrize(
    ("value", "first"),
    [
        (Sample(last_on=TODAY - timedelta(days=25)), "通常每 21 天来一次，上次是 25 天前，节奏正常"),
        (Sample(purchases=1), "只来过一次，在 45 天前"),
        (Sample(last_on=TODAY - timedelta(days=26)), "通常每 21 天来一次，已 26 天未到店"),
    ],
)
def test_the_first_reason_is_the_rhythm(value, first):
    assert sentences(value)[0] == first


def test_who_is_not_slipping_is_only_warned_of():
    calm = replace(Sample(), at_stake_fen=0, leaving_chance=0.62, top_share=0.5)
    assert sentences(calm)[1] == "照同类客户的规律，近期不再来的可能是 62%"


def test_without_a_model_the_last_year_speaks():
    plain = replace(Sample(), leaving_chance=None, at_stake_fen=0, expected_purchases_year=4.0)
    assert sentences(plain)[-1] == "店里的记录还少，先按过去一年的 4 次估计，每次约 ¥368"


def test_somebody_who_never_bought_has_no_reasons():
    assert reasons_for(replace(Sample(), purchases=0, last_on=None), TODAY) == []


@pytest.mark.parametrize(
    ("share", "words"), [(0.684, "68%"), (0.005, "0.5%"), (0.0, "0%"), (0.9987, "> 99%"), (1.0, "100%")]
)
def test_percent(share, words):
    assert percent(share) == words


def test_the_report_in_plain_words():
    figures = {
        "buyers": 1200,
        "purchases": 5400,
        "independence": 0.05,
        "backtest": {
            "hidden_days": 90,
            "predicted_purchases": 1210.0,
            "came_purchases": 1246,
            "correlation": 0.61,
            "rule_correlation": 0.55,
        },
    }
    words = model_words({"purchases_model": {"r": 1}, "spend_model": {"p": 1}}, figures)
    assert words[1] == "我们藏起最近 90 天，用之前的数据去猜：猜 1,210 单，实际 1,246 单，少猜了 3%。"
    assert "0.61" in words[2] and "好" in words[2]
    assert "前提成立" in words[3]
