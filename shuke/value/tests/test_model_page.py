"""预测可信吗 and 即将流失: what they show is what the run found."""

from datetime import timedelta

import pytest

from shuke.analytics import backtest
from shuke.orders.models import Order
from shuke.team.queries import SYSTEM
from shuke.value import queries
from shuke.value.model_words import candidate_name
from shuke.value.models import ModelRun, ValuePolicy
from shuke.value.services import reasons_of_warning, refresh_all
from shuke.value.testing import TODAY, small_shop
from shuke.value.tests.test_pages import chart, full_house, house, text_of  # noqa: F401

pytestmark = pytest.mark.django_db


def test_predicted_stands_beside_what_came(client, full_house):  # noqa: F811
    choice = ModelRun.objects.get().figures["choice"]
    page = text_of(client, full_house.owner, "model").content.decode()
    for name, groups in (("tenths", "tenths"), ("cohorts", "cohorts")):
        predicted, came = chart(page, name)["series"]
        assert predicted["values"] == [group["predicted"] for group in choice[groups]]
        assert came["values"] == [group["came"] for group in choice[groups]]
    said, seen = chart(page, "calibration")["series"]
    assert said["values"] == sorted(said["values"]) and len(seen["values"]) == 10
    for one in choice["standings"]:
        assert candidate_name(one["name"]) in page
    assert page.count("在用") == 1 and "Gamma-Gamma" in page


def test_ranges_hold_the_expected_value_and_fall_from_tenth_to_tenth(client, full_house):  # noqa: F811
    page = text_of(client, full_house.owner, "model").content.decode()
    high, expected, low = (series["values"] for series in chart(page, "ranges")["series"])
    assert expected == sorted(expected, reverse=True) and len(expected) == 10
    assert all(a <= b for a, b in zip(low, high, strict=True)) and low[0] < expected[0] < high[0]


def test_a_shop_with_too_little_says_so(client, house, monkeypatch):  # noqa: F811
    monkeypatch.setattr(backtest, "FEWEST_CUSTOMERS", 10_000)
    small_shop(120)
    refresh_all(SYSTEM, as_of=TODAY)
    page = text_of(client, house.owner, "model").content.decode()
    assert "满 100 位客户" in page and 'id="tenths"' not in page
    assert "没法检验这份名单" in text_of(client, house.owner, "slipping").content.decode()


def test_figures_of_a_run_from_before_the_comparison_break_no_page(client, full_house):  # noqa: F811
    run = ModelRun.objects.get()
    run.parameters.pop("forecaster")
    run.figures = {"buyers": 5, "purchases": 9, "changed": 2, "seconds": {}, "backtest": {"hidden_days": 90}}
    run.save()
    for name in ("model", "slipping", "runs", "overview"):
        assert text_of(client, full_house.owner, name).status_code == 200


def test_the_week_ends_where_the_shop_says(client, full_house):  # noqa: F811
    everybody = queries.slipping_customers(SYSTEM, 100)
    assert len(everybody) > 7
    ValuePolicy.objects.create(weekly_warnings=2)
    page = text_of(client, full_house.owner, "slipping").content.decode()  # two stores: four in all
    this_week, later = page.split("下一批")
    assert this_week.count("row-link") == 4 and later.count("row-link") == len(everybody) - 4
    store = text_of(client, full_house.owner, "slipping", store=full_house.store.pk).content.decode()
    assert store.split("下一批")[0].count("row-link") == 2
    assert "改每周几位" in page
    assert "改每周几位" not in text_of(client, full_house.lin, "slipping").content.decode()


def test_the_capture_curve_is_the_one_of_the_backtest(client, full_house):  # noqa: F811
    warned = ModelRun.objects.get().figures["choice"]["warning"]
    points = chart(text_of(client, full_house.owner, "slipping").content.decode(), "capture")["points"]
    assert points[0] == [0.0, 0.0] and points[-1] == [100.0, 100.0] and len(points) == 21
    assert points[4] == [20.0, round(warned["capture"][3]["caught"] * 100, 1)]


def test_reasons_come_from_the_customers_own_orders(full_house, django_assert_num_queries):  # noqa: F811
    values = queries.slipping_customers(SYSTEM, 20)
    with django_assert_num_queries(2):  # the shop, and everybody's orders
        found = reasons_of_warning(values, today=TODAY, window_days=90)
    assert set(found) == {value.customer_id for value in values}
    for value in values:
        reasons = {reason.code: reason for reason in found[value.customer_id]}
        assert reasons["overdue"].days == (TODAY - value.last_on).days
        if "rarer" in reasons:
            bought = Order.objects.filter(customer_id=value.customer_id, kind="sale", amount_fen__gt=0)
            recent = bought.filter(ordered_on__gt=TODAY - timedelta(days=90))
            assert reasons["rarer"].count <= recent.values("ordered_on").distinct().count()
            assert reasons["rarer"].count < 0.7 * reasons["rarer"].before_count
    assert any(len(reasons) > 1 for reasons in found.values())
    assert reasons_of_warning([], today=TODAY, window_days=90) == {}
