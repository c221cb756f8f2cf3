"""留存, RFM and 阶段流动: figures ready since the last run, the shop's own edges and words, and files of each page."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from shuke.analytics.rfm_views import FIXED, ChosenEdges
from shuke.kernel.models import EventRow
from shuke.team.models import AuditEntry
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast
from shuke.value.models import CustomerValue, ReadyFigures, RfmEdgeChoice, StageStrategy
from shuke.value.queries import ready_figures, stage_strategies
from shuke.value.services import count_views, refresh_all, save_edges, save_strategies, stored_edges
from shuke.value.services.rfm_edges import FIXED_EDGES, OWN_EDGES, QUANTILES, EdgesDoNotRise, EdgesForm
from shuke.value.testing import TODAY, add_order, add_people, small_shop

pytestmark = pytest.mark.django_db
OWN = ChosenEdges((10.0, 20.0, 30.0, 40.0), (1.0, 2.0, 3.0, 4.0), (5_000.0, 10_000.0, 20_000.0, 40_000.0))


@pytest.fixture
def house(monkeypatch: Any) -> Cast:
    monkeypatch.setattr("shuke.kernel.clock.today", lambda: TODAY)
    return cast()


@pytest.fixture
def full_house(house: Cast) -> Cast:
    small_shop(120, stores=[house.store.pk, house.other_store.pk])
    refresh_all(SYSTEM, as_of=TODAY)
    count_views(SYSTEM)
    return house


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def page(staff: Any, name: str, **given: Any) -> str:
    return signed_in(staff).get(reverse(f"value:{name}"), given).content.decode()


def file(staff: Any, name: str, **given: Any) -> list[dict[str, str]]:
    answer = signed_in(staff).get(reverse(f"value:{name}"), {"download": "csv", **given})
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_retention_counts_who_came_back_in_each_month(house: Cast) -> None:
    one, two = add_people(2, stores=[house.store.pk])
    for who, day in (
        (one, date(2026, 9, 3)),
        (one, date(2026, 9, 28)),
        (one, date(2026, 11, 2)),
        (two, date(2026, 9, 9)),
    ):
        add_order(who, day, 10_000, number=f"{who}-{day}")
    assert count_views(SYSTEM) == 2
    found = ready_figures("retention", 0)
    assert found and found.content == {"cohorts": [{"month": "2026-09", "customers": 2, "active": [2, 0, 1]}]}
    assert ready_figures("retention", house.other_store.pk) is None


def test_the_stores_add_up_to_the_shop(full_house: Cast) -> None:
    def customers(store: int, view: str) -> int:
        found = ready_figures("rfm_views", store)
        assert found
        return sum(count for count, _fen in found.content["365:quantiles"][view].values())

    stores = (full_house.store.pk, full_house.other_store.pk)
    buyers = CustomerValue.objects.filter(purchases__gt=0).count()
    for view in ("eight", "eleven"):
        assert customers(0, view) == sum(customers(store, view) for store in stores) == buyers


def test_the_eight_groups_of_the_shops_own_window_are_those_of_the_stored_scores(full_house: Cast) -> None:
    found = ready_figures("rfm_views", 0)
    assert found
    for group, (customers, _fen) in found.content["365:quantiles"]["eight"].items():
        assert customers == CustomerValue.objects.filter(group=group).count()


def test_own_edges_score_everybody_from_the_next_run_on(full_house: Cast) -> None:
    save_edges(actor=full_house.owner, form=EdgesForm(OWN_EDGES, OWN))
    assert stored_edges() == EdgesForm(OWN_EDGES, OWN)
    assert EventRow.objects.filter(name="ValuePolicyChanged").count() == 1
    refresh_all(SYSTEM, as_of=TODAY)
    for row in CustomerValue.objects.filter(purchases__gt=0):
        silent = (TODAY - row.last_on).days
        assert row.r_score == 5 - sum(silent > edge for edge in OWN.recency_days)
        assert row.f_score == 1 + sum(row.window_purchases > edge for edge in OWN.frequency)
        assert row.m_score == 1 + sum(row.window_spent_fen > edge for edge in OWN.money_fen)
    count_views(SYSTEM)
    found = ready_figures("rfm_views", 0)
    assert found and found.content["90:own"]["edges"]["recency_days"] == [10.0, 20.0, 30.0, 40.0]


def test_edges_that_do_not_rise_are_refused_and_nothing_changes(full_house: Cast) -> None:
    wrong = ChosenEdges((10.0, 10.0, 30.0, 40.0), OWN.frequency, OWN.money_fen)
    with pytest.raises(EdgesDoNotRise):
        save_edges(actor=full_house.owner, form=EdgesForm(OWN_EDGES, wrong))
    with pytest.raises(PermissionDenied):
        save_edges(actor=full_house.lin, form=EdgesForm(OWN_EDGES, OWN))
    assert RfmEdgeChoice.objects.count() == 0 and stored_edges() == EdgesForm(QUANTILES, FIXED)


def answers(**changes: Any) -> dict[str, Any]:
    letters = {"r": (10, 20, 30, 40), "f": (1, 2, 3, 4), "m": (50, 100, 200, 400)}
    filled = {f"{letter}{n + 1}": edge for letter, edges in letters.items() for n, edge in enumerate(edges)}
    return {"mode": "own", **filled, **changes}


def test_the_form_of_edges_speaks_yuan_and_says_what_is_wrong(full_house: Cast) -> None:
    owner, address = signed_in(full_house.owner), reverse("value:rfm_edges")
    assert 'value="300"' in owner.get(address).content.decode()  # ¥300: the second fixed edge of money
    wrong = owner.post(address, answers(m4=200))
    assert wrong.status_code == 422 and "从左到右要一个比一个大" in wrong.content.decode()
    assert RfmEdgeChoice.objects.count() == 0
    assert owner.post(address, answers()).status_code == 302
    assert stored_edges().own == OWN
    assert signed_in(full_house.lin).get(address).status_code == 403


def test_the_rfm_page_changes_window_edges_and_groups_and_leads_to_customers_only_where_scores_agree(
    full_house: Cast,
) -> None:
    usual = page(full_house.owner, "rfm")
    assert "重要价值" in usual and "group=key_value" in usual and "客户列表用的就是这套分数" in usual
    other = page(full_house.owner, "rfm", window="90", edges="fixed", groups="eleven")
    assert "绝不能丢的" in other and "group=" not in other.split("<main")[1] and "30 天以内" in other
    assert "重要价值" in page(full_house.owner, "rfm", window="7", edges="odd", groups="'x")


def test_fixed_edges_are_offered_and_own_ones_only_once_there_are_some(full_house: Cast) -> None:
    before = page(full_house.owner, "rfm")
    assert "edges=fixed" in before and "edges=own" not in before
    save_edges(actor=full_house.owner, form=EdgesForm(FIXED_EDGES, OWN))
    count_views(SYSTEM)
    assert "edges=own" in page(full_house.owner, "rfm")


def test_words_of_a_stage_are_the_shops_own_and_come_back_when_emptied(full_house: Cast) -> None:
    owner, address = signed_in(full_house.owner), reverse("value:strategies")
    assert "请他介绍朋友" in page(full_house.wang, "lifecycle")
    owner.post(address, {"loyal": "店长每月打一次电话\n<b>送新茶</b>"})
    shown = page(full_house.wang, "lifecycle")
    assert "店长每月打一次电话<br>&lt;b&gt;送新茶&lt;/b&gt;" in shown and "专人照看" not in shown
    assert stage_strategies() == {"loyal": "店长每月打一次电话\n<b>送新茶</b>"}
    assert AuditEntry.objects.filter(action="stage_strategies_saved").count() == 1
    owner.post(address, {"loyal": ""})
    assert "专人照看" in page(full_house.wang, "lifecycle") and stage_strategies() == {}


def test_a_manager_may_not_write_the_words_of_a_stage(full_house: Cast) -> None:
    assert signed_in(full_house.lin).post(reverse("value:strategies"), {"loyal": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        save_strategies(actor=full_house.lin, texts={"loyal": "x"})
    assert (
        StageStrategy.objects.count() == 0
        and "改" not in page(full_house.lin, "lifecycle").split("每个阶段怎么做")[1][:40]
    )


def test_the_moves_of_one_month_are_those_of_the_file(full_house: Cast) -> None:
    rows = file(full_house.owner, "lifecycle")
    month = rows[-1]["月份"]
    moved = sum(int(row["客户"]) for row in rows if row["月份"] == month)
    shown = page(full_house.owner, "lifecycle", month=month)
    assert f"这个月有 {moved:,} 次变动" in shown
    assert "一年来的去向" in page(full_house.owner, "lifecycle", month="1999-01")


def test_files_of_retention_and_rfm_hold_what_the_pages_show(full_house: Cast) -> None:
    cohorts = file(full_house.owner, "retention")
    assert sum(int(row["人数"]) for row in cohorts) == CustomerValue.objects.filter(purchases__gt=0).count()
    groups = file(full_house.owner, "rfm", groups="eleven")
    assert len(groups) == 11 and sum(int(row["客户"]) for row in groups) == sum(
        int(row["人数"]) for row in cohorts
    )
    assert AuditEntry.objects.filter(action="value_table_exported").count() == 2


@pytest.mark.parametrize("name", ["retention", "rfm"])
def test_pages_of_figures_are_whose_store_it_is_and_cheap(
    full_house: Cast, name: str, django_assert_max_num_queries: Any
) -> None:
    owner = signed_in(full_house.owner)
    with django_assert_max_num_queries(13):
        assert owner.get(reverse(f"value:{name}")).status_code == 200
    assert signed_in(full_house.stranger).get(reverse(f"value:{name}")).status_code == 403
    assert file(full_house.zhou, name) != file(full_house.owner, name)
    other = {"store": full_house.store.pk}
    assert file(full_house.zhou, name, **other) == file(full_house.zhou, name)


@pytest.mark.parametrize(("name", "words"), [("retention", "还看不出留存"), ("rfm", "还没有分数")])
def test_before_the_first_night_the_pages_teach(house: Cast, name: str, words: str) -> None:
    refresh_all(SYSTEM, as_of=TODAY)
    assert words in page(house.owner, name)


def test_counting_twice_leaves_one_of_each_and_only_for_who_may(full_house: Cast) -> None:
    count_views(SYSTEM)
    assert ReadyFigures.objects.filter(name="retention").count() == 3
    with pytest.raises(PermissionDenied):
        count_views(full_house.wang)


def test_a_cohort_of_today_says_nothing_yet(house: Cast) -> None:
    add_order(add_people(1)[0], TODAY - timedelta(days=1), 100, number="n")
    refresh_all(SYSTEM, as_of=TODAY)
    count_views(SYSTEM)
    assert "还没有哪批客户过完一个整月" in page(house.owner, "retention")
