import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from shuke.team.queries import SYSTEM
from shuke.team.testing import cast
from shuke.value import queries
from shuke.value.model_words import candidate_name
from shuke.value.models import CustomerValue, ModelRun, ValuePolicy
from shuke.value.services import refresh_all, refresh_customer
from shuke.value.testing import TODAY, add_order, add_people, small_shop

pytestmark = pytest.mark.django_db
PAGES = ("overview", "lifecycle", "slipping", "model", "runs")
BUDGETS = {"slipping": 16}  # reasons from orders, the currency they are in, and how many a week


@pytest.fixture
def house(monkeypatch):
    monkeypatch.setattr("shuke.kernel.clock.today", lambda: TODAY)
    return cast()


@pytest.fixture
def full_house(house):
    small_shop(400, stores=[house.store.pk, house.other_store.pk])
    refresh_all(SYSTEM, as_of=TODAY)
    return house


def text_of(client, visitor, name, *args, **given):
    client.force_login(visitor)
    return client.get(reverse(f"value:{name}", args=args), given)


def chart(page: str, name: str) -> dict:
    found = re.search(rf'<script[^>]*id="{name}-data"[^>]*>(.*?)</script>', page, re.S)
    assert found, f"no data of chart {name}"
    return json.loads(found[1])


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_before_the_first_run_and_for_an_empty_shop(client, house, name):
    assert "还没有算过" in text_of(client, house.owner, name).content.decode()
    refresh_all(SYSTEM, as_of=TODAY)
    assert text_of(client, house.owner, name).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_pages_stay_within_their_query_budget(client, full_house, name, django_assert_max_num_queries):
    client.force_login(full_house.owner)
    with django_assert_max_num_queries(BUDGETS.get(name, 13)):
        assert client.get(reverse(f"value:{name}")).status_code == 200


def test_the_matrix_opens_the_customers_behind_a_cell(client, full_house):
    page = text_of(client, full_house.owner, "overview").content.decode()
    cells = chart(page, "matrix")["cells"]
    assert len(cells) == 25
    busiest = max(cells, key=lambda cell: cell["value"])
    r, fm = busiest["x"] + 1, 5 - busiest["y"]
    assert busiest["href"].endswith(f"?r={r}&fm={fm}")
    behind = queries.rfm_cell_customers(SYSTEM, r=r, fm=fm, limit=1000)
    assert len(behind) == busiest["value"]
    assert {(value.r_score, (value.f_score + value.m_score + 1) // 2) for value in behind} == {(r, fm)}


def test_a_manager_sees_the_figures_and_people_of_their_own_store_only(client, full_house):
    for visitor, store in ((full_house.lin, full_house.store), (full_house.zhou, full_house.other_store)):
        names = {value.customer_id for value in queries.slipping_customers(visitor, 1000)}
        own = set(
            CustomerValue.objects.filter(customer__store_id=store.pk, at_stake_fen__gt=0).values_list(
                "pk", flat=True
            )
        )
        assert names == own and own
        assert queries.summaries_for(visitor) == {}
        assert queries.summaries_for(visitor, store.pk)["overview"]["customers"] == 200
    assert queries.summaries_for(full_house.lin, full_house.other_store.pk) == {}
    page = text_of(client, full_house.lin, "overview", store=full_house.other_store.pk)
    assert f"store={full_house.store.pk}" in page.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_who_has_no_role_is_turned_away(client, house, name):
    assert text_of(client, house.stranger, name).status_code == 403


def test_slipping_customers_come_by_money_with_their_reason(client, full_house):
    values = queries.slipping_customers(SYSTEM, 5)
    stakes = [value.at_stake_fen for value in values]
    assert stakes == sorted(stakes, reverse=True) and len(stakes) == 5
    page = text_of(client, full_house.owner, "slipping").content.decode()
    silent = (TODAY - values[0].last_on).days
    assert f"已 {silent} 天未到店" in page


def test_the_panel_says_worth_and_why(client, full_house):
    one = add_people(1, stores=[full_house.store.pk])[0]
    for place in range(6):
        add_order(one, TODAY - timedelta(days=45 + 21 * place), 36_800, number=f"tea-{place}")
    refresh_all(SYSTEM, as_of=TODAY)
    page = text_of(client, full_house.wang, "panel", one).content.decode()
    value = queries.value_of(one)
    assert "通常每 " in page and "已 45 天未到店" in page
    assert f"R {value.r_score}" in page and f"{value.clv_year_fen // 100:,}" in page
    assert text_of(client, full_house.zhou, "panel", one).status_code == 404
    assert text_of(client, full_house.stranger, "panel", one).status_code == 403


def test_the_panel_of_who_is_slipping_says_what_became_rarer(client, full_house):
    one = add_people(1, stores=[full_house.store.pk])[0]
    for place in range(9):
        add_order(one, TODAY - timedelta(days=70 + 12 * place), 20_000, number=f"rare-{place}")
    refresh_customer(one, as_of=TODAY)
    assert queries.value_of(one).is_slipping
    page = text_of(client, full_house.wang, "panel", one).content.decode()
    assert "近 90 天来了 2 次，之前同样长的日子来了 7 次" in page


def test_the_panel_of_a_prospect_teaches(client, full_house):
    one = add_people(1, stores=[full_house.store.pk])[0]
    assert "还没消费" in text_of(client, full_house.wang, "panel", one).content.decode()


def test_rules_are_previewed_and_saved_by_the_owner_only(client, full_house):
    wanted = {
        "rfm_window_days": 365,
        "loyal_from_purchases": 2,
        "decline_after_days": 20,
        "lapsed_after_days": 40,
        "churn_horizon_days": 90,
        "daily_capacity": 10,
        "weekly_warnings": 20,
    }
    client.force_login(full_house.lin)
    assert client.post(reverse("value:policy"), wanted).status_code == 403
    assert ValuePolicy.objects.count() == 0
    client.force_login(full_house.owner)
    shown = client.post(reverse("value:policy_preview"), wanted).content.decode()
    silent = CustomerValue.objects.filter(last_on__lt=TODAY - timedelta(days=40)).count()
    assert f"{silent:,}" in shown and ValuePolicy.objects.count() == 0
    assert client.post(reverse("value:policy"), wanted).status_code == 302
    assert ValuePolicy.objects.get().lapsed_after_days == 40


def test_a_decline_after_the_lapse_is_refused(client, full_house):
    client.force_login(full_house.owner)
    wrong = {
        "rfm_window_days": 365,
        "loyal_from_purchases": 4,
        "decline_after_days": 90,
        "lapsed_after_days": 40,
        "churn_horizon_days": 90,
        "daily_capacity": 10,
        "weekly_warnings": 20,
    }
    answer = client.post(reverse("value:policy"), wrong)
    assert answer.status_code == 422 and "先衰退，后流失" in answer.content.decode()
    assert ValuePolicy.objects.count() == 0


def test_the_log_tells_what_every_run_took_and_found(client, full_house):
    done = ModelRun.objects.get()
    ModelRun.objects.create(as_of=TODAY, progress=45, figures={"seconds": {"facts": 61.2, "learn": 4.0}})
    page = text_of(client, full_house.owner, "runs").content.decode()
    assert "进行中 45%" in page and "1 分 5 秒" in page and "读取订单的改动" in page
    assert f"{done.figures['changed']:,}" in page and "全部重读" in page and "本机" in page
    name, fit = next(iter(done.figures["purchases_fits"].items()))
    assert candidate_name(name) in page and f"r {fit['parameters']['r']:.4g} ± " in page
    assert candidate_name(done.figures["choice"]["winner"]) in page


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("interrupted", "算到一半程序停了，多半是重启或断电"),
        ("OSError: [Errno 28] No space left on device", "磁盘满了，请腾出空间再算"),
        ("RuntimeError: out of <tea>", "请再算一次;还不行，请把下面这句话告诉技术支持".replace(";", "；")),
    ],
)
def test_a_failed_run_is_told_plainly_and_that_nothing_was_lost(client, full_house, problem, words):
    ModelRun.objects.create(as_of=TODAY, state="failed", problem=problem)
    page = text_of(client, full_house.owner, "runs").content.decode()
    assert words in page and "各页仍是上一次的结果" in page and "没有做完" in page
    assert "<tea>" not in page


def test_the_log_is_for_those_who_may_see_values(client, full_house):
    assert text_of(client, full_house.stranger, "runs").status_code == 403
    assert text_of(client, full_house.lin, "runs").status_code == 200
