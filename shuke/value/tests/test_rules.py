from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from shuke.value.rules import Warned, reasons_for, warning_reasons
from shuke.value.wording import percent, reason_text

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


def test_reasons_of_a_warning_in_figures():
    figures = Warned(45, 21.4, 90, 2, 6, 18_000, 36_800)
    reasons = warning_reasons(("overdue", "rarer", "smaller", "single"), figures)
    assert [reason_text(reason) for reason in reasons] == [
        "通常每 21 天来一次，已 45 天未到店",
        "近 90 天来了 2 次，之前同样长的日子来了 6 次",
        "近来每次约 ¥180，之前每次约 ¥368",
        "只来过一次，在 45 天前",
    ]
    assert warning_reasons((), figures) == []
