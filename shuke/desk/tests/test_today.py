"""今天: whom it suggests, and what becomes of each line."""

from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from shuke.customers.models import ContactPermit, Customer, FollowUp, Interaction
from shuke.customers.queries import contact_allowed, contacts_allowed, open_conflicts
from shuke.customers.services import (
    NextStep,
    Touch,
    change_customer,
    decide_conflict,
    log_interaction,
    open_conflict,
    plan_follow_up,
)
from shuke.customers.testing import customer, regular_chen
from shuke.desk import rules, testing
from shuke.desk.models import Suggestion
from shuke.desk.queries.today import contact_list
from shuke.desk.services import Contact, close_answered, mark_contacted, refresh_rows, suggest_for_today
from shuke.kernel import clock
from shuke.orders.models import Product
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast
from shuke.value.models import Recommendation, RecommendationShown
from shuke.zh.calendar import Birthday

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


def slipping(name: str = "王秀兰", *, store_id: int | None = None, stake: int = 286_000) -> Customer:
    person = customer(name, store_id=store_id, gender="female")
    testing.value(person, last_on=clock.today() - timedelta(days=45), at_stake_fen=stake)
    return person


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_a_slipping_customer_is_suggested_once_and_not_again(people: Cast) -> None:
    person = slipping(store_id=people.store.pk)
    testing.rows()
    assert suggest_for_today() == 1
    assert suggest_for_today() == 0
    line = Suggestion.objects.get()
    assert (line.customer_id, line.reason, line.weight) == (person.pk, rules.SLIPPING, 286_000)


def test_a_store_gets_no_more_than_its_capacity_the_dearest_first(people: Cast) -> None:
    for n in range(30):
        slipping(f"茶客{n:02}", store_id=people.store.pk, stake=1000 + n)
    slipping("邻居", store_id=people.other_store.pk, stake=1)
    testing.rows()
    suggest_for_today()
    weights = Suggestion.objects.filter(store_id=people.store.pk).values_list("weight", flat=True)
    assert sorted(weights) == list(range(1018, 1030))
    assert Suggestion.objects.filter(store_id=people.other_store.pk).count() == 1


def test_whoever_wants_no_contact_is_left_out(people: Cast) -> None:
    person = slipping(store_id=people.store.pk)
    change_customer(actor=SYSTEM, customer_id=person.pk, preferred_channel="none")
    testing.rows()
    assert suggest_for_today() == 0


def test_a_lunar_birthday_within_a_week_is_suggested(people: Cast) -> None:
    from shuke.zh.calendar import to_lunar

    ahead = clock.today() + timedelta(days=3)
    lunar = to_lunar(ahead)
    person = customer("陈建国", store_id=people.store.pk, birthday=Birthday("lunar", lunar.month, lunar.day))
    testing.value(person, last_on=clock.today() - timedelta(days=5))
    testing.rows()
    suggest_for_today()
    line = Suggestion.objects.get()
    assert (line.reason, line.facts["kept_on"]) == (rules.BIRTHDAY, ahead.isoformat())


def test_a_promise_that_is_due_is_on_the_list_and_finished_with_the_contact(people: Cast) -> None:
    chen = regular_chen(store_id=people.store.pk)
    step = plan_follow_up(
        actor=people.wang, customer_id=chen.pk, step=NextStep("回访新茶口味", clock.today())
    )
    testing.rows()
    suggest_for_today()
    line = Suggestion.objects.get()
    mark_contacted(actor=people.wang, suggestion_id=line.pk, contact=Contact("coming"))
    assert FollowUp.objects.get(pk=step.pk).state == "done"
    assert Interaction.objects.get().result == "会来"


def test_a_customer_who_came_back_needs_no_call(people: Cast) -> None:
    person = slipping(store_id=people.store.pk)
    testing.rows()
    suggest_for_today()
    testing.value(person, last_on=clock.today(), at_stake_fen=0)
    refresh_rows([person.pk])
    assert close_answered([person.pk]) == 1
    assert Suggestion.objects.get().result == "came"


def test_the_page_tells_who_why_and_what_to_say(people: Cast) -> None:
    slipping(store_id=people.store.pk)
    testing.rows()
    suggest_for_today()
    body = signed_in(people.wang).get("/").content.decode()
    for words in ("王秀兰", "45 天没来（通常 21 天一次）", "再不联系，7 成可能不再来", "王姐，好久不见"):
        assert words in body


def test_contacted_is_logged_and_can_be_taken_back(people: Cast) -> None:
    slipping(store_id=people.store.pk)
    testing.rows()
    suggest_for_today()
    line = Suggestion.objects.get()
    wang = signed_in(people.wang)
    answer = wang.post(f"/today/{line.pk}/done/", {"result": "thinking"}, headers={"HX-Request": "true"})
    assert "已联系 · 考虑" in answer.content.decode()
    assert "toast" in answer.headers["HX-Trigger"]
    assert Interaction.objects.get().result == "考虑"
    wang.post(f"/today/{line.pk}/undo/", headers={"HX-Request": "true"})
    line.refresh_from_db()
    assert (line.state, line.result, Interaction.objects.count()) == ("open", "", 0)


def test_put_off_comes_back_on_its_day(people: Cast) -> None:
    slipping(store_id=people.store.pk)
    testing.rows()
    suggest_for_today()
    line = Suggestion.objects.get()
    signed_in(people.wang).post(f"/today/{line.pk}/later/", {"days": "3"})
    line.refresh_from_db()
    assert (line.state, line.shown_on) == ("later", clock.today() + timedelta(days=3))
    Suggestion.objects.update(shown_on=clock.today())
    suggest_for_today()
    line.refresh_from_db()
    assert line.state == "open"


@pytest.mark.parametrize(
    ("step", "given"), [("done", {"result": "x"}), ("later", {"days": "99"}), ("later", {"days": "x"})]
)
def test_an_answer_that_is_not_offered_changes_nothing(
    people: Cast, step: str, given: dict[str, str]
) -> None:
    slipping(store_id=people.store.pk)
    testing.rows()
    suggest_for_today()
    line = Suggestion.objects.get()
    assert signed_in(people.wang).post(f"/today/{line.pk}/{step}/", given).status_code == 400
    line.refresh_from_db()
    assert (line.state, Interaction.objects.count()) == ("open", 0)


def test_strangers_and_other_stores_can_neither_see_nor_answer_a_line(people: Cast) -> None:
    slipping(store_id=people.store.pk)
    testing.rows()
    suggest_for_today()
    line = Suggestion.objects.get()
    address = f"/today/{line.pk}/done/"
    assert Client().post(address, {"result": "coming"}).status_code == 302
    assert signed_in(people.stranger).post(address, {"result": "coming"}).status_code == 403
    assert signed_in(people.analyst).post(address, {"result": "coming"}).status_code == 403
    assert signed_in(people.zhou).post(address, {"result": "coming"}).status_code == 404
    assert "王秀兰" not in signed_in(people.zhou).get("/").content.decode()
    with pytest.raises(PermissionDenied):
        mark_contacted(actor=people.zhou, suggestion_id=line.pk, contact=Contact("coming"))
    line.refresh_from_db()
    assert (line.state, Interaction.objects.count()) == ("open", 0)


def test_a_shop_without_data_is_told_how_to_begin(people: Cast) -> None:
    assert "导入第一份订单" in signed_in(people.owner).get("/").content.decode()


def test_pairs_to_check_are_mentioned_to_those_who_decide_and_only_while_there_are_any(people: Cast) -> None:
    first = customer("陈茶香", store_id=people.store.pk)
    second = customer("陈香", store_id=people.store.pk)
    testing.rows()
    words, address = "有 1 对资料像同一个人", reverse("customers:conflicts")
    assert address not in signed_in(people.wang).get("/").content.decode()
    open_conflict(first.pk, second.pk, origin="总店", pairs=[("phone", "x")])
    page = signed_in(people.wang).get("/").content.decode()
    assert words in page and f'href="{address}"' in page
    for visitor in (people.zhou, people.analyst):
        assert "像同一个人" not in signed_in(visitor).get("/").content.decode()
    pair = open_conflicts(people.lin).get()
    decide_conflict(actor=people.lin, conflict_id=pair.pk, decision="different")
    assert "像同一个人" not in signed_in(people.wang).get("/").content.decode()


def test_a_hundred_pairs_and_more_are_not_counted_out(people: Cast) -> None:
    ids = [customer(f"茶客{n:02}").pk for n in range(15)]
    for first, second in combinations(ids, 2):
        open_conflict(first, second, origin="总店", pairs=[("phone", "x")])
    testing.rows()
    assert "有 99+ 对资料像同一个人" in signed_in(people.owner).get("/").content.decode()


def test_today_keeps_its_budget_of_queries_and_bytes(
    people: Cast, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        slipping(f"茶客{n:02}", store_id=people.store.pk, stake=1000 + n)
    testing.rows()
    suggest_for_today()
    owner = signed_in(people.owner)
    owner.get("/")
    # one of them asks whether colleagues who left still hold customers, one what is due to whom
    with django_assert_max_num_queries(18):
        body = owner.get("/").content
    assert len(body) < 70_000


def at_hour(monkeypatch: pytest.MonkeyPatch, hour: int) -> None:
    moment = timezone.make_aware(datetime(2026, 11, 20, hour))
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_line_that_was_contacted_too_often_says_why_and_until_when_and_a_manager_lets_it_through(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_hour(monkeypatch, 15)
    person = slipping(store_id=people.store.pk)
    testing.rows()
    suggest_for_today()
    for _ in range(3):
        log_interaction(actor=people.wang, customer_id=person.pk, touch=Touch("call", "聊过了"))
    line = Suggestion.objects.get()
    wang, lin = signed_in(people.wang), signed_in(people.lin)
    body = wang.get("/").content.decode()
    assert "7 天内已联系 3 次，店里规定最多 3 次。" in body
    assert "之后可以再联系" in body
    assert "确有必要，请店长破例" in body
    assert "今天破例联系" in lin.get("/").content.decode()
    assert wang.post(f"/today/{line.pk}/permit/", {"reason": "约好的"}).status_code == 403
    assert lin.post(f"/today/{line.pk}/permit/", {"reason": " "}).status_code == 422
    assert ContactPermit.objects.count() == 0
    answer = lin.post(f"/today/{line.pk}/permit/", {"reason": "客户约的今天"})
    assert "店长已允许今天破例联系" in answer.content.decode()
    assert "withdraw" in answer.headers["HX-Trigger"] or "permit" in answer.headers["HX-Trigger"]
    assert "店里规定最多" not in wang.get("/").content.decode()


def test_at_night_the_list_says_once_that_it_is_late(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    at_hour(monkeypatch, 22)
    for n in range(3):
        slipping(f"茶客{n}", store_id=people.store.pk, stake=1000 + n)
    testing.rows()
    suggest_for_today()
    assert signed_in(people.wang).get("/").content.decode().count("现在是安静时间") == 1


def test_the_limit_of_many_is_asked_in_few_statements(people: Cast, django_assert_num_queries: Any) -> None:
    ids = [slipping(f"茶客{n}", store_id=people.store.pk).pk for n in range(8)]
    for _ in range(3):
        log_interaction(actor=people.wang, customer_id=ids[0], touch=Touch("visit", "来过"))
    change_customer(actor=SYSTEM, customer_id=ids[1], preferred_channel="none")
    with django_assert_num_queries(3):
        found = contacts_allowed(ids, "visit")
    assert [found[pk].code for pk in ids] == ["too_often", "unwanted", *[""] * 6]
    assert found[ids[0]] == contact_allowed(ids[0], "visit")


def test_a_line_mentions_what_is_due_and_being_contacted_counts_it_as_mentioned(people: Cast) -> None:
    person = slipping(store_id=people.store.pk)
    tea = Product.objects.create(sku="白茶", name="白茶")
    due = {"kind": 1, "rank": 0, "product": tea, "because": tea, "times": 4, "interval_days": 20}
    Recommendation.objects.create(customer=person, last_on=clock.today() - timedelta(days=22), **due)
    testing.rows()
    suggest_for_today()
    line = contact_list(people.wang).waiting[0]
    assert "该补 白茶：买过 4 次，约 20 天一次，已 22 天没买" in line.figures
    assert "您以前常买的白茶还在用吗" in line.script
    mark_contacted(actor=people.wang, suggestion_id=line.id, contact=Contact("coming"))
    assert RecommendationShown.objects.get().product == tea
