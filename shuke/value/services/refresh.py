"""Computing values: everybody's in a run, one customer's at once; the same scoring either way."""

from dataclasses import asdict
from datetime import date
from functools import lru_cache

import numpy as np
from django.db import transaction

from shuke.analytics import scoring
from shuke.analytics.arrays import Groups
from shuke.analytics.engines import Engine
from shuke.analytics.purchases import Purchases
from shuke.analytics.scoring import ShopModel, Values
from shuke.customers.queries import living_id
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor, shop
from shuke.team.services import require
from shuke.value.events import CustomerValueChanged, RefreshRequested, ValuesRefreshed
from shuke.value.models import CustomerValue, ModelRun, StageMove
from shuke.value.services.facts import day_number, engine, read_customer, read_shop
from shuke.value.services.learnt import drop_unused_trees, earlier_of, findings_json, fit_json, kept, model_of
from shuke.value.services.policy import stored_policy
from shuke.value.services.reading import analyze, lock
from shuke.value.services.rows import rows_of
from shuke.value.services.runs import RunLog, alone, run_for
from shuke.value.services.summaries import Scored, write_summaries
from shuke.value.services.writing import write_back, write_customer

RUN_LOCK = 7_301_013
CUSTOMER_LOCK = 7_301  # one for each customer


def refresh_all(actor: Actor, *, as_of: date | None = None) -> int:
    """Compute everybody's values from the facts and write what changed. Returns the run's id.

    A failure leaves all values as they were and the run marked failed with the reason. A run whose process died is taken up
    again where it stood: what was learnt is not learnt twice.
    """
    require(actor, "value.refresh")
    with alone():
        run = run_for(as_of or clock.today(), engine().name)
        try:
            _compute(run)
        except Exception as error:
            run.fail(error)
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
    with engine() as computing:
        facts = read_shop(computing, as_of=today)
        values = computing.score(facts.purchases, model, as_of=day_number(today))
    with transaction.atomic():
        lock(RUN_LOCK)
        if _last_model()[0] == run_id:  # else a run was quicker, and has counted them
            write_summaries(Scored(facts.purchases, values, values.moves, facts.store), run_id)
    return True


def _compute(run: RunLog) -> None:
    with engine() as computing:
        facts = read_shop(computing, as_of=run.as_of)
        run.reached("facts", 20, rows=facts.rows, flowed=facts.flowed)
        values = _values_of(run, computing, facts.purchases)
    run.reached("score", 75)
    with transaction.atomic():
        lock(RUN_LOCK)
        written = write_back(rows_of(values, model_run_id=run.pk))
        run.reached("write", 90, changed=written.values, moves=written.moves)
        write_summaries(Scored(facts.purchases, values, values.moves, facts.store), run.pk)
        run.reached("summaries", 99, **_counts(values))
        run.finish()
        drop_unused_trees()
        publish(ValuesRefreshed(model_run_id=run.pk, changed=written.values))
    analyze("value_customervalue", "value_stagemove")


def _values_of(run: RunLog, computing: Engine, purchases: Purchases) -> Values:
    """Everybody's values; with the model that the run learnt before its process died, if it got so far."""
    today = day_number(run.as_of)
    if run.learnt:
        return computing.score(purchases, model_of(run.learnt), as_of=today)
    policy = stored_policy().analytics_policy()
    before = earlier_of(_last_run(), purchases, as_of=today, horizon_days=policy.churn_horizon_days)
    learned = scoring.learn(purchases, policy, as_of=today, earlier=before.earlier if before else None)
    run.keep_model(
        kept(learned.model),
        purchases_fits={name: fit_json(fit) for name, fit in learned.purchases_fits.items()},
        spend_fit=fit_json(learned.spend_fit),
        independence=asdict(learned.independence) if learned.independence else None,
        choice=findings_json(learned.findings)
        or (before.choice if before and not learned.findings else None),
    )
    run.reached("learn", 55)
    return computing.score_learned(purchases, learned, as_of=today)


def _counts(values: Values) -> dict[str, int]:
    return {
        "customers": int(values.features.customer.size),
        "buyers": int(values.features.has_bought.sum()),
        "purchases": int(values.features.purchases.sum()),
    }


def refresh_customer(customer_id: int, *, as_of: date | None = None) -> bool:
    """Compute one customer's value with the last run's model; says whether it changed. Safe to repeat.

    Who is in the recycle bin, or gone, has none.
    """
    if living_id(customer_id) is None:
        return False
    day = as_of or clock.today()
    with transaction.atomic():
        lock(CUSTOMER_LOCK, customer_id % 2**31)
        run_id, model = _last_model()
        purchases = read_customer(customer_id, currency=shop().currency, as_of=day)
        values = scoring.score(purchases, model, as_of=day_number(day))
        has_changed = write_customer(rows_of(values, model_run_id=run_id))
        if has_changed:
            publish(CustomerValueChanged(customer_id=customer_id))
    return has_changed


@transaction.atomic
def forget_customer(customer_id: int) -> None:
    """Drop the value and stage moves of a record that lives on in another one; computed anew should it come back."""
    lock(CUSTOMER_LOCK, customer_id % 2**31)
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
    return model_of(ModelRun.objects.values_list("parameters", flat=True).get(pk=run_id))


def _last_run() -> ModelRun | None:
    return ModelRun.objects.filter(state=ModelRun.State.DONE).order_by("-pk").first()


def _unlearned_model() -> ShopModel:
    """Before the first run: simple rules and the default thresholds."""
    none = np.zeros(0, np.int64)
    empty = Purchases(none, Groups.of_counts(none), none, none)
    return scoring.learn(empty, stored_policy().analytics_policy(), as_of=0).model
