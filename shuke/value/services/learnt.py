"""What a run learnt, as it is kept: the model, its trees apart, and what speaks for it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from shuke.analytics import spend
from shuke.analytics.choosing import Group
from shuke.analytics.deciding import Findings, is_still_good
from shuke.analytics.purchases import Purchases
from shuke.analytics.scoring import Earlier, ShopModel
from shuke.value.models import ModelRun, TrainedTrees
from shuke.value.services.facts import day_of

RUNS_WITH_TREES = 3
PLAIN = ("name", "root_error", "correlation", "mean_error", "bias", "auc", "brier", "behind")


def kept(model: ShopModel) -> dict[str, Any]:
    """The model as a run keeps it: all but the trees, which get a row of their own."""
    content = model.to_json()
    decision = content["forecaster"]["decision"] if content["forecaster"] else {}
    if decision.get("boosting"):
        trees = decision["boosting"]
        digest = _digest(trees)
        TrainedTrees.objects.get_or_create(digest=digest, defaults={"content": trees})
        decision["boosting"] = {"digest": digest}
    return content


def model_of(content: dict[str, Any]) -> ShopModel:
    """The model that `kept` kept; ValueError where its trees are gone or are others now."""
    forecaster = content.get("forecaster")
    digest = digest_in(content)
    if not forecaster or not digest:
        return ShopModel.from_json(content)
    row = TrainedTrees.objects.filter(pk=digest).first()
    if row is None or _digest(row.content) != digest:
        raise ValueError(
            f"trees {digest[:12]} of the last run are missing or changed: compute everybody anew"
        )
    decision = forecaster["decision"] | {"boosting": row.content}
    return ShopModel.from_json(content | {"forecaster": forecaster | {"decision": decision}})


def digest_in(content: dict[str, Any]) -> str:
    """The trees that a kept model refers to; empty where it has none."""
    forecaster = content.get("forecaster") or {}
    trees = forecaster.get("decision", {}).get("boosting") or {}
    return str(trees.get("digest", ""))


def drop_unused_trees() -> None:
    """Trees that only older runs refer to go; those of the last runs stay."""
    finished = ModelRun.objects.exclude(state=ModelRun.State.FAILED).order_by("-pk")
    recent = finished.values_list("parameters", flat=True)[:RUNS_WITH_TREES]
    TrainedTrees.objects.exclude(pk__in=[digest_in(content) for content in recent]).delete()


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Before:
    """A decision of the last run that still holds, and what spoke for it."""

    earlier: Earlier
    choice: dict[str, Any]


def earlier_of(run: ModelRun | None, purchases: Purchases, *, as_of: int, horizon_days: int) -> Before | None:
    """What the last run settled, if it is of this week and the shop is about the same; else None: compare anew."""
    if run is None or not run.parameters.get("forecaster") or not run.figures.get("choice"):
        return None
    try:
        model = model_of(run.parameters)
    except ValueError:
        return None
    forecaster = model.forecaster
    if forecaster is None or not is_still_good(
        forecaster.decision, purchases, as_of=as_of, horizon_days=horizon_days
    ):
        return None
    way = spend.REPEAT if model.spend.way == spend.OWN else model.spend.way
    return Before(Earlier(forecaster.decision, way), run.figures["choice"])


def findings_json(findings: Findings | None) -> dict[str, Any] | None:
    """A comparison as the run keeps it: every candidate's figures, and the winner's by tenth, cohort and chance."""
    if findings is None:
        return None
    comparison, decision = findings.comparison, findings.decision
    best = comparison.of(comparison.winner)
    return {
        "made_on": day_of(decision.made_on).isoformat(),
        "cut": day_of(comparison.cut).isoformat(),
        "hidden_days": comparison.hidden_days,
        "buyers": findings.buyers,
        "customers": comparison.customers,
        "sampled": findings.sampled,
        "winner": comparison.winner,
        "predicted": round(sum(group.predicted for group in best.by_tenth), 1),
        "came": comparison.came,
        "predicted_fen": findings.predicted_fen,
        "came_fen": findings.came_fen,
        "weights": asdict(comparison.next_weights) if comparison.next_weights else None,
        "standings": [{name: getattr(one, name) for name in PLAIN} for one in comparison.standings],
        "tenths": _groups(best.by_tenth),
        "cohorts": _groups(best.by_cohort),
        "calibration": _groups(best.calibration),
        "warning": asdict(findings.warning),
        "warned_by": list(findings.warned_by),
        "brier_alone": findings.brier_alone,
        "spend": asdict(findings.spend) if findings.spend else None,
    }


def _groups(groups: tuple[Group, ...]) -> list[dict[str, Any]]:
    return [asdict(group) for group in groups]


def fit_json(fit: Any) -> dict[str, Any] | None:
    """A fit as the run keeps it; what is not a number becomes null."""
    if fit is None:
        return None
    content = asdict(fit)
    for part in ("parameters", "errors"):
        content[part] = _rounded(content[part])
    return content


def _rounded(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else round(value, 6) for name, value in figures.items()}
