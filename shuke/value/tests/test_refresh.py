from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from shuke.kernel.models import EventRow
from shuke.orders.events import OrderRecorded
from shuke.team.queries import SYSTEM
from shuke.team.testing import cast
from shuke.value.handlers import refresh_value_after_order
from shuke.value.models import CustomerValue, ModelRun, StageMove, ValueSummary
from shuke.value.services import PolicyForm, refresh_all, refresh_customer, save_policy
from shuke.value.services.rows import rows_of
from shuke.value.testing import TODAY, add_order, add_people, small_shop

pytestmark = pytest.mark.django_db
ALL_FIELDS = [field.attname for field in CustomerValue._meta.concrete_fields]


def stored() -> dict[int, dict]:
    return {row["customer_id"]: row for row in CustomerValue.objects.values(*ALL_FIELDS)}


def moves() -> set[tuple]:
    return set(StageMove.objects.values_list("customer_id", "from_stage", "to_stage", "moved_on"))


def test_at_once_equals_nightly_for_every_customer():
    ids = small_shop(160)
    refresh_all(SYSTEM, as_of=TODAY)
    nightly, nightly_moves = stored(), moves()
    assert set(nightly) == set(ids)
    CustomerValue.objects.filter(pk__in=ids[::2]).delete()
    StageMove.objects.filter(customer_id__in=ids[::2]).delete()
    for customer_id in ids[::2]:
        refresh_customer(customer_id, as_of=TODAY)
    assert stored() == nightly
    assert moves() == nightly_moves


def test_one_order_changes_its_customer_and_nobody_else(monkeypatch):
    ids = small_shop(150)
    refresh_all(SYSTEM, as_of=TODAY)
    before = stored()
    add_order(ids[3], TODAY, 88_800, number="new")
    monkeypatch.setattr("shuke.kernel.clock.today", lambda: TODAY)
    refresh_value_after_order(OrderRecorded(order_id=1, customer_id=ids[3]))
    after = stored()
    assert {pk for pk in ids if before[pk] != after[pk]} == {ids[3]}
    assert after[ids[3]]["last_on"] == TODAY
    assert after[ids[3]]["spent_fen"] == before[ids[3]]["spent_fen"] + 88_800
    assert EventRow.objects.filter(name="CustomerValueChanged").count() == 1


def test_delivering_the_same_order_twice_changes_nothing_more():
    ids = small_shop(120)
    refresh_all(SYSTEM, as_of=TODAY)
    assert refresh_customer(ids[0], as_of=TODAY) is False
    assert EventRow.objects.filter(name="CustomerValueChanged").count() == 0


def test_a_second_run_on_the_same_day_writes_nothing():
    small_shop(150)
    refresh_all(SYSTEM, as_of=TODAY)
    first = stored()
    run = ModelRun.objects.get(pk=refresh_all(SYSTEM, as_of=TODAY))
    assert run.figures["changed"] == 0
    assert stored() == first


def test_amounts_refunds_returns_and_foreign_money():
    one, two = add_people(2)
    add_order(one, TODAY - timedelta(days=30), 10_000, number="1", refund_fen=2_500)
    add_order(one, TODAY - timedelta(days=30), 1_000, number="2")
    add_order(one, TODAY - timedelta(days=10), 6_000, number="3")
    add_order(one, TODAY - timedelta(days=5), -7_000, number="4")
    add_order(one, TODAY, 99_900, number="5", currency="USD")
    add_order(two, TODAY + timedelta(days=3), 500, number="6")
    add_order(None, TODAY, 77_700, number="7")
    refresh_all(SYSTEM, as_of=TODAY)
    value = CustomerValue.objects.get(pk=one)
    # 7,500 + 1,000 on the first day; the return takes all 6,000 of the second and 1,000 of the first.
    assert (value.purchases, value.spent_fen) == (1, 7_500)
    assert value.first_on == value.last_on == TODAY - timedelta(days=30)
    assert value.stage == "first" and value.group != ""
    nobody = CustomerValue.objects.get(pk=two)
    assert (nobody.purchases, nobody.stage, nobody.group, nobody.level) == (0, "prospect", "", "")
    assert nobody.last_on is None and nobody.next_expected_on is None


def test_a_run_keeps_its_model_figures_and_summaries():
    house = cast()
    small_shop(300, stores=[house.store.pk, house.other_store.pk])
    run = ModelRun.objects.get(pk=refresh_all(SYSTEM, as_of=TODAY))
    assert (run.state, run.progress) == ("done", 100)
    assert run.figures["customers"] == 300 and run.figures["buyers"] <= 270
    choice, decision = run.figures["choice"], run.parameters["forecaster"]["decision"]
    assert (choice["hidden_days"], choice["made_on"]) == (90, TODAY.isoformat())
    assert choice["winner"] == decision["winner"] and set(run.figures["purchases_fits"]) >= {"bg"}
    assert sum(group["came"] for group in choice["tenths"]) == choice["came"] > 0
    whole = ValueSummary.objects.get(name="overview", store_id=None).content
    parts = [
        ValueSummary.objects.get(name="overview", store_id=store.pk).content
        for store in (house.store, house.other_store)
    ]
    for figure in ("customers", "buyers", "spent_fen", "clv_fen", "slipping", "at_stake_fen"):
        assert whole[figure] == sum(part[figure] for part in parts)
    cells = ValueSummary.objects.get(name="rfm_matrix", store_id=None).content["cells"]
    assert sum(cell["customers"] for cell in cells) == whole["buyers"] == sum(whole["groups"].values())
    flow = ValueSummary.objects.get(name="lifecycle_flow", store_id=None).content
    assert sum(link["customers"] for link in flow["links"]) == 300
    months = ValueSummary.objects.get(name="revenue_monthly", store_id=None).content["months"]
    assert sum(month["new_customers"] for month in months) == whole["buyers"]
    assert sum(month["new_fen"] + month["returning_fen"] for month in months) == whole["spent_fen"]


def test_a_merged_customer_loses_their_row():
    ids = small_shop(120)
    refresh_all(SYSTEM, as_of=TODAY)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("update customers_customer set merged_into_id = %s where id = %s", [ids[0], ids[1]])
    refresh_all(SYSTEM, as_of=TODAY)
    assert set(stored()) == set(ids) - {ids[1]}


def test_an_empty_shop_computes_nothing_and_fails_at_nothing():
    run = ModelRun.objects.get(pk=refresh_all(SYSTEM, as_of=TODAY))
    assert run.state == "done" and run.figures["customers"] == 0


def test_a_failed_run_says_why_and_keeps_the_values(monkeypatch):
    small_shop(120)
    refresh_all(SYSTEM, as_of=TODAY)
    before = stored()

    def broken(*args, **kwargs):
        raise RuntimeError("out of tea")

    monkeypatch.setattr("shuke.value.services.refresh.write_summaries", broken)
    with pytest.raises(RuntimeError):
        refresh_all(SYSTEM, as_of=TODAY + timedelta(days=1))
    failed = ModelRun.objects.order_by("-pk").first()
    assert (failed.state, failed.problem) == ("failed", "RuntimeError: out of tea")
    assert stored() == before


def test_only_those_who_may_refresh_or_configure_do():
    house = cast()
    form = PolicyForm(180, 3, 30, 60, 90, 8, 30)
    for visitor in (house.wang, house.analyst, house.stranger):
        with pytest.raises(PermissionDenied):
            refresh_all(visitor)
    for visitor in (house.lin, house.wang, house.analyst, house.stranger):
        with pytest.raises(PermissionDenied):
            save_policy(actor=visitor, form=form)
    assert ModelRun.objects.count() == 0 and not EventRow.objects.filter(name="ValuePolicyChanged").exists()


def test_new_rules_change_the_stages_of_the_next_run():
    small_shop(150)
    save_policy(actor=cast().owner, form=PolicyForm(180, 2, 20, 40, 60, 8, 30))
    run = ModelRun.objects.get(pk=refresh_all(SYSTEM, as_of=TODAY))
    assert run.parameters["thresholds"] == {
        "loyal_from": 2,
        "decline_after_days": 20,
        "lapsed_after_days": 40,
    }
    assert run.parameters["window_days"] == 180 and run.parameters["churn_horizon_days"] == 60
    silent = CustomerValue.objects.filter(last_on__lt=TODAY - timedelta(days=40))
    assert set(silent.values_list("stage", flat=True)) == {"lapsed"}


def test_revenue_by_month_equals_a_count_in_sql():
    from django.db import connection

    ids = add_people(3)
    for place, (who, days, fen) in enumerate(
        [(0, 3, 100), (0, 3, 50), (0, 20, 70), (0, 40, 10), (1, 35, 500), (2, 800, 900), (2, 2, 30)]
    ):
        add_order(ids[who], TODAY - timedelta(days=days), fen, number=f"m{place}")
    refresh_all(SYSTEM, as_of=TODAY)
    months = ValueSummary.objects.get(name="revenue_monthly", store_id=None).content["months"]
    with connection.cursor() as cursor:
        cursor.execute(
            "select to_char(o.ordered_on, 'YYYY-MM'), coalesce(sum(amount_fen) filter (where o.ordered_on = f.first), 0),"
            " coalesce(sum(amount_fen) filter (where o.ordered_on > f.first), 0),"
            " count(distinct o.customer_id) filter (where o.ordered_on > f.first)"
            " from orders_order o join (select customer_id, min(ordered_on) as first from orders_order group by 1) f"
            " using (customer_id) where o.ordered_on > %s group by 1 order by 1",
            [TODAY - timedelta(days=700)],
        )
        wanted = [(month, int(new), int(old), people) for month, new, old, people in cursor.fetchall()]
    assert len(wanted) == 2
    assert [
        (one["month"], one["new_fen"], one["returning_fen"], one["returning_customers"]) for one in months
    ] == wanted


def test_a_run_whose_process_died_is_taken_up_where_it_stood(monkeypatch):
    small_shop(200)
    wanted = ModelRun.objects.get(pk=refresh_all(SYSTEM, as_of=TODAY))
    rows = stored()
    CustomerValue.objects.all().delete()

    def dies(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shuke.value.services.refresh.write_back", dies)
        with pytest.raises(KeyboardInterrupt):
            refresh_all(SYSTEM, as_of=TODAY)
    left = ModelRun.objects.order_by("-pk").first()
    assert (left.state, left.progress) == ("running", 75)
    stray = ModelRun.objects.create(as_of=TODAY - timedelta(days=1), progress=20)
    monkeypatch.setattr("shuke.analytics.scoring.learn", dies)  # must not be learnt a second time
    run = ModelRun.objects.get(pk=refresh_all(SYSTEM, as_of=TODAY))
    assert (run.pk, run.state, run.figures["resumed"]) == (left.pk, "done", 1)
    assert run.parameters == wanted.parameters
    assert {who: row | {"model_run_id": 0} for who, row in stored().items()} == {
        who: row | {"model_run_id": 0} for who, row in rows.items()
    }
    stray.refresh_from_db()
    assert (stray.state, stray.problem) == ("failed", "interrupted")


def test_rows_that_stay_the_same_are_not_written_again():
    ids = small_shop(150)
    first = refresh_all(SYSTEM, as_of=TODAY)
    add_order(ids[7], TODAY, 1, number="tiny")
    refresh_all(SYSTEM, as_of=TODAY)
    second = ModelRun.objects.order_by("-pk").first()
    by_run = {run: CustomerValue.objects.filter(model_run_id=run).count() for run in (first, second.pk)}
    assert by_run[second.pk] == second.figures["changed"] > 0
    assert by_run[first] == 150 - second.figures["changed"] > 0
    assert second.figures["flowed"] == 1


def test_what_happens_while_a_run_computes_is_not_undone_by_it(monkeypatch):
    """An order and a new customer of the time between reading and writing keep the values they were given at once."""
    ids = small_shop(150)
    refresh_all(SYSTEM, as_of=TODAY)
    seen = {}

    def meanwhile(*args, **kwargs):
        add_order(ids[3], TODAY, 90_000, number="meanwhile")
        seen["new"] = add_people(1)[0]
        for who in (ids[3], seen["new"]):
            refresh_customer(who, as_of=TODAY)
        seen["rows"] = {who: stored()[who] for who in (ids[3], seen["new"])}
        return rows_of(*args, **kwargs)

    monkeypatch.setattr("shuke.value.services.refresh.rows_of", once(meanwhile, rows_of))
    refresh_all(SYSTEM, as_of=TODAY + timedelta(days=1))
    now = stored()
    assert now[ids[3]] == seen["rows"][ids[3]] and now[seen["new"]] == seen["rows"][seen["new"]]


def once(first, later):
    """A function that acts as `first` the first time, and as `later` from within and after."""
    acts = iter([first])
    return lambda *args, **kwargs: next(acts, later)(*args, **kwargs)
