"""公海, the pure part: when a customer goes back, why, and who may claim."""

from datetime import date, timedelta

import pytest

from shuke.assignment.rules.pooling import (
    COOLING_OFF,
    NOT_BOUGHT,
    NOT_TOUCHED,
    TOO_MANY_HELD,
    TOO_MANY_TODAY,
    Claim,
    ClaimLimits,
    Due,
    Facts,
    LevelRule,
    claim_refused,
    verdict,
)

TODAY = date(2026, 11, 28)
TOUCH_60 = LevelRule(60)
EITHER = LevelRule(60, 90)
BOTH = LevelRule(60, 90, needs_both=True)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("case", "facts", "rule", "expected"),
    [
        ("no rule", Facts(ago(500)), LevelRule(), None),
        ("exempt", Facts(ago(500), is_exempt=True), TOUCH_60, None),
        (
            "never touched counts from taking over",
            Facts(ago(70)),
            TOUCH_60,
            Due(ago(10), ((NOT_TOUCHED, 70),)),
        ),
        ("touched lately", Facts(ago(500), ago(20)), TOUCH_60, Due(ago(-40), ((NOT_TOUCHED, 20),))),
        (
            "a touch of whoever had them before does not shorten the time",
            Facts(ago(5), ago(200)),
            TOUCH_60,
            Due(ago(-55), ((NOT_TOUCHED, 5),)),
        ),
        (
            "either: the first that is missing",
            Facts(ago(500), ago(10), ago(100)),
            EITHER,
            Due(ago(10), ((NOT_BOUGHT, 100),)),
        ),
        (
            "both: only when the last is missing, too",
            Facts(ago(500), ago(70), ago(80)),
            BOTH,
            Due(ago(-10), ((NOT_TOUCHED, 70), (NOT_BOUGHT, 80))),
        ),
        ("due on the very day", Facts(ago(500), ago(60)), TOUCH_60, Due(TODAY, ((NOT_TOUCHED, 60),))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_when_a_customer_goes_back(case: str, facts: Facts, rule: LevelRule, expected: Due | None) -> None:
    assert verdict(facts, rule, TODAY) == expected


LIMITS = ClaimLimits(a_day=3, held=50, cool_off_days=30)


@pytest.mark.parametrize(
    ("case", "claim", "expected"),
    [
        ("free", Claim(0, 10, is_previous=False, pooled_on=ago(1)), ""),
        ("the last of the day", Claim(2, 10, is_previous=False, pooled_on=ago(1)), ""),
        ("one too many today", Claim(3, 10, is_previous=False, pooled_on=ago(1)), TOO_MANY_TODAY),
        ("hands full", Claim(0, 50, is_previous=False, pooled_on=ago(1)), TOO_MANY_HELD),
        ("whose it was, too early", Claim(0, 10, is_previous=True, pooled_on=ago(29)), COOLING_OFF),
        ("whose it was, after a while", Claim(0, 10, is_previous=True, pooled_on=ago(30)), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_may_claim(case: str, claim: Claim, expected: str) -> None:
    assert claim_refused(claim, LIMITS, TODAY) == expected
