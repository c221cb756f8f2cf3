"""The words of 预测可信吗: what was compared, what came of it, and how far the figures can be trusted."""

from typing import Any

from django.utils.translation import gettext as _

from shuke.value.wording import percent

Figures = dict[str, Any]
FAR_OFF = 0.2


def candidate_name(name: str) -> str:
    """A candidate as the pages call it."""
    known = {
        "bg": _("BG/NBD 模型"),
        "mbg": _("MBG/NBD 模型"),
        "pareto": _("Pareto/NBD 模型"),
        "boosting": _("决策树"),
        "mean": _("几种算法的平均"),
        "last_period": _("照上一段时间再来一遍"),
    }
    return known.get(name, name)


def model_words(parameters: Figures, figures: Figures) -> list[str]:
    """The last run in plain sentences."""
    words = [
        _("这次看了 %(buyers)s 位买过东西的客户、%(purchases)s 次消费(同一天的订单算一次，退货已经减掉)。")
        % {"buyers": f"{figures['buyers']:,}", "purchases": f"{figures['purchases']:,}"}
    ]
    if "forecaster" not in parameters:
        return [*words, _("这一次还是用旧办法算的，下一次计算之后，这里会说明哪种算法最准。")]
    if not parameters["forecaster"]:
        words.append(
            _("客户或回头客还太少，先用简单规则：今年像去年一样。满 100 位客户、50 位回头客后自动换成模型。")
        )
        return words
    choice = figures.get("choice")
    words += _choice_words(choice) if choice else [_untested_words()]
    return [*words, *_spend_words(parameters["spend"], figures)]


def _untested_words() -> str:
    return _("历史还不够长，没法藏起一段来检验：先用三种模型的平均，等记录够长了再比。")


def _choice_words(choice: Figures) -> list[str]:
    return [_guess_words(choice), _ranking_words(choice), winner_words(choice)]


def _guess_words(choice: Figures) -> str:
    off = choice["predicted"] / max(1, choice["came"]) - 1
    figures = {
        "days": choice["hidden_days"],
        "guessed": f"{choice['predicted']:,.0f}",
        "came": f"{choice['came']:,}",
        "off": percent(abs(off)),
    }
    direction = _("多猜了 %(off)s") if off > 0 else _("少猜了 %(off)s")
    first = _("我们藏起最近 %(days)s 天，用之前的数据去猜：猜 %(guessed)s 单，实际 %(came)s 单，") % figures
    return first + direction % figures + _("。") + _sample_words(choice)


def _sample_words(choice: Figures) -> str:
    if choice["sampled"] >= choice["buyers"]:
        return ""
    figures = {"sampled": f"{choice['sampled']:,}", "buyers": f"{choice['buyers']:,}"}
    return _("(从 %(buyers)s 位里均匀抽了 %(sampled)s 位来检验。)") % figures


def _ranking_words(choice: Figures) -> str:
    ours, rule = standing(choice, choice["winner"]), standing(choice, "last_period")
    figures = {"model": f"{ours['correlation']:.2f}", "rule": f"{rule['correlation']:.2f}"}
    if ours["correlation"] >= rule["correlation"]:
        return (
            _("谁会多来、谁会少来，预测与实际的相关是 %(model)s，比“照上一段时间再来一遍”的 %(rule)s 好。")
            % figures
        )
    return (
        _(
            "谁会多来、谁会少来，预测与实际的相关是 %(model)s，不如“照上一段时间再来一遍”的 %(rule)s：排名请谨慎看。"
        )
        % figures
    )


def standing(choice: Figures, name: str) -> Figures:
    """The figures of one candidate."""
    found: Figures = next(one for one in choice["standings"] if one["name"] == name)
    return found


def winner_words(choice: Figures) -> str:
    """Which candidate is used, and why."""
    rivals = [one for one in choice["standings"] if one["name"] != "last_period"]
    best = min(rivals, key=lambda one: one["root_error"])["name"]
    words = {"count": len(rivals), "name": candidate_name(choice["winner"]), "best": candidate_name(best)}
    if choice["winner"] == "mean":
        return _("比了 %(count)s 种算法：没有哪一种明显比它们的平均更准，用平均，最稳。") % words
    if choice["winner"] == best:
        return _("比了 %(count)s 种算法：%(name)s猜得最准，用它。") % words
    return _("比了 %(count)s 种算法：%(best)s与%(name)s不相上下，用算得更快的%(name)s。") % words


def verdict(choice: Figures, one: Figures) -> str:
    """What a candidate's line comes to."""
    if one["name"] == choice["winner"]:
        return _("在用")
    if one["name"] == "last_period":
        return _("对照")
    return _("不相上下") if one["behind"] <= 1.0 else _("差一些")


def _spend_words(spends: Figures, figures: Figures) -> list[str]:
    found = {
        "repeat": _("每次花多少：照 Gamma-Gamma 模型，看第二次起的消费。"),
        "all": _("每次花多少：照 Gamma-Gamma 模型，第一次消费也算在内，检验下来更准。"),
        "population": _("每次花多少：检验下来，按全店平均猜最准，就用全店平均。"),
        "own": _("每次花多少不合模型的假定，改用客户自己的平均，向全店平均靠拢。"),
    }[spends["way"]]
    together = figures.get("independence")
    if spends["way"] in ("repeat", "all") and together:
        return [found, _independence_words(together)]
    return [found]


def _independence_words(together: Figures) -> str:
    figures = {"value": f"{together['correlation']:.2f}"}
    if not together["is_dependent"]:
        return _("来得多的人与每次花得多的人几乎无关(相关 %(value)s),模型的前提成立。") % figures
    return _("来得多与每次花得多有关(相关 %(value)s),模型假定两者无关，个人金额要打些折扣看。") % figures


def trust_words(figures: Figures) -> str:
    """One line on a customer's page: how far the figures can be trusted."""
    choice = figures.get("choice")
    if not choice:
        return _("记录还少，这些数只是粗估。")
    off = choice["predicted"] / max(1, choice["came"]) - 1
    words = _("拿最近 %(days)s 天检验过：全店总数相差 %(off)s。单个客户的数只看大小，不看零头。") % {
        "days": choice["hidden_days"],
        "off": percent(abs(off)),
    }
    return words + _(" 差得不小，请当参考。") if abs(off) > FAR_OFF else words


def warning_words(choice: Figures | None, *, horizon_days: int) -> str:
    """How well the warning did: of those it would have named, how many really stayed away."""
    if not choice or not choice["warning"]["left"]:
        return _("历史还不够长，没法检验这份名单有多准。")
    warned = choice["warning"]
    fifth = next(point for point in warned["capture"] if point["contacted"] == 0.2)
    figures = {
        "days": horizon_days,
        "customers": f"{warned['customers']:,}",
        "left": f"{warned['left']:,}",
        "caught": percent(fifth["caught"]),
        "by_luck": percent(0.2),
    }
    return (
        _(
            "拿过去的 %(days)s 天检验：当时活跃的 %(customers)s 位里有 %(left)s 位没再来；"
            "按可能性先联系两成的人，能碰到其中的 %(caught)s，随便挑只碰到 %(by_luck)s。"
        )
        % figures
    )
