"""What the report says, in the cases that can be."""

import pytest

from shuke.value.model_words import model_words, trust_words, verdict, warning_words, winner_words


def standing(name: str, root_error: float, behind: float, correlation: float = 0.61) -> dict:
    return {"name": name, "root_error": root_error, "behind": behind, "correlation": correlation}


def choice(winner: str = "mean", **other) -> dict:
    return {
        "hidden_days": 90,
        "winner": winner,
        "predicted": 1210.0,
        "came": 1246,
        "buyers": 1200,
        "sampled": 1200,
        "standings": [
            standing("bg", 1.25, 1.4),
            standing("pareto", 1.19, 0.0),
            standing("mean", 1.2, 0.4),
            standing("last_period", 1.9, 9.0, 0.55),
        ],
        "warning": {"customers": 400, "left": 90, "capture": [{"contacted": 0.2, "caught": 0.48}]},
    } | other


def figures(**other) -> dict:
    return {"buyers": 1200, "purchases": 5400, "choice": choice(), "independence": None} | other


MODEL = {"forecaster": {"models": {}}, "spend": {"way": "repeat"}}


def test_the_report_in_plain_words():
    together = {"correlation": 0.05, "is_dependent": False}
    words = model_words(MODEL, figures(independence=together))
    assert words == [
        "这次看了 1,200 位买过东西的客户、5,400 次消费(同一天的订单算一次，退货已经减掉)。",
        "我们藏起最近 90 天，用之前的数据去猜：猜 1,210 单，实际 1,246 单，少猜了 3%。",
        "谁会多来、谁会少来，预测与实际的相关是 0.61，比“照上一段时间再来一遍”的 0.55 好。",
        "比了 3 种算法：没有哪一种明显比它们的平均更准，用平均，最稳。",
        "每次花多少：照 Gamma-Gamma 模型，看第二次起的消费。",
        "来得多的人与每次花得多的人几乎无关(相关 0.05),模型的前提成立。",
    ]
    worse = choice(standings=[standing("mean", 1.2, 0.0, 0.4), standing("last_period", 1.9, 9.0, 0.55)])
    assert "排名请谨慎看" in model_words(MODEL, figures(choice=worse))[2]
    dependent = model_words(MODEL, figures(independence={"correlation": 0.42, "is_dependent": True}))
    assert "打些折扣" in dependent[-1]


def test_what_cannot_be_tested_is_said_plainly():
    untested = model_words(MODEL, figures(choice=None))
    assert untested[1] == "历史还不够长，没法藏起一段来检验：先用三种模型的平均，等记录够长了再比。"
    few = model_words({"forecaster": None, "spend": {"way": "own"}}, figures(choice=None))
    assert len(few) == 2 and "满 100 位客户、50 位回头客" in few[1]
    former = model_words({"purchases_model": {"r": 1.0}}, {"buyers": 3, "purchases": 4})
    assert len(former) == 2 and "旧办法" in former[1]


@pytest.mark.parametrize(
    ("winner", "words"),
    [
        ("mean", "比了 3 种算法：没有哪一种明显比它们的平均更准，用平均，最稳。"),
        ("pareto", "比了 3 种算法：Pareto/NBD 模型猜得最准，用它。"),
        ("bg", "比了 3 种算法：Pareto/NBD 模型与BG/NBD 模型不相上下，用算得更快的BG/NBD 模型。"),
    ],
)
def test_the_winner_has_its_reason(winner, words):
    assert winner_words(choice(winner)) == words


def test_every_candidate_has_a_verdict():
    found = choice("mean")
    assert [verdict(found, one) for one in found["standings"]] == ["差一些", "不相上下", "在用", "对照"]


def test_the_warning_is_judged_against_luck():
    assert warning_words(choice(), horizon_days=90) == (
        "拿过去的 90 天检验：当时活跃的 400 位里有 90 位没再来；"
        "按可能性先联系两成的人，能碰到其中的 48%，随便挑只碰到 20%。"
    )
    assert warning_words(None, horizon_days=90) == "历史还不够长，没法检验这份名单有多准。"


def test_how_far_a_customers_figures_can_be_trusted():
    assert "相差 3%" in trust_words(figures()) and "当参考" not in trust_words(figures())
    assert "当参考" in trust_words(figures(choice=choice(predicted=2000.0)))
    assert trust_words({}) == "记录还少，这些数只是粗估。"
