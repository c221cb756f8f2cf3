"""Computing values: everybody's in a run, one customer's at once; the same scoring either way."""

import time
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import connection, transaction

from shuke.analytics import scoring
from shuke.analytics.arrays import Groups
from shuke.analytics.backtest import backtest
from shuke.analytics.purchases import Purchases
from shuke.analytics.scoring import Learned, ShopModel, Values
from shuke.customers.queries import living_id
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor, shop
from shuke.team.services import require
from shuke.value.events import CustomerValueChanged, RefreshRequested, ValuesRefreshed
from shuke.value.models import CustomerValue, ModelRun, StageMove
from shuke.value.services.facts import day_number, read_customer, read_shop
from shuke.value.services.policy import stored_policy
from shuke.value.services.rows import (
    move_table,
    value_table,
    write_customer,
    write_moves,
    write_values,
)
from shuke.value.services.summaries import Scored, write_summaries

RUN_LOCK = 7_301_013
CUSTOMER_LOCK = 7_301  # one for each customer
HIDDEN_DAYS = 90


def refresh_all(actor: Actor, *, as_of: date | None = None) -> int:
    """Compute everybody's values from the orders and write what changed. Returns the run's id.

    A failure leaves all values as they were and the run marked failed with the reason.
    """
    require(actor, "value.refresh")
    run = ModelRun.objects.create(as_of=as_of or clock.today())
    try:
        _compute(run)
    except Exception as error:
        ModelRun.objects.filter(pk=run.pk).update(
            state=ModelRun.State.FAILED, problem=f"{type(error).__name__}: {error}", finished_at=clock.now()
        )
        raise
    return run.pk


@transaction.atomic
def request_refresh(*, actor: Actor) -> None:
    """Have everybody's values computed soon, in the background."""
    require(actor, "value.refresh")
    publish(RefreshRequested())


def recount_summaries(actor: Actor) -> bool:
    """Write the figures of the pages anew with the last run's model; nobody's own value changes. Safe to repeat.

    For when customers left or came back between two runs. Before the first run there is nothing to count: False.
    """
    require(actor, "value.refresh")
    run_id, model = _last_model()
    if run_id is None:
        return False
    today = clock.today()
    facts = read_shop(currency=shop().currency, as_of=today)
    values = scoring.score(facts.purchases, model, as_of=day_number(today))
    with transaction.atomic():
        _lock(RUN_LOCK)
        if _last_model()[0] == run_id:  # else a run was quicker, and has counted them
            write_summaries(Scored(facts.purchases, values, values.moves, facts.store), run_id)
    return True


def _compute(run: ModelRun) -> None:
    watch, today = _Watch(run), day_number(run.as_of)
    facts = read_shop(currency=shop().currency, as_of=run.as_of)
    watch.reached("read", 20)
    learned = scoring.learn(facts.purchases, stored_policy().analytics_policy(), as_of=today)
    watch.reached("learn", 45)
    values = scoring.score_all(facts.purchases, learned, as_of=today)
    watch.reached("score", 60)
    report = backtest(facts.purchases, as_of=today, hidden_days=HIDDEN_DAYS)
    watch.reached("backtest", 70)
    with transaction.atomic():
        _lock(RUN_LOCK)
        changed = write_values(value_table(values, model_run_id=run.pk))
        write_moves(move_table(values.moves, values.features.customer))
        write_summaries(Scored(facts.purchases, values, values.moves, facts.store), run.pk)
        watch.reached("write", 99)
        run.parameters = learned.model.to_json()
        run.figures = {
            **_figures(values, learned),
            "changed": changed,
            "seconds": watch.seconds,
            "backtest": asdict(report) if report else None,
        }
        run.state, run.progress, run.finished_at = ModelRun.State.DONE, 100, clock.now()
        run.save()
        publish(ValuesRefreshed(model_run_id=run.pk, changed=changed))
    _tidy_statistics()


class _Watch:
    """Notes how long each step took and how far the run is."""

    def __init__(self, run: ModelRun) -> None:
        self.run, self.seconds, self.began = run, dict[str, float](), time.monotonic()

    def reached(self, step: str, percent: int) -> None:
        moment = time.monotonic()
        self.seconds[step] = round(moment - self.began, 3)
        self.began = moment
        ModelRun.objects.filter(pk=self.run.pk).update(progress=percent)


def _figures(values: Values, learned: Learned) -> dict[str, Any]:
    return {
        "customers": int(values.features.customer.size),
        "buyers": int(values.features.has_bought.sum()),
        "purchases": int(values.features.purchases.sum()),
        "purchases_fit": _fit_json(learned.purchases_fit),
        "spend_fit": _fit_json(learned.spend_fit),
        "independence": None if np.isnan(learned.independence) else round(learned.independence, 4),
    }


def _fit_json(fit: Any) -> dict[str, Any] | None:
    if fit is None:
        return None
    content = asdict(fit)
    for part in ("parameters", "errors"):
        content[part] = {
            name: None if np.isnan(value) else round(value, 6) for name, value in content[part].items()
        }
    return content


def refresh_customer(customer_id: int, *, as_of: date | None = None) -> bool:
    """Compute one customer's value with the last run's model; says whether it changed. Safe to repeat.

    Who is in the recycle bin, or gone, has none.
    """
    if living_id(customer_id) is None:
        return False
    day = as_of or clock.today()
    with transaction.atomic():
        _lock(CUSTOMER_LOCK, customer_id % 2**31)
        run_id, model = _last_model()
        purchases = read_customer(customer_id, currency=shop().currency, as_of=day)
        values = scoring.score(purchases, model, as_of=day_number(day))
        table = value_table(values, model_run_id=run_id)
        has_changed = write_customer(table, move_table(values.moves, values.features.customer))
        if has_changed:
            publish(CustomerValueChanged(customer_id=customer_id))
    return has_changed


@transaction.atomic
def forget_customer(customer_id: int) -> None:
    """Drop the value and stage moves of a record that lives on in another one; computed anew should it come back."""
    _lock(CUSTOMER_LOCK, customer_id % 2**31)
    if living_id(customer_id) == customer_id:
        return
    CustomerValue.objects.filter(pk=customer_id).delete()
    StageMove.objects.filter(customer_id=customer_id).delete()


def _last_model() -> tuple[int | None, ShopModel]:
    done = ModelRun.objects.filter(state=ModelRun.State.DONE).order_by("-pk")
    run_id = done.values_list("pk", flat=True).first()
    if run_id is None:
        return None, _unlearned_model()
    return run_id, _model_of_run(run_id)


@lru_cache(maxsize=4)
def _model_of_run(run_id: int) -> ShopModel:
    return ShopModel.from_json(ModelRun.objects.values_list("parameters", flat=True).get(pk=run_id))


def _unlearned_model() -> ShopModel:
    """Before the first run: simple rules and the default thresholds."""
    none = np.zeros(0, np.int64)
    empty = Purchases(none, Groups.of_counts(none), none, none)
    return scoring.learn(empty, stored_policy().analytics_policy(), as_of=0).model


def _lock(*keys: int) -> None:
    marks = ", ".join("%s" for _ in keys)
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({marks})", list(keys))


def _tidy_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute("analyze value_customervalue")
        cursor.execute("analyze value_stagemove")
