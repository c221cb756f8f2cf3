"""What a run learnt is kept whole: trees apart, the comparison beside it, and for a week."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection

from shuke.analytics import boosting, choosing, deciding
from shuke.analytics.arrays import Groups
from shuke.analytics.purchases import Purchases, with_customers
from shuke.orders.models import Order
from shuke.team.queries import SYSTEM
from shuke.value.models import CustomerValue, ModelRun, TrainedTrees
from shuke.value.services import refresh_all, refresh_customer
from shuke.value.services.facts import day_number
from shuke.value.services.learnt import drop_unused_trees, earlier_of, model_of
from shuke.value.testing import TODAY, add_order, small_shop

NONE = np.zeros(0, np.int64)
NOBODY = Purchases(NONE, Groups.of_counts(NONE), NONE, NONE)
pytestmark = pytest.mark.django_db
SAME_BUT = {"model_run_id", "digest"}


def stored() -> dict[int, dict]:
    rows = CustomerValue.objects.values()
    return {
        row["customer_id"]: {name: value for name, value in row.items() if name not in SAME_BUT}
        for row in rows
    }


def refresh(days: int = 0) -> ModelRun:
    return ModelRun.objects.get(pk=refresh_all(SYSTEM, as_of=TODAY + timedelta(days=days)))


@pytest.fixture
def with_trees(monkeypatch):
    """Trees are candidates in a small shop too, and the mean wins."""
    monkeypatch.setattr(deciding, "TREES_FROM", 50)
    monkeypatch.setitem(boosting.SETTINGS, "max_iter", 15)
    monkeypatch.setattr(choosing, "winner_of", lambda standings, **other: "mean")


def test_trees_are_kept_apart_and_score_one_customer_like_all(with_trees):
    ids = small_shop(170)
    run = refresh()
    trees = TrainedTrees.objects.get()
    assert run.parameters["forecaster"]["decision"]["boosting"] == {"digest": trees.digest}
    assert model_of(run.parameters).forecaster.decision.boosting is not None
    nightly = stored()
    some = ids[::9]
    CustomerValue.objects.filter(pk__in=some).delete()
    for customer_id in some:
        refresh_customer(customer_id, as_of=TODAY)
    assert stored() == nightly
    trees.content |= {"horizon_days": 1}
    trees.save()
    with pytest.raises(ValueError, match="missing or changed"):
        model_of(run.parameters)
    purchases = with_customers(NOBODY, np.array(ids))
    assert (
        earlier_of(run, purchases, as_of=day_number(TODAY), horizon_days=90) is None
    )  # it will compare anew


def test_trees_of_older_runs_go_and_those_in_use_stay():
    def made(digest: str, state: str) -> None:
        TrainedTrees.objects.get_or_create(digest=digest, defaults={"content": {}})
        boosting = {"decision": {"boosting": {"digest": digest}}}
        ModelRun.objects.create(as_of=TODAY, state=state, parameters={"forecaster": boosting})

    for digest, state in (("a", "done"), ("b", "done"), ("b", "done"), ("f", "failed"), ("c", "running")):
        made(digest, state)
    ModelRun.objects.create(as_of=TODAY, state="failed")
    drop_unused_trees()
    assert set(TrainedTrees.objects.values_list("digest", flat=True)) == {"b", "c"}


def test_a_comparison_holds_for_a_week_and_is_told_by_every_run(monkeypatch):
    small_shop(150)
    compared = []
    decide = deciding.decide

    def counted(*args, **kwargs):
        compared.append(kwargs["as_of"])
        return decide(*args, **kwargs)

    monkeypatch.setattr(deciding, "decide", counted)
    first, second = refresh(), refresh(6)
    assert len(compared) == 1
    assert second.figures["choice"] == first.figures["choice"]
    assert second.parameters["forecaster"]["decision"] == first.parameters["forecaster"]["decision"]
    assert second.parameters["forecaster"]["models"] != first.parameters["forecaster"]["models"]
    third = refresh(7)
    assert (
        len(compared) == 2 and third.figures["choice"]["made_on"] == (TODAY + timedelta(days=7)).isoformat()
    )


def test_what_is_no_purchase_of_the_shop_changes_nobody():
    """Other currencies, orders wholly returned, and an order written as two on its day."""
    ids = small_shop(150)
    run = refresh()
    before = stored()
    for place, who in enumerate(ids):
        add_order(who, TODAY - timedelta(days=place % 60), 900_000, number=f"usd-{place}", currency="USD")
    for place, who in enumerate(ids[:40]):
        add_order(who, TODAY, 70_000, number=f"bought-{place}")
        add_order(who, TODAY, -70_000, number=f"returned-{place}")
    plain = "kind = 'sale' and currency = 'CNY' and number ~ '^N' and refund_fen = 0"
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into orders_order (source, number, kind, customer_id, ordered_at, ordered_on, amount_fen, currency)"
            " select source, number || '-2', kind, customer_id, ordered_at, ordered_on, amount_fen / 2, currency"
            f" from orders_order where {plain}"
        )
        cursor.execute(
            f"update orders_order set amount_fen = amount_fen - amount_fen / 2 where {plain} and number !~ '-2$'"
        )
    again = refresh()
    assert stored() == before and again.figures["changed"] == 0
    assert again.parameters == run.parameters


def test_a_history_that_begins_later_is_the_history_there_is():
    """Left truncation: what is older than the records is not guessed."""
    ids = small_shop(400)
    begins = TODAY - timedelta(days=300)
    Order.objects.filter(ordered_on__lt=begins).delete()
    run = refresh()
    assert run.parameters["forecaster"] is not None
    firsts = CustomerValue.objects.filter(pk__in=ids, first_on__isnull=False)
    assert min(firsts.values_list("first_on", flat=True)) >= begins
    choice = run.figures["choice"]
    assert (
        choice["customers"] <= firsts.count() and max(group["label"] for group in choice["cohorts"]) <= 7
    )  # 210 days before the cut


def test_a_young_shop_is_told_that_nothing_was_tested():
    small_shop(400)
    begins = TODAY - timedelta(days=80)
    Order.objects.filter(ordered_on__lt=begins).delete()
    run = refresh()
    decision = run.parameters["forecaster"]["decision"]
    assert run.figures["choice"] is None and (decision["winner"], decision["is_tested"]) == ("mean", False)
